"""The words of the page in its language, from one table; numbers as that language writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.report import assets
from polytopic.told import Decimal, Percent, Speech

__all__ = ["LANGUAGES", "Wording"]

LANGUAGES = ("en", "de", "es", "fr", "zh")

_COMMA = {"de", "es", "fr"}
"""Languages that write 0,5."""

_OF_PYTHON = ("found_", "health_", "key_", "curve_", "value_")
"""Beginnings of the keys of what is said before the page is written: its script needs none."""

_THOUSANDS = {"de": ".", "es": ".", "fr": "\u202f"}


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(assets.page_words())
    return table


@cache
def _templates(language: str) -> dict[str, str]:
    """From each entry's English to this language: by it are found sentences said."""
    return {forms["en"]: forms[language] for forms in _table().values()}


class Wording(Speech):
    """What the page says, in one language.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`.

    Raises
    ------
    InputError
        If there are no words in that language.

    >>> Wording("de").say("n_topics", 3), Wording("de").percent(0.043)
    ('3 Themen', '4,3\\xa0%')
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise InputError(
                f'language: the page has no words in "{language}". Choose one of '
                f"{', '.join(LANGUAGES)}."
            )
        self.language = language

    @property
    def table(self) -> dict[str, str]:
        """Key to words, for the page's own script."""
        return {
            key: forms[self.language]
            for key, forms in _table().items()
            if not key.startswith(_OF_PYTHON)
        }

    def say(self, key: str, n: int | None = None, /, **values: Any) -> str:
        """The words of a key with its places filled in.

        ``n``: the number that chooses between a form for one and a form for more.
        """
        return self.filled(_table()[key][self.language], n, values)

    def template(self, english: str) -> str:
        """The table's words for an English template; itself where there are none."""
        return _templates(self.language).get(english, english)

    def number(self, value: Decimal) -> str:
        """A number with digits after the point."""
        return self.decimals(value.value, value.digits)

    def portion(self, value: Percent) -> str:
        """A share as per cent with so many digits."""
        return self.say("percent", value=self.decimals(100 * value.share, value.digits))

    def whole(self, value: int) -> str:
        """A whole number, thousands apart."""
        return f"{value:,}".replace(",", _THOUSANDS.get(self.language, ","))

    def decimals(self, value: float, digits: int) -> str:
        """A number with so many digits after the point, which is a comma in some languages."""
        text = f"{value:.{digits}f}".replace("-", "−")
        return text.replace(".", ",") if self.language in _COMMA else text

    def percent(self, share: float) -> str:
        """A share of one as per cent, no finer than is of use."""
        value = 100 * share
        if not np.isfinite(value):
            return "–"
        if 0 < value < 0.05:
            return self.say("percent", value=f"<{self.decimals(0.1, 1)}")
        return self.say("percent", value=self.decimals(value, 1 if value < 9.95 else 0))

    def times(self, ratio: float) -> str:
        """How many times, with a digit where it is small."""
        return self.decimals(ratio, 1 if ratio < 9.95 else 0)

    def listed(self, entries: Sequence[str]) -> str:
        """a, b and c."""
        if len(entries) < 2:
            return "".join(entries)
        joint = "" if self.language == "zh" else " "
        return f"{', '.join(entries[:-1])}{joint}{self.say('and')}{joint}{entries[-1]}"
