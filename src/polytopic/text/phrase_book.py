"""``Phrases``: n-grams found in one text, kept, and joined in others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from polytopic.errors import InputError
from polytopic.io.atomic import replacing
from polytopic.io.records import read_record
from polytopic.text.columns import each_list
from polytopic.text.counting import encode_words
from polytopic.text.phrases import Collocations, find_collocations

__all__ = ["Phrases"]

_JOIN = "_"


class Phrases:
    """n-grams that are joined wherever their words meet: leftmost first, the longest of them.

    Parameters
    ----------
    phrases : iterable of sequences of two or more str
        ``[("new", "york"), ("new", "york", "city")]``.

    Attributes
    ----------
    phrases : list of tuple of str

    Raises
    ------
    InputError
        If a phrase is of fewer than two words, or holds something else than words.

    >>> Phrases([("new", "york")]).apply([["in", "new", "york"]])
    [['in', 'new_york']]
    """

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        found: dict[tuple[str, ...], None] = {}
        for row, given in enumerate(phrases):
            words = () if isinstance(given, str) else tuple(given)
            if len(words) < 2 or not all(isinstance(word, str) and word for word in words):
                raise InputError(
                    f'phrases: entry {row} is {given!r}. Give two or more words: ("new", "york").'
                )
            found[words] = None
        self.phrases = list(found)
        self._begin: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.phrases, key=len, reverse=True):
            self._begin.setdefault(words[0], []).append(words)

    def __len__(self) -> int:
        return len(self.phrases)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self.phrases)

    def __repr__(self) -> str:
        return f"Phrases({len(self):,} phrases)"

    @classmethod
    def find(
        cls,
        documents: Iterable[Sequence[str]],
        settings: Collocations | None = None,
        *,
        stop_words: Iterable[str] = (),
    ) -> Self:
        """The phrases of some documents, by how often their words meet.

        Parameters
        ----------
        documents : iterable of lists of str
            Gone over once.
        settings : Collocations, optional
            Score, threshold, longest phrase, least count.
        stop_words : iterable of str
            Words that end a phrase.

        Raises
        ------
        InputError, InputTypeError
            If a document is no list of words.
        """
        raw = encode_words((words, False) for words in each_list(documents, "documents"))
        stops = raw.table.find_strings(list(stop_words))
        stops = stops[stops >= 0].astype(np.int32)
        if not len(raw.ids):
            return cls([])
        found = find_collocations(raw, stops, settings or Collocations())
        return cls(tuple(raw.table.strings(np.array(ids))) for ids in found)

    def apply(self, documents: Iterable[Sequence[str]]) -> list[list[str]]:
        """Documents with their phrases joined by ``_``, the words of others as they are.

        Raises
        ------
        InputError, InputTypeError
            If a document is no list of words.
        """
        return [self._joined(list(words)) for words in each_list(documents, "documents")]

    def _joined(self, words: list[str]) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(words):
            for phrase in self._begin.get(words[at], ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    found.append(_JOIN.join(phrase))
                    at += len(phrase)
                    break
            else:
                found.append(words[at])
                at += 1
        return found

    def save(self, path: str | Path) -> Path:
        """Write the phrases to a file of JSON, which :meth:`load` and other programs read.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        file = Path(path)
        text = json.dumps({"phrases": [list(words) for words in self.phrases]}, ensure_ascii=False)
        try:
            with replacing(file) as partial:
                partial.write_text(text, encoding="utf-8")
        except (OSError, UnicodeEncodeError) as error:
            raise InputError(f"{file}: cannot be written ({error!s:.80}). Name another.") from None
        return file

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file of :meth:`save`, or of text with a phrase a line, words divided by blanks.

        Raises
        ------
        FileMissingError, CheckpointError, InputError
            If it is missing, damaged, or a pickle, as gensim's Phrases are: those are refused.
        """
        file = Path(path)
        try:
            beginning = file.read_bytes()[:2] if file.is_file() else b""
        except OSError:
            beginning = b""
        if beginning[:1] == b"\x80":
            raise InputError(
                f"{file}: is a pickle, as gensim's Phrases are, which could run anything. In the "
                'program that wrote it write a phrase a line: "\\n".join(p.replace("_", " ") for p '
                "in phrases.export_phrases())."
            )
        if beginning and beginning[:1] != b"{":
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            return cls(line.split() for line in lines if line.strip())
        record: dict[str, Any] = read_record(file, "Write it again with save().")
        listed = record.get("phrases")
        if not isinstance(listed, list) or not all(isinstance(words, list) for words in listed):
            raise InputError(f"{file}: holds no phrases. Name a file of Phrases.save().")
        return cls(listed)
