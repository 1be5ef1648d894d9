"""The map of the documents: places by likeness, and what the page unpacks of each document."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from polytopic.report import document_map, projection
from polytopic.report.document_map import document_record
from polytopic.report.projection import project
from polytopic.result import TopicResult

Make = Callable[..., TopicResult]
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 1.0]])
TERMS = np.arange(9)


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def arrays_of(record: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays as the page's script takes them."""
    content, n, at = unpacked(record["arrays"]), record["shown"], 0
    found = {}
    kinds = {"x": "<u2", "y": "<u2", "topic": "<u2", "period": "<i2"}
    kinds |= {f"word{place}": "<u2" for place in range(record["words"])} | {"share": "u1"}
    for name, kind in kinds.items():
        found[name] = np.frombuffer(content, kind, n, at)
        at += found[name].nbytes
    assert at == len(content)
    return found


def apart(points: np.ndarray, member: np.ndarray) -> float:
    """Share of the five nearest that are of the same topic."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, :5]
    return float((member[near] == member[:, None]).mean())


def without_open_tsne(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "find_spec", lambda _: None)


@pytest.mark.parametrize(("landmarks", "library"), [(2000, True), (60, True), (60, False)])
def test_like_documents_stand_together(
    landmarks: int, library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "LANDMARKS", landmarks)
    if not library:
        without_open_tsne(monkeypatch)
    rng = np.random.default_rng(0)
    member = rng.integers(3, size=240)
    theta = rng.dirichlet(np.full(3, 0.4), 240) * 0.2
    theta[np.arange(240), member] += 0.8
    points = project(theta, CORNERS)
    assert points.shape == (240, 2) and (points >= 0).all() and (points <= 1).all()
    assert apart(points, member) > 0.95
    np.testing.assert_array_equal(points, project(theta, CORNERS))


def test_of_many_documents_each_stands_among_those_nearest_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than where some of them alone are laid out and the others set among these."""
    pytest.importorskip("openTSNE")
    rng = np.random.default_rng(0)
    theta = rng.dirichlet(np.full(12, 0.2), 600)
    corners = rng.random((12, 2))
    monkeypatch.setattr(projection, "LANDMARKS", 60)

    def nearest(points: np.ndarray) -> np.ndarray:
        return np.asarray(NearestNeighbors(n_neighbors=10).fit(points).kneighbors()[1])

    def kept(points: np.ndarray) -> float:
        found, wanted = nearest(points), nearest(np.sqrt(theta))
        return float(np.mean([np.isin(a, b).mean() for a, b in zip(found, wanted, strict=True)]))

    all_laid_out = kept(project(theta, corners))
    without_open_tsne(monkeypatch)
    assert all_laid_out > 1.5 * kept(project(theta, corners))


@pytest.mark.parametrize("landmarks", [2000, 4])
@pytest.mark.parametrize("n", [1, 2, 5, 9, 40])
def test_few_or_equal_documents_have_places(
    n: int, landmarks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "LANDMARKS", landmarks)
    for theta in (
        np.full((n, 3), 1 / 3),
        np.eye(3)[np.arange(n) % 3],
        np.eye(3)[np.arange(n) // 38],
    ):
        points = project(theta, CORNERS)
        assert points.shape == (n, 2) and (points >= 0).all() and (points <= 1).all()


def test_the_page_can_unpack_each_document(make: Make) -> None:
    result = make()
    record = document_record(result, CORNERS, TERMS)
    assert record is not None and record["shown"] == record["all"] == 12
    found = arrays_of(record)
    assert found["topic"].tolist() == result.doc_topic.argmax(axis=1).tolist()
    np.testing.assert_allclose(found["share"] / 255, result.doc_topic.max(axis=1), atol=1 / 255)
    assert found["period"].tolist() == list(range(0, 48, 4))  # a document a year, by quarters
    told = np.column_stack([found[f"word{place}"] for place in range(5)])
    for row in range(12):
        held = set(result.counts[[row]].indices.tolist())
        assert set(told[row][told[row] != 65_535].tolist()) == held
    lines = unpacked(record["texts"]).decode("utf-8").split("\n")
    assert result.texts is not None and lines == [" ".join(text.split()) for text in result.texts]


def test_more_documents_than_a_page_holds_are_thinned_and_told(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_map, "MOST_DOCUMENTS", 5)
    record = document_record(make(), CORNERS, TERMS)
    assert record is not None and (record["shown"], record["all"]) == (5, 12)
    assert len(unpacked(record["texts"]).decode("utf-8").split("\n")) == 5


def test_texts_stay_one_line_each_whatever_they_hold(make: Make) -> None:
    texts = ["a\nb\r\nc", "x\u2028y", "\ud800", "\x00\x1b[31m", " ", "\u202eabc", *["t"] * 6]
    record = document_record(make(texts=texts), CORNERS, TERMS)
    assert record is not None
    lines = unpacked(record["texts"]).decode("utf-8").split("\n")
    assert len(lines) == 12 and lines[0] == "a b c" and lines[1] == "x y"
    assert not any(character in "".join(lines) for character in "\x00\x1b\u202e")


def test_without_texts_the_ids_stand_for_documents(make: Make) -> None:
    record = document_record(make(texts=None), CORNERS, TERMS)
    assert record is not None and unpacked(record["texts"]).decode().split("\n")[3] == "d3"
    bare = document_record(make(texts=None, ids=None, dates=None), CORNERS, TERMS)
    assert bare is not None and unpacked(bare["texts"]).decode().split("\n")[3] == "3"
    assert set(arrays_of(bare)["period"].tolist()) == {-1}


def test_documents_without_a_topic_are_not_shown(make: Make) -> None:
    counts = make().counts.toarray()
    counts[[1, 4]] = 0
    record = document_record(make(counts=sparse.csr_matrix(counts)), CORNERS, TERMS)
    assert record is not None and record["shown"] == 10
    none = make(counts=sparse.csr_matrix(counts * 0))
    assert document_record(none, CORNERS, TERMS) is None
