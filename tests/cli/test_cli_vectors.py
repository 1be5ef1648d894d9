"""``polytopic vectors``: files into others, and neighbours of words together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runs import Call

import polytopic as pt


@pytest.fixture
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    return pt.WordVectors(list("abcdefgh"), rng.normal(size=(8, 5)).astype(np.float32))


@pytest.mark.parametrize("ending", [".txt", ".bin", ".txt.gz"])
def test_a_file_becomes_a_folder_that_is_mapped(
    vectors: pt.WordVectors, ending: str, tmp_path: Path, call: Call
) -> None:
    file = vectors.write(tmp_path / f"v{ending}")
    done = call("vectors", "convert", file, tmp_path / "folder", "--limit", "5")
    assert done.code == 0, done.err
    mapped = pt.WordVectors.load(tmp_path / "folder", memory_map=True)
    assert list(mapped) == list("abcde")
    assert isinstance(mapped.input, np.memmap)
    np.testing.assert_array_equal(mapped.input, vectors.input[:5])
    back = call("vectors", "convert", tmp_path / "folder", tmp_path / "back.vec")
    assert back.code == 0, back.err
    np.testing.assert_array_equal(
        pt.WordVectors.read(tmp_path / "back.vec").input, vectors.input[:5]
    )


def test_folders_of_fewer_bytes(vectors: pt.WordVectors, tmp_path: Path, call: Call) -> None:
    file = vectors.write(tmp_path / "v.txt")
    done = call("vectors", "convert", file, tmp_path / "half", "--dtype", "float16")
    assert done.code == 0, done.err
    half = pt.WordVectors.load(tmp_path / "half").input
    np.testing.assert_array_equal(half, vectors.input.astype(np.float16).astype(np.float32))
    refused = call("vectors", "convert", file, tmp_path / "w.txt", "--dtype", "int8")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "--dtype" in refused.err and not (tmp_path / "w.txt").exists()


@pytest.mark.parametrize(("option", "told"), [("--limit", "limit: is 0"), ("--dtype", "dtype: ")])
def test_what_cannot_be_done_leaves_nothing(
    vectors: pt.WordVectors, option: str, told: str, tmp_path: Path, call: Call
) -> None:
    file = vectors.write(tmp_path / "v.txt")
    refused = call("vectors", "convert", file, tmp_path / "folder", option, "0")
    assert refused.code == 1 and told in refused.err
    assert not (tmp_path / "folder").exists()


def test_neighbours_together(vectors: pt.WordVectors, tmp_path: Path, call: Call) -> None:
    file = vectors.write(tmp_path / "v.txt")
    words = ("vectors", "neighbours", file, "a", "b", "--negative", "c", "-n", "3", "--json")
    for options, method in (((), "add"), (("--multiply",), "multiply")):
        done = call(*words, "--restrict", "6", *options)
        assert done.code == 0, done.err
        wanted = vectors.most_similar(
            positive=["a", "b"], negative="c", n=3, restrict=6, method=method
        )
        found = json.loads(done.out)["a + b - c"]
        assert [word for word, _ in found] == [word for word, _ in wanted]
        np.testing.assert_allclose([v for _, v in found], [v for _, v in wanted], atol=1e-6)
    alone = call("vectors", "neighbours", file, "a", "b", "-n", "2", "--json")
    assert [list(v[0]) for v in json.loads(alone.out).values()] == [
        [w, pytest.approx(c)] for w, c in (vectors.most_similar(x, 1)[0] for x in "ab")
    ]
    refused = call("vectors", "neighbours", file, "a", "--multiply")
    assert refused.code == 1 and "--together" in refused.err


def test_words_that_changed_are_shown_and_written(tmp_path: Path, call: Call) -> None:
    rng = np.random.default_rng(0)
    for name, home in (("old.txt", "a"), ("new.txt", "b")):
        lines = []
        for group in rng.choice(list("abc"), 600):
            words = [f"{group}{i}" for i in rng.integers(8, size=6)]
            if group == home:
                words[2] = "moves"
            lines.append(" ".join(words))
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    files = ("vectors", "shift", tmp_path / "old.txt", tmp_path / "new.txt", "--spaces")
    options = ("--seeds", "2", "--dim", "8", "--sample", "0", "--epochs", "8", "-n", "3")
    done = call(*files, *options, "-o", tmp_path / "shift.csv")
    assert done.code == 0, done.err
    assert done.out.splitlines()[1].split()[0] == "moves"
    assert (tmp_path / "shift.csv").read_text().count("\n") == 26
    refused = call(*files, "zzz", "--seeds", "2", "--dim", "4", "--sample", "0", "--epochs", "1")
    assert refused.code == 1 and '"zzz" is not among' in refused.err
