"""A corpus that every machine has: the docstrings of the Python packages installed on it.

The source files are read and parsed, never imported, so that nothing of them runs. Files are taken
in alphabetical order up to fixed amounts of text, never by the clock: the same installation gives
the same documents.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from polytopic.errors import InputError

__all__ = ["Docstrings", "docstrings"]

MIN_WORDS = 20
"""Shorter docstrings say too little to be a document."""

PACKAGE_BYTES = 3_000_000
"""At most so much source is read of one package, its files taken at even steps."""

TOTAL_BYTES = 20_000_000
"""At most so much source is read in all; above it every package gives the same share less."""

FEW_FILES = 200
"""Fewer files are parsed in this process."""

SKIPPED_FOLDERS = {
    "__pycache__",
    "_vendor",
    "idlelib",
    "site-packages",
    "dist-packages",
    "test",
    "tests",
    "turtledemo",
}

Found = tuple[str, str]
"""Qualified name and text of one docstring."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_EXAMPLE = re.compile(r"^[ \t]*>>>.*?(?:\n[ \t]*\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*[A-Z][\w ]*\n[ \t]*([-=~]){3,}[ \t]*$", re.MULTILINE)
_GOOGLE_HEADING = re.compile(
    r"^[ \t]*(Args|Arguments|Returns|Yields|Raises|Examples?|Notes?):[ \t]*$", re.MULTILINE
)
_FIELD = re.compile(r":(?:param|parameter|type|arg|returns?|rtype|raises?|ivar|vartype)\b[^:\n]*:")
_ROLE = re.compile(r":[a-z:]+:(?=`)")


@dataclass(frozen=True)
class Docstrings:
    """Docstrings as documents, in alphabetical order of their names.

    Attributes
    ----------
    texts : list of D str
        Without doctests, section headings and field names.
    labels : list of D str
        The package each belongs to.
    ids : list of D str
        Qualified name, such as ``json.decoder.JSONDecoder.decode``.
    """

    texts: list[str]
    labels: list[str]
    ids: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def docstrings(folders: Iterable[str | Path] | None = None, *, n_processes: int = 0) -> Docstrings:
    """Read the docstrings of modules, classes and functions below folders of Python source.

    Parameters
    ----------
    folders : iterable of paths, optional
        By default the standard library and the packages installed beside it.
    n_processes : int
        Processes to parse with; 0 takes one a processor, at most 8. The answer is the same.

    Raises
    ------
    InputError
        If no docstring of at least 20 words is found.

    >>> import json
    >>> from pathlib import Path
    >>> found = docstrings([Path(json.__file__).parent], n_processes=1)
    >>> "decoder.JSONDecoder" in found.ids
    True
    """
    roots = [Path(folder) for folder in folders] if folders is not None else installed_folders()
    files = _chosen(roots)
    processes = n_processes or min(os.cpu_count() or 1, 8)
    seen: set[str] = set()
    found = Docstrings([], [], [])
    for name, text in _parsed(files, processes):
        beginning = " ".join(_WORD.findall(text)[:30]).lower()
        if beginning not in seen:
            seen.add(beginning)
            found.texts.append(text)
            found.labels.append(name.partition(".")[0])
            found.ids.append(name)
    if not found.texts:
        listed = ", ".join(str(root) for root in roots)
        raise InputError(
            f"{listed}: no docstrings found (Python may be installed without its sources). "
            "Use polytopic topics with texts of your own."
        )
    return found


def installed_folders() -> list[Path]:
    """The standard library and the folders of installed packages, each once."""
    paths = sysconfig.get_paths()
    folders = [Path(paths[name]) for name in ("stdlib", "purelib", "platlib")]
    return list(dict.fromkeys(folders))


# ---- choosing files ------------------------------------------------------------------------------


def _chosen(roots: Sequence[Path]) -> list[tuple[str, str]]:
    """(path, module name) of the files to read, in alphabetical order of the modules."""
    packages: dict[str, list[tuple[str, Path, int]]] = {}
    for root in roots:
        for path in _sources(root):
            module = _module_name(path.relative_to(root))
            size = path.stat().st_size
            packages.setdefault(module.partition(".")[0], []).append((module, path, size))
    wanted = {name: sum(size for *_, size in files) for name, files in packages.items()}
    capped = {name: min(size, PACKAGE_BYTES) for name, size in wanted.items()}
    share = min(1.0, TOTAL_BYTES / max(1, sum(capped.values())))
    files = []
    for name in sorted(packages):
        ordered = sorted(packages[name])
        step = max(1.0, wanted[name] / max(1.0, capped[name] * share))
        picked = {int(i * step) for i in range(int(len(ordered) / step) + 1)}
        files += [(str(ordered[i][1]), ordered[i][0]) for i in sorted(picked) if i < len(ordered)]
    return files


def _sources(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED_FOLDERS and n.isidentifier())
        for file in sorted(files):
            if file.endswith(".py") and not file.startswith("test_"):
                yield Path(folder, file)


def _module_name(relative: Path) -> str:
    parts = list(relative.with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


# ---- parsing -------------------------------------------------------------------------------------


def _parsed(files: Sequence[tuple[str, str]], processes: int) -> Iterator[Found]:
    """Docstrings of all files in the order of the files, parsed in several processes."""
    parts = [list(files[start::processes]) for start in range(processes)]
    if processes == 1 or len(files) < FEW_FILES or not sys.executable:
        answers = [_parse_files(files)]
    else:
        with ThreadPoolExecutor(processes) as threads:
            answers = list(threads.map(_parse_elsewhere, parts))
    for position in range(len(files)):
        yield from answers[position % len(answers)][position // len(answers)]


def _parse_elsewhere(files: list[tuple[str, str]]) -> list[list[Found]]:
    """Parse in a new process; a plain one, since forking a process with threads can hang."""
    program = (
        f"import sys; sys.path.append({str(Path(__file__).parent.parent)!r}); "
        "from polytopic.demo import _answer; _answer()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(files).encode(), capture_output=True
    )
    if done.returncode != 0:
        return _parse_files(files)
    answer: list[list[Found]] = json.loads(done.stdout)
    return answer


def _answer() -> None:
    """What such a process does: file names in, docstrings out, both as JSON."""
    files = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(_parse_files(files)).encode())


def _parse_files(files: Iterable[Sequence[str]]) -> list[list[Found]]:
    return [list(_parse(Path(path), module)) for path, module in files]


def _parse(path: Path, module: str) -> Iterator[Found]:
    try:
        source = path.read_bytes()
        if b'"""' not in source and b"'''" not in source:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _walk(tree, module)


def _walk(node: ast.AST, name: str) -> Iterator[Found]:
    """The docstring of ``node`` and of the classes and functions in it."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = _prose(ast.get_docstring(node) or "")
        if len(_WORD.findall(text)) >= MIN_WORDS:
            yield name, text
    if isinstance(node, ast.Module | ast.ClassDef):
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _walk(child, f"{name}.{child.name}")


def _prose(text: str) -> str:
    """A docstring without doctests, section headings and field names."""
    text = _EXAMPLE.sub("\n", text)
    text = _HEADING.sub("", text)
    text = _GOOGLE_HEADING.sub("", text)
    text = _FIELD.sub(" ", text)
    text = _ROLE.sub("", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
