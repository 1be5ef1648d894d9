"""WordVectors: look-up, neighbours against a plain search, saving, memory maps, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.neighbours import nearest_rows, unit_rows
from polytopic.errors import CheckpointError, FileMissingError, InputError, InputTypeError

V, E = 3000, 24


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(V)]
    counts = rng.integers(1, 1000, V)
    matrices = rng.normal(size=(3, V, E)).astype(np.float32)
    vocabulary = pt.Vocabulary(words, counts, counts)
    return pt.WordVectors(vocabulary, matrices[0], matrices[1], negative=matrices[2])


def cosines(matrix: np.ndarray, query: np.ndarray) -> np.ndarray:
    wide = matrix.astype(np.float64)
    return wide @ query / np.linalg.norm(wide, axis=1) / np.linalg.norm(query)


def plain_search(vectors: pt.WordVectors, query: np.ndarray, n: int, which: str, out: set[str]):
    found = cosines(vectors.combine(which), query)
    order = [row for row in np.argsort(-found) if vectors.vocabulary.terms[row] not in out]
    return [(vectors.vocabulary.terms[row], found[row]) for row in order[:n]]


def assert_same(found: list[tuple[str, float]], wanted: list[tuple[str, float]]) -> None:
    """The same words and cosines, up to an exchange of words that float32 cannot tell apart."""
    ours, theirs = ([cosine for _, cosine in near] for near in (found, wanted))
    np.testing.assert_allclose(ours, theirs, atol=2e-6)
    exact = dict(wanted)
    for word, cosine in found:
        assert exact.get(word, theirs[-1]) == pytest.approx(cosine, abs=2e-6)
    assert len({word for word, _ in found}) == len(found)


@pytest.mark.parametrize("which", ["input", "output", "sum", "mean", "concat"])
@pytest.mark.parametrize("n", [1, 10, 400, V + 5])
def test_neighbours_are_those_of_a_plain_search(
    vectors: pt.WordVectors, which: str, n: int
) -> None:
    words = ["w3", "w99", "w2999"]
    batch = vectors.most_similar(words, n, which=which)
    assert len(batch) == 3
    for word, found in zip(words, batch, strict=True):
        query = vectors.combine(which)[vectors.index(word)].astype(np.float64)
        wanted = plain_search(vectors, query, n, which, {word})
        assert len(found) == min(n, V - 1)
        assert_same(found, wanted)
        assert_same(vectors.most_similar(word, n, which=which), wanted)


def test_positive_and_negative_words_make_one_question(vectors: pt.WordVectors) -> None:
    unit = unit_rows(vectors.input).astype(np.float64)
    rows = [vectors.index(word) for word in ("w1", "w2", "w3")]
    query = unit[rows[0]] + unit[rows[1]] - unit[rows[2]]
    wanted = plain_search(vectors, query, 7, "input", {"w1", "w2", "w3"})
    assert_same(vectors.most_similar(positive=["w1", "w2"], negative="w3", n=7), wanted)
    assert_same(vectors.most_similar("w1", positive="w2", negative=["w3"], n=7), wanted)
    assert_same(vectors.most_similar(["w1", "w2"], negative=["w3"], n=7), wanted)
    assert_same(vectors.analogy("w3", "w1", "w2", n=7), wanted)


def test_nearest_to_vectors_leaves_no_word_out(vectors: pt.WordVectors) -> None:
    query = np.random.default_rng(1).normal(size=(4, E))
    found = vectors.nearest_to(query, 5)
    for row, near in zip(query, found, strict=True):
        assert_same(near, plain_search(vectors, row, 5, "input", set()))
    assert_same(vectors.nearest_to(query[2], 5), found[2])
    assert_same(vectors.most_similar(query[2], 5), found[2])
    word, cosine = vectors.nearest_to(vectors["w7"] * 50.0, 1)[0]
    assert word == "w7"
    assert cosine == pytest.approx(1.0, abs=1e-6)


def test_blocks_of_queries_and_equal_scores_keep_their_order() -> None:
    rng = np.random.default_rng(2)
    unit = rng.integers(-1, 2, size=(70_000, 6)).astype(np.float32)
    queries = rng.integers(-1, 2, size=(300, 6)).astype(np.float32)
    found = nearest_rows(unit, queries, 9, [[i] for i in range(300)])
    assert len(found) == 300
    for place in (0, 118, 119, 120, 299):
        scores = unit @ queries[place]
        scores[place] = -np.inf
        wanted = np.argsort(-scores, kind="stable")[:9]
        np.testing.assert_array_equal(found[place][0], wanted)
        np.testing.assert_array_equal(found[place][1], scores[wanted])


def test_similarity_is_the_cosine(vectors: pt.WordVectors) -> None:
    query = vectors["w5"].astype(np.float64)
    assert vectors.similarity("w5", "w8") == pytest.approx(
        cosines(vectors.input, query)[8], abs=1e-6
    )
    summed = vectors.combine("sum")
    assert vectors.similarity("w5", "w8", which="sum") == pytest.approx(
        cosines(summed, summed[5].astype(np.float64))[8], abs=1e-6
    )
    assert vectors.similarity("w5", "w5") == pytest.approx(1.0, abs=1e-6)


def test_zero_and_extreme_rows_have_finite_cosines() -> None:
    rows = [[0, 0], [1e-40, 0], [3e38, 3e38], [0, 1]]
    vectors = pt.WordVectors(list("abcd"), rows)
    found = dict(vectors.most_similar("c", 3))
    assert found["a"] == 0.0
    assert found["b"] == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert found["d"] == pytest.approx(np.sqrt(0.5), abs=1e-6)


def test_combinations(vectors: pt.WordVectors) -> None:
    one, two = vectors.input, vectors.output
    assert two is not None
    assert vectors.combine() is vectors.input
    assert vectors.combine("output") is vectors.output
    np.testing.assert_array_equal(vectors.combine("sum"), one + two)
    np.testing.assert_array_equal(vectors.combine("mean"), (one + two) / 2)
    np.testing.assert_array_equal(vectors.combine("concat"), np.hstack([one, two]))
    assert {vectors.combine(w).dtype for w in ("sum", "mean", "concat")} == {np.dtype("f4")}


def test_looking_up(vectors: pt.WordVectors) -> None:
    np.testing.assert_array_equal(vectors["w4"], vectors.input[4])
    np.testing.assert_array_equal(vectors[["w4", "w1"]], vectors.input[[4, 1]])
    assert "w4" in vectors
    assert "nothing" not in vectors
    assert (len(vectors), vectors.dim) == (V, E)
    assert "3,000 words" in repr(vectors)


def test_the_matrices_cannot_be_written_to_and_share_memory() -> None:
    given = np.ones((2, 3), dtype=np.float32)
    vectors = pt.WordVectors(["a", "b"], given)
    assert np.shares_memory(vectors.input, given)
    assert given.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        vectors["a"][0] = 2.0
    with pytest.raises(ValueError, match="read-only"):
        vectors.unit()[0] = 2.0
    assert vectors.unit() is vectors.unit()


def test_a_subset_keeps_counts_and_all_matrices(vectors: pt.WordVectors) -> None:
    part = vectors.subset(["w9", "w2", "w5"])
    assert part.vocabulary.terms == ["w9", "w2", "w5"]
    np.testing.assert_array_equal(part.vocabulary.counts, vectors.vocabulary.counts[[9, 2, 5]])
    for name in ("input", "output", "negative"):
        np.testing.assert_array_equal(getattr(part, name), getattr(vectors, name)[[9, 2, 5]])


@pytest.mark.parametrize("memory_map", [False, True])
def test_saving_keeps_everything(vectors: pt.WordVectors, tmp_path: Path, memory_map: bool) -> None:
    vectors.save(tmp_path / "v")
    back = pt.WordVectors.load(tmp_path / "v", memory_map=memory_map)
    assert back.vocabulary == vectors.vocabulary
    for name in ("input", "output", "negative"):
        np.testing.assert_array_equal(getattr(back, name), getattr(vectors, name))
        assert isinstance(getattr(back, name), np.memmap) == memory_map
        assert not getattr(back, name).flags.writeable
    assert back.most_similar("w3", 4, which="sum") == vectors.most_similar("w3", 4, which="sum")


def test_load_and_read_know_the_folder(tmp_path: Path) -> None:
    pt.WordVectors(["a", "b"], np.eye(2)).save(tmp_path / "v")
    loaded = pt.load(tmp_path / "v")
    assert isinstance(loaded, pt.WordVectors)
    assert loaded.output is None
    assert loaded.negative is None
    assert pt.WordVectors.read(tmp_path / "v").vocabulary.terms == ["a", "b"]


def test_a_map_reads_no_numbers_before_they_are_asked_for(tmp_path: Path) -> None:
    """The file behind the map is changed in place after loading: the new number is seen."""
    folder = pt.WordVectors(["a", "b"], np.zeros((2, 3))).save(tmp_path / "v")
    back = pt.WordVectors.load(folder, memory_map=True)
    [file] = folder.glob("arrays-*")
    data = bytearray(file.read_bytes())
    start = back.input.offset  # type: ignore[attr-defined]
    data[start : start + 4] = np.float32(7.5).tobytes()
    with file.open("r+b") as stream:
        stream.write(data)
    assert back["a"].tolist() == [7.5, 0.0, 0.0]


def damage(folder: Path, change: Any) -> None:
    about = folder / "about.json"
    record = json.loads(about.read_text(encoding="utf-8"))
    change(record)
    about.write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize("memory_map", [False, True])
def test_damaged_folders_are_refused(tmp_path: Path, memory_map: bool) -> None:
    folder = pt.WordVectors(["a", "b"], np.eye(2), np.eye(2)).save(tmp_path / "v")
    damage(folder, lambda record: record["about"].update(terms=["a"]))
    with pytest.raises(CheckpointError, match="holds no whole word vectors"):
        pt.WordVectors.load(folder, memory_map=memory_map)
    damage(folder, lambda record: record["about"].pop("terms"))
    with pytest.raises(CheckpointError, match="entry terms is missing"):
        pt.WordVectors.load(folder, memory_map=memory_map)
    damage(folder, lambda record: record.update(kind="model"))
    with pytest.raises(CheckpointError, match="holds a model, not a vectors"):
        pt.WordVectors.load(folder, memory_map=memory_map)
    with pytest.raises(FileMissingError):
        pt.WordVectors.load(tmp_path / "none", memory_map=memory_map)


@pytest.mark.parametrize("keep", [0, 4, 8, 40, -1, -30])
def test_a_map_of_a_file_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    folder = pt.WordVectors(["a", "b"], np.eye(2)).save(tmp_path / "v")
    [file] = folder.glob("arrays-*")
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=re_quote(file)):
        pt.WordVectors.load(folder, memory_map=True)


def re_quote(path: Path) -> str:
    import re

    return re.escape(str(path))


def test_saving_refuses_what_json_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds half a letter"):
        pt.WordVectors(["\ud800"], [[1.0]]).save(tmp_path / "v")
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a", "b"], [[1.0, np.nan], [0, 1]]), 'input: row 0 (the word "a") holds NaN'),
        ((["a", "b"], [[1.0, 1.0], [0, 1e39]]), 'input: row 1 (the word "b") holds NaN or inf'),
        ((["a", "b"], [[1.0, 1.0]]), "input: shape (1, 2) for 2 words"),
        ((["a", "b"], [1.0, 1.0]), "input: shape (2,) for 2 words"),
        ((["a"], np.empty((1, 0))), "input: shape (1, 0)"),
        ((["a"], [[1.0]], [[1.0, 2.0]]), "output: shape (1, 2), input has (1, 1)"),
        ((["a", "a"], [[1.0], [2.0]]), '"a" is listed twice'),
        ((["a"], [["x"]]), "input: of type <U1"),
        ((["a", "b"], [[1.0], [1.0, 2.0]]), "input: is no array"),
        ((["a"], [[1j]]), "input: of type complex128"),
    ],
)
def test_unusable_matrices_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError) as caught:
        pt.WordVectors(*arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda v: v["W12"],
            'word: "W12" is not among the 3,000 words of these vectors. Close to it: w12',
        ),
        (lambda v: v.most_similar("w12x"), "Close to it: w12"),
        (lambda v: v.analogy("w1", "w2", "zzzzzz"), "Pick one that is in them"),
        (lambda v: v.most_similar("w1", 0), "n: is 0"),
        (lambda v: v.most_similar("w1", 2.5), "n: is 2.5"),
        (lambda v: v.most_similar("w1", True), "n: is True"),
        (lambda v: v.most_similar(), "words: none given"),
        (lambda v: v.most_similar("w1", which="both"), "which: 'both' is unknown"),
        (lambda v: v.nearest_to(np.ones(3)), "shape (3,), and a vector here has 24"),
        (lambda v: v.nearest_to(np.full(24, np.inf)), "vectors: row 0 holds NaN or infinite"),
        (lambda v: v.nearest_to(np.ones((1, 1, 24))), "shape (1, 1, 24)"),
        (lambda v: v.subset(["w1", "w1"]), "listed twice"),
        (lambda v: pt.WordVectors(["a"], [[1.0]]).combine("sum"), '"sum" needs output vectors'),
    ],
)
def test_unusable_questions_are_refused(vectors: pt.WordVectors, ask: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(vectors)
    assert message in str(caught.value)


@pytest.mark.parametrize("words", [3, [3], b"w1", [None]])
def test_words_are_str(vectors: pt.WordVectors, words: Any) -> None:
    with pytest.raises(InputTypeError):
        vectors.most_similar(words)


def test_neighbours_and_analogies_are_gensims(vectors: pt.WordVectors) -> None:
    keyed = pytest.importorskip("gensim.models").KeyedVectors(E)
    keyed.add_vectors(vectors.vocabulary.terms, vectors.input)
    for word in ("w1", "w500"):
        assert_same(vectors.most_similar(word, 10), keyed.most_similar(word, topn=10))
    wanted = keyed.most_similar(positive=["w1", "w2"], negative=["w3"], topn=10)
    assert_same(vectors.analogy("w3", "w1", "w2", 10), wanted)
    assert vectors.similarity("w1", "w2") == pytest.approx(keyed.similarity("w1", "w2"), abs=1e-6)


def test_zero_has_no_neighbours() -> None:
    vectors = pt.WordVectors(["nil", "a", "b"], [[0, 0], [1, 0], [0, 1]])
    for ask in (
        lambda: vectors.most_similar("nil"),
        lambda: vectors.most_similar(["a", "nil"]),
        lambda: vectors.most_similar(positive="a", negative="a"),
        lambda: vectors.analogy("a", "a", "nil"),
        lambda: vectors.nearest_to([0.0, 0.0]),
        lambda: vectors.nearest_to(np.zeros((2, 2))),
    ):
        with pytest.raises(InputError, match="is zero, which has no direction"):
            ask()
    assert vectors.most_similar("a", 2) == [("nil", 0.0), ("b", 0.0)]


def test_iterating_goes_over_the_words() -> None:
    vectors = pt.WordVectors(["b", "a"], [[1, 0], [0, 1]])
    assert list(vectors) == ["b", "a"]
    assert all(word in vectors for word in vectors)
    assert dict(zip(vectors, vectors.input.tolist(), strict=True))["a"] == [0, 1]
