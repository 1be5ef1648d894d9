"""Links, addresses, handles and marks of retweets."""

from __future__ import annotations

import re

from polytopic.text.cleaning.steps import Step, dropping
from polytopic.text.segmenting import HAN, KANA, OTHER_SPACELESS, THAI

__all__ = ["ADDRESSES", "RETWEETS", "URLS"]

_OTHER = "".join(script for _, script in OTHER_SPACELESS.values())
_LINKED = rf"[^\s<>\"“”«»{HAN}{KANA}{THAI}{_OTHER}\uac00-\ud7a3\uff00-\uffef\u3000-\u3020]"
"""What an address may go on with: scripts that are written close to it end it."""

_DOMAINS = [
    "com", "org", "net", "edu", "gov", "co", "ly", "io", "be", "gl", "me", "de", "uk", "cn", "jp",
    "fr", "ru", "it", "es", "nl",
]  # fmt: skip

URLS = Step(
    "urls",
    "links",
    rf"://|(?i:www)\.|\.(?i:{'|'.join(_DOMAINS)})/",
    dropping(
        rf"(?<![A-Za-z0-9])(?:https?|ftps?|file|gopher|telnet|s3|git|ssh)://{_LINKED}*",
        rf"(?<![A-Za-z0-9])www\.{_LINKED}+",
        rf"(?<![A-Za-z0-9@._-])[a-z0-9][a-z0-9.-]*\.(?:{'|'.join(_DOMAINS)})/{_LINKED}*",
        flags=re.I,
    ),
)

ADDRESSES = Step(
    "addresses",
    "e-mail addresses and @names",
    "@",
    dropping(
        r"(?<![A-Za-z0-9_.+%=~/-])(?:mailto:)?<?[A-Za-z0-9_.+%=~/-]+@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+>?",
        r"(?<![A-Za-z0-9_.@])@[A-Za-z_][A-Za-z0-9_.]*(?:@[A-Za-z0-9.-]+)?",
        r"(?<![A-Za-z0-9_.@])@[^\W\d][\w-]{0,29}(?=[\s:：]|$)",
    ),
)

RETWEETS = Step(
    "retweets",
    "marks of retweets",
    r"(?:RT|rt|MT|via)\s*@|(?m:^\s*RT\b)",
    dropping(r"(?:^|(?<=\s))(?:RT|rt|MT|via)(?=\s*@)", r"^[ \t]*RT\b:?", flags=re.M),
)
