"""Encoded blocks: uuencode, base64, PGP and PEM, long hashes."""

from __future__ import annotations

import re

from polytopic.text.cleaning.steps import Step, dropping

__all__ = ["ENCODED", "LONGEST_WORD", "SHORTEST_HASH"]

SHORTEST_HASH = 16
"""Hexadecimal digits from which on a run with digits and letters is a hash, not a word or a number:
64 bits, the shortest in use."""

LONGEST_WORD = 32
"""Characters from which on a run of letters, digits, ``+`` and ``/`` that mixes small and capital
letters with digits is code: words of any language that long have one case and no digits."""

_RUN = "[A-Za-z0-9+/]"
_MIXED = (
    rf"(?=(?:[A-Za-z+/]*+[0-9]++[A-Za-z+/]++){{2}}[0-9])(?={_RUN}*[A-Z])(?={_RUN}*[a-z])"
    rf"(?={_RUN}*[A-Za-z0-9]{{20}})"
)
"""Digits in three places (names and hashtags end in a year), capital and small letters, and no
slash for twenty characters, as paths of files have them. Repeats that give nothing back: a long run
of letters is read once."""
_HEX = r"(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])"
_EDGE = r"(?<![A-Za-z0-9+/_=-])"

_CODES = (
    rf"{_EDGE}{_MIXED}{_RUN}{{{LONGEST_WORD},}}={{0,2}}(?:\n{_RUN}{{0,76}}={{1,2}}$)?",
    rf"(?<![A-Za-z0-9]){_HEX}[0-9a-fA-F]{{{SHORTEST_HASH},}}(?![A-Za-z0-9])",
    r"(?<![A-Za-z0-9])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
)
_BLOCKS = (
    # Lines of uuencode: 45 bytes are an M and 60 characters of space to backquote.
    r"(?:^begin [0-7]{3,4} \S.*\n)?(?:^M[ -`]{54,62}[ \t]*\n?){2,}"
    r"(?:^[!-M][ -`]{1,60}\n)?(?:^`?\n)?(?:^end[ \t]*$)?",
    r"-----BEGIN [A-Z ]*(?:SIGNATURE|KEY BLOCK|KEY|PGP MESSAGE|CERTIFICATE)-----"
    r"(?:(?!-----BEGIN).|\n)*?-----END [A-Z ]+-----",
    r"-----(?:BEGIN|END) PGP [A-Z ]+-----(?:\nHash: .*)?",
)
_MARKS = (
    rf"{_RUN}{{{LONGEST_WORD}}}|[0-9a-fA-F]{{{SHORTEST_HASH}}}|[0-9a-fA-F]{{8}}-[0-9a-fA-F]{{4}}-"
    r"|-----(?:BEGIN|END)|(?m:^M[ -`]{54})"
)

ENCODED = Step(
    "encoded", "encoded blocks and hashes", _MARKS, dropping(*_BLOCKS, *_CODES, flags=re.M)
)
