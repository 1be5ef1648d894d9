"""What a person changes in a result: each method gives another result, with the edit in its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from polytopic.errors import InputError
from polytopic.late import late
from polytopic.result.asked import AskedRecord
from polytopic.result.edit_files import edits_record, given_edits
from polytopic.result.edits import MOST_PARTS, edited, replayed, undone
from polytopic.result.hierarchy import Hierarchy, hierarchy_of
from polytopic.text.columns import as_list

__all__ = ["ChangedRecord"]


class ChangedRecord(AskedRecord):
    """A record with the methods that change it."""

    def rename(self, names: Mapping[int, str]) -> Self:
        """Give topics names, ``{3: "Pizza"}``; "" takes one away.

        This and all that follow give another result, which knows how it came about (``edits``) and
        can be asked for the one before (:meth:`undo`). Topics are numbered by the rows of
        ``topic_word``, from 0. Equations: :mod:`polytopic.result.edits`.

        Raises
        ------
        InputError
            If a topic is none, or a name longer than 200 letters.
        """
        return edited(self, {"rename": _by_number(names, "rename")})

    def note(self, notes: Mapping[int, str]) -> Self:
        """Note something on topics, ``{3: "not pasta"}``; "" takes it away."""
        return edited(self, {"note": _by_number(notes, "note")})

    def hide(self, topics: Iterable[int]) -> Self:
        """Leave topics out of tables, lists and figures; nothing is taken from theta.

        ``doc_topic`` and ``topic_word`` stay as they are; no document has a hidden topic as its
        largest. Tables tell what is hidden topics' in a column ``hidden``.
        """
        return edited(self, {"hide": _numbers(topics, "hide")})

    def show(self, topics: Iterable[int]) -> Self:
        """Show hidden topics again."""
        return edited(self, {"show": _numbers(topics, "show")})

    def merge(self, groups: Iterable[Iterable[int]]) -> Self:
        """Make one topic of each group, ``[[4, 7]]``: theta is the sum, words weigh by tokens.

        It has the least number of its group and the first name in it; topics after the others move
        up.

        Raises
        ------
        InputError
            If a topic is none or stands twice, or all would become one.
        """
        listed = _groups(groups)
        return edited(self, {"merge": listed})

    def split(self, topic: int, into: int = 2) -> Self:
        """Divide a topic by a clustering of its documents; the same every time.

        The shares of the parts sum to the topic's, and so do their words. The largest part has the
        topic's number, the others come last.

        Raises
        ------
        InputError
            If the topic is none, or its documents are too few or too alike.
        """
        number = _numbers([topic], "split")[0]
        if type(into) is not int or into < 2:
            raise InputError(f"into: is {into!r:.40}. Ask for two parts or more.")
        if into > MOST_PARTS:
            raise InputError(f"into: is {into:,}. Ask for at most {MOST_PARTS:,} parts.")
        return edited(self, {"split": {str(number): into}})

    def order(self, topics: Iterable[int] | str) -> Self:
        """Put topics in another order: those named first, the rest as they stand; or "size"."""
        if isinstance(topics, str):
            if topics != "size":
                raise InputError(f'order: is "{topics:.40}". Give numbers of topics, or "size".')
            return edited(self, {"order": np.argsort(-self.topic_sizes, kind="stable").tolist()})
        return edited(self, {"order": _numbers(topics, "order")})

    def edit(self, edits: Any) -> Self:
        """Make edits that are written down: one, a list of them, or a file (``edits.json``).

        Raises
        ------
        InputError
            If one does not fit these topics.
        CheckpointError
            If the file is cut short or holds something else.
        """
        return replayed(self, given_edits(edits, self))

    def undo(self) -> Self:
        """The result before the last edit.

        Raises
        ------
        InputError
            If there is none.
        """
        return undone(self)

    @late
    def refit(
        self,
        corpus: Any = None,
        *,
        keep: Iterable[int] | None = None,
        n_topics: int | None = None,
        model: str | None = None,
        **options: Any,
    ) -> Self:
        """Learn the other topics anew beside those that are kept, which stay as they are.

        Parameters
        ----------
        corpus : Corpus of the same terms, optional
            By default the result's own documents.
        keep : iterable of int, optional
            Topics to keep: they come first, with their names. By default all that are shown.
        n_topics : int, optional
            Topics in all; by default as many as the model had, so that room which merging and
            hiding made is filled.
        model : str, optional
            A model with ``locked_topics``: "lda" or "embedding-lda". By default the result's own.
        **options
            Parameters of the model, such as ``random_state``.

        Raises
        ------
        InputError
            If the model learns all its topics anew (the message names those that do not), no topic
            is left to learn, or the terms differ.
        """
        raise NotImplementedError

    def edits_record(self) -> dict[str, Any]:
        """All edits, ready for JSON, as :meth:`edit` takes them."""
        return edits_record(self)

    # ---- hierarchy -------------------------------------------------------------------------

    def hierarchy(self, by: str = "documents") -> Hierarchy:
        """A tree over the shown topics; see :class:`Hierarchy` for how they are joined.

        ``by``: topics are near that stand in the same "documents", or that share "words".
        """
        return hierarchy_of(self, by)

    def reduce(self, n: int, by: str = "documents") -> Self:
        """Merge the shown topics to ``n``, as :meth:`hierarchy` joins them.

        Raises
        ------
        InputError
            If there are not so many, or one would be left.
        """
        groups = [group for group in self.hierarchy(by).cut(n) if len(group) > 1]
        return edited(self, {"merge": groups}) if groups else self


def _by_number(texts: Any, kind: str) -> dict[str, str]:
    if not isinstance(texts, Mapping):
        raise InputError(f'{kind}: of type {type(texts).__name__}. Give {{3: "Pizza"}}.')
    numbers = _numbers(list(texts), kind)
    if not all(isinstance(text, str) for text in texts.values()):
        raise InputError(f'{kind}: a text is no str. Give {{3: "Pizza"}}.')
    return dict(zip(map(str, numbers), texts.values(), strict=True))


def _groups(groups: Any) -> list[list[int]]:
    listed = groups if isinstance(groups, str) else as_list(groups, "merge")
    for group in listed:
        if isinstance(group, str | int | float | np.generic) or group is None:
            raise InputError(
                f"merge: {group!r:.40} is no group of topics. Give a list of groups, [[4, 7]]."
            )
    return [_numbers(group, "merge") for group in listed]


def _numbers(topics: Any, kind: str) -> list[int]:
    listed = as_list(topics, kind)
    for topic in listed:
        if isinstance(topic, bool) or not isinstance(topic, int | np.integer):
            raise InputError(f"{kind}: {topic!r:.40} is no number of a topic. Give 0, 1, ...")
    return [int(topic) for topic in listed]
