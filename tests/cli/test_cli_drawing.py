"""``polytopic curves`` and ``vectors project``: figures of trainings and of vectors."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Call

import polytopic as pt

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e", "f"], ["d", "e", "f", "a"]] * 20


@pytest.fixture
def model(tmp_path: Path) -> Path:
    fitted = pt.SkipGram(dim=4, epochs=3, sample=0, random_state=0).fit(SENTENCES)
    fitted.vectors_.write(tmp_path / "v.txt")
    return Path(fitted.save(tmp_path / "model"))


def test_curves_of_runs_and_models(tmp_path: Path, model: Path, call: Call) -> None:
    done = call("curves", model, model, "-o", tmp_path / "loss.html")
    assert done.code == 0, done.err
    assert (tmp_path / "loss.html").stat().st_size > 10_000
    again = call("curves", model, "-o", tmp_path / "loss.html")
    assert again.code == 1 and "--force" in again.err
    other = call("curves", model, "-o", tmp_path / "o.html", "--number", "evenness")
    assert other.code == 1 and "none of evenness was recorded. There are: " in other.err
    assert not (tmp_path / "o.html").exists()


def test_curves_of_a_run(tmp_path: Path, finished: Path, call: Call) -> None:
    done = call("curves", finished, "-o", tmp_path / "loss.html")
    assert done.code == 0, done.err
    assert "run" in (tmp_path / "loss.html").read_text()


def test_words_on_a_plane(tmp_path: Path, model: Path, call: Call) -> None:
    words = ("vectors", "project", tmp_path / "v.txt", "-o", tmp_path / "w.html")
    done = call(*words, "--method", "pca")
    assert done.code == 0, done.err
    assert "6 words on a plane" in done.err
    named = call(*words, "a", "b", "c", "--force")
    assert "3 words on a plane" in named.err
    for extra, told in (("z", '"z"'), ("--method=umap", 'Pick "tsne" or "pca"')):
        refused = call("vectors", "project", tmp_path / "v.txt", extra, "-o", tmp_path / "x.html")
        assert refused.code == 1 and told in refused.err
        assert not (tmp_path / "x.html").exists()
