"""Word similarity and analogies: by hand, against gensim, and the forms of their files."""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import FileMissingError, InputError
from polytopic.metrics.word_files import read_analogies, read_pairs

E = 12
WORDS = [f"w{i}" for i in range(300)] + ["W3", "Apple", "apple", "W7", "w7x"]


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(len(WORDS), E)).astype(np.float32)
    for i in range(0, 120, 4):
        matrix[i + 3] = matrix[i + 1] - matrix[i] + matrix[i + 2] + 0.4 * matrix[i + 3]
    return pt.WordVectors(WORDS, matrix, matrix[::-1])


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def write_pairs(path: Path, seed: int = 1, n: int = 80) -> Path:
    rng = np.random.default_rng(seed)
    pairs = [(*rng.choice([*WORDS, "new", "NEWER"], 2), rng.uniform(0, 10)) for _ in range(n)]
    return write(path, "".join(f"{a}\t{b}\t{rating:.2f}\n" for a, b, rating in pairs))


def write_questions(path: Path) -> Path:
    rows = [": capital-world", *(f"w{i} w{i + 1} W{i + 2} w{i + 3}" for i in range(0, 60, 4))]
    rows += ["w1 w2 w3 nothing", ": empty", ": gram1-plural"]
    rows += [f"w{i} w{i + 1} w{i + 2} w{i + 3}" for i in range(60, 140, 4)]
    return write(path, "\n".join(rows) + "\n")


@pytest.mark.parametrize("fold_case", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_word_similarity_is_gensims(
    vectors: pt.WordVectors, tmp_path: Path, fold_case: bool, seed: int
) -> None:
    keyed = pytest.importorskip("gensim.models").KeyedVectors(E)
    keyed.add_vectors(WORDS, vectors.input)
    file = write_pairs(tmp_path / "pairs.txt", seed)
    pearson, spearman, share_missing = keyed.evaluate_word_pairs(
        str(file), case_insensitive=fold_case
    )
    found = pt.metrics.word_similarity(vectors, file, fold_case=fold_case)
    assert found.spearman == pytest.approx(spearman[0], abs=1e-9)
    assert found.pearson == pytest.approx(pearson[0], abs=1e-6)
    assert 100 * (1 - found.n_found / found.n_pairs) == pytest.approx(share_missing)
    assert set(found.missing) <= {"new", "NEWER", *(["W3", "W7"] if not fold_case else [])}


@pytest.mark.parametrize("fold_case", [True, False])
@pytest.mark.parametrize("restrict", [300_000, 100])
def test_analogies_are_gensims(
    vectors: pt.WordVectors, tmp_path: Path, fold_case: bool, restrict: int
) -> None:
    keyed = pytest.importorskip("gensim.models").KeyedVectors(E)
    keyed.add_vectors(WORDS, vectors.input)
    file = write_questions(tmp_path / "questions.txt")
    accuracy, sections = keyed.evaluate_word_analogies(
        str(file), restrict_vocab=restrict, case_insensitive=fold_case
    )
    options = {"fold_case": fold_case, "restrict": restrict}
    found = pt.metrics.word_analogies(vectors, file, **options)
    assert found.accuracy == pytest.approx(accuracy)
    assert accuracy > 0.1
    for ours, theirs in zip(found.sections, sections, strict=False):
        assert ours.name == theirs["section"]
        assert ours.n_correct == len(theirs["correct"])
        assert ours.n_found == len(theirs["correct"]) + len(theirs["incorrect"])


def test_sections_are_added_up(vectors: pt.WordVectors, tmp_path: Path) -> None:
    found = vectors.evaluate(analogies=write_questions(tmp_path / "q.txt"))["analogies"][0]
    one, empty, other = found.sections
    assert (one.n_questions, one.n_found, empty.n_questions, other.n_questions) == (16, 15, 0, 20)
    assert empty.accuracy is None
    assert found.semantic.n_questions == 16
    assert found.syntactic.n_correct == other.n_correct
    assert found.total.n_found == one.n_found + other.n_found
    assert found.accuracy == (one.n_correct + other.n_correct) / found.total.n_found
    assert found.to_dict()["total"]["n_questions"] == 36


def test_the_most_frequent_words_are_those_of_the_counts(tmp_path: Path) -> None:
    """d answers; where it is rare and left out, the question is not found."""
    points = [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [0.1, 1, 0.8]]
    file = write(tmp_path / "q.txt", "a b c d\n")
    for counts, n_found in (([5, 4, 3, 2, 1], 1), ([5, 4, 3, 1, 2], 0)):
        vectors = pt.WordVectors(pt.Vocabulary(list("abcde"), counts), points)
        found = pt.metrics.word_analogies(vectors, file, restrict=4)
        assert (found.total.n_found, found.total.n_correct) == (n_found, n_found)
    assert pt.metrics.word_analogies(vectors, file, restrict=None).accuracy == 1.0


def test_other_matrices_are_asked_for_by_name(vectors: pt.WordVectors, tmp_path: Path) -> None:
    file = write_pairs(tmp_path / "pairs.txt")
    turned = pt.WordVectors(WORDS, vectors.combine("output"))
    wanted = pt.metrics.word_similarity(turned, file)
    assert pt.metrics.word_similarity(vectors, file, which="output") == wanted
    assert vectors.evaluate(similarity=[file], which="output") == {
        "similarity": [wanted],
        "analogies": [],
    }


SPELLINGS = {
    "tabs": "cat\tdog\t7.5\nsun\tice\t1\n",
    "spaces": "cat dog  7.5\nsun ice 1\n",
    "commas": "cat,dog,7.5\nsun,ice,1\n",
    "quoted": '"cat";"dog";7.5\n"sun";"ice";1\n',
    "windows": "cat\tdog\t7.5\r\nsun\tice\t1\r\n",
    "byte order mark": "\ufeffcat\tdog\t7.5\nsun\tice\t1\n",
    "old line ends": "cat\tdog\t7.5\rsun\tice\t1\r",
    "comments": "# judged by people\n\ncat\tdog\t7.5\n# more\nsun\tice\t1\n\n",
    "WordSim-353": "Word 1,Word 2,Human (mean)\ncat,dog,7.5\nsun,ice,1\n",
    "WordSim-353, all judges": "Word 1,Word 2,Human (mean),1,2\ncat,dog,7.5,7,8\nsun,ice,1,1,1\n",
    "SimLex-999": (
        "word1\tword2\tPOS\tSimLex999\tconc(w1)\tSD(SimLex)\n"
        "cat\tdog\tN\t7.5\t2\t0.4\nsun\tice\tN\t1\t3\t0.2\n"
    ),
    "rating in a later column": "a\tb\tyear\trating\ncat\tdog\t1999\t7.5\nsun\tice\t1999\t1\n",
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_files_of_pairs_in_their_many_forms(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "pairs.txt", SPELLINGS[name])
    assert read_pairs(file) == [("cat", "dog", 7.5), ("sun", "ice", 1.0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no pairs"),
        ("# nothing\n", "holds no pairs"),
        ("cat dog\nsun ice\n", "row 1 is no pair of words with a rating"),
        ("cat\tdog\t7\nsun\tice\n", "row 2 is no pair of words with a rating"),
        ("cat\tdog\tnan\nsun\tice\t7\n", "row 1 is no pair of words with a rating"),
        ("cat,dog,\nsun,ice,7\n", "row 1 is no pair of words with a rating"),
        ("cat dog n/a\nsun ice 7\n", "row 1 is no pair of words with a rating"),
        ("cat\tdog\t7\nsun\tice\tnan\n", "row 2 is no pair of words with a rating"),
        ("cat\tdog\t7\nsun\t\t3\n", "row 2 is no pair of words with a rating"),
        ("word1\tword2\tscore\n", "row 1 is no pair of words with a rating"),
        (b"caf\xe9\tdog\t7\n", "row 1 is no UTF-8 text"),
    ],
)
def test_malformed_files_of_pairs(tmp_path: Path, text: str | bytes, message: str) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    with pytest.raises(InputError) as caught:
        read_pairs(file)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no analogies"),
        (": a category\n", "holds no analogies"),
        (": family\nman king woman queen\nman king woman\n", "row 3 holds 3 words"),
    ],
)
def test_malformed_files_of_analogies(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_analogies(write(tmp_path / "q.txt", text))


def test_too_few_pairs_have_no_correlation(tmp_path: Path) -> None:
    vectors = pt.WordVectors(["a", "b", "c"], np.eye(3))
    for text, found in (("a b 1\nx y 2\n", 1), ("x y 1\n", 0), ("a b 1\nb c 2\n", 2)):
        record = pt.metrics.word_similarity(vectors, write(tmp_path / "p.txt", text))
        assert (record.n_found, record.spearman, record.pearson) == (found, None, None)


@pytest.mark.parametrize("restrict", [0, -1, 2.5, True])
def test_the_limit_is_a_whole_number(
    vectors: pt.WordVectors, tmp_path: Path, restrict: Any
) -> None:
    with pytest.raises(InputError, match="restrict"):
        vectors.evaluate(analogies=[write_questions(tmp_path / "q.txt")], restrict=restrict)


def test_missing_files_are_named(vectors: pt.WordVectors, tmp_path: Path) -> None:
    for option in ("similarity", "analogies"):
        with pytest.raises(FileMissingError, match="no such file"):
            vectors.evaluate(**{option: tmp_path / "none.txt"})


def test_words_may_hold_other_separators(tmp_path: Path) -> None:
    file = write(tmp_path / "pairs.txt", "ca\x85t\tdo\u2028g\t7.5\nsun\tice\t1\n")
    assert read_pairs(file)[0] == ("ca\x85t", "do\u2028g", 7.5)


def test_analogies_with_a_line_of_copyright(tmp_path: Path) -> None:
    """As in the questions that came with word2vec."""
    file = write(tmp_path / "q.txt", "// Copyright 2013\n# more\n: x\na b c d\n")
    assert read_analogies(file) == {"x": [("a", "b", "c", "d")]}
    (tmp_path / "q.txt.xz").write_bytes(lzma.compress(file.read_bytes()))
    assert read_analogies(tmp_path / "q.txt.xz") == read_analogies(file)


def test_ratings_near_the_largest_number_correlate_like_others(tmp_path: Path) -> None:
    vectors = pt.WordVectors(["a", "b", "c", "d"], [[1.0, 0], [0.9, 0.3], [0.2, 1], [0, 1]])
    pairs = [("a", "b", 3.0), ("a", "c", 1.0), ("c", "d", 2.0), ("b", "d", 0.5)]
    found = []
    for number, scale in enumerate((1.0, 5e307)):
        path = tmp_path / f"{number}.txt"
        path.write_text("".join(f"{x}\t{y}\t{r * scale!r}\n" for x, y, r in pairs))
        found.append(pt.metrics.word_similarity(vectors, path))
    assert found[1].pearson == pytest.approx(found[0].pearson)
    assert found[1].spearman == pytest.approx(found[0].spearman)
