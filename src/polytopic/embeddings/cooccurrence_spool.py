"""A long array written piece by piece: in memory while it is short, then in a temporary file."""

from __future__ import annotations

import tempfile
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from polytopic.errors import InputError

__all__ = ["Spool", "no_room"]


class Spool:
    """An array that grows at its end.

    Parameters
    ----------
    dtype : dtype
    limit : int
        Bytes held in memory; 0 writes to the file from the start.
    """

    def __init__(self, dtype: DTypeLike, limit: int) -> None:
        self.dtype = np.dtype(dtype)
        self.limit = limit
        self.size = 0
        self._pieces: list[NDArray[Any]] = []
        self._file: IO[bytes] | None = None

    def append(self, piece: NDArray[Any]) -> None:
        """Add a piece at the end.

        Raises
        ------
        InputError
            If the disk is full.
        """
        self.size += len(piece)
        if self._file is None and self.size * self.dtype.itemsize <= self.limit:
            self._pieces.append(piece)
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
            for waiting in [*self._pieces, piece]:
                self._file.write(np.ascontiguousarray(waiting, dtype=self.dtype).data)
            self._file.flush()
        except OSError as error:
            raise no_room(error) from None
        self._pieces = []

    def array(self) -> NDArray[Any]:
        """All of it; memory-mapped if it lies in the file, which lives as long as the array."""
        if self.size == 0:
            return np.empty(0, self.dtype)
        if self._file is not None:
            mapped = np.memmap(self._file, self.dtype, "c", shape=(self.size,))
            self._file.close()
            self._file, self._pieces = None, [mapped.view(np.ndarray)]
            return self._pieces[0]
        if len(self._pieces) == 1:
            return self._pieces[0]
        whole = np.empty(self.size, self.dtype)
        done = 0
        for number, piece in enumerate(self._pieces):
            whole[done : done + len(piece)] = piece
            done += len(piece)
            self._pieces[number] = piece[:0].copy()
        self._pieces = [whole]
        return whole

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Entries ``start`` to ``stop``, copied if they lie in the file. Safe from any thread."""
        if self._file is None:
            return self.array()[start:stop]
        if start == stop:
            return np.empty(0, self.dtype)
        offset = int(start) * self.dtype.itemsize
        mapped = np.memmap(self._file, self.dtype, "r", offset, (int(stop - start),))
        return np.array(mapped)

    def close(self) -> None:
        """Give back the memory and the file."""
        self._pieces, self.size = [], 0
        if self._file is not None:
            self._file.close()
            self._file = None


def no_room(error: OSError) -> InputError:
    """What is told where a temporary file cannot be written."""
    return InputError(
        f"{tempfile.gettempdir()}: the counts cannot be written there "
        f"({error.strerror or error}). Free some space, set TMPDIR to another folder, or "
        "raise memory."
    )
