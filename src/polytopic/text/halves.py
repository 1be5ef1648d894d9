"""Half surrogates: what is left of a letter beyond 16 bits when a program cuts it in two.

JSON can name them (``\\ud83d``), Python's str can hold them, UTF-8 cannot write them.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["DECODING", "halves_note", "has_halves", "mended"]

_HALVES = re.compile("[\ud800-\udfff]")
_TRIPLETS = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")


def has_halves(text: str) -> bool:
    """Whether a text holds half surrogates, and so is no text that can be written.

    >>> has_halves("caf\\u00e9"), has_halves("cut \\ud83d")
    (False, True)
    """
    if text.isascii():
        return False
    try:
        text.encode()  # many times faster than looking at each character in a pattern
    except UnicodeEncodeError:
        return True
    return False


def mended(text: str) -> tuple[str, int]:
    """The text with two halves that belong together joined, each other one as U+FFFD; their number.

    >>> mended("cut \\ud83d"), mended("whole \\ud83d\\ude00")[0] == "whole \\U0001f600"
    (('cut �', 1), True)
    """
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _HALVES.subn("\ufffd", joined)


def halves_note(rows: list[int]) -> tuple[str, ...]:
    """What is told of the documents in which half surrogates were replaced; () if there are none.

    >>> halves_note([4])
    ('Half surrogates (letters cut in two) in 1 document, the first in row 4, read as U+FFFD.',)
    """
    if not rows:
        return ()
    documents = f"{len(rows):,} document{'s' if len(rows) > 1 else ''}"
    return (
        f"Half surrogates (letters cut in two) in {documents}, the first in row {rows[0]}, read as "
        "U+FFFD.",
    )


def _as_halves(error: UnicodeError) -> tuple[str, int]:
    """What UTF-8 as some programs write it (CESU-8) has for halves; other faults are raised."""
    if isinstance(error, UnicodeDecodeError):
        found = _TRIPLETS.match(error.object, error.start)
        if found:
            return found[0].decode("utf-8", "surrogatepass"), found.end()
    raise error


DECODING = "polytopic-halves"
"""Name of the handler of decoding errors that lets half surrogates pass, to be mended."""

codecs.register_error(DECODING, _as_halves)
