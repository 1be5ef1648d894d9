"""``--film`` of ``polytopic topics``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Call = Any


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    path = tmp_path / "d.txt"
    lines = ["engine fuel brake road", "cell gene protein tissue"] * 20
    path.write_text("\n".join(lines))
    return path


def topics(documents: Path, model: str, *more: str | Path) -> list[Any]:
    return [
        "topics", documents, "--model", model, "-k", 2, "--min-df", 1, "--max-df", "1.0",
        "-o", documents.parent / "run", *more,
    ]  # fmt: skip


def test_a_film_has_a_picture_an_epoch(documents: Path, call: Call) -> None:
    film = documents.parent / "film.txt"
    done = call(*topics(documents, "lda", "--epochs", "4", "--film", film))
    assert done.code == 0, done.err
    assert "Film of 4 pictures: " in done.err
    pictures = film.read_text().split("\n\n")
    assert len(pictures) == 4 and all("engine" in picture for picture in pictures)
    before = film.read_text()
    again = call(*topics(documents, "lda", "--epochs", "2", "--film", film))
    assert again.code == 1 and "is there already" in again.err
    assert film.read_text() == before


def test_what_cannot_be_filmed_is_told_before_the_work(documents: Path, call: Call) -> None:
    done = call(*topics(documents, "lda", "--film", documents.parent / "film.pdf"))
    assert done.code == 1 and "Give --film a name in .html or .txt" in done.err
    done = call(*topics(documents, "cluster-tm", "--film", documents.parent / "film.html"))
    assert done.code == 1 and "--film: ClusterTM has no such parameter" in done.err
    assert not (documents.parent / "film.html").exists()
    assert not (documents.parent / "run").exists()
