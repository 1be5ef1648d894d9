"""People and language models as judges of topics: the same questions, answers joined."""

from __future__ import annotations

from polytopic.judging.answers import judge, read_answers
from polytopic.judging.form import write_form
from polytopic.judging.judgement import Judgement, joined
from polytopic.judging.questions import TASKS, Question, questions

__all__ = [
    "TASKS",
    "Judgement",
    "Question",
    "joined",
    "judge",
    "questions",
    "read_answers",
    "write_form",
]
