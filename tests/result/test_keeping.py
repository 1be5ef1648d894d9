"""Saving a result and loading it, and what it looks like."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from result_examples import small

import polytopic as pt
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.result import TopicResult

FIELDS = ("texts", "labels", "ids", "dates")


def assert_same(one: TopicResult, other: TopicResult) -> None:
    """Every part of two results is equal, to the bit."""
    for name in ("topic_word", "doc_topic"):
        first, second = getattr(one, name), getattr(other, name)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    assert (one.counts != other.counts).nnz == 0 and one.counts.dtype == other.counts.dtype
    assert one.vocabulary == other.vocabulary and one.vocabulary.rules == other.vocabulary.rules
    for name in FIELDS:
        first, second = getattr(one, name), getattr(other, name)
        assert (first is None) == (second is None)
        if first is not None:
            assert list(first) == list(second), name
    for name in ("names", "remarks", "hidden", "beside_counts", "model", "parameters", "metrics"):
        assert getattr(one, name) == getattr(other, name), name
    assert {n: list(v) for n, v in one.metadata.items()} == {
        n: list(v) for n, v in other.metadata.items()
    }
    assert [dict(r) for r in one.history] == [dict(r) for r in other.history]
    assert one.notes == other.notes


def test_a_result_of_every_model_is_what_was_saved(result: TopicResult, tmp_path: Path) -> None:
    loaded = pt.load_result(result.save(tmp_path / "kept"))
    assert_same(result, loaded)
    np.testing.assert_array_equal(result.top_topic, loaded.top_topic)


def test_columns_keep_their_kinds(tmp_path: Path) -> None:
    kinds = {
        "labels": [[1, 2, 2, 1], ["a", None, "b", ""], [1.5, np.nan, 2.0, 3.0], [True, False] * 2],
        "dates": [
            np.array(["2019", "2020", "NaT", "2021"], dtype="M8[Y]"),
            np.array(["2019-02", "2020-05", "NaT", "2021-11"], dtype="M8[3M]"),
            np.array(["2019-02-03T10:11:12"] * 4, dtype="M8[us]"),
            [1, 2, 3, 4],
        ],
        "ids": [[2**60, 1, 2, 3]],
    }
    for name, columns in kinds.items():
        for place, values in enumerate(columns):
            made = small(**{name: values})
            loaded = pt.load_result(made.save(tmp_path / f"{name}{place}"))
            first, second = getattr(made, name), getattr(loaded, name)
            assert first.dtype == second.dtype, name
            assert [str(v) for v in first] == [str(v) for v in second]


def test_texts_may_stay_out(tmp_path: Path) -> None:
    made = small(texts=["secret"] * 4, ids=list("abcd"))
    folder = made.save(tmp_path / "kept", texts=False)
    loaded = pt.load_result(folder)
    assert loaded.texts is None and list(loaded.ids) == list("abcd")


def test_what_json_cannot_hold_is_told(tmp_path: Path) -> None:
    made = small(metrics={"npmi": float("nan"), "n": np.int64(3)}, notes={"a": (1, np.float32(2))})
    loaded = pt.load_result(made.save(tmp_path / "kept"))
    assert loaded.metrics == {"npmi": None, "n": 3} and loaded.notes == {"a": [1, 2.0]}
    with pytest.raises(InputError, match="^metrics: hold a object, which cannot be saved"):
        small(metrics={"x": object()}).save(tmp_path / "other")
    with pytest.raises(InputError, match="^labels: cannot be saved"):
        small(labels=["a", 1, "b", 2]).save(tmp_path / "other")


def test_what_was_changed_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = small(texts=list("abcd")).save(tmp_path / "kept")
    about = folder / "about.json"
    arrays = next(folder.glob("arrays-*"))
    whole, content = about.read_text(), arrays.read_bytes()

    def refused(match: str) -> None:
        with pytest.raises(CheckpointError, match=match) as caught:
            pt.load_result(folder)
        assert "\n" not in str(caught.value)

    about.write_text(whole[: len(whole) // 2])
    refused("cut short or altered")
    for name, value in (("shape", [4, 2]), ("names", ["a"]), ("names", [1, 2]), ("history", 3)):
        record = json.loads(whole)
        record["about"][name] = value
        about.write_text(json.dumps(record))
        refused("about.json|does not hold a whole result")
    about.write_text(whole)
    arrays.write_bytes(content[:-3])
    refused("cut short or altered")
    arrays.unlink()
    refused("is missing")
    with pytest.raises(FileMissingError, match="no such folder"):
        pt.load_result(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match="holds no about.json"):
        pt.load_result(tmp_path)


def test_a_model_is_no_result(tmp_path: Path) -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    model = pt.LDA(n_topics=2, iterations=20, random_state=0).fit(counts)
    with pytest.raises(CheckpointError, match="holds a model, not a result"):
        pt.load_result(model.save(tmp_path / "model"))
    with pytest.raises(InputError, match="holds a saved model, which a result does not replace"):
        small().save(tmp_path / "model")


def test_it_is_shown_in_few_lines_and_escaped(result: TopicResult) -> None:
    assert len(repr(result).splitlines()) == 2 and len(repr(result)) < 400
    assert f"{result.model}, 4 topics, 120 documents" in repr(result)
    html = result._repr_html_()
    assert html.count("<tr>") == 5 and "array" not in html
    named = small(names=["<script>alert(1)</script>", "x\n" * 5000])
    for shown in (repr(named), named._repr_html_()):
        assert len(shown) < 1500
    assert "<script>" not in named._repr_html_() and "&lt;script&gt;" in named._repr_html_()
    assert len(repr(named).splitlines()) == 2
