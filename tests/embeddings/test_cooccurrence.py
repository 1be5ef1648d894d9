"""Co-occurrence counts against plain Python; memory, threads, probabilities, files, bad input."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic import CheckpointError, Corpus, InputError
from polytopic.embeddings import cooccurrence_counting
from polytopic.embeddings.cooccurrence import Cooccurrence
from polytopic.embeddings.cooccurrence_counting import whole_weights

RNG = np.random.default_rng(11)
TERMS = [f"w{number}" for number in range(150)]


def sentences(n_words: int, mean_length: int) -> list[list[str]]:
    words = [TERMS[int(len(TERMS) * u**3)] for u in RNG.random(n_words)]
    cuts = np.cumsum(RNG.geometric(1 / mean_length, size=n_words))
    return [words[a:b] for a, b in zip([0, *cuts], cuts, strict=False) if a < n_words]


TEXT = sentences(20_000, 12)


def plain(
    text: list[list[str]], known: set[str], window: int, weighting: str, symmetric: bool
) -> dict[tuple[str, str], Fraction]:
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for sentence in text:
        words = [word for word in sentence if word in known]
        for place, word in enumerate(words):
            for distance in range(1, min(window, place) + 1):
                weight = Fraction(1, distance) if weighting == "harmonic" else Fraction(1)
                sums[word, words[place - distance]] += weight
                if symmetric:
                    sums[words[place - distance], word] += weight
    return dict(sums)


def as_dict(pairs: Cooccurrence) -> dict[tuple[str, str], np.float32]:
    found, terms = pairs.matrix.tocoo(), pairs.vocabulary.terms
    entries = zip(found.row, found.col, found.data, strict=True)
    return {(terms[i], terms[j]): value for i, j, value in entries}


def same_bits(one: Cooccurrence, two: Cooccurrence) -> bool:
    return all(
        np.array_equal(getattr(one.matrix, part), getattr(two.matrix, part))
        for part in ("data", "indices", "indptr")
    )


@pytest.mark.parametrize("weighting", ["harmonic", "flat"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_counts_are_the_exact_sums_rounded_once(weighting: str, symmetric: bool) -> None:
    text = TEXT[:300]
    pairs = Cooccurrence.count(
        text, window=4, weighting=weighting, symmetric=symmetric, min_count=8, n_threads=2
    )
    known = set(pairs.vocabulary.terms)
    assert len(known) < len({word for sentence in text for word in sentence})
    expected = plain(text, known, 4, weighting, symmetric)
    assert as_dict(pairs) == {pair: np.float32(float(v)) for pair, v in expected.items()}


def test_left_contexts_are_the_words_before() -> None:
    pairs = Cooccurrence.count([["a", "b", "c"], ["c", "a"]], window=2, symmetric=False)
    assert as_dict(pairs) == {("b", "a"): 1, ("c", "b"): 1, ("c", "a"): 0.5, ("a", "c"): 1}


def test_a_corpus_keeps_its_terms_and_its_documents_apart() -> None:
    corpus = Corpus.from_tokens([["b", "a"], ["a", "c"], ["b", "c"]], min_df=1, max_df=1.0)
    pairs = Cooccurrence.count(corpus, window=5)
    assert pairs.vocabulary.terms == corpus.vocabulary.terms
    assert as_dict(pairs) == {
        pair: 1 for a, b in ("ab", "ac", "bc") for pair in ((a, b), (b, a))
    }  # fmt: skip


@pytest.mark.parametrize("mean_length", [12, 100_000])  # many sentences, and a single one
@pytest.mark.parametrize("memory", [1.6e-4, 5e-4])
def test_little_memory_gives_the_same_bits(
    mean_length: int, memory: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = sentences(60_000, mean_length)
    runs: list[int] = []
    merge = cooccurrence_counting.Counting._merge

    def counted(self: Any, group: Any, *, last: bool) -> Any:
        runs.append(len(group))
        return merge(self, group, last=last)

    whole = Cooccurrence.count(text, min_count=1)
    monkeypatch.setattr(cooccurrence_counting.Counting, "_merge", counted)
    pieces = Cooccurrence.count(text, min_count=1, memory=memory)
    assert sum(runs) > (cooccurrence_counting._FAN_IN if memory < 3e-4 else 1)
    assert same_bits(whole, pieces)
    assert pieces.matrix.has_canonical_format


@pytest.mark.parametrize("n_threads", [2, 5])
def test_threads_do_not_change_a_bit(n_threads: int) -> None:
    one = Cooccurrence.count(TEXT, n_threads=1)
    assert same_bits(one, Cooccurrence.count(TEXT, n_threads=n_threads))


def test_a_file_counts_as_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(sentence) for sentence in TEXT), encoding="utf-8")
    assert same_bits(Cooccurrence.count(TEXT), Cooccurrence.count(path))


@pytest.mark.parametrize("window", [1, 5, 10, 15, 22])
def test_harmonic_weights_are_exact(window: int) -> None:
    weights, scale = whole_weights(window, "harmonic")
    assert all(Fraction(int(weights[d]), scale) == Fraction(1, d) for d in range(1, window + 1))


def test_harmonic_weights_of_wide_windows_are_near() -> None:
    weights, scale = whole_weights(300, "harmonic")
    np.testing.assert_allclose(weights[1:] / scale, 1 / np.arange(1, 301), atol=2**-31, rtol=0)


def test_max_terms_keeps_the_most_frequent() -> None:
    text = [["a", "b", "c", "b"], ["c", "b", "d"]]
    pairs = Cooccurrence.count(text, window=1, max_terms=2)
    assert pairs.vocabulary.terms == ["b", "c"]
    assert as_dict(pairs) == {("b", "c"): 3, ("c", "b"): 3}


def test_conditional_probabilities_sum_to_one() -> None:
    pairs = Cooccurrence.count(TEXT)
    terms = pairs.vocabulary.terms
    shares = pairs.conditional(terms, given=terms)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    i, j = 3, 8
    expected = pairs.matrix[i, j] / pairs.matrix[i].sum(dtype=np.float64)
    assert pairs.conditional(terms[j], given=terms[i]) == pytest.approx(expected, rel=1e-12)
    assert pairs.conditional(terms, given=terms[i]).shape == (len(terms),)
    assert pairs.conditional(terms[j], given=terms).shape == (len(terms),)


def test_ratios_are_those_of_the_paper() -> None:
    text = [["ice", "solid"]] * 3 + [["ice", "water"]] * 2 + [["steam", "water"]] * 3
    text += [["steam", "gas"], ["fashion", "gas"]]
    table = Cooccurrence.count(text).ratios(
        ["solid", "gas", "water", "fashion"], "ice", "steam"
    )  # fmt: skip
    assert table.columns == ["word", "P(k|ice)", "P(k|steam)", "ratio"]
    assert table["P(k|ice)"].to_list() == pytest.approx([3 / 5, 0, 2 / 5, 0])
    assert table["P(k|steam)"].to_list() == pytest.approx([0, 1 / 4, 3 / 4, 0])
    assert table["ratio"].to_list() == [np.inf, 0.0, pytest.approx(8 / 15), None]


def test_saved_counts_come_back(tmp_path: Path) -> None:
    pairs = Cooccurrence.count(TEXT[:50], window=3, weighting="flat", symmetric=False)
    pairs.save(tmp_path / "pairs")
    back = Cooccurrence.load(tmp_path / "pairs")
    assert same_bits(pairs, back)
    assert back.vocabulary == pairs.vocabulary
    assert (back.window, back.weighting, back.symmetric) == (3, "flat", False)
    file = next((tmp_path / "pairs").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(CheckpointError, match="cut short"):
        Cooccurrence.load(tmp_path / "pairs")


def test_counts_from_elsewhere_are_tidied() -> None:
    rows, columns = [1, 0, 0, 0], [0, 1, 1, 0]
    given = sparse.coo_matrix(([1.0, 2.0, 3.0, 0.0], (rows, columns)), shape=(2, 2))
    pairs = Cooccurrence(given, ["a", "b"])
    assert as_dict(pairs) == {("a", "b"): 5, ("b", "a"): 1}


def test_known_words_keep_their_rows() -> None:
    first = Cooccurrence.count([["b", "a"]] * 2 + [["b", "c"]])
    later = Cooccurrence.count([["d", "a"], ["a", "d"]], known=first.vocabulary)
    assert later.vocabulary.terms[: len(first)] == first.vocabulary.terms
    assert as_dict(later) == {("a", "d"): 2, ("d", "a"): 2}
    moved = Cooccurrence.count([["d", "a"], ["a", "d"]])._aligned(first.vocabulary)
    assert moved.vocabulary == later.vocabulary
    assert as_dict(moved) == as_dict(later)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory": -1.0}, "memory: -1.0 cannot be used"),
        ({"memory": 0}, "above 0"),
        ({"memory": 1e-6}, "memory: 1e-06 GB is less than the rows of .* words need"),
        ({"window": 0}, "window: 0 cannot be used"),
        ({"weighting": "linear"}, "one of 'harmonic', 'flat'"),
        ({"max_terms": 1}, "max_terms: 1"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Cooccurrence.count(TEXT[:20], **options)


@pytest.mark.parametrize("source", [[], [[]], [["one"]]])
def test_sources_that_hold_too_little(source: list[list[str]]) -> None:
    with pytest.raises(InputError, match="Pass more"):
        Cooccurrence.count(source)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\) for 2 words"),
        (np.array([[0, -1], [1, 0]]), "negative"),
        (np.array([[0, np.nan], [1, 0]]), "NaN"),
        (np.array([[0, 1e39], [1, 0]]), "holds 1e.39, .* float32"),
        ([[0, 1], [1, 0]], "of type list"),
        (np.array([["a", "b"], ["c", "d"]]), "real numbers"),
    ],
)
def test_matrices_that_cannot_be_used(matrix: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Cooccurrence(matrix, ["a", "b"])


def test_words_that_cannot_be_asked_for() -> None:
    pairs = Cooccurrence(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]), ["ice", "steam", "gas"])
    with pytest.raises(InputError, match='"ices" is not among'):
        pairs.conditional("ices", given="ice")
    with pytest.raises(InputError, match='"gas" has no neighbours'):
        pairs.conditional("ice", given=["ice", "gas"])
    with pytest.raises(InputError, match="two different words"):
        pairs.ratios(["gas"], "ice", "ice")
