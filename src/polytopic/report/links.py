"""Which addresses a page links to: those of the web, spelled plainly; others are text."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

__all__ = ["followed"]

LONGEST = 2000
"""Characters of an address: browsers and servers take about as many."""


def followed(address: Any) -> str:
    """The address, if a click may follow it; else "".

    It is http or https, names a host and no user (``http://bank.example@elsewhere.example``), and
    holds no blank, backslash or character that cannot be seen.

    >>> followed(" https://example.org/a?b=1#c "), followed("javascript:alert(1)")
    ('https://example.org/a?b=1#c', '')
    """
    text = address.strip() if isinstance(address, str) else ""
    if not text or len(text) > LONGEST or "\\" in text:
        return ""
    if any(character.isspace() or unicodedata.category(character)[0] == "C" for character in text):
        return ""
    try:
        parts = urlsplit(text)
        host, user, _ = parts.hostname, parts.username, parts.port
    except ValueError:  # brackets without an address, a port that is no number
        return ""
    web = parts.scheme in ("http", "https") and bool(host) and user is None
    return text if web else ""
