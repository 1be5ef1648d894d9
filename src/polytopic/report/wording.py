"""The words of the page in its language, from one table; numbers as that language writes them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.report import assets

__all__ = ["LANGUAGES", "Wording"]

LANGUAGES = ("en", "de", "es", "fr", "zh")

_COMMA = {"de", "es", "fr"}
"""Languages that write 0,5."""

_THOUSANDS = {"de": ".", "es": ".", "fr": "\u202f"}


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(assets.page_words())
    return table


class Wording:
    """What the page says, in one language.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`.

    Raises
    ------
    InputError
        If there are no words in that language.

    >>> Wording("de").say("n_topics", 3), Wording("fr").percent(0.043)
    ('3 Themen', '4,3 %')
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
        return {key: forms[self.language] for key, forms in _table().items()}

    def say(self, key: str, n: int | None = None, /, **values: Any) -> str:
        """The words of a key with its places filled in.

        ``n``: the number that chooses between a form for one and a form for more.
        """
        forms = _table()[key][self.language].split(" | ")
        form = forms[1] if len(forms) > 1 and n != 1 else forms[0]
        if n is not None:
            values["n"] = self.whole(n)
        return form.format_map(values)

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
            return f"<{self.decimals(0.1, 1)} %"
        return f"{self.decimals(value, 1 if value < 9.95 else 0)} %"

    def times(self, ratio: float) -> str:
        """How many times, with a digit where it is small."""
        return self.decimals(ratio, 1 if ratio < 9.95 else 0)

    def listed(self, entries: list[str]) -> str:
        """a, b and c."""
        if len(entries) < 2:
            return "".join(entries)
        joint = "" if self.language == "zh" else " "
        return f"{', '.join(entries[:-1])}{joint}{self.say('and')}{joint}{entries[-1]}"
