"""How long files and functions are, and that packages know each other by public names only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import polytopic

SOURCE = Path(polytopic.__file__).parent
TESTS = Path(__file__).parent
ROOT = TESTS.parent

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
"""Without its docstring."""

LONG_KERNELS = {
    ("embeddings/kernels/cbow.py", "cbow_negative"): ("embeddings/kernels/test_cbow.py", "twin"),
}
"""Compiled functions that may be longer, and the plain twin that the tests hold each against."""

HOOKS = {"_fitted_schema", "_fitted_with", "_load_state", "_may_change", "_not_saved"}
"""What saving and loading fill in a model by, and no user calls: ``persistence`` alone does."""

FOREIGN = {
    "_dirichlet_grad",  # torch: the implicit gradient has no public name
    "_standard_gamma",
    "_sample_dirichlet",
    "_linear_pointwise",  # torch: what its compiler has products made by
    "_is_amx_tile_supported",  # torch: what its own tests ask
    "_cache",  # numba: where a dispatcher keeps its compiled code
    "_is_text_encoding",  # codecs.CodecInfo: there is no other way to ask
    "_getframe",  # sys: a documented function
    "_fields",  # of named tuples
    "_replace",  # of named tuples: documented, so called lest it hide a field
}


def files() -> list[Path]:
    folders = (SOURCE, TESTS, ROOT / "lab", ROOT / "benchmarks", ROOT / "docs")
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without those of the docstring."""
    assert function.end_lineno is not None
    whole = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return whole
    return whole - (first.end_lineno - first.lineno + 1)


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(ROOT)))
def test_files_and_functions_are_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE
    within = file.relative_to(SOURCE).as_posix() if SOURCE in file.parents else ""
    long = {
        function.name: code_lines(function)
        for function in functions(parsed(file))
        if code_lines(function) > LINES_OF_A_FUNCTION
        and (within, function.name) not in LONG_KERNELS
    }
    assert long == {}, f"of at most {LINES_OF_A_FUNCTION} lines"


@pytest.mark.parametrize(("kernel", "twin"), LONG_KERNELS.items(), ids=lambda pair: pair[1])
def test_long_kernels_are_compiled_and_have_a_twin(
    kernel: tuple[str, str], twin: tuple[str, str]
) -> None:
    found = {f.name: f for f in functions(parsed(SOURCE / kernel[0]))}[kernel[1]]
    assert any("compiled" in ast.unparse(decorator) for decorator in found.decorator_list)
    assert code_lines(found) > LINES_OF_A_FUNCTION, "it is short now: leave it out of the list"
    assert twin[1] in {function.name for function in functions(parsed(TESTS / twin[0]))}


# ---- public names only -----------------------------------------------------------------------


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def part_of(file: Path) -> str:
    return file.relative_to(SOURCE).with_suffix("").parts[0]


def own_names(part: str) -> set[str]:
    """Private names that the files of a part of the package define."""
    place = SOURCE / part
    sources = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
    found: set[str] = set()
    for file in sources:
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr if ast.unparse(node.value) in ("self", "cls") else "")
    return {name for name in found if private(name)}


def private_uses(tree: ast.AST, part: str, own: set[str]) -> list[str]:
    """Private names of other parts, and of objects that are not the file's own, that are used."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("polytopic"):
            path = [*str(node.module).split("."), ""]
            if path[1] != part:
                names = [*path, *(alias.name for alias in node.names)]
                found += [f"{node.module}: {name}" for name in names if private(name)]
        elif isinstance(node, ast.Attribute):
            on_itself = ast.unparse(node.value).partition("(")[0] in ("self", "cls", "super")
            if private(node.attr) and not on_itself and node.attr not in own:
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ATTRIBUTES:
            for argument in node.args[1:2]:
                named = argument.value if isinstance(argument, ast.Constant) else ""
                on_itself = ast.unparse(node.args[0]) in ("self", "cls")
                if private(str(named)) and not on_itself and named not in own:
                    found.append(ast.unparse(node))
    return found


ATTRIBUTES = ("getattr", "hasattr", "setattr", "delattr")


@pytest.mark.parametrize("part", sorted({part_of(file) for file in SOURCE.rglob("*.py")}))
def test_packages_are_used_by_their_public_names(part: str) -> None:
    own = own_names(part) | FOREIGN | (HOOKS if part == "persistence" else set())
    place = SOURCE / part
    sources = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    used = {file.name: private_uses(parsed(file), part, own) for file in sources}
    assert {name: uses for name, uses in used.items() if uses} == {}


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("from polytopic.text.tokens import _split", 1),
        ("from polytopic.cli._shared import Voice", 1),
        ("from polytopic.topics.documents import _frames", 0),
        ("model._check(counts)", 1),
        ("getattr(model, '_check')", 1),
        ("getattr(self, '_check')", 0),
        ("self._check(counts)", 0),
        ("super()._check(counts)", 0),
        ("model._own", 0),
        ("model.__class__", 0),
    ],
)
def test_a_private_use_is_seen(source: str, wrong: int) -> None:
    assert len(private_uses(ast.parse(source), "topics", {"_own"})) == wrong


def test_what_is_let_through_is_used() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    assert [name for name in FOREIGN | HOOKS if name not in text] == []


# ---- nothing left over -----------------------------------------------------------------------

FOR_EXPERIMENTS = {"begin_step"}
"""What the package itself goes without, and its tests and benchmarks need."""


PATH = r"polytopic[.\w:]+(?: import \w+)?"
OFFERING = ("__init__.py", "registry.py")


def used_names(tree: ast.AST, *, offers: bool) -> Iterator[str]:
    """Names that are read, those in dotted paths, and all that a file ``offers`` by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            paths = node.value if offers else " ".join(re.findall(PATH, node.value))
            yield from re.findall(r"\w+", paths)


def defined_names(tree: ast.Module) -> Iterator[str]:
    """Functions, classes and constants of a file, but those that register themselves."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not registers(node):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_nothing_is_left_over() -> None:
    """Each is used by the package, offered by one of its folders, or registers itself."""
    used: set[str] = set()
    defined: dict[str, Path] = {}
    for file in SOURCE.rglob("*.py"):
        tree = parsed(file)
        used.update(used_names(tree, offers=file.name in OFFERING))
        for name in defined_names(tree):
            defined[name] = file.relative_to(SOURCE)
    left = {name: file for name, file in defined.items() if name not in used}
    left = {name: file for name, file in left.items() if not name.startswith("__")}
    assert left.keys() == FOR_EXPERIMENTS, left


def registers(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator puts it where it is found: a table, or the command line."""
    known = ("register", "callback", "command")
    return any(name in ast.unparse(d) for d in node.decorator_list for name in known)
