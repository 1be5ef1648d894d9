"""Find the words of a block of documents, many at a time, without a Python object a word.

A block is one string; its words are found as runs of word characters, and each word gets a 64-bit
hash from one running sum over the block: with ``S_i = sum_{j <= i} c_j r^j`` modulo 2^64, the word
in ``[s, e)`` hashes to ``(S_{e-1} - S_{s-1}) q r^{-s}``, which depends on its characters only (the
polynomial hash of Karp & Rabin, 1987, with a fixed odd base r and an odd factor q).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.text.characters import JOINER, LETTER, SEPARATOR, folded, folds, kind_table
from polytopic.text.segmenting import HAN, SEGMENTED, segmented

__all__ = [
    "BLOCK_CHARACTERS",
    "SKLEARN_PATTERN",
    "Scan",
    "WordRule",
    "hash_strings",
    "run_hashes",
    "scan",
]

SKLEARN_PATTERN = r"(?u)\b\w\w+\b"
"""The token pattern of scikit-learn's CountVectorizer: given as ``token_pattern``, it is followed
to the letter (and as quickly as the package's own rule)."""

BLOCK_CHARACTERS = 3 << 15
"""Documents are read in blocks of about this many characters."""

_SPREAD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: multiplying by it spreads bits upwards."""

_BASE = 0x2545F4914F6CDD1D
"""Of the polynomial hash, odd so that it has an inverse: the multiplier of xorshift64* (Vigna
2016)."""

_TABLE_SIZES = (0x3000, 0x10000, 0x110000)
"""Tables of kinds of characters: up to Latin, Greek, Cyrillic and kin; the basic plane; all of
Unicode."""

_SOFT_HYPHEN = "\u00ad"
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\uff07": "'", _SOFT_HYPHEN: None})
_MARKED = ("\u2019", "\u02bc", "\uff07", _SOFT_HYPHEN)
_HAN = re.compile(f"[{HAN}]")
_ELIDING = ("ca", "fr", "it")
_DOTTED = ("az", "tr")


@dataclass(frozen=True)
class WordRule:
    """Which runs of characters are words.

    Attributes
    ----------
    lowercase : bool
        Lower-case the text first, by Unicode's full mapping.
    language : str
        ISO code, or "" if unknown: in Catalan, French and Italian an apostrophe separates words,
        elsewhere it joins them; English drops the possessive ``'s``; Turkish has a dotless i.
    sklearn : bool
        Follow ``SKLEARN_PATTERN`` to the letter instead.
    spaces : bool
        Divide by white space instead, and leave the text as it is.
    min_length : int
        Shortest word, in characters; in Chinese and Japanese one Chinese character may be a word.
    segment : bool
        Divide a language that is written without spaces by its library.
    """

    lowercase: bool = True
    language: str = "en"
    sklearn: bool = False
    spaces: bool = False
    min_length: int = 2
    segment: bool = True

    def prepare(self, text: str, fold: bool | None = None) -> str:
        """The text as its words are spelt: composed, folded, lower-cased, with plain apostrophes.

        ``fold``: whether it holds characters to fold, where that is known.
        """
        if self.spaces:
            return text
        if self.sklearn:
            text = text.lower() if self.lowercase else text
            return self._segmented(text)
        if text.isascii() and self.language not in _DOTTED:
            return text.lower() if self.lowercase else text
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        if folds(_codes(text)) if fold is None else fold:
            text = folded(text)
        if self.lowercase:
            if self.language in _DOTTED:
                text = text.replace("İ", "i").replace("I", "ı")
            text = text.lower()
            if "\u0307" in text:
                text = text.replace("i\u0307", "i")
        if any(mark in text for mark in _MARKED):
            text = text.translate(_APOSTROPHES)
        return self._segmented(text)

    def _segmented(self, text: str) -> str:
        if not self.segment or self.language not in SEGMENTED or text.isascii():
            return text
        return segmented(text, self.language)

    @property
    def single(self) -> bool:
        """Whether one Chinese character may be a word."""
        return self.segment and self.language in SEGMENTED and SEGMENTED[self.language].single

    @property
    def kinds(self) -> str:
        """Name of the table of character kinds."""
        if self.spaces:
            return "spaces"
        if self.sklearn:
            return "sklearn"
        return "elided" if self.language in _ELIDING else "words"


@dataclass(frozen=True)
class Scan:
    """The words of a block.

    ``hashes`` (N,) uint64; ``starts``, ``ends`` (N,) positions of the words in ``text``;
    ``lengths`` how many words each document has; ``blank`` which documents hold white space only.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    lengths: NDArray[np.int64]
    blank: NDArray[np.bool_]
    text: str

    def line_starts(self) -> NDArray[np.int64]:
        """Which words begin a line, where a document of the block has several; else none."""
        if self.text.count("\n") <= len(self.lengths) + 1:
            return np.zeros(0, dtype=np.int64)
        breaks = np.flatnonzero(_codes(self.text) == ord("\n"))
        begun = np.searchsorted(self.starts, breaks[:-1]).astype(np.int64)
        return begun[np.diff(begun, prepend=-1) > 0]

    def words(self, positions: NDArray[np.intp]) -> list[str]:
        """The words at these positions."""
        text = self.text
        pairs = zip(self.starts[positions].tolist(), self.ends[positions].tolist(), strict=True)
        return [text[start:end] for start, end in pairs]


def scan(texts: list[str], rule: WordRule) -> Scan:
    """Find the words of a few documents."""
    text, lengths_in = _joined(texts, rule)
    codes, kinds = _codes_and_kinds(text, rule.kinds)
    if not rule.sklearn:
        _settle_joiners(kinds, codes, possessive=rule.language == "en")
    starts, ends = _runs(kinds)
    keep = ends - starts >= rule.min_length
    if rule.single and not rule.sklearn:
        keep |= _are_han(codes, starts, ends)
    if not rule.sklearn:
        keep &= _have_letters(kinds, starts, ends)
    starts, ends = starts[keep], ends[keep]
    bounds = np.cumsum(np.array([0, *lengths_in]) + 1)
    lengths = np.diff(np.searchsorted(starts, bounds))
    blank = np.zeros(len(texts), dtype=np.bool_)
    for row in np.flatnonzero(lengths == 0):
        blank[row] = not texts[row] or texts[row].isspace()
    return Scan(run_hashes(codes, starts, ends), starts, ends, lengths, blank, text)


def _joined(texts: list[str], rule: WordRule) -> tuple[str, list[int]]:
    """The prepared texts with a line feed before, between and after, and the length of each."""
    text = "\n".join(["", *texts, ""])
    if text.isascii() and rule.language not in _DOTTED:
        return text.lower() if rule.lowercase else text, list(map(len, texts))
    fold = not (rule.sklearn or rule.spaces) and folds(_codes(text))
    prepared = [rule.prepare(part, None if fold else False) for part in texts]
    return "\n".join(["", *prepared, ""]), list(map(len, prepared))


def hash_strings(words: Sequence[str]) -> NDArray[np.uint64]:
    """The hashes of whole strings, shape (n,), whatever characters they hold."""
    lengths = np.array([len(word) for word in words], dtype=np.intp)
    ends = 1 + np.cumsum(lengths)
    return run_hashes(_codes("\n" + "".join(words)), ends - lengths, ends)


def _codes_and_kinds(text: str, rule: str) -> tuple[NDArray[np.unsignedinteger], NDArray[np.uint8]]:
    codes = _codes(text)
    if codes.dtype == np.uint8:
        table = kind_table(rule, 256).tobytes()
        return codes, np.frombuffer(bytearray(codes.tobytes().translate(table)), dtype=np.uint8)
    highest = int(codes.max())
    return codes, kind_table(rule, next(n for n in _TABLE_SIZES if highest < n))[codes]


def _codes(text: str) -> NDArray[np.unsignedinteger]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _settle_joiners(
    kinds: NDArray[np.uint8], codes: NDArray[np.unsignedinteger], possessive: bool
) -> None:
    """Make each joiner a letter's neighbour or a separator, in place."""
    joiners = np.flatnonzero(kinds == JOINER)
    if not joiners.size:
        return
    before, after = kinds[joiners - 1], kinds[joiners + 1]
    inside = (before != SEPARATOR) & (after != SEPARATOR) & (before != JOINER) & (after != JOINER)
    kinds[joiners[~inside]] = SEPARATOR
    if possessive:
        held = joiners[inside]
        held = held[(codes[held] == ord("'")) & ((codes[held + 1] | 32) == ord("s"))]
        held = held[kinds[held + 2] == SEPARATOR]
        kinds[held] = SEPARATOR
        kinds[held + 1] = SEPARATOR


def _runs(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Starts and ends of the runs of word characters; both ends of the block are separators."""
    word = kinds != SEPARATOR
    edges = np.flatnonzero(word[1:] != word[:-1])
    edges += 1
    return edges[::2], edges[1::2]


def _are_han(
    codes: NDArray[np.unsignedinteger], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which words are one Chinese character."""
    found: NDArray[np.bool_] = ends - starts == 1
    alone = np.flatnonzero(found)
    found[alone] = [_HAN.match(chr(code)) is not None for code in codes[starts[alone]].tolist()]
    return found


def _have_letters(
    kinds: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which words hold a letter; only those that begin otherwise are searched."""
    have: NDArray[np.bool_] = kinds[starts] == LETTER
    doubtful = np.flatnonzero(~have)
    if doubtful.size:
        bounds = np.stack([starts[doubtful], ends[doubtful]], axis=1).ravel()
        have[doubtful] = np.logical_or.reduceat(kinds == LETTER, bounds)[::2]
    return have


class _Powers:
    """r^j and q r^-j modulo 2^64, kept for the longest block so far.

    The odd factor q spreads a difference in the first character over the leading bits.
    """

    def __init__(self) -> None:
        self.up = np.ones(1, dtype=np.uint64)
        self.down = np.ones(1, dtype=np.uint64)

    def upto(self, n: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        up, down = self.up, self.down
        if len(up) < n or len(down) < n:
            up, down = _powers(_BASE, n), _powers(pow(_BASE, -1, 1 << 64), n)
            down *= np.uint64(_SPREAD)
            self.up, self.down = up, down
        return up[:n], down[:n]


def _powers(base: int, n: int) -> NDArray[np.uint64]:
    factors = np.full(n, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


_POWERS = _Powers()
_SCRATCH = threading.local()


def run_hashes(
    codes: NDArray[np.unsignedinteger], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.uint64]:
    """Hashes of runs of codes: code 0 of ``codes`` stands before all of them."""
    n = len(codes)
    up, down = _POWERS.upto(n)
    scratch: NDArray[np.uint64] | None = getattr(_SCRATCH, "sums", None)
    if scratch is None or not n <= len(scratch) <= 4 * max(n, BLOCK_CHARACTERS):
        scratch = _SCRATCH.sums = np.empty(max(n, BLOCK_CHARACTERS), dtype=np.uint64)
    sums = np.multiply(codes, up, out=scratch[:n])
    np.cumsum(sums, out=sums)
    hashes: NDArray[np.uint64] = sums[ends - 1]
    hashes -= sums[starts - 1]
    hashes *= down[starts]
    hashes[hashes == 0] = 1
    return hashes
