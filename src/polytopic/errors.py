"""Every error and warning the package raises on purpose.

A message says three things: which input, what is wrong with it, and what to do. Each kind has a
code, under which a page of the docs (messages.md) says when it comes and what helps.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "CheckpointError",
    "ClusterError",
    "CollapseWarning",
    "ConvergenceWarning",
    "EmptyDocumentsWarning",
    "FileMissingError",
    "InputError",
    "InputTypeError",
    "InterruptedFitWarning",
    "MethodMissingError",
    "MissingExtraError",
    "NotFittedModelError",
    "PluginWarning",
    "PolytopicError",
    "TextWarning",
    "ReadingWarning",
    "TrackerWarning",
    "UnseenTermsWarning",
    "named_in_one_line",
]


class PolytopicError(Exception):
    """Base of all errors raised on purpose by polytopic."""

    code: ClassVar[str] = "PT100"


class InputError(PolytopicError, ValueError):
    """An input cannot be used: the message names it, says why, and what to do."""

    code: ClassVar[str] = "PT101"


class InputTypeError(InputError, TypeError):
    """An input is of a type that cannot be read at all."""

    code: ClassVar[str] = "PT102"


class FileMissingError(InputError, FileNotFoundError):
    """A file or folder named by the caller does not exist."""

    code: ClassVar[str] = "PT103"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class CheckpointError(InputError):
    """A saved model or checkpoint is cut short, altered, of a newer format, or of another model."""

    code: ClassVar[str] = "PT104"


class ClusterError(PolytopicError, RuntimeError):
    """Workers on other processes or machines failed, or cannot do what is asked of them."""

    code: ClassVar[str] = "PT111"


class MethodMissingError(InputError, AttributeError):
    """A model cannot do what is asked with the parameters it has."""

    code: ClassVar[str] = "PT105"


class MissingExtraError(PolytopicError, ImportError):
    """An optional dependency is absent: the message holds the install line."""

    code: ClassVar[str] = "PT106"


class NotFittedModelError(PolytopicError, ValueError, AttributeError):
    """A model was asked for something that only ``fit`` provides."""

    code: ClassVar[str] = "PT107"


class CollapseWarning(UserWarning):
    """Topics are dead, duplicates of each other, or say nothing of the documents."""

    code: ClassVar[str] = "PT201"


class ConvergenceWarning(UserWarning):
    """Training ended before the likelihood, or the bound, had settled: see ``convergence()``."""

    code: ClassVar[str] = "PT202"


class EmptyDocumentsWarning(UserWarning):
    """Documents hold no term the model knows: their topic proportions are the prior's."""

    code: ClassVar[str] = "PT203"


class InterruptedFitWarning(UserWarning):
    """Training was interrupted; the best weights so far are in place."""

    code: ClassVar[str] = "PT204"


class NamingWarning(UserWarning):
    """A function gave no usable name for some topics, which are named by their words."""

    code: ClassVar[str] = "PT205"


class PluginWarning(UserWarning):
    """Another package adds something that cannot be used, and is left out."""

    code: ClassVar[str] = "PT206"


class ReadingWarning(UserWarning):
    """A file was read, but not all as it stands: the message says what was left out or replaced."""

    code: ClassVar[str] = "PT207"


class TextWarning(UserWarning):
    """The terms of a text are hardly its words: clauses, or most documents hold none."""

    code: ClassVar[str] = "PT208"


class TrackerWarning(UserWarning):
    """A tracker failed, and is told nothing more of a run that goes on."""

    code: ClassVar[str] = "PT210"


class UnseenTermsWarning(UserWarning):
    """Terms that are not in the vocabulary were left out of the counts."""

    code: ClassVar[str] = "PT209"


def named_in_one_line(error: BaseException) -> str:
    """What code of others raised: the kind of it and its message, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
