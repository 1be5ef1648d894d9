"""Questions, answers and agreement: what is asked, what is read, what is told."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from scipy.stats import kendalltau

import polytopic as pt
from polytopic import judging
from polytopic.errors import CheckpointError, FileMissingError, InputError, NamingWarning
from polytopic.judging.answers import parsed
from polytopic.metrics import krippendorff_alpha

THEMES = (
    "cell gene protein tissue enzyme organ blood tumour virus genome",
    "engine motor wheel brake fuel road driver gear clutch tyre",
    "stock bond market price trade bank fund share yield credit",
)


@pytest.fixture(scope="module")
def result() -> pt.TopicResult:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(THEMES[row % 3].split(), 15)) for row in range(120)]
    return pt.explore(texts, model="lda", n_topics=3, iterations=60, random_state=0)


def theme(word: str) -> int:
    return next(place for place, words in enumerate(THEMES) if word in words.split())


def test_questions_are_the_same_for_a_seed_and_hold_what_is_right(result: pt.TopicResult) -> None:
    asked = judging.questions(result)
    assert asked == judging.questions(result)
    assert asked != judging.questions(result, random_state=1)
    assert [q.task for q in asked] == sorted((q.task for q in asked), key=judging.TASKS.index)
    words = result.top_words(10)
    for question in asked:
        if question.task == "word-intrusion":
            kinds = [theme(word) for word in question.choices]
            odd = int(question.right[0]) - 1
            assert kinds.count(kinds[odd]) == 1
            assert question.choices[odd] not in words[question.topic]
        elif question.task == "document-intrusion":
            kinds = [theme(text.split()[0]) for text in question.choices]
            assert kinds.count(kinds[int(question.right[0]) - 1]) == 1
        elif question.task == "rank":
            assert len(question.choices) == len(question.right) == 5


def perfect(asked: tuple[judging.Question, ...]) -> dict[str, Any]:
    def answer(q: judging.Question) -> Any:
        if q.task.endswith("intrusion"):
            return int(q.right[0])
        if q.task == "rank":
            return (np.argsort(-np.array(q.right), kind="stable") + 1).tolist()
        return {"rating": 3, "fit": 1 + round(4 * q.right[0]) if q.right else 1}.get(
            q.task, "a name"
        )

    return {q.id: answer(q) for q in asked}


def test_a_judge_who_sees_all_finds_all(result: pt.TopicResult) -> None:
    asked = judging.questions(result)
    right = {q.prompt(): perfect(asked)[q.id] for q in asked}
    found = pt.judge(result, judge=lambda prompt: str(right[prompt]))
    table = found.topics()
    assert table["rating"].to_list() == [3.0] * 3
    assert table["word_intrusion"].to_list() == table["document_intrusion"].to_list() == [1.0] * 3
    assert min(table["rank_tau"].drop_nulls()) > 0.7
    assert set(table["labels"]) == {"a name"}
    assert found.unanswered == {"judge": 0}


def test_wrong_answers_are_wrong_and_half_answered_is_told(result: pt.TopicResult) -> None:
    asked = judging.questions(result, tasks=["rating", "word-intrusion"])

    def half(prompt: str) -> str:
        if "Answer with 1, 2 or 3" in prompt:
            raise TimeoutError("the model is\nslow, gone")
        question = next(q for q in asked if q.prompt() == prompt)
        return f"Number {1 + int(question.right[0]) % 6}, I think."

    with pytest.warns(NamingWarning, match="no usable answer to 3 of 6 questions .*gone") as told:
        found = pt.judge(result, judge=half, tasks=["rating", "word-intrusion"])
    assert "\n" not in str(told[0].message)
    assert found.topics()["word_intrusion"].to_list() == [0.0] * 3
    assert found.topics()["rating"].to_list() == [None] * 3
    assert found.unanswered == {"judge": 3}
    with pytest.raises(InputError, match="no usable answer to any of 3"):
        pt.judge(result, judge=lambda prompt: "well", tasks=["rating"])
    for nothing in ("gpt-5", 3, None):
        with pytest.raises(InputError, match="^judge: is of type .* Pass a function"):
            pt.judge(result, judge=nothing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "said", "read"),
    [
        ("rating", "3", 3), ("rating", "I say 2.", 2), ("rating", "4", None),
        ("rating", "1 or 2", None),
        ("rating", "2.5", None), ("rating", True, None), ("rank", "3, 1, 2", [3, 1, 2]),
        ("rank", [3, 1, 2], [3, 1, 2]), ("rank", "3, 1", None), ("rank", ["x"], None),
        ("fit", 5, 5), ("fit", 6, None), ("label", ' "Cells"\nbecause', "Cells"),
        ("label", "", None),
        ("label", 7, None), ("word-intrusion", "3", 3), ("word-intrusion", "9", None),
    ],
)  # fmt: skip
def test_what_is_read_of_an_answer(task: str, said: Any, read: Any) -> None:
    question = judging.Question("q", task, 0, ("a",), ("x", "y", "z"), (1.0,))
    assert parsed(question, said) == read


def test_the_form_holds_every_question_and_no_answer(
    result: pt.TopicResult, tmp_path: Path
) -> None:
    asked = judging.questions(result)
    page = judging.write_form(asked, tmp_path / "judge.html").read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    shown = json.loads(data.group(1))
    assert [entry["id"] for entry in shown] == [question.id for question in asked]
    assert all("right" not in entry for entry in shown)
    assert "default-src 'none'" in html.unescape(page)
    assert not re.search(r"https?://", page)
    with pytest.raises(InputError, match=r"name in \.html"):
        judging.write_form(asked, tmp_path / "judge.txt")
    with pytest.raises(FileMissingError):
        judging.write_form(asked, tmp_path / "none" / "judge.html")


def saved(folder: Path, name: str, answers: dict[str, Any]) -> Path:
    file = folder / f"{name or 'nobody'}.json"
    file.write_text(json.dumps({"judge": name, "answers": answers}), encoding="utf-8")
    return file


def test_answers_of_several_are_joined_and_compared(result: pt.TopicResult, tmp_path: Path) -> None:
    asked = judging.questions(result)
    every = perfect(asked)
    half = dict(list(every.items())[::2])
    rating = {name: 1 + place for place, name in enumerate(n for n in every if "rating" in n)}
    files = [
        saved(tmp_path, "ann", every | rating), saved(tmp_path, "", half | {"rating-0": 1}),
        saved(tmp_path, "cat", {**every, **rating, "rating-2": 1}),
    ]  # fmt: skip
    found = judging.read_answers(result, files)
    assert list(found.answers) == ["ann", "nobody", "cat"]
    assert found.unanswered["nobody"] == len(asked) - len(found.answers["nobody"])
    table = found.agreement(resamples=50)
    rows = {row["task"]: row for row in table.to_dicts()}
    assert rows["word-intrusion"]["alpha"] == 1.0
    judges = [
        [given.get(f"rating-{k}", np.nan) for k in range(3)] for given in found.answers.values()
    ]
    expected = krippendorff.alpha(np.array(judges, dtype=float), level_of_measurement="ordinal")
    assert rows["rating"]["alpha"] == pytest.approx(expected)
    assert rows["rating"]["alpha_low"] <= rows["rating"]["alpha"] <= rows["rating"]["alpha_high"]
    means = found.topics()["rating"].to_list()
    tau, low, high = found.correlation([0.1, 0.5, 0.3], resamples=100)
    assert tau == pytest.approx(kendalltau([0.1, 0.5, 0.3], means)[0])
    assert low <= tau <= high


@pytest.mark.parametrize(
    ("answers", "told"),
    [({"other-1": 1}, "answers other-1, which was not asked"), ({"rating-0": 9}, "is none")],
)
def test_answers_to_another_form_are_refused(
    result: pt.TopicResult, tmp_path: Path, answers: dict[str, Any], told: str
) -> None:
    with pytest.raises(CheckpointError, match=told):
        judging.read_answers(result, [saved(tmp_path, "ann", answers)])


def test_what_cannot_be_joined_is_refused(result: pt.TopicResult, tmp_path: Path) -> None:
    file = saved(tmp_path, "ann", {"rating-0": 3})
    with pytest.raises(InputError, match='two are called "ann"'):
        judging.read_answers(result, [file, file])
    one = judging.read_answers(result, [file])
    other = pt.judge(result, judge=lambda prompt: "1", name="b", tasks=["rating"])
    with pytest.raises(InputError, match="other questions"):
        judging.joined([one, other])
    with pytest.raises(InputError, match="fewer than three topics"):
        one.correlation([0.1, 0.2, 0.3])
    with pytest.raises(InputError, match='no "guess"'):
        judging.questions(result, tasks=["guess"])
    with pytest.raises(InputError, match="no topic 7"):
        judging.questions(result, topics=[7])


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_is_that_of_the_package_krippendorff(level: Any) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        ratings = rng.integers(1, 6, (4, 15)).astype(float)
        ratings[rng.random(ratings.shape) < 0.4] = np.nan
        expected = krippendorff.alpha(ratings, level_of_measurement=level)
        assert krippendorff_alpha(ratings, level=level) == pytest.approx(expected)
    with pytest.raises(InputError, match="answered by two judges"):
        krippendorff_alpha([[1.0, np.nan], [np.nan, 2.0]], level=level)
    assert np.isnan(krippendorff_alpha([[2, 2], [2, 2]], level=level))
