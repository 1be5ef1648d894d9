"""Answers to questions: read from a judge's words, or from a file of the form; checked."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from polytopic.errors import CheckpointError, InputError, NamingWarning, named_in_one_line
from polytopic.io.leaving import visible
from polytopic.io.records import read_record
from polytopic.io.schemas import ANYTHING, TEXT, MapOf, Record, check_record
from polytopic.judging.judgement import Judgement, joined
from polytopic.judging.questions import TASKS, Question, questions
from polytopic.result import TopicResult

__all__ = ["judge", "parsed", "read_answers"]

_LONGEST_LABEL = 80
"""Characters of a label."""

_HIGHEST = {"rating": 3, "fit": 5}
_FILE = Record({"judge": TEXT, "answers": MapOf(ANYTHING)})
_REMEDY = "Open the form again and save the answers once more."


def judge(
    result: TopicResult,
    *,
    judge: Callable[[str], str],
    name: str = "judge",
    topics: Iterable[int] | None = None,
    tasks: Sequence[str] = TASKS,
    random_state: int = 0,
) -> Judgement:
    """Put the questions of the form to a function that answers text, a language model mostly.

    Parameters
    ----------
    result : TopicResult
    judge : callable from str to str
        It gets a question in words. An answer without what was asked for, or a question it raises
        on, counts as none; how many there were is warned of.
    name : str
        What the judge is called where several are joined.
    topics, tasks, random_state
        As in :func:`polytopic.judging.questions.questions`; a form of the same seed asks the same.

    Returns
    -------
    Judgement
        ``.topics()``, ``.agreement()``, ``.correlation(scores)``.

    Raises
    ------
    InputError
        If ``judge`` is no function, or not one question got a usable answer.
    """
    if not callable(judge):
        raise InputError(
            f"judge: is of type {type(judge).__name__}. Pass a function that takes a question and "
            "returns the answer as text."
        )
    asked = questions(result, topics=topics, tasks=tasks, random_state=random_state)
    answers: dict[str, Any] = {}
    failed = ""
    for question in asked:
        try:
            said = judge(question.prompt())
        except Exception as error:  # noqa: BLE001 (whatever a function of the user's raises)
            failed = failed or visible(named_in_one_line(error), _LONGEST_LABEL)
            continue
        answer = parsed(question, said)
        if answer is None:
            failed = failed or f"it answered {visible(repr(said), _LONGEST_LABEL)}"
        else:
            answers[question.id] = answer
    if not answers:
        raise InputError(
            f"judge: gave no usable answer to any of {len(asked)} questions ({failed}). It takes a "
            "question and returns the answer as text."
        )
    if failed:
        warnings.warn(
            f"judge: no usable answer to {len(asked) - len(answers)} of {len(asked)} questions "
            f"(the first: {failed}); they count as not answered.",
            NamingWarning,
            stacklevel=2,
        )
    return Judgement(asked, {name: answers})


def parsed(question: Question, said: Any) -> Any:
    """The answer in a judge's words, or of a form; None where it holds no usable one."""
    if question.task == "label":
        lines = str(said).strip().splitlines() if isinstance(said, str) else []
        return visible(lines[0].strip(" \"'*"), _LONGEST_LABEL) or None if lines else None
    if isinstance(said, bool) or not isinstance(said, str | int | list):
        return None
    listed = said if isinstance(said, list) else re.findall(r"(?<![\d.])\d+(?![\d.]*\d)", str(said))
    try:
        numbers = [int(number) for number in listed]
    except (TypeError, ValueError):
        return None
    if question.task == "rank":
        whole = sorted(numbers) == list(range(1, len(question.choices) + 1))
        return numbers if whole else None
    highest = _HIGHEST.get(question.task, len(question.choices))
    if len(set(numbers)) != 1 or not 1 <= numbers[0] <= highest:
        return None
    return numbers[0]


def read_answers(
    result: TopicResult,
    files: Sequence[str | Path],
    *,
    topics: Iterable[int] | None = None,
    tasks: Sequence[str] = TASKS,
    random_state: int = 0,
) -> Judgement:
    """Read the answers that the form saved, of one judge a file, and join them.

    Parameters
    ----------
    result : TopicResult
        That the form was made of.
    files : sequence of paths
        What was not answered is missing in it, and counts as that.
    topics, tasks, random_state
        As the form was made with.

    Raises
    ------
    FileMissingError, CheckpointError
        If a file is missing, cut short, or holds answers to other questions.
    InputError
        If two judges have one name, or there is no file.
    """
    asked = questions(result, topics=topics, tasks=tasks, random_state=random_state)
    if not files:
        raise InputError("files: there are none. Name the answers that judges saved.")
    return joined([Judgement(asked, _of_file(Path(file), asked)) for file in files])


def _of_file(file: Path, asked: Sequence[Question]) -> Mapping[str, Mapping[str, Any]]:
    record = read_record(file, _REMEDY)
    check_record(record, _FILE, str(file))
    known = {question.id: question for question in asked}
    answers = {}
    for name, said in record["answers"].items():
        if name not in known:
            raise CheckpointError(
                f"{file}: answers {name:.40}, which was not asked. Name the run, tasks and seed "
                "that its form was made of."
            )
        answer = parsed(known[name], said)
        if answer is None:
            raise CheckpointError(f"{file}: the answer to {name:.40} is none. {_REMEDY}")
        answers[name] = answer
    return {visible(record["judge"].strip(), _LONGEST_LABEL) or file.stem: answers}
