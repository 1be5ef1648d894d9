"""The result of a topic model: the record, and what one does with it.

Functions of this package take a :class:`~polytopic.result.record.Record`; the methods of
:class:`TopicResult` hand on to them.
"""

from polytopic.result.quality import Quality
from polytopic.result.record import Record, top_words
from polytopic.result.topic_result import TopicResult

__all__ = ["Quality", "Record", "TopicResult", "top_words"]
