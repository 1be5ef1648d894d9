"""The one decorator of compiled functions: how they are compiled, and where that is kept.

Compiled code is kept beside its source, or where ``NUMBA_CACHE_DIR`` says, or in the user's cache;
where none of these can be written (a container, a service's user) in a private folder for
temporary files, and where that cannot be either, in memory only. It is valid for one digest of its
own source and of every module of this package that the source imports, so that an edit of one
kernel never leaves the old code of another running.

``POLYTOPIC_CHECKED=1`` compiles with bounds checks (an index out of bounds raises IndexError) and
keeps such code apart. What is written by hand in LLVM's language stays unchecked: what
``kernels.vector`` emits, for itself and for ``embeddings.kernels.simd``, ``simd_bag`` and
``simd_rows``, ``topics.lda.kernels.gibbs_simd``, ``gibbs_gather`` and ``inference_simd``, and
``nets.softmax_loops``; and the counter of ``embeddings.kernels.deterministic.passes``.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.misc.appdirs import AppDirs

__all__ = ["CHECKED", "compiled", "kept_in", "try_out"]

CHECKED = os.environ.get("POLYTOPIC_CHECKED", "") not in ("", "0")
"""Whether kernels are compiled with bounds checks."""

_PACKAGE = Path(__file__).parent.parent
_IMPORT = re.compile(
    rf"^(?:from|import) ({_PACKAGE.name}[.\w]*)(?: import (\([^)]*\)|[^\n]*))?", re.MULTILINE
)
"""An import of this package at the level of the module; those in functions reach no kernel."""


def compiled(
    *,
    fastmath: bool | Collection[str] = False,
    inline: str = "never",
    error_model: str = "python",
) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function over arrays with numba: without the interpreter's lock, kept on disk.

    Parameters
    ----------
    fastmath, inline, error_model
        As of ``numba.njit``.

    >>> @compiled(fastmath={"contract"})
    ... def doubled(value):
    ...     return 2.0 * value
    >>> doubled.py_func(2.0)
    4.0
    """

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = njit(
            nogil=True,
            fastmath=fastmath if isinstance(fastmath, bool) else set(fastmath),
            inline=inline,
            error_model=error_model,
            boundscheck=CHECKED or None,
        )(function)
        source = function.__code__.co_filename
        compiles = hasattr(kernel, "py_func")  # not so under NUMBA_DISABLE_JIT
        if compiles and Path(source).is_file() and _folder(source) is not None:
            kernel._cache = _KernelCache(function)
        return kernel

    return decorate


def kept_in() -> Path | None:
    """The folder that holds compiled code of this module's own folder; None: memory only."""
    return _folder(__file__)


def try_out() -> None:
    """Compile and run a kernel, so that whatever hinders it is raised here."""
    doubled = njit(lambda value: 2.0 * value)
    doubled(1.0)


class _Locator(_CacheLocator):  # type: ignore[misc,unused-ignore]
    """Where a kernel's compiled code is kept, and what it is valid for."""

    def __init__(self, function: Callable[..., Any], source: str) -> None:
        self._py_file = source  # the name numba itself reads
        self._line = function.__code__.co_firstlineno

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator:
        return cls(py_func, py_file)

    def ensure_cache_path(self) -> None:
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        return str(_folder(self._py_file))

    def get_source_stamp(self) -> str:
        return _digest(self._py_file)

    def get_disambiguator(self) -> str:
        return f"{self._line}.checked" if CHECKED else f"{self._line}"


class _Implementation(CompileResultCacheImpl):  # type: ignore[misc,unused-ignore]
    _locator_classes = (_Locator,)


class _KernelCache(FunctionCache):  # type: ignore[misc,unused-ignore]
    """numba's cache, for which a damaged or vanished file means only that it compiles again."""

    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 (a file cut short raises whatever unpickling raises)
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            _tell(f"{self.cache_path}: compiled kernels cannot be kept there ({error.strerror})")


@cache
def _tell(message: str) -> None:
    """Say it once."""
    warnings.warn(
        f"{message}. To compile only once, set NUMBA_CACHE_DIR to a folder that can be written.",
        RuntimeWarning,
        stacklevel=2,
    )


def _folder(source: str) -> Path | None:
    """The folder for compiled code of a source file; None where there is no place for it."""
    return _folder_beside(Path(source).absolute().parent, str(config.CACHE_DIR or ""))


@cache
def _folder_beside(directory: Path, chosen: str) -> Path | None:
    name: str = _Locator.get_suitable_cache_subpath(str(directory / "_"))
    users = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)
    usual = [directory / "__pycache__", users / name]
    for folder in ([Path(chosen) / name] if chosen else []) + usual:
        if _writable(folder):
            return folder
    private = _private_folder()
    if private is not None and _writable(private / name):
        _tell(f"{private}: compiled kernels are kept there, no other folder can be written")
        return private / name
    _tell("Compiled kernels are kept in memory only: no folder can be written")
    return None


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _private_folder() -> Path | None:
    """A folder for temporary files that only this user can write; None if another holds its name.

    What is read from it is run: a folder that someone else may write to is never used.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    try:
        folder = Path(tempfile.gettempdir()) / f"{_PACKAGE.name}-kernels-{user}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError:
        return None
    own = user is None or (found.st_uid == user and not found.st_mode & 0o077)
    return folder if own and stat.S_ISDIR(found.st_mode) else None


@cache
def _digest(source: str) -> str:
    """SHA-256 over a source file and all of this package that it imports, directly or not."""
    seen, waiting = {source}, [source]
    while waiting:
        for found in _imports(waiting.pop()):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    digest = hashlib.sha256()
    for file in sorted(seen):
        digest.update(hashlib.sha256(_content(file)).digest())
    return digest.hexdigest()


@cache
def _content(source: str) -> bytes:
    return Path(source).read_bytes()


@cache
def _imports(source: str) -> tuple[str, ...]:
    text = _content(source).decode("utf-8", errors="replace")
    return tuple(
        str(file)
        for module, names in _IMPORT.findall(text)
        for file in _files(module, re.findall(r"\w+", names))
    )


def _files(module: str, names: list[str]) -> Iterator[Path]:
    """The files behind ``from module import names``."""
    place = _PACKAGE.joinpath(*module.split(".")[1:])
    candidates = [place.with_suffix(".py"), place / "__init__.py"]
    candidates += [place / f"{name}.py" for name in names]
    yield from (file for file in candidates if file.is_file())
