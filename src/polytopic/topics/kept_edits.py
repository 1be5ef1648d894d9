"""A model that knows what a person changed in its topics, and does so to results of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polytopic.errors import InputError
from polytopic.io.schemas import TEXTS, ListOf
from polytopic.io.schemas import Record as Schema
from polytopic.result import TopicResult
from polytopic.result.edits import EDIT, refuse_unresolved, replayed

__all__ = ["KEPT_EDITS", "KeptEdits"]

KEPT_EDITS = Schema({"names": TEXTS, "before": TEXTS, "edits": ListOf(EDIT)})
"""What a saved model holds of them."""


@dataclass(frozen=True)
class KeptEdits:
    """The edits of a result, the names of its topics, and those that the model gave before."""

    names: tuple[str, ...]
    before: tuple[str, ...]
    edits: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, result: TopicResult, model: Any) -> KeptEdits:
        """Those of a result of this model.

        Raises
        ------
        InputError
            If the result is of other topics.
        """
        from polytopic.result.edit_files import same_topics

        if not same_topics(result, model.topic_word_):
            raise InputError(
                f"result: is of other topics than this {type(model).__name__}'s. Give one that the "
                "model made."
            )
        base = result.names if result.base is None else result.base.names
        return cls(tuple(result.names), tuple(base), tuple(result.edits))

    def applied(self, result: TopicResult) -> TopicResult:
        """The result of the model's own topics with the edits made once more."""
        return replayed(result, self.edits)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        edits = [dict(edit) for edit in self.edits]
        return {"names": list(self.names), "before": list(self.before), "edits": edits}

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> KeptEdits:
        """What :meth:`to_dict` gave, checked by :data:`KEPT_EDITS` before."""
        edits: Sequence[Mapping[str, Any]] = held["edits"]
        refuse_unresolved(edits)
        return cls(tuple(held["names"]), tuple(held["before"]), tuple(edits))
