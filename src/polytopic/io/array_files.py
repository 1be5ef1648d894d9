"""Arrays of NumPy in .npy files: numbers alone, never objects, which can run code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io.packed import kind_of_path

__all__ = ["read_array"]


def read_array(path: Path) -> NDArray[Any]:
    """The numbers of a .npy file, mapped into memory rather than read.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, it is no array of numbers, or cut short.
    """
    kind = kind_of_path(path)
    if kind != "a file" or path.suffix != ".npy":
        raise InputError(
            f"{path}: is no .npy file. Write the array with numpy.save(path, embeddings)."
        )
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise InputError(
            f"{path}: cannot be read as an array of numbers ({reason}). Write it anew with "
            "numpy.save(path, embeddings)."
        ) from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iuf":
        raise InputError(f"{path}: holds no numbers. Write them with numpy.save(path, embeddings).")
    return array
