"""Words on a plane: neighbours stay near, and the figure is a page, a PNG or an SVG."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

import polytopic as pt
from polytopic.embeddings.neighbours import unit_rows
from polytopic.errors import FileMissingError, InputError, MissingExtraError

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    """Three groups of twenty words."""
    rng = np.random.default_rng(0)
    centres = 4.0 * rng.normal(size=(3, 10))
    matrix = np.repeat(centres, 20, axis=0) + 0.3 * rng.normal(size=(60, 10))
    words = [f"w{i}" for i in range(59)] + [HOSTILE]
    return pt.WordVectors(pt.Vocabulary(words, range(60, 0, -1)), matrix)


@pytest.fixture
def figure(vectors: pt.WordVectors) -> Any:
    return vectors.project(["w1", "w2", "w30", HOSTILE], method="pca")


def test_tsne_keeps_groups_together(vectors: pt.WordVectors) -> None:
    placed = vectors.project(perplexity=10)
    assert placed.points.shape == (60, 2)
    distance = np.linalg.norm(placed.points[:, None] - placed.points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (distance.argmin(axis=1) // 20 == np.arange(60) // 20).all()
    again = vectors.project(perplexity=10)
    np.testing.assert_array_equal(placed.points, again.points)


def test_pca_is_that_of_the_unit_vectors(vectors: pt.WordVectors) -> None:
    placed = vectors.project(method="pca")
    wide = unit_rows(vectors.input).astype(float)
    wanted = PCA(2).fit(wide)
    np.testing.assert_allclose(np.abs(placed.points), np.abs(wanted.transform(wide)), atol=1e-9)
    assert placed.explained == pytest.approx(wanted.explained_variance_ratio_.sum())


def test_the_most_frequent_words_are_taken(vectors: pt.WordVectors) -> None:
    assert vectors.project(n=5, method="pca").words == ["w0", "w1", "w2", "w3", "w4"]
    rare = pt.WordVectors(pt.Vocabulary(list("abcde"), [1, 9, 2, 8, 7]), np.eye(5))
    assert rare.project(n=3, method="pca").words == ["b", "d", "e"]
    assert rare.project(["c", "a", "c", "b"], method="pca").words == ["c", "a", "b"]


def test_neighbours_are_those_before_the_projection(vectors: pt.WordVectors) -> None:
    placed = vectors.project(method="pca")
    wanted = [word for word, _ in vectors.most_similar("w7", 5)]
    assert placed.neighbours[7] == wanted


@pytest.mark.parametrize("dim", [1, 2])
def test_few_words_and_few_dimensions(dim: int) -> None:
    few = pt.WordVectors(list("abcd"), np.arange(1, 4 * dim + 1).reshape(4, dim))
    for method in ("tsne", "pca"):
        for words in (["a", "b", "c"], list("abcd")):
            placed = few.project(words, method=method)  # type: ignore[arg-type]
            assert placed.points.shape == (len(words), 2)
            assert np.isfinite(placed.points).all()


def test_the_chart_holds_every_word(figure: Any) -> None:
    spec = figure.figure().to_dict()
    text = str(spec)
    for word in figure.words:
        assert repr(word)[1:-1] in text
    assert "Nearest here" in text
    assert "Count" in text


def test_a_page_works_by_itself(figure: Any, tmp_path: Path) -> None:
    page = figure.write(tmp_path / "words.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "w30" in page
    assert len(re.findall("<script", page.replace("<script>", "<script", 1))) >= 3
    assert not re.search(r'(src|href)="http', page)
    assert "default-src 'none'" in page or "default-src &#x27;none&#x27;" in page


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<svg")])
def test_pictures(figure: Any, tmp_path: Path, ending: str, start: bytes) -> None:
    pytest.importorskip("vl_convert", reason="the figures extra is not installed")
    file = figure.write(tmp_path / f"words.{ending}")
    assert file.read_bytes().startswith(start)


def test_pictures_ask_for_their_extra(
    figure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'polytopic\[figures\]'"):
        figure.write(tmp_path / "words.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"words": ["w1", "w2"]}, "words: 2 given"),
        ({"words": ["w1", "w2", "new"]}, 'word: "new" is not among'),
        ({"method": "umap"}, "method: 'umap' is unknown"),
        ({"n": 0}, "n: is 0"),
        ({"perplexity": 0.0}, "perplexity: is 0.0"),
        ({"perplexity": float("nan")}, "perplexity: is nan"),
        ({"which": "sum"}, '"sum" needs output vectors'),
    ],
)
def test_unusable_questions(vectors: pt.WordVectors, options: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        vectors.project(**options)
    assert message in str(caught.value)


def test_unusable_names(figure: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Give a name in \.html, \.png or \.svg"):
        figure.write(tmp_path / "words.pdf")
    with pytest.raises(FileMissingError, match="there is no folder"):
        figure.write(tmp_path / "none" / "words.html")
