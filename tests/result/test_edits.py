"""Names, merged, split, hidden and ordered topics, of every model; undone, kept and made again."""

from __future__ import annotations

import dataclasses
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from result_examples import EMPTY, counts_with_an_empty_document, fitted_result, small

import polytopic as pt
from polytopic import simplex
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.result import TopicResult
from polytopic.result.edit_files import page_record
from polytopic.result.edits import replayed
from polytopic.result.splitting import PARTS_SUM


def lengths_of(result: TopicResult) -> np.ndarray:
    return np.asarray(result.counts.sum(axis=1), dtype=np.float64).ravel()


def words_of(result: TopicResult) -> np.ndarray:
    """sum_d N_d p(w | d) of the mixture, shape (V,)."""
    tokens = lengths_of(result) @ result.doc_topic
    return np.asarray(tokens @ result.topic_word)


def assert_sound(result: TopicResult) -> None:
    assert simplex.is_distribution(result.topic_word)
    assert simplex.is_distribution(result.doc_topic)
    assert result.topic_word.dtype == result.doc_topic.dtype == np.float32


def test_merging_keeps_documents_and_the_words_of_the_corpus(result: TopicResult) -> None:
    merged = result.merge([[3, 1]])
    assert_sound(merged)
    theta = result.doc_topic
    np.testing.assert_allclose(merged.doc_topic[:, 1], theta[:, 1] + theta[:, 3], atol=1e-6)
    np.testing.assert_array_equal(merged.doc_topic[:, [0, 2]], theta[:, [0, 2]])
    np.testing.assert_array_equal(merged.topic_word[[0, 2]], result.topic_word[[0, 2]])
    np.testing.assert_allclose(words_of(merged), words_of(result), rtol=1e-3, atol=1e-3)
    tokens = lengths_of(result) @ theta
    mean = tokens[[1, 3]] @ result.topic_word[[1, 3]] / tokens[[1, 3]].sum()
    np.testing.assert_allclose(merged.topic_word[1], mean, rtol=1e-4, atol=1e-7)


def test_splitting_keeps_sums_and_is_the_same_every_time(result: TopicResult) -> None:
    topic = int(result.topic_sizes.argmax())
    try:
        split = result.split(topic, into=2)
    except InputError as error:  # of a model whose documents are all alike
        assert "too few different documents" in str(error)
        return
    assert_sound(split)
    assert split.n_topics == 5
    np.testing.assert_allclose(
        split.doc_topic[:, [topic, 4]].sum(axis=1), result.doc_topic[:, topic], atol=1e-6
    )
    others = [k for k in range(4) if k != topic]
    np.testing.assert_array_equal(split.doc_topic[:, others], result.doc_topic[:, others])
    parts = np.array(split.edits[-1]["parts"][str(topic)])
    assert (parts.sum(axis=0) == PARTS_SUM).all()
    sizes = (parts / PARTS_SUM) @ result.topic_word[topic].astype(float)
    whole = sizes @ split.topic_word[[topic, 4]]
    np.testing.assert_allclose(whole, result.topic_word[topic], rtol=1e-4, atol=1e-6)
    shares = split.doc_topic[EMPTY, [topic, 4]] / result.doc_topic[EMPTY, topic]
    np.testing.assert_allclose(shares, sizes / sizes.sum(), rtol=1e-4)  # it says nothing of parts
    again = result.split(topic, into=2)
    np.testing.assert_array_equal(again.doc_topic, split.doc_topic)
    assert again.edits == split.edits
    joined = split.merge([[topic, 4]])
    np.testing.assert_allclose(joined.doc_topic, result.doc_topic, atol=1e-6)


def planted_two_in_one() -> TopicResult:
    """One topic of two vocabularies that never stand in one document, and another topic."""
    counts = np.zeros((60, 9), dtype=int)
    counts[:20, :3], counts[20:40, 3:6], counts[40:, 6:] = 4, 3, 4
    theta = np.where(np.arange(60)[:, None] < 40, [0.9, 0.1], [0.1, 0.9]).astype(np.float32)
    words = np.array([[4, 4, 4, 3, 3, 3, 0, 0, 0], [0] * 6 + [1] * 3], dtype=float)
    return dataclasses.replace(
        small(), topic_word=(words / words.sum(axis=1, keepdims=True)).astype(np.float32),
        doc_topic=theta, counts=counts, vocabulary=pt.Vocabulary(list("abcdefghi")), quality=None,
    )  # fmt: skip


def test_a_topic_of_two_is_split_in_these_two() -> None:
    split = planted_two_in_one().rename({0: "both"}).split(0, into=2)
    assert [set(words) for words in split.top_words(3)] == [set("abc"), set("ghi"), set("def")]
    assert (split.doc_topic[:20, 0] > 0.75).all() and (split.doc_topic[20:40, 2] > 0.75).all()
    assert split.names == ("both 1", "", "both 2")
    with pytest.raises(InputError, match="too few different documents for 50 parts"):
        planted_two_in_one().split(0, into=50)


def test_hidden_topics_keep_their_theta_and_lead_nothing(result: TopicResult) -> None:
    largest = int(np.bincount(result.top_topic[result.has_topic]).argmax())
    hidden = result.hide([largest])
    assert hidden.doc_topic is result.doc_topic and hidden.topic_word is result.topic_word
    assert hidden.hidden == (largest,) and largest not in hidden.top_topic
    shown = [k for k in range(4) if k != largest]
    rows = np.flatnonzero(result.has_topic)
    best = np.array(shown)[result.doc_topic[rows][:, shown].argmax(axis=1)]
    np.testing.assert_array_equal(hidden.top_topic[rows], best)
    assert hidden.topics()["topic"].to_list() == shown
    documents = hidden.documents()
    assert f"topic_{largest}" not in documents.columns
    columns = [*(f"topic_{k}" for k in shown), "hidden"]
    np.testing.assert_allclose(documents.select(columns).sum_horizontal(), 1.0, atol=1e-5)
    for table in (hidden.by_label(), hidden.over_time(freq="year")):
        sums = table.select(columns).sum_horizontal().drop_nulls()
        np.testing.assert_allclose(sums, 1.0, atol=1e-5)
    assert f"topic_{largest}" not in hidden.terms().columns + hidden.similarity().columns
    assert "1 hidden" in repr(hidden)
    assert hidden.show([largest]).hidden == ()


def test_names_notes_and_order() -> None:
    named = small().rename({1: "  two\n words "}).note({0: "a note\nof lines"})
    assert named.names == ("", "two words") and named.remarks == ("a note\nof lines", "")
    assert named.rename({1: ""}).names == ("", "")
    ordered = named.hide([0]).order([1])
    assert ordered.names == ("two words", "") and ordered.hidden == (1,)
    np.testing.assert_array_equal(ordered.doc_topic, named.doc_topic[:, [1, 0]])
    by_size = fitted_order()
    assert (np.diff(by_size.topic_sizes) <= 0).all()


def fitted_order() -> TopicResult:
    from polytopic import registry

    return fitted_result(registry.find("lda")).order("size")


def test_what_is_merged_keeps_the_first_name_and_all_notes() -> None:
    three = dataclasses.replace(
        small(),
        topic_word=np.full((3, 3), 1 / 3, dtype=np.float32),
        doc_topic=np.full((4, 3), 1 / 3, dtype=np.float32),
        quality=None,
    )
    merged = three.rename({2: "last"}).note({0: "x", 2: "y"}).hide([0]).merge([[0, 2]])
    assert merged.names == ("last", "") and merged.remarks == ("x\ny", "")
    assert merged.hidden == ()
    assert three.hide([0, 2]).merge([[0, 2]]).hidden == (0,)


def test_every_edit_can_be_undone(result: TopicResult) -> None:
    steps = [
        lambda r: r.rename({0: "a"}),
        lambda r: r.merge([[1, 2]]),
        lambda r: r.hide([2]),
        lambda r: r.order([1, 0]),
        lambda r: r.note({0: "n"}),
    ]
    states = [result]
    for step in steps:
        states.append(step(states[-1]))
    assert states[1].metrics == result.metrics and states[2].metrics == {}
    at = states[-1]
    for before in reversed(states[:-1]):
        at = at.undo()
        np.testing.assert_array_equal(at.doc_topic, before.doc_topic)
        np.testing.assert_array_equal(at.topic_word, before.topic_word)
        assert (at.names, at.remarks, at.hidden) == (before.names, before.remarks, before.hidden)
        assert at.metrics == before.metrics and at.edits == before.edits
    with pytest.raises(InputError, match="none to undo"):
        at.undo()


def test_edits_are_saved_with_the_result(result: TopicResult, tmp_path: Path) -> None:
    edited = result.merge([[0, 3]]).rename({0: "both", 1: "one"}).hide([2]).order([2])
    loaded = pt.load_result(edited.save(tmp_path / "kept"))
    np.testing.assert_array_equal(edited.doc_topic, loaded.doc_topic)
    np.testing.assert_array_equal(edited.topic_word, loaded.topic_word)
    assert (loaded.names, loaded.hidden) == (edited.names, edited.hidden)
    undone = loaded.undo().undo().undo().undo()
    np.testing.assert_array_equal(undone.doc_topic, result.doc_topic)
    assert undone.metrics == result.metrics


def test_a_model_keeps_them_and_changes_results_of_other_documents(
    result: TopicResult, tmp_path: Path
) -> None:
    model = result.model_at_hand()
    edited = result.merge([[0, 3]]).rename({0: "both"}).hide([2])
    try:
        edited = edited.split(0, into=2)
    except InputError as error:
        assert "too few different" in str(error)
    counts = counts_with_an_empty_document()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = model.keep_edits(edited).result(counts)
            few = model.result(counts[:7])
            loaded = pt.load(model.save(tmp_path / "model"))
            assert loaded.topic_names_ == model.topic_names_ == list(edited.names)
            later = loaded.result(counts)
        assert model.transform(counts[:1]).shape == (1, 4)  # the model's own topics
    finally:
        model._edits = None
        model.topic_names_ = [""] * 4
    for found in (again, later):
        np.testing.assert_array_equal(found.doc_topic, edited.doc_topic)
        np.testing.assert_array_equal(found.topic_word, edited.topic_word)
        assert (found.names, found.hidden) == (edited.names, edited.hidden)
    np.testing.assert_allclose(few.doc_topic, edited.doc_topic[:7], atol=1e-6)
    np.testing.assert_array_equal(few.topic_word, edited.topic_word)


def test_a_model_keeps_no_edits_of_others() -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    model = pt.LDA(n_topics=2, iterations=20, random_state=0).fit(counts)
    with pytest.raises(InputError, match="^result: is of other topics than this LDA's"):
        model.keep_edits(small())
    named = model.result(counts).rename({0: "a"})
    assert model.keep_edits(named).result(counts).names == ("a", "")
    assert model.fit(counts).result(counts).edits == () and model.topic_names_ == ["", ""]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"rename": {"7": "x"}}, "^rename: there is no topic 7. Topics are 0 to 1"),
    ({"rename": {"x": "x"}}, '^rename: "x" is no number'),
    ({"rename": {"-1": "x"}}, '^rename: "-1" is no number'),
    ({"rename": {"0": "x" * 10_000}}, "^rename: .* has 10,000 letters, and 200 are the most"),
    ({"note": {"0": "x" * 10_001}}, "^note: .* has 10,001 letters"),
    ({"rename": {"0": 3}}, "rename.0 is 3, expected a string"),
    ({"hide": [0, 1]}, "^hide: all topics would be hidden"),
    ({"hide": [0, 0]}, "^hide: topic 0 stands twice"),
    ({"hide": [5]}, "^hide: there is no topic 5"),
    ({"merge": [[0, 1]]}, "^merge: all topics would become one"),
    ({"merge": [[0]]}, "^merge: a group of 1"),
    ({"merge": [[0, 0]]}, "^merge: topic 0 stands twice"),
    ({"merge": [[0, 9]]}, "^merge: there is no topic 9"),
    ({"merge": 3}, "merge is 3, expected a list"),
    ({"merge": [[0, 1]], "split": {"0": 2}}, "^merge: topic 0 is to be split too"),
    ({"order": [1, 0], "split": {"0": 2}}, "^order: numbers change"),
    ({"order": [1, 1]}, "^order: topic 1 stands twice"),
    ({"split": {"0": 1}}, "split.0 is 1, expected"),
    ({"split": {"0": 2}, "parts": {"0": [[1], [2]]}}, "^parts: 2 rows do not fit 2 parts of 3"),
    ({"split": {"0": 2}, "parts": {"0": [[1] * 3, [2] * 3]}}, "^parts: of some word they do not"),
    ({"remove": [1]}, "remove is a list of 1, expected no such entry"),
    ({}, "^edit: holds nothing to do"),
]


@pytest.mark.parametrize(("edit", "match"), BAD)
def test_edits_that_cannot_be_made_are_told_in_one_line(edit: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match) as caught:
        small().edit(edit)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda r: r.rename(["a"]), "^rename: of type list"),
        (lambda r: r.rename({0: None}), "^rename: a text is no str"),
        (lambda r: r.rename({True: "x"}), "^rename: True is no number"),
        (lambda r: r.hide([0.5]), "^hide: 0.5 is no number"),
        (lambda r: r.split(0, into=1), "^into: is 1"),
        (lambda r: r.split(0, into=100_000), "^into: is 100,000. Ask for at most 1,000 parts"),
        (lambda r: r.merge([0, 1]), r"^merge: 0 is no group of topics. .*\[\[4, 7\]\]"),
        (lambda r: r.merge("01"), "^merge: '0' is no group of topics"),
        (lambda r: r.order("name"), '^order: is "name"'),
        (lambda r: r.edit(3), "^edits: of type int"),
        (lambda r: r.reduce(1), "all topics would become one"),
        (lambda r: r.reduce(9), "^n: is 9, and there are 2 topics"),
    ],
)
def test_what_methods_cannot_take_is_told(call: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        call(small())


def test_edits_of_a_page_are_made_once_and_only_on_the_topics_they_were_made_on() -> None:
    made = small().rename({0: "a"})
    given = {**page_record(made), "edits": [{"rename": {"1": "b"}}]}
    again = made.edit(given)
    assert again.names == ("a", "b")
    for other in (again, small(), made.hide([0])):
        with pytest.raises(
            InputError, match="as they stood after other edits, or are made already"
        ):
            other.edit(given)
    assert made.hide([0]).undo().edit(given).names == again.names


def test_a_file_of_edits_is_read_checked_and_of_these_topics(tmp_path: Path) -> None:
    made = small()
    edited = made.rename({0: "a"}).hide([1])
    file = tmp_path / "edits.json"
    file.write_text(json.dumps(edited.edits_record()))
    again = made.edit(file)
    assert again.names == edited.names and again.hidden == (1,)
    assert made.edit(edited.edits_record()).names == edited.names
    assert made.edit([{"rename": {"1": "b"}}]).names == ("", "b")
    other = dataclasses.replace(made, topic_word=made.topic_word[::-1].copy(), quality=None)
    for given in (file, edited.edits_record()):
        with pytest.raises(InputError, match="these edits are of other topics"):
            other.edit(given)
    whole = file.read_text()
    for content, match in (
        (whole[:-40], "cut short or altered"),
        ("[]", "no JSON object"),
        ('{"edits": {}}', "edits is an object of 0, expected a list"),
        ('{"edits": [{"hide": [-1]}]}', "edits\\[0\\].hide\\[0\\] is -1"),
        ('{"edits": [], "format": 99}', "a newer version"),
        ('{"edits": [], "program": "other"}', "of another program"),
    ):
        file.write_text(content)
        with pytest.raises(CheckpointError, match=match) as caught:
            made.edit(file)
        assert "\n" not in str(caught.value)
    with pytest.raises(FileMissingError, match="no such file"):
        made.edit(tmp_path / "nowhere.json")


def test_saved_edits_that_were_altered_are_refused(tmp_path: Path) -> None:
    folder = small().rename({0: "a"}).save(tmp_path / "kept")
    about = folder / "about.json"
    record = json.loads(about.read_text())
    for edits, match in (
        ([{"rename": {"9": "x"}}], "edits: do not fit"),
        ([{"rename": 3}], "rename is 3"),
    ):
        record["about"]["edits"] = edits
        about.write_text(json.dumps(record))
        with pytest.raises(CheckpointError, match=match):
            pt.load_result(folder)


def test_replaying_makes_the_same_bits(result: TopicResult) -> None:
    edited = result.reduce(3).rename({1: "x"})
    again = replayed(result, json.loads(json.dumps(edited.edits_record()))["edits"])
    np.testing.assert_array_equal(edited.topic_word, again.topic_word)
    np.testing.assert_array_equal(edited.doc_topic, again.doc_topic)


def test_a_file_may_hold_one_edit_as_a_person_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "edits.json"
    file.write_text('{"rename": {"0": "a"}, "hide": [1]}')
    made = small().edit(file)
    assert made.names[0] == "a" and made.hidden == (1,)
    for held in ("{}", '{"renam": {"0": "a"}}', '{"topics": "0123456789abcdef"}'):
        file.write_text(held)
        with pytest.raises(pt.CheckpointError, match=r"edits\.json: "):
            small().edit(file)
