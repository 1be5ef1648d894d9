"""What a fuzz target is: small valid inputs, and the reader that is tried on their mutants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Content", "Target", "folder_content", "write_content"]

Content = Mapping[str, bytes]
"""A seed or mutant: relative file name -> content. One file alone stands for itself."""


@dataclass(frozen=True)
class Target:
    """A reader and its valid inputs.

    Attributes
    ----------
    name : str
        What ``python -m lab fuzz NAME`` calls it.
    seeds : callable(Path) -> list of Content
        Makes the valid inputs, small ones, in an empty folder that it may use. It runs once, in a
        process of its own, so it may train models and start threads.
    read : callable(Path) -> Any
        Reads the file, or the folder if the seed has several files, and uses what came out as a
        caller would. It may raise AssertionError for an answer that is wrong (a NaN, rows that
        leave the simplex). What it raises else must be a PolytopicError of one line.
    warm : callable() -> None
        Imports what ``read`` needs, in the parent process; it must start no threads.
    mutable : callable(str) -> bool
        Which files of a seed are mutated.
    words : tuple of bytes
        Pieces of the format that mutants get spliced in.
    divided : int
        Of a reader that starts a process for each file, one in so many mutants is tried.
    """

    name: str
    seeds: Callable[[Path], list[Content]]
    read: Callable[[Path], Any]
    warm: Callable[[], None] = lambda: None
    mutable: Callable[[str], bool] = lambda name: True
    words: tuple[bytes, ...] = ()
    divided: int = 1


def folder_content(folder: Path) -> dict[str, bytes]:
    """The files of a folder as a seed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_content(content: Content, place: Path) -> Path:
    """Write a mutant under ``place``; the path to read: the file, or the folder of several."""
    for name, data in content.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place if len(content) > 1 else place / next(iter(content))
