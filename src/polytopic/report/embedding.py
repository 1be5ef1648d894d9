"""How data and scripts are set into the page so that nothing in them can become markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

__all__ = ["content_security_policy", "embed_json", "embed_script"]

_ESCAPES = {
    ord(character): f"\\u{ord(character):04x}" for character in ("<", ">", "&", "\u2028", "\u2029")
}


def embed_json(value: Any) -> str:
    """JSON for ``<script type="application/json">``: no character of it can end the element.

    Raises
    ------
    ValueError
        If the value holds NaN or an infinity.

    >>> embed_json({"text": "</script>&"})
    '{"text":"\\\\u003c/script\\\\u003e\\\\u0026"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def embed_script(source: str) -> str:
    """A script of our own or of Vega for an inline ``<script>``: what would end it is escaped.

    >>> embed_script('write("</script>")')
    'write("<\\\\/script>")'
    """
    source = re.sub(r"</(?=script)", r"<\\/", source, flags=re.IGNORECASE)
    return source.replace("<!--", r"<\!--")


def content_security_policy(*scripts: str) -> str:
    """A policy that runs these inline scripts and no others, and makes no request at all.

    >>> content_security_policy("1")[:31]
    "default-src 'none'; script-src "
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
