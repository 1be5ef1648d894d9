"""Sentences that know their parts: plain English, and ready to be said in another language.

What is found is told in English where it is found; a page in another language looks the template
up in its table and fills in the same values as that language writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Decimal", "Names", "Percent", "Speech", "Told", "together"]


@dataclass(frozen=True)
class Decimal:
    """A number with so many digits after the point."""

    value: float
    digits: int


@dataclass(frozen=True)
class Percent:
    """A share of one, as per cent with so many digits."""

    share: float
    digits: int = 0
    before_sign: str = ""


@dataclass(frozen=True)
class Names:
    """Some names: a, b and c."""

    names: tuple[str, ...]


class Speech:
    """How English says the values of a sentence; other languages override it."""

    def template(self, english: str) -> str:
        """The template that says the same."""
        return english

    def whole(self, value: int) -> str:
        """A whole number, thousands apart."""
        return f"{value:,}"

    def number(self, value: Decimal) -> str:
        """A number with digits after the point."""
        return f"{value.value:.{value.digits}f}"

    def portion(self, value: Percent) -> str:
        """A share as per cent."""
        return f"{100 * value.share:.{value.digits}f}{value.before_sign}%"

    def listed(self, entries: Sequence[str]) -> str:
        """a, b and c."""
        return " and ".join(part for part in (", ".join(entries[:-1]), *entries[-1:]) if part)

    def filled(self, template: str, n: int | None, values: Mapping[str, Any]) -> str:
        """A template of this language with its places filled in."""
        forms = template.split(" | ")
        form = forms[1] if len(forms) > 1 and n != 1 else forms[0]
        given = values if n is None else {**values, "n": n}
        return form.format_map({name: self._value(value) for name, value in given.items()})

    def tell(self, sentence: str) -> str:
        """A sentence in this language where its parts are known, else as it is."""
        if not isinstance(sentence, Told):
            return sentence
        return self.filled(self.template(sentence.template), sentence.n, sentence.values)

    def _value(self, value: Any) -> str:
        if isinstance(value, Told):
            return self.tell(value)
        if isinstance(value, Names):
            return self.listed(value.names)
        if isinstance(value, Decimal):
            return self.number(value)
        if isinstance(value, Percent):
            return self.portion(value)
        return self.whole(value) if isinstance(value, int) else str(value)


_ENGLISH = Speech()


class Told(str):
    """A sentence in English, with its parts.

    Parameters
    ----------
    template : str
        With places in braces; ``"{n} topic | {n} topics"`` has a form for one and one for more.
    n : int, optional
        The number that chooses the form, and fills ``{n}``.
    **values
        str as they are, int with thousands apart, :class:`Decimal`, :class:`Percent`,
        :class:`Names`, or a :class:`Told`, which is said in the same language.

    >>> Told("{n} topic: {names}. | {n} topics: {names}.", 2, names=Names(("a", "b")))
    '2 topics: a and b.'
    """

    template: str
    n: int | None
    values: dict[str, Any]

    __slots__ = ("n", "template", "values")

    def __new__(cls, template: str, n: int | None = None, /, **values: Any) -> Told:
        made = super().__new__(cls, _ENGLISH.filled(template, n, values))
        made.template, made.n, made.values = template, n, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.template, self.n, self.values)


def _made(template: str, n: int | None, values: dict[str, Any]) -> Told:
    return Told(template, n, **values)


def together(sentences: Sequence[str]) -> str:
    """Sentences after each other, each with its parts."""
    if len(sentences) < 2:
        return sentences[0] if sentences else ""
    return Told("{first} {rest}", first=sentences[0], rest=together(sentences[1:]))
