"""The lines of the board: one JSON object a run, in a file that only grows.

A line holds ``row`` (its name in the registry), ``seed``, ``settings`` (what it was run with),
``command``, ``measured``, ``seconds`` (by the clock and of all processors, the whole command with
loading and evaluation), ``peak_mb`` (of its largest process), ``machine``, ``load`` (before and
after), ``versions`` and ``commit``. Figures that earlier runs measured carry ``"imported": true``
and the versions that are known of them; where only medians were kept of them, ``of`` says of how
many runs and ``intervals`` between which figures those were.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["FILE", "append", "current", "known", "machine", "read", "revision", "versions_of"]

FILE = Path(__file__).parent.parent / "board.jsonl"
ENTRIES = ("row", "command", "measured", "versions")
"""What no line goes without."""

EVERYWHERE = ("polytopic", "numpy", "torch")
"""Packages whose versions every line has, beside those of its row."""

Line = dict[str, Any]


def read(path: Path = FILE, entries: Sequence[str] = ENTRIES) -> list[Line]:
    """All lines in their order; none where there is no file.

    Raises SystemExit, which names the line, if one is none of the board's. A last line that was
    broken off (the machine stopped while it was written) is left out.
    """
    if not path.exists():
        return []
    found: list[Line] = []
    text = path.read_text(encoding="utf-8")
    for number, row in enumerate(text.splitlines(keepends=True), 1):
        if not row.strip():
            continue
        try:
            line = json.loads(row)
            if missing := [entry for entry in entries if entry not in line]:
                raise ValueError(f"has no {', '.join(missing)}")
        except (ValueError, TypeError) as error:
            if not row.endswith("\n"):
                break
            raise SystemExit(f"{path}: line {number} is none of the board's ({error})") from None
        found.append(line)
    return found


def append(line: Line, path: Path = FILE) -> None:
    """Add a line for good: it is on the disk when this returns, whatever happens next."""
    text = json.dumps(line, ensure_ascii=False) + "\n"
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # broken off: what stands there is no line
                kept = path.read_bytes().rfind(b"\n") + 1
                file.truncate(kept)
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def known(lines: Iterable[Line], row: str, seed: int | None, settings: Any, versions: Line) -> bool:
    """Whether such a run is there: same row, seed and settings, and the same ``versions``."""
    return any(
        line["row"] == row
        and line.get("seed") == seed
        and line.get("settings") == settings
        and not line.get("imported")
        and all(line["versions"].get(name) == number for name, number in versions.items())
        for line in lines
    )


def current(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Row to the lines that count: a seed's last one, of the settings and versions run last.

    So seeds of two versions are never put together, and what was imported counts until it is
    measured anew.
    """
    groups: dict[str, dict[str, dict[Any, Line]]] = {}
    last: dict[str, str] = {}
    for line in lines:
        name = line["row"]
        own = {key: line["versions"].get(key) for key in line.get("depends", ())}
        group = json.dumps([own, line.get("settings"), bool(line.get("imported"))], sort_keys=True)
        groups.setdefault(name, {}).setdefault(group, {})[line.get("seed")] = line
        last[name] = group
    return {name: list(groups[name][group].values()) for name, group in last.items()}


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Versions of what is installed; of polytopic that of the source that is run."""
    found = {"python": platform.python_version()}
    for name in packages:
        if name == "polytopic":
            import polytopic

            found[name] = polytopic.__version__
            continue
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def machine() -> dict[str, Any]:
    """Processor, number of cores that may be used and memory; nothing that names the machine."""
    model = platform.processor() or platform.machine()
    memory = None
    try:
        for row in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if row.startswith("model name"):
                model = row.partition(":")[2].strip()
                break
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        memory = round(pages * size / 2**30, 1)
    except (OSError, ValueError):  # not Linux: what is known is said
        pass
    return {"processor": model, "cores": os.cpu_count(), "memory_gib": memory}


def revision(root: Path) -> str | None:
    """The commit, with a plus where tracked files differ from it; None outside a clone."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        changed = git(
            "status", "--porcelain", "--untracked-files=no", "--", "src", "benchmarks/*.py"
        )
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None
