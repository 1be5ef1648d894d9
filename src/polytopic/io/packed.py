"""Files as bytes, plain or packed (.gz, .bz2, .xz, .zst, .zip): the one place that opens them.

What a packed file unpacks to is bounded, for a megabyte can hold a terabyte of zeros.
"""

from __future__ import annotations

import importlib
import io
import os
import stat
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from polytopic.errors import FileMissingError, InputError, PolytopicError

if TYPE_CHECKING:
    import zipfile

__all__ = [
    "PACKED",
    "kind_of_path",
    "looks_packed",
    "most_unpacked",
    "open_unpacked",
    "packed_writer",
    "packing_of",
    "unpacked_ending",
]

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Endings of packed files that are read; all but .zip are written too."""

MOST_RATIO = 100
"""Times its size that a packed file may hold. Text shrinks 3 to 10 times, repetitive logs up to 50;
bombs 1,000 (gzip's limit) to 100,000 times."""

FREE_BYTES = 64 << 20
"""Bytes that any packed file may hold, however small it is: they harm no machine."""

_BUFFER = 1 << 17
"""Bytes unpacked at a time."""

_MAGIC = {
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ\0": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"PK\x03\x04": ".zip",
    b"PK\x05\x06": ".zip",
}
_NAMES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard", ".zip": "zip"}
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def packing_of(path: Path) -> str:
    """The ending that says how a file is packed, in small letters; "" if it is not.

    >>> packing_of(Path("reviews.csv.GZ")), packing_of(Path("reviews.csv"))
    ('.gz', '')
    """
    ending = path.suffix.lower()
    return ending if ending in PACKED else ""


def unpacked_ending(path: Path) -> str:
    """The ending that tells the format, in small letters: "reviews.csv.gz" is ".csv".

    That of a .zip archive with no second ending is the one of the file in it.

    Raises
    ------
    FileMissingError, InputError
        If that archive cannot be opened or does not hold one file.

    >>> unpacked_ending(Path("reviews.CSV.gz"))
    '.csv'
    """
    packing = packing_of(path)
    if not packing:
        return path.suffix.lower()
    inner = Path(path.stem).suffix.lower()
    if packing == ".zip" and not inner:
        with _translated(path), _only_member(path) as (_, member):
            return Path(member.filename).suffix.lower()
    return inner


def looks_packed(beginning: bytes) -> str:
    """The ending a file should have by its first bytes; "" if they are of no packed file."""
    return next((end for magic, end in _MAGIC.items() if beginning.startswith(magic)), "")


def most_unpacked(path: Path) -> int:
    """The most bytes a file may hold: its size, or what is unpacked of it at most."""
    size = path.stat().st_size
    return max(FREE_BYTES, MOST_RATIO * size) if packing_of(path) else size


def kind_of_path(path: Path) -> str:
    """What stands under a path: "a file", "a folder", "a pipe", "a socket", "a device".

    Raises
    ------
    FileMissingError, InputError
        If nothing does, or the path cannot be looked at (closed folders, names too long).
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise FileMissingError(f"{path}: no such file or folder. Check the path.") from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be looked at ({_reason(error)}). Check the path and its rights."
        ) from None
    return next((kind for test, kind in _KINDS if test(mode)), "a file")


@contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """A file as a stream of bytes; what its ending says is packed is unpacked on the way.

    Errors of reading are raised as one line that names the file; those of the ``with`` block's own
    work pass as they are. A pipe is read too, once; its packing is told by its name like a file's.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, it may not be read, is a folder, socket or device, is damaged, or
        holds more than ``MOST_RATIO`` times its size and ``FREE_BYTES``.
    """
    kind = kind_of_path(path)
    if kind not in ("a file", "a pipe"):
        raise InputError(f"{path}: is {kind}, and a file is to be read. Name a file.")
    packing = packing_of(path)
    raw: IO[bytes]
    with _translated(path):
        # Without a buffer, what has come through a pipe is handed on at once.
        raw = path.open("rb") if packing else cast("IO[bytes]", path.open("rb", buffering=0))
    with raw:
        if not packing:
            yield _stream(_Told(path, raw))
            return
        with _translated(path):
            _check_magic(path, packing, raw)
            unpacked = _READERS[packing](path, raw)
        with unpacked:
            yield _stream(_Bounded(path, unpacked))


def packed_writer(raw: IO[bytes], path: Path) -> IO[bytes]:
    """A stream that packs what it is given into ``raw``, as the ending of ``path`` says.

    The same bytes always give the same file: no time or name is written into it. Close it before
    ``raw``; ``raw`` itself is returned for a path that is not packed.

    Raises
    ------
    InputError
        If the ending is .zip, which is read but not written.
    """
    packing = packing_of(path)
    if packing == ".zip":
        raise InputError(f"{path}: .zip is not written. Name it .gz, .bz2, .xz or .zst.")
    return cast("IO[bytes]", _WRITERS[packing](raw)) if packing else raw


# ---- streams ---------------------------------------------------------------------------------


class _Told(io.RawIOBase):
    """A raw stream whose errors name the file."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path, self.stream = path, stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.stream.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _translated(self.path):
            return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def fileno(self) -> int:
        return self.stream.fileno()

    def readinto(self, buffer: Any) -> int:
        with _translated(self.path):
            data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Bounded(_Told):
    """The same for what is unpacked, which ends in an error beyond the bound."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        super().__init__(path, stream)
        self.size = path.stat().st_size
        self.most = most_unpacked(path)

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        read = super().readinto(buffer)
        self.most -= read
        if self.most < 0:
            raise InputError(
                f"{self.path}: its {self.size:,} bytes unpack to more than {MOST_RATIO} times as "
                f"much (and {FREE_BYTES >> 20} MB), which no text or table does. If you trust it, "
                "unpack it yourself and name the unpacked file."
            )
        return read


def _stream(raw: _Told) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(raw, _BUFFER))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Errors of the libraries below as one line that names the file."""
    try:
        yield
    except PolytopicError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise InputError(f"{path}: cannot be read ({_reason(error)}).") from None
        raise _damaged(path, error) from None
    except _unpacking_errors() as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path}: is cut short or damaged ({_reason(error)}). Fetch or pack it again."
    )


def _reason(error: Exception) -> str:
    reason = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    return reason.splitlines()[0]


def _unpacking_errors() -> tuple[type[Exception], ...]:
    """Those that a packed file can raise; modules not loaded have raised none."""
    errors: list[type[Exception]] = [EOFError, zlib.error, NotImplementedError, RuntimeError]
    errors += [UnicodeDecodeError, LookupError, struct.error]  # zipfile's, of a broken directory
    for module, name in (
        ("lzma", "LZMAError"),
        ("zipfile", "BadZipFile"),
        ("compression.zstd", "ZstdError"),
        ("backports.zstd", "ZstdError"),
    ):
        if module in sys.modules:
            errors.append(getattr(sys.modules[module], name))
    return tuple(errors)


def _check_magic(path: Path, packing: str, raw: IO[bytes]) -> None:
    if not raw.seekable():
        return
    beginning = raw.read(8)
    raw.seek(0)
    found = looks_packed(beginning)
    if not beginning or found == packing or (packing == ".zst" and _is_skippable(beginning)):
        return
    like = f"looks like {_NAMES[found]}" if found else "was perhaps never packed"
    way = f"give it the ending {found}" if found else f"take {packing} off its name"
    raise InputError(
        f"{path}: is no {_NAMES[packing]} file, or damaged: it {like}. "
        f"If so, {way}; else fetch it again."
    )


def _is_skippable(beginning: bytes) -> bool:
    """Whether a Zstandard file begins with a frame that readers pass over (RFC 8878, 3.1.2)."""
    return beginning[1:4] == b"\x2a\x4d\x18" and beginning[0] >> 4 == 5


# ---- each packing ----------------------------------------------------------------------------


def _zstd() -> Any:
    """Python's own module from 3.14 on, and the same for older Pythons."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _read_gzip(path: Path, raw: IO[bytes]) -> IO[bytes]:
    import gzip

    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))


def _read_bzip2(path: Path, raw: IO[bytes]) -> IO[bytes]:
    import bz2

    return cast("IO[bytes]", bz2.BZ2File(raw))


def _read_xz(path: Path, raw: IO[bytes]) -> IO[bytes]:
    import lzma

    return cast("IO[bytes]", lzma.LZMAFile(raw))


def _read_zstd(path: Path, raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _zstd().ZstdFile(raw))


def _read_zip(path: Path, raw: IO[bytes]) -> IO[bytes]:
    archive, member = _member(path, raw)
    return archive.open(member)


@contextmanager
def _only_member(path: Path) -> Iterator[tuple[zipfile.ZipFile, zipfile.ZipInfo]]:
    with path.open("rb") as raw:
        yield _member(path, raw)


def _member(path: Path, raw: IO[bytes]) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    """The archive and the one file in it; what macOS puts beside it does not count."""
    import zipfile

    archive = zipfile.ZipFile(raw)
    members = [
        member
        for member in archive.infolist()
        if member.filename
        and not member.is_dir()
        and not member.filename.startswith("__MACOSX/")
        and Path(member.filename).name not in (".DS_Store", "Thumbs.db")
    ]
    if len(members) == 1:
        if members[0].flag_bits & 1:
            raise InputError(f"{path}: is encrypted. Unpack it with its password first.")
        return archive, members[0]
    names = ", ".join(member.filename for member in members[:3])
    shown = f" ({names}{', ...' if len(members) > 3 else ''})" if members else ""
    raise InputError(
        f"{path}: holds {len(members)} files{shown}, and an archive is read that holds one. "
        "Unpack it and name the file, or the folder."
    )


def _write_gzip(raw: IO[bytes]) -> Any:
    import gzip

    return gzip.GzipFile("", "wb", 6, raw, 0)


_READERS: dict[str, Callable[[Path, IO[bytes]], IO[bytes]]] = {
    ".gz": _read_gzip,
    ".bz2": _read_bzip2,
    ".xz": _read_xz,
    ".zst": _read_zstd,
    ".zip": _read_zip,
}
_WRITERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": _write_gzip,
    ".bz2": lambda raw: importlib.import_module("bz2").BZ2File(raw, "wb"),
    ".xz": lambda raw: importlib.import_module("lzma").LZMAFile(raw, "wb"),
    ".zst": lambda raw: _zstd().ZstdFile(raw, "wb"),
}
