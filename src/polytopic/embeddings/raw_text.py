"""Text that is to be divided into words, and the rules that divide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polytopic.errors import InputError
from polytopic.text.formats import is_table
from polytopic.text.streams import Account, existing, text_chunks
from polytopic.text.tokens import WordRule

__all__ = ["SPACES", "WORDS", "RawText"]

_BATCH = 1 << 16
"""Characters handed to the splitter at a time."""

WORDS = WordRule(min_length=1)
"""Words as :meth:`Corpus.from_texts` finds them, lower-cased, but those of one letter too."""

SPACES = WordRule(lowercase=False, language="", spaces=True, min_length=1)
"""Words as white space divides them."""


@dataclass(frozen=True)
class RawText:
    """Text that is not yet divided into words.

    ``pieces``: the path of a text file with a sentence a line, or texts, each of which is a
    sentence; ``rule``: what divides it into words, ``SPACES`` or ``WORDS``; ``encoding``: of a
    file.
    """

    pieces: Path | Iterable[str]
    rule: WordRule = SPACES
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.pieces) if isinstance(self.pieces, Path) else "texts"

    def lines(self, account: Account) -> Iterator[list[str]]:
        """Sentences in pieces: lists whose last entry goes on in the next one, unless it is "".

        What a file holds that is read otherwise than it stands is told to ``account``.
        """
        if isinstance(self.pieces, Path):
            return _file_lines(self.pieces, self.encoding, account)
        return _text_lines(self.pieces)


def _file_lines(path: Path, encoding: str, account: Account) -> Iterator[list[str]]:
    """Lines of a text file; a piece ends between two words."""
    found = existing(path)
    if found.is_dir() or is_table(found):
        kind = "is a folder" if found.is_dir() else "is a table"
        raise InputError(
            f"{path}: {kind}, and a text file with a sentence a line is read here. "
            f'Pass polytopic.read("{path}", ...) instead of the path.'
        )
    rest = ""
    for chunk in text_chunks(found, encoding, account):
        text = rest + chunk
        cut = len(text) if not text or text[-1].isspace() else _last_space(text)
        rest = text[cut:]
        yield text[:cut].split("\n")
    yield [*rest.split("\n"), ""]


def _last_space(text: str) -> int:
    """Where the last, perhaps unfinished word begins."""
    tail = text.rsplit(None, 1)
    return len(text) - len(tail[-1]) if len(tail) == 2 else 0


def _text_lines(texts: Iterable[str]) -> Iterator[list[str]]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text) + 1
        if size >= _BATCH:
            yield [*held, ""]
            held, size = [], 0
    yield [*held, ""]
