"""Films of topics: each model shows its words by epoch, and the page holds nothing but them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import FileMissingError, InputError
from polytopic.report import WordFilm

BLOCKS = np.kron(np.eye(3), np.ones((1, 6)))
COUNTS = np.random.default_rng(0).poisson(2 * (BLOCKS + 0.02)[np.arange(240) % 3])
TERMS = [f"{'abc'[term // 6]}{term}" for term in range(18)]
QUICK = {"n_topics": 3, "random_state": 0, "n_threads": 1}


def filmed(kind: type[Any], **options: Any) -> tuple[WordFilm, Any]:
    film = WordFilm(n_words=4)
    return film, kind(**QUICK, trackers=film, **options).fit(COUNTS, terms=TERMS)


def models() -> list[Any]:
    found = [
        pytest.param(pt.LDA, {"iterations": 20}, id="lda"),
        pytest.param(pt.LDA, {"iterations": 5, "method": "online"}, id="online"),
        pytest.param(pt.NMF, {"iterations": 10}, id="nmf"),
        pytest.param(pt.NTM, {"dim": 8, "epochs": 5}, id="ntm"),
    ]
    import importlib.util

    if importlib.util.find_spec("torch") is not None:
        found.append(pytest.param(pt.ProdLDA, {"epochs": 5, "batch_size": 60}, id="prodlda"))
    return found


@pytest.mark.filterwarnings(
    "ignore::polytopic.CollapseWarning", "ignore::polytopic.ConvergenceWarning"
)
@pytest.mark.parametrize(("kind", "options"), models())
def test_a_picture_an_epoch_and_the_last_is_what_the_model_says(
    kind: type[Any], options: dict[str, Any]
) -> None:
    film, model = filmed(kind, **options)
    assert [picture.record for picture in film.pictures] == model.history_
    words = film.pictures[-1].words
    assert len(words) == 3 and all(len(row) == 4 for row in words)
    for row, own in zip(words, model.top_words(4), strict=True):
        assert main_letter(row) == main_letter(own), (words, model.top_words(4))
    assert len({main_letter(row) for row in words}) == 3


def main_letter(words: list[str]) -> str:
    """The block that most of a topic's words are of."""
    return Counter(word[0] for word in words).most_common(1)[0][0]


def test_distinct_words_tell_a_collapse() -> None:
    film = WordFilm(n_words=2)
    film.see(np.eye(3)[:, [0, 1, 2, 0]], {"epoch": 1.0}, ["a", "b", "c", "d"])
    film.see(np.tile([3.0, 2.0, 1.0, 0.0], (3, 1)), {"epoch": 2.0, "kl": 0.01}, list("abcd"))
    assert film.pictures[1].distinct == pytest.approx(1 / 3)
    assert film.text().splitlines()[0] == "epoch 2, kl 0.01, distinct words 33%"
    assert film.text().count("a+ b+") == 3
    assert str(WordFilm()) == "no picture was taken"


def test_every_so_many_epochs() -> None:
    film = WordFilm(every=2)
    for epoch in range(5):
        film.see(np.eye(2), {"epoch": epoch + 1.0}, ["a", "b"])
    assert [picture.record["epoch"] for picture in film.pictures] == [1.0, 3.0, 5.0]


def test_the_page_holds_the_words_as_text(tmp_path: Path) -> None:
    film = WordFilm(n_words=1)
    hostile = "</script><img src=x onerror=alert(1)>"
    film.see(np.eye(2), {"epoch": 1.0}, [hostile, "DATA"])
    page = film.write(tmp_path / "film.html").read_text(encoding="utf-8")
    assert hostile not in page and "default-src &#x27;none&#x27;" in page
    held = re.search(r'id="film">(.*?)</script>', page, re.DOTALL)
    assert held is not None
    assert json.loads(held[1])[0]["words"] == [[hostile], ["DATA"]]
    text = film.write(tmp_path / "film.txt").read_text(encoding="utf-8")
    assert text.startswith("epoch 1, distinct words 100%\n")


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    film = WordFilm()
    with pytest.raises(InputError, match="holds no picture. Give it to a topic model"):
        film.write(tmp_path / "film.html")
    pt.SkipGram(dim=4, epochs=1, sample=0, trackers=film).fit([["a", "b", "c"]] * 20)
    assert film.pictures == []  # word vectors have no topics
    film.see(np.eye(2), {"epoch": 1.0}, ["a", "b"])
    with pytest.raises(InputError, match=r"Give a name in \.html or \.txt"):
        film.write(tmp_path / "film.pdf")
    with pytest.raises(FileMissingError, match="there is no folder"):
        film.write(tmp_path / "no" / "film.html")
    with pytest.raises(InputError, match="picture: there are 1, and no 3"):
        film.text(3)
    for name in ("n_words", "every"):
        for value in (0, 1.5, True, "3"):
            with pytest.raises(InputError, match=f"{name}: .* whole number"):
                WordFilm(**{name: value})
