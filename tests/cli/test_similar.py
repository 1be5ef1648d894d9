"""``polytopic similar``, and ``polytopic evaluate`` for word vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runs import Call

import polytopic as pt
from polytopic.cli import _vectors
from polytopic.io import packed

POINTS = {
    "man": [1, 0, 0, 0.1],
    "king": [1, 1, 0, 0],
    "woman": [0, 0, 1, 0.1],
    "queen": [0, 1, 1, 0],
    "prince": [1, 0.9, 0.1, 0],
    "[red]": [0, 0, 0, 1],
}


@pytest.fixture
def vectors() -> pt.WordVectors:
    matrix = np.array(list(POINTS.values()), dtype=np.float32)
    return pt.WordVectors(list(POINTS), matrix, matrix[:, ::-1])


@pytest.fixture
def file(vectors: pt.WordVectors, tmp_path: Path) -> Path:
    return vectors.write(tmp_path / "vectors.txt")


def test_neighbours_of_several_words(vectors: pt.WordVectors, file: Path, call: Call) -> None:
    done = call("similar", file, "king", "woman", "-n", "2")
    assert done.code == 0, done.err
    head, first, second = done.out.splitlines()
    assert head.split() == ["king", "cosine", "woman", "cosine"]
    wanted = zip(*vectors.most_similar(["king", "woman"], 2), strict=True)
    for line, near in zip((first, second), wanted, strict=True):
        assert line.split() == [cell for word, c in near for cell in (word, f"{c:.3f}")]


def test_analogy_and_json(vectors: pt.WordVectors, file: Path, call: Call) -> None:
    done = call("similar", file, "[red]", "--analogy", "man", "king", "woman", "-n", 3, "--json")
    found = json.loads(done.out)
    assert list(found) == ["[red]", "man : king = woman : ?"]
    assert found["man : king = woman : ?"][0][0] == "queen"
    assert found["[red]"] == [[w, pytest.approx(c)] for w, c in vectors.most_similar("[red]", 3)]


def test_words_with_brackets_are_no_markup(file: Path, call: Call) -> None:
    assert "[red]" in call("similar", file, "man").out
    assert call("similar", file, "[red]").out.split()[0] == "[red]"


@pytest.mark.parametrize("name", ["v.bin", "v.txt.gz", "folder", "model2vec"])
def test_any_format_is_read(vectors: pt.WordVectors, tmp_path: Path, call: Call, name: str) -> None:
    format = {"folder": "polytopic", "model2vec": "model2vec"}.get(name)
    path = vectors.write(tmp_path / name, format)
    done = call("similar", path, "king", "-n", 1, "--json")
    assert json.loads(done.out)["king"][0][0] == "prince"
    if name == "folder":
        other = call("similar", path, "king", "-n", 1, "--json", "--combine", "output")
        wanted = vectors.most_similar("king", 1, which="output")[0]
        assert json.loads(other.out)["king"][0] == [wanted[0], pytest.approx(wanted[1])]


def test_files_of_glove_by_name(tmp_path: Path, call: Call) -> None:
    (tmp_path / "vocab.txt").write_text("a 3\nb 2\nc 1\n", encoding="ascii")
    np.arange(18.0).tofile(tmp_path / "v.bin")
    vocabulary = ("--vocabulary", tmp_path / "vocab.txt")
    assert call("similar", tmp_path / "v.bin", "a", "-n", 1, *vocabulary).code == 0
    assert "vocab.txt" in call("similar", tmp_path / "v.bin", "a").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "words: none given"),
        (["kinq"], 'word: "kinq" is not among the 6 words of these vectors. Close to it: king'),
        (["king", "-n", "0"], "-n: is 0"),
        (["king", "--combine", "sum"], '"sum" needs output vectors'),
        (["king", "--format", "word3vec"], "'word3vec' is unknown"),
    ],
)
def test_what_cannot_be_asked(file: Path, call: Call, arguments: list[str], message: str) -> None:
    done = call("similar", file, *arguments)
    assert done.code == 1
    assert message in done.err
    assert done.out == ""
    assert len(done.err.splitlines()) == 1


def test_what_is_no_file_of_vectors(tmp_path: Path, call: Call) -> None:
    assert "no such file" in call("similar", tmp_path / "none.txt", "king").err
    assert "holds no word vectors" in call("similar", tmp_path, "king").err


@pytest.fixture
def judged(tmp_path: Path) -> list[str | Path]:
    pairs, questions = tmp_path / "pairs.txt", tmp_path / "questions.txt"
    pairs.write_text("king prince 9\nking woman 2\nman queen 1\nking cow 1\n", encoding="ascii")
    questions.write_text(
        ": family\nman king woman queen\nman king cow bull\n: gram1\nwoman queen man king\n",
        encoding="ascii",
    )
    return ["--similarity", pairs, "--analogies", questions]


def test_evaluate_prints_tables(
    vectors: pt.WordVectors, file: Path, call: Call, judged: list[str | Path]
) -> None:
    done = call("evaluate", file, *judged)
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    record = pt.metrics.word_similarity(vectors, judged[1])
    assert record.spearman is not None
    assert record.pearson is not None
    numbers = [f"{record.spearman:.3f}", f"{record.pearson:.3f}"]
    assert ["pairs.txt", *numbers, "3", "1"] in lines
    assert ["family", "1.000", "1", "1", "1"] in lines
    assert ["total", "1.000", "2", "2", "1"] in lines
    assert ["semantic", "1.000", "1", "1", "1"] in lines


def test_evaluate_writes_json(
    file: Path, call: Call, judged: list[str | Path], tmp_path: Path
) -> None:
    output = tmp_path / "metrics.json"
    done = call("evaluate", file, *judged, "--json", "-o", output)
    found = json.loads(done.out)
    assert found == json.loads(output.read_text(encoding="utf-8"))
    assert found["similarity"][0]["missing"] == ["cow"]
    assert found["analogies"][0]["total"]["accuracy"] == 1.0
    assert "is there already" in call("evaluate", file, *judged, "-o", output).err
    assert call("evaluate", file, *judged, "-o", output, "--force").code == 0


def test_evaluate_restricts_and_heeds_case(
    file: Path, call: Call, judged: list[str | Path]
) -> None:
    few = json.loads(call("evaluate", file, *judged, "--restrict", 3, "--json").out)
    assert few["analogies"][0]["total"]["n_found"] == 0
    Path(judged[1]).write_text("King prince 9\nking woman 2\n", encoding="ascii")
    for option, n_found in (([], 2), (["--case-sensitive"], 1)):
        found = json.loads(call("evaluate", file, *judged, *option, "--json").out)
        assert found["similarity"][0]["n_found"] == n_found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Judge vectors with --similarity"),
        (["--similarity", "none.txt"], "none.txt: no such file"),
        (["--similarity", "none.txt", "--test", "x.csv"], "are for topics"),
    ],
)
def test_what_cannot_be_judged(file: Path, call: Call, arguments: list[str], message: str) -> None:
    done = call("evaluate", file, *arguments)
    assert done.code == 1
    assert message in done.err


def test_what_was_done_to_read_a_file_is_said(tmp_path: Path, call: Call) -> None:
    file = tmp_path / "v.txt"
    file.write_bytes(b"king 1 2\nqueen 1 1\nking 3 4\ncaf\xc3 1 0\n")
    done = call("similar", file, "king", "--json")
    assert done.code == 0
    assert "1 word is no UTF-8 (row 4): read with U+FFFD" in done.err
    assert "1 word stands twice (row 3): the first vector is kept" in done.err
    assert "caf\ufffd" in dict(json.loads(done.out)["king"])
    assert call("similar", file, "king", "--quiet").err == ""
    skipped = call("similar", file, "king", "--json", "--errors", "skip")
    assert list(dict(json.loads(skipped.out)["king"])) == ["queen"]
    refused = call("similar", file, "king", "--errors", "refuse")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "row 4 begins with a word that is no UTF-8" in refused.err


def test_a_judgement_that_found_nothing_fails(
    file: Path, call: Call, judged: list[str | Path], tmp_path: Path
) -> None:
    other = tmp_path / "german.txt"
    other.write_text("Katze Hund 9\nKatze Auto 1\n", encoding="ascii")
    done = call("evaluate", file, *judged, "--similarity", other, "--json")
    assert done.code == 1
    assert "german.txt: none of its 2 pairs has both words in" in done.err
    assert [r["n_found"] for r in json.loads(done.out)["similarity"]] == [3, 0]
    done = call("evaluate", file, "--analogies", judged[3], "--restrict", 1)
    assert done.code == 1
    assert "none of its 3 analogies has all words" in done.err


def test_embed_packs_by_the_ending_and_thins_out_as_told(tmp_path: Path, call: Call) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the cat sat\nthe dog ran\n", encoding="ascii")
    tiny = call("embed", text, "-o", tmp_path / "v.txt", "--dim", 4)
    assert tiny.code == 1
    assert "nothing was trained" in tiny.err
    assert "--sample 0" in tiny.err
    for name in ("v.txt.gz", "v.bin.zst", "v.vec.xz"):
        done = call("embed", text, "-o", tmp_path / name, "--dim", 4, "--sample", 0)
        assert done.code == 0, done.err
        assert len(pt.WordVectors.read(tmp_path / name)) == 5
    assert packed.PACKED[:-1] == _vectors.WRITTEN
    refused = call("embed", text, "-o", tmp_path / "v.txt.zip", "--sample", 0)
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "also packed (.gz, .bz2, .xz, .zst)" in refused.err
