"""What a machine has and lacks for this package: versions, extras, threads, devices, caches."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlparse
from urllib.request import url2pathname

from polytopic import __version__, machine, plugins
from polytopic.errors import FileMissingError, PolytopicError, named_in_one_line

__all__ = ["Finding", "examine", "examine_saved"]

State = Literal["fine", "absent", "fault"]

_PACKAGE = "polytopic"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LEAST_MEMORY = 1 << 30
"""Bytes below which a corpus of usual size no longer fits beside what a neural model loads."""
_LEAST_SPACE = 1 << 28
"""Bytes of a disk below which a run's output, some megabytes to hundreds, may not fit."""
_NO_PARTS = (None, "dev", "site", "all")
"""What is no extra of a user's: of the tests, of the docs, all the others together."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    ``part`` is the heading it stands under, ``name`` what was looked at, ``found`` what is there,
    ``state`` whether that is fine, absent (which is no fault), or a fault, ``advice`` what to do.
    """

    part: str
    name: str
    found: str
    state: State = "fine"
    advice: str = ""


def examine() -> list[Finding]:
    """Look at everything that decides whether the package works here, and how fast.

    Nothing is changed and nothing sent; a check that itself fails is a finding.
    """
    found: list[Finding] = []
    for look in (_program, _required, _extras, _compiler, _machine, _devices, _places, _added):
        found += _guarded(look)
    return found


def examine_saved(path: str | Path) -> list[Finding]:
    """Whether a model, vectors or a run that some version wrote can be read by this one.

    Raises
    ------
    FileMissingError
        If nothing is there.
    """
    from polytopic import io, persistence

    folder = Path(path)
    model = folder / "model" if (folder / "model").is_dir() else folder
    if not folder.exists():
        raise FileMissingError(f"{folder}: no such folder. Name one that save() or -o made.")
    try:
        header = io.read_header(model)
        loaded = persistence.load(model)
    except PolytopicError as error:
        return [Finding("saved", str(path), "cannot be read", "fault", str(error))]
    by = getattr(loaded, "notes_", {}).get("version")
    told = f"{type(loaded).__name__}, format {header['format']}{f', fitted by {by}' if by else ''}"
    return [Finding("saved", str(path), f"{told}: can be read")]


def _guarded(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    name = look.__name__.strip("_")
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 (whatever fails here is what was asked for)
        told = named_in_one_line(error)
        yield Finding(name, name, f"could not be looked at ({told:.200})", "fault")


def _program() -> Iterator[Finding]:
    yield Finding("program", _PACKAGE, f"{__version__}, in {Path(__file__).parent}")
    yield Finding("program", "Python", f"{platform.python_version()}, {sys.executable}")
    inside = sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ
    if not inside:
        advice = "python -m venv .venv, so that other programs' packages do not change yours"
        yield Finding("program", "environment", "no virtual environment", "absent", advice)


def _requirements() -> Iterator[tuple[str, str, str | None]]:
    """(package, its lowest version or "", extra or None), of those that apply here."""
    from packaging.requirements import Requirement

    for line in metadata.requires(_PACKAGE) or ():
        wanted = Requirement(line)
        asked = str(wanted.marker) if wanted.marker else ""
        extra = asked.rpartition("extra == ")[2].strip("\"'") if "extra ==" in asked else None
        if wanted.marker and not wanted.marker.evaluate({"extra": extra or ""}):
            continue
        low = next((s.version for s in wanted.specifier if s.operator == ">="), "")
        yield wanted.name, low, extra


def _with_extra(extra: str) -> str:
    """What pip is to be given: of an installation from a clone the clone, which no index knows."""
    record = _installed_from()
    folder = Path(url2pathname(urlparse(record.get("url", "")).path))
    if "dir_info" not in record or not (folder / "pyproject.toml").is_file():
        return f"'{_PACKAGE}[{extra}]'"
    editable = "-e " if record["dir_info"].get("editable") else ""
    return f"{editable}'{folder}[{extra}]'"


def _installed_from() -> dict[str, Any]:
    """What pip noted of an installation that is not from an index."""
    told = metadata.distribution(_PACKAGE).read_text("direct_url.json")
    found: dict[str, Any] = json.loads(told or "{}")
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _older(there: str, low: str) -> bool:
    from packaging.version import Version

    return bool(low) and Version(there) < Version(low)


def _required() -> Iterator[Finding]:
    for package, low, extra in _requirements():
        if extra is not None:
            continue
        there = _version(package)
        advice = f"pip install --upgrade '{package}{f'>={low}' if low else ''}'"
        if there is None:
            yield Finding("needed", package, "is not installed", "fault", advice)
        elif _older(there, low):
            yield Finding("needed", package, f"{there}, too old", "fault", advice)
        else:
            yield Finding("needed", package, there)


def _extras() -> Iterator[Finding]:
    parts: dict[str, list[tuple[str, str]]] = {}
    for package, low, extra in _requirements():
        if extra not in _NO_PARTS:
            parts.setdefault(str(extra), []).append((package, low))
    for extra, packages in parts.items():
        versions = {package: _version(package) for package, _ in packages}
        lacks = [package for package, there in versions.items() if there is None]
        old = [p for p, low in packages if (there := versions[p]) and _older(there, low)]
        advice = f"pip install --upgrade {_with_extra(extra)}"
        if lacks:
            yield Finding("extras", extra, f"without {', '.join(lacks)}", "absent", advice)
        elif old:
            yield Finding("extras", extra, f"{', '.join(old)} too old", "fault", advice)
        else:
            told = ", ".join(f"{package} {there}" for package, there in versions.items())
            yield Finding("extras", extra, told)


def _compiler() -> Iterator[Finding]:
    """Compiled code comes with numba: no compiler of the system is needed."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        from polytopic.kernels.compiling import kept_in, try_out

        try_out()
        place = kept_in()
    if place is None:
        advice = "set NUMBA_CACHE_DIR to a folder that can be written, or each start compiles anew"
        yield Finding("compiled code", "kept in", "memory only", "fault", advice)
    else:
        yield Finding("compiled code", "kept in", str(place))
    for warning in told:
        yield Finding("compiled code", "warning", str(warning.message), "fault")


def _machine() -> Iterator[Finding]:
    yield Finding("machine", "system", f"{platform.system()} {platform.machine()}")
    threads, processors = machine.resolve_threads(None), os.cpu_count() or 1
    few = f" of {processors}, as this process may use" if threads < processors else ""
    yield Finding("machine", "processors", f"{threads}{few}")
    for name in _THREADS:
        if name in os.environ:
            told = "is set, and binds libraries only; models have n_threads"
            yield Finding("machine", name, f"{os.environ[name]}: {told}")
    free = machine.free_memory()
    if free is not None:
        advice = "close other programs, or count in shards: polytopic topics --memory 1GB"
        low = free < _LEAST_MEMORY
        state: State = "fault" if low else "fine"
        yield Finding("machine", "free memory", _gigabytes(free), state, advice if low else "")
    for name in _PROXIES:
        value = os.environ.get(name) or os.environ.get(name.lower())
        if value:
            advice = "polytopic itself asks nothing of the network; pip does: pip config debug"
            shown = value.rpartition("@")[2]  # no password
            yield Finding("machine", name, shown, "fine", advice)


def _devices() -> Iterator[Finding]:
    if _version("torch") is None:
        return
    torch = importlib.import_module("torch")
    names = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    names += ["Apple GPU (mps)"] if torch.backends.mps.is_available() else []
    told = ", ".join(names) or "none; neural models train on the processors"
    yield Finding("machine", "graphics cards", told)


def _places() -> Iterator[Finding]:
    for name, folder in (("here", Path.cwd()), ("temporary files", Path(tempfile.gettempdir()))):
        try:
            tempfile.TemporaryFile(dir=folder).close()
            place = os.statvfs(folder) if hasattr(os, "statvfs") else None
        except OSError as error:
            advice = "name a folder you may write to with -o" if name == "here" else "set TMPDIR"
            why = error.strerror or str(error)
            yield Finding("folders", name, f"{folder}: cannot be written ({why})", "fault", advice)
            continue
        free = _LEAST_SPACE if place is None else place.f_bavail * place.f_frsize
        state: State = "fault" if free < _LEAST_SPACE else "fine"
        told = f"{folder}" if place is None else f"{folder}, {_gigabytes(free)} free"
        yield Finding("folders", name, told, state, "free some space" if state == "fault" else "")
    encoding = getattr(sys.stdout, "encoding", None) or "none"
    if encoding.lower().replace("-", "") not in ("utf8", "utf8sig"):
        yield Finding("folders", "output", encoding, "absent", "set PYTHONUTF8=1 for all letters")


def _added() -> Iterator[Finding]:
    for group in plugins.GROUPS:
        for plugin in plugins.loaded(group):
            name = f"{plugin.name} ({group.rpartition('.')[2]})"
            told = f"of {plugin.package}" + (f": {plugin.fault}" if plugin.fault else "")
            advice = "update or uninstall that package" if plugin.fault else ""
            yield Finding("plugins", name, told, "fault" if plugin.fault else "fine", advice)


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
