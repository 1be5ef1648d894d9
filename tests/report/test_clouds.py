"""Word clouds: no word over another, all within their cells, sizes by probability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import FileMissingError, InputError
from polytopic.report.clouds import _CELL, _LETTER, place_cloud

WORDS = [f"word{'x' * (n % 9)}{n}" for n in range(40)]
COUNTS = np.kron(np.eye(2, dtype=int), np.full((10, 20), 2))


@pytest.fixture(scope="module")
def result() -> Any:
    rng = np.random.default_rng(0)
    counts = rng.poisson(COUNTS + 0.05)
    model = pt.LDA(n_topics=2, iterations=20, random_state=0).fit(counts, terms=WORDS)
    return model.result(counts)


def boxes(placed: list[tuple[str, float, float, float]]) -> np.ndarray:
    return np.array(
        [
            (x - _LETTER * s * len(w) / 2, y - 0.55 * s, x + _LETTER * s * len(w) / 2, y + 0.55 * s)
            for w, s, x, y in placed
        ]
    )


def test_no_word_lies_over_another_or_leaves_its_cell() -> None:
    weights = 0.9 ** np.arange(40)
    placed = place_cloud(list(zip(WORDS, weights, strict=True)))
    assert len(placed) > 15
    found = boxes(placed)
    assert (found[:, :2] >= [-0.1, 19.9]).all()
    assert (found[:, 2:] <= np.array(_CELL) + 0.1).all()
    for n, one in enumerate(found):
        for other in found[:n]:
            apart = (
                one[2] <= other[0] + 0.05 or one[0] >= other[2] - 0.05
                or one[3] <= other[1] + 0.05 or one[1] >= other[3] - 0.05
            )  # fmt: skip
            assert apart


def test_letters_grow_with_the_root_of_the_probability() -> None:
    (_, large, *_), (_, small, *_) = place_cloud([("aa", 0.4), ("bb", 0.1)])
    assert small == pytest.approx(large / 2)


def test_a_word_too_long_for_its_cell_is_made_smaller_or_left_out() -> None:
    long, endless = "x" * 30, "y" * 300
    placed = place_cloud([(long, 0.5), (endless, 0.4), ("z", 0.3)])
    assert [word for word, *_ in placed] == [long, "z"]


def test_a_sheet_holds_its_topics_and_escapes_their_words(result: Any, tmp_path: Path) -> None:
    file = result.word_clouds(tmp_path / "clouds.html", n_words=12)
    page = file.read_text(encoding="utf-8")
    best = result.top_words(1)
    assert all(words[0] in page for words in best)
    one = result.word_clouds(tmp_path / "one.html", topics=[1], n_words=5).read_text("utf-8")
    assert best[1][0] in one
    assert best[0][0] not in one


def test_pictures_are_written(result: Any, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    svg = result.word_clouds(tmp_path / "clouds.svg").read_text(encoding="utf-8")
    assert svg.count("<text") >= 20
    assert result.word_clouds(tmp_path / "clouds.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"topics": [7]}, "topics: there is no topic 7"),
        ({"topics": []}, "topics: none is named"),
        ({"n_words": 0}, "n_words: 0 given"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    result: Any, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        result.word_clouds(tmp_path / "a.svg", **given)


def test_names_and_folders_are_checked(result: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.pdf"):
        result.word_clouds(tmp_path / "a.pdf")
    with pytest.raises(FileMissingError, match="there is no folder"):
        result.word_clouds(tmp_path / "none" / "a.svg")


def test_colour_is_the_explanation(result: Any) -> None:
    assert result.colour(0)._repr_html_() == result.explain(0)._repr_html_()
    assert "<span" in result.colour(0)._repr_html_()
