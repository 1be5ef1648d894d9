"""Every error and warning the package raises on purpose.

A message says three things: which input, what is wrong with it, and what to do.
"""

from __future__ import annotations

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
]


class PolytopicError(Exception):
    """Base of all errors raised on purpose by polytopic."""


class InputError(PolytopicError, ValueError):
    """An input cannot be used: the message names it, says why, and what to do."""


class InputTypeError(InputError, TypeError):
    """An input is of a type that cannot be read at all."""


class FileMissingError(InputError, FileNotFoundError):
    """A file or folder named by the caller does not exist."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class CheckpointError(InputError):
    """A saved model or checkpoint is cut short, altered, of a newer format, or of another model."""


class ClusterError(PolytopicError, RuntimeError):
    """Workers on other processes or machines failed, or cannot do what is asked of them."""


class MethodMissingError(InputError, AttributeError):
    """A model cannot do what is asked with the parameters it has."""


class MissingExtraError(PolytopicError, ImportError):
    """An optional dependency is absent: the message holds the install line."""


class NotFittedModelError(PolytopicError, ValueError, AttributeError):
    """A model was asked for something that only ``fit`` provides."""


class CollapseWarning(UserWarning):
    """Topics are dead, duplicates of each other, or say nothing of the documents."""


class ConvergenceWarning(UserWarning):
    """Training ended before the likelihood, or the bound, had settled: see ``convergence()``."""


class EmptyDocumentsWarning(UserWarning):
    """Documents hold no term the model knows: their topic proportions are the prior's."""


class InterruptedFitWarning(UserWarning):
    """Training was interrupted; the best weights so far are in place."""


class NamingWarning(UserWarning):
    """A function gave no usable name for some topics, which are named by their words."""


class PluginWarning(UserWarning):
    """Another package adds something that cannot be used, and is left out."""


class ReadingWarning(UserWarning):
    """A file was read, but not all as it stands: the message says what was left out or replaced."""


class TextWarning(UserWarning):
    """The terms of a text are hardly its words: clauses, or most documents hold none."""


class TrackerWarning(UserWarning):
    """A tracker failed, and is told nothing more of a run that goes on."""


class UnseenTermsWarning(UserWarning):
    """Terms that are not in the vocabulary were left out of the counts."""
