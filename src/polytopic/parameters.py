"""Parameters of estimators: one declaration gives the signature, the check and the documentation.

A class declares ``n_topics: int = parameter(Integer(2), "K, at least 2.", default=50)``. From that
come its keyword-only constructor, what ``get_params`` lists, the check that ``fit`` makes, and the
section "Parameters" of its docstring. A subclass inherits them; it may state another default or
text, and leave some out (``_left_out``).
"""

from __future__ import annotations

import inspect
import math
import numbers
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, dataclass_transform

import numpy as np

__all__ = [
    "FLAG",
    "FOLDER",
    "NONE",
    "SEED",
    "VECTORS",
    "AnyOf",
    "Choice",
    "Constraint",
    "Custom",
    "Declared",
    "Integer",
    "Parameter",
    "Real",
    "attribute",
    "parameter",
]


class Constraint(ABC):
    """What a parameter accepts: ``accepts`` decides, ``describe`` completes "It must be ..."."""

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Whether ``value`` may be used."""

    @abstractmethod
    def describe(self) -> str:
        """What may be used, in words."""


@dataclass(frozen=True)
class Integer(Constraint):
    """An integer between ``low`` and ``high``, both included."""

    low: int
    high: int | None = None

    def accepts(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
            return False
        return self.low <= int(value) and (self.high is None or int(value) <= self.high)

    def describe(self) -> str:
        upper = "" if self.high is None else f" and at most {self.high}"
        return f"an integer of at least {self.low}{upper}"


@dataclass(frozen=True)
class Real(Constraint):
    """A finite number between ``low`` and ``high``; the bounds are open where said."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def accepts(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            return False
        number = float(value)
        if not math.isfinite(number):
            return False
        above = number > self.low if self.open_low else number >= self.low
        below = number < self.high if self.open_high else number <= self.high
        return above and below

    def describe(self) -> str:
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'above' if self.open_low else 'at least'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'below' if self.open_high else 'at most'} {self.high:g}")
        return " ".join(["a finite number", " and ".join(parts)]).strip()


@dataclass(frozen=True)
class Choice(Constraint):
    """One of a few values."""

    options: tuple[Any, ...]

    def accepts(self, value: Any) -> bool:
        return any(type(value) is type(option) and value == option for option in self.options)

    def describe(self) -> str:
        return "one of " + ", ".join(repr(option) for option in self.options)


@dataclass(frozen=True)
class Custom(Constraint):
    """Whatever ``test`` says, described by ``text``."""

    text: str
    test: Callable[[Any], bool]

    def accepts(self, value: Any) -> bool:
        return self.test(value)

    def describe(self) -> str:
        return self.text


class AnyOf(Constraint):
    """Accepted by at least one of several constraints."""

    def __init__(self, *parts: Constraint) -> None:
        self.parts = parts

    def accepts(self, value: Any) -> bool:
        return any(part.accepts(value) for part in self.parts)

    def describe(self) -> str:
        return ", or ".join(part.describe() for part in self.parts)


NONE = Custom("None", lambda value: value is None)
"""Accepts None alone, for parameters that may be left out."""

SEED = AnyOf(
    Integer(0, 2**32 - 1),
    NONE,
    Custom(
        "a numpy RandomState or Generator",
        lambda value: isinstance(value, (np.random.RandomState, np.random.Generator)),
    ),
)
"""What ``random_state`` accepts."""

FLAG = Choice((False, True))
"""What a switch accepts."""

FOLDER = Custom("a folder or None", lambda value: value is None or isinstance(value, (str, Path)))
"""What the path of a folder accepts, if it may be left out."""


VECTORS = Custom(
    "an array of vectors of shape (V, E), or a WordVectors",
    lambda value: isinstance(value, np.ndarray) or hasattr(value, "input"),
)
"""What given word vectors may be."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter as declared: what it accepts, what it is, its default, its type in words."""

    accepts: Constraint | None
    text: str
    default: Any
    kind: str


def parameter(
    accepts: Constraint | None = None, text: str = "", *, default: Any, kind: str = ""
) -> Any:
    """Declare a parameter in the body of an estimator's class.

    Parameters
    ----------
    accepts : Constraint
        What ``fit`` lets through. Left out, as are ``text`` and ``kind``, where the parameter is
        inherited and only its default differs.
    text : str
        Its documentation.
    default : Any
        Its value if it isn't given.
    kind : str
        Its type in words; by default read from the annotation, or the choices themselves.
    """
    return Parameter(accepts, text, default, kind)


def attribute(*, default: Any = ..., init: Literal[False] = False) -> Any:
    """Declare an attribute that is no parameter: without a default it exists once it was set."""
    return _Attribute(default)


@dataclass(frozen=True)
class _Attribute:
    default: Any


@dataclass_transform(kw_only_default=True, field_specifiers=(parameter, attribute))
class Declared:
    """Base of the classes whose constructor is made from declarations."""

    _parameters: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})
    """The parameters by name, a class's own before those it inherits."""
    _left_out: ClassVar[tuple[str, ...]] = ()
    """Inherited parameters that this class does not have; as an attribute it keeps the default."""

    @classmethod
    def declared(cls) -> Mapping[str, Parameter]:
        """The parameters of the constructor, by name."""
        return cls._parameters

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _set_attributes(cls)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        for name, declared in own.items():
            delattr(cls, name)
            own[name] = _completed(cls, name, declared)
        cls._parameters = MappingProxyType(_with_inherited(cls, own))
        if cls._parameters:
            cls.__init__ = _constructor(cls)  # type: ignore[method-assign]
            cls.__doc__ = _documented(cls)


def _set_attributes(cls: type[Declared]) -> None:
    for name, value in list(vars(cls).items()):
        if isinstance(value, _Attribute):
            if value.default is ...:
                delattr(cls, name)
            else:
                setattr(cls, name, value.default)


def _completed(cls: type[Declared], name: str, declared: Parameter) -> Parameter:
    """A declaration with what it leaves out taken from the class above, or from its annotation."""
    above = next((b._parameters[name] for b in _bases(cls) if name in b._parameters), None)
    if above is not None:
        return Parameter(
            declared.accepts or above.accepts,
            declared.text or above.text,
            declared.default,
            declared.kind or above.kind,
        )
    kind = declared.kind or _kind(declared.accepts, str(vars(cls)["__annotations__"][name]))
    return replace(declared, kind=kind)


def _bases(cls: type[Declared]) -> list[type[Declared]]:
    return [base for base in cls.__mro__[1:] if issubclass(base, Declared)]


def _with_inherited(cls: type[Declared], own: Mapping[str, Parameter]) -> dict[str, Parameter]:
    found = dict(own)
    for base in _bases(cls):
        for name, declared in base._parameters.items():
            if name in cls._left_out:
                setattr(cls, name, declared.default)
            else:
                found.setdefault(name, declared)
    return found


def _constructor(cls: type[Declared]) -> Callable[..., None]:
    parameters = cls._parameters

    def __init__(self: Any, **given: Any) -> None:
        unknown = [name for name in given if name not in parameters]
        if unknown:
            raise TypeError(
                f"{type(self).__name__}.__init__() got an unexpected keyword argument "
                f"'{unknown[0]}'"
            )
        for name, declared in parameters.items():
            setattr(self, name, given.get(name, declared.default))

    kind = inspect.Parameter
    listed = [
        kind(name, kind.KEYWORD_ONLY, default=declared.default)
        for name, declared in parameters.items()
    ]
    itself = kind("self", kind.POSITIONAL_OR_KEYWORD)
    __init__.__signature__ = inspect.Signature([itself, *listed])  # type: ignore[attr-defined]
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    __init__.__module__ = cls.__module__
    return __init__


_WIDTH = 92
"""Columns of a docstring's text, less its indent of eight."""

_SECTIONS = ("Attributes\n", "Raises\n", "Examples\n", "References\n", "Notes\n", ">>> ")


def _documented(cls: type[Declared]) -> str | None:
    """The docstring of a class with the section "Parameters", before whatever follows the prose."""
    if vars(cls).get("__doc__") is None:
        return None
    text = inspect.cleandoc(str(cls.__doc__))
    section = "Parameters\n----------\n" + "\n".join(
        _entry(name, declared) for name, declared in cls._parameters.items()
    )
    places = [text.find("\n" + start) for start in _SECTIONS]
    cut = min((place + 1 for place in places if place >= 0), default=len(text))
    return f"{text[:cut].rstrip()}\n\n{section}\n\n{text[cut:]}".rstrip() + "\n"


def _entry(name: str, declared: Parameter) -> str:
    shown = "" if declared.default is None else f", default {declared.default!r}"
    lines = textwrap.wrap(declared.text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{name} : {declared.kind}{shown}", *(f"    {line}" for line in lines)])


def _kind(accepts: Constraint | None, annotation: str) -> str:
    """The type of a parameter in words: its choices, or its annotation."""
    if isinstance(accepts, Choice) and all(isinstance(o, str) for o in accepts.options):
        return "{" + ", ".join(f'"{option}"' for option in accepts.options) + "}"
    return annotation.replace(" | None", ", optional")
