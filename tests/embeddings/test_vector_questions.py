"""Questions to word vectors, against gensim's answers and plain NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import polytopic as pt
from polytopic.embeddings.neighbours import unit_rows
from polytopic.errors import InputError, InputTypeError, UnseenTermsWarning

V, E = 800, 12


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(3)
    counts = np.sort(rng.integers(1, 1000, V))[::-1].copy()
    vocabulary = pt.Vocabulary([f"w{i}" for i in range(V)], counts, counts)
    return pt.WordVectors(vocabulary, *rng.normal(size=(2, V, E)).astype(np.float32))


@pytest.fixture(scope="module")
def keyed(vectors: pt.WordVectors) -> Any:
    found = pytest.importorskip("gensim.models").KeyedVectors(E)
    found.add_vectors(vectors.vocabulary.terms, vectors.input)
    return found


def assert_same(found: Any, wanted: Any) -> None:
    assert [word for word, _ in found] == [word for word, _ in wanted]
    np.testing.assert_allclose([v for _, v in found], [v for _, v in wanted], atol=3e-6, rtol=3e-6)


# ---- near words ------------------------------------------------------------------------------


def test_weights_and_vectors_among_the_words_are_gensims(vectors: Any, keyed: Any) -> None:
    point = np.random.default_rng(0).normal(size=E).astype(np.float32)
    wanted = keyed.most_similar(
        positive=[("w1", 0.5), ("w2", 2.0), (point, 0.25)], negative=[("w3", -0.7)], topn=8
    )
    found = vectors.most_similar(
        positive=[("w1", 0.5), ("w2", 2.0), (point, 0.25)], negative=[("w3", 0.7)], n=8
    )
    assert_same(found, wanted)
    assert_same(
        vectors.most_similar("w4", positive=point, n=8), keyed.most_similar(["w4", point], topn=8)
    )


def test_restricted_answers_are_gensims(vectors: Any, keyed: Any) -> None:
    for n in (1, 5, 60):
        wanted = keyed.most_similar("w700", topn=n, restrict_vocab=50)
        assert_same(vectors.most_similar("w700", n, restrict=50), wanted)
    wanted = keyed.most_similar(positive=["w1", "w2"], negative=["w3"], topn=5, restrict_vocab=50)
    assert_same(vectors.analogy("w3", "w1", "w2", 5, restrict=50), wanted)


def test_the_most_frequent_are_meant_whatever_their_rows() -> None:
    vocabulary = pt.Vocabulary(["rare", "often", "asked"], [1, 9, 5])
    vectors = pt.WordVectors(vocabulary, [[1, 0.1], [1, 1], [1, 0]])
    assert vectors.most_similar("asked", 1)[0][0] == "rare"
    assert [w for w, _ in vectors.most_similar("asked", restrict=2)] == ["often"]
    assert [w for w, _ in vectors.nearest_to([1.0, 0.0], restrict=2)] == ["asked", "often"]


def test_candidates_alone_answer(vectors: Any) -> None:
    named = ["w9", "w300", "w5", "w1"]
    found = vectors.most_similar("w1", candidates=named)
    assert sorted(word for word, _ in found) == ["w300", "w5", "w9"]
    for word, cosine in found:
        assert cosine == pytest.approx(vectors.similarity("w1", word), abs=1e-6)
    several = vectors.most_similar(["w1", "w700"], candidates=named)
    assert [len(near) for near in several] == [3, 4]
    assert len(vectors.most_similar("w1", candidates=named, restrict=10)) == 2
    point = vectors["w300"]
    assert vectors.most_similar(point, 1, candidates=named)[0][0] == "w300"


@pytest.mark.filterwarnings("ignore:Call to deprecated `init_sims`")
def test_products_of_cosines_are_gensims(vectors: Any, keyed: Any) -> None:
    wanted = keyed.most_similar_cosmul(positive=["w1", "w2"], negative=["w3"], topn=9)
    assert_same(vectors.analogy("w3", "w1", "w2", 9, method="multiply"), wanted)
    all_of_them = keyed.most_similar_cosmul(["w1"], ["w3", "w8"], topn=V)
    wanted = [pair for pair in all_of_them if int(pair[0][1:]) < 99][:9]
    found = vectors.most_similar(
        positive="w1", negative=["w3", "w8"], n=9, method="multiply", restrict=99
    )
    assert_same(found, wanted)


def test_a_weight_of_two_is_the_word_twice(vectors: Any) -> None:
    for method in ("add", "multiply"):
        twice = vectors.most_similar(positive=["w1", "w1", "w2"], n=5, method=method)
        assert_same(vectors.most_similar(positive=[("w1", 2), "w2"], n=5, method=method), twice)


# ---- distances -------------------------------------------------------------------------------


def test_distances_and_ranks_are_gensims(vectors: Any, keyed: Any) -> None:
    np.testing.assert_allclose(vectors.distances("w3"), keyed.distances("w3"), atol=1e-6)
    others = ["w9", "w8", "w700"]
    np.testing.assert_allclose(
        vectors.distances("w3", others), keyed.distances("w3", others), atol=1e-6
    )
    assert vectors.distance("w3", "w9") == pytest.approx(keyed.distance("w3", "w9"), abs=1e-6)
    assert vectors.rank("w3", "w9") == keyed.rank("w3", "w9")
    assert set(vectors.closer_than("w3", "w9")) == set(keyed.closer_than("w3", "w9"))
    near = [word for word, _ in vectors.most_similar("w3", 30)]
    assert vectors.closer_than("w3", near[-1]) == near[:-1]
    assert vectors.rank("w3", near[4]) == 5
    np.testing.assert_allclose(
        vectors.distances(3 * vectors["w3"], others), vectors.distances("w3", others), atol=1e-6
    )
    assert vectors.distances("w3", []).shape == (0,)


def test_what_does_not_match_is_gensims(vectors: Any, keyed: Any) -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        words = [f"w{i}" for i in rng.choice(V, 5, replace=False)]
        assert vectors.doesnt_match(words) == keyed.doesnt_match(words)


# ---- documents -------------------------------------------------------------------------------


def test_documents_of_even_shares_are_moved_as_an_assignment(vectors: Any) -> None:
    rng = np.random.default_rng(1)
    for size in (1, 2, 7):
        first, second = rng.choice(V, (2, size), replace=False)
        one, two = (unit_rows(vectors.input[rows]).astype(float) for rows in (first, second))
        costs = np.linalg.norm(one[:, None] - two[None], axis=2)
        best = costs[linear_sum_assignment(costs)].mean()
        found = vectors.word_movers_distance(*([f"w{i}" for i in d] for d in (first, second)))
        assert found == pytest.approx(best, abs=1e-6)


def test_shares_are_counts_over_lengths(vectors: Any) -> None:
    """Against one word there is one way: the mean distance."""
    one, two, three = unit_rows(vectors.input[[1, 2, 3]]).astype(float)
    wanted = (2 * np.linalg.norm(one - three) + np.linalg.norm(two - three)) / 3
    found = vectors.word_movers_distance(["w1", "w2", "w1"], ["w3"])
    assert found == pytest.approx(wanted, abs=1e-6)
    assert vectors.word_movers_distance(["w1", "w2"], ["w2", "w1"]) == pytest.approx(0, abs=1e-9)


def test_soft_cosines_are_gensims(vectors: Any, keyed: Any) -> None:
    from gensim.corpora import Dictionary
    from gensim.similarities import SparseTermSimilarityMatrix, WordEmbeddingSimilarityIndex

    first, second = ["w1", "w2", "w2", "w9", "w30"], ["w9", "w77", "w5", "w5", "w5"]
    dictionary = Dictionary([first, second])
    few = type(keyed)(E)  # its index looks at as many neighbours as there are words
    few.add_vectors(list(dictionary.values()), vectors[list(dictionary.values())])
    for exponent, threshold in ((2.0, 0.0), (1.0, 0.2)):
        index = WordEmbeddingSimilarityIndex(few, threshold=threshold, exponent=exponent)
        near = SparseTermSimilarityMatrix(index, dictionary, nonzero_limit=None)
        wanted = near.inner_product(
            *(dictionary.doc2bow(d) for d in (first, second)), normalized=(True, True)
        )
        found = vectors.soft_cosine(first, second, exponent=exponent, threshold=threshold)
        assert found == pytest.approx(wanted, abs=1e-5)
    assert vectors.soft_cosine(first, first) == pytest.approx(1)


def test_words_without_a_vector_are_told_and_left_out(vectors: Any) -> None:
    for ask in (vectors.word_movers_distance, vectors.soft_cosine):
        with pytest.warns(UnseenTermsWarning, match="first: 2 of its words have no vector"):
            found = ask(["w1", "nope", "w1", "never"], ["w3"])
        assert found == pytest.approx(ask(["w1"], ["w3"]))
        with pytest.raises(InputError, match="second: holds no word with a vector"):
            ask(["w1"], [])


# ---- contexts --------------------------------------------------------------------------------


def test_predictions_are_gensims(vectors: Any) -> None:
    word2vec = pytest.importorskip("gensim.models").Word2Vec(vector_size=E, min_count=1)
    word2vec.build_vocab([vectors.vocabulary.terms])
    order = [vectors.index(word) for word in word2vec.wv.index_to_key]
    word2vec.wv.vectors, word2vec.syn1neg = vectors.input[order], vectors.output[order]
    wanted = word2vec.predict_output_word(["w1", "w5", "w5"], topn=12)
    assert_same(vectors.predict_context(["w1", "w5", "w5"], 12), wanted)
    everything = vectors.predict_context("w1", V)
    assert math.fsum(share for _, share in everything) == pytest.approx(1)
    few = vectors.predict_context("w1", 5, restrict=30)
    assert [pair for pair in everything if int(pair[0][1:]) < 30][:5] == few


# ---- approximate neighbours ------------------------------------------------------------------


def test_a_graph_finds_what_it_says_it_finds(vectors: Any) -> None:
    pytest.importorskip("faiss", reason="the neighbours extra is not installed")
    index = vectors.approximate()
    assert index.recall > 0.99
    assert_same(index.most_similar("w7", 5), vectors.most_similar("w7", 5))
    assert len(index.most_similar(["w7", "w8"], 3)) == 2
    poor = vectors.approximate(n_links=2, breadth=1)
    hits = [
        len({w for w, _ in poor.most_similar(word)} & {w for w, _ in vectors.most_similar(word)})
        for word in vectors
    ]
    assert poor.recall == pytest.approx(np.mean(hits) / 10, abs=1e-9)
    assert poor.recall < 0.9
    with pytest.raises(InputError, match='"w7x" is not among'):
        index.most_similar("w7x")
    with pytest.raises(InputError, match="breadth: is 0"):
        vectors.approximate(breadth=0)


def test_the_graph_needs_its_extra(vectors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    with pytest.raises(pt.MissingExtraError, match=r"pip install 'polytopic\[neighbours\]'"):
        vectors.approximate()


# ---- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v.most_similar("w1", restrict=0), "restrict: is 0"),
        (lambda v: v.most_similar("w1", restrict=True), "restrict: is True"),
        (lambda v: v.most_similar("w1", candidates=[]), "candidates: no word is left"),
        (lambda v: v.most_similar("w1", candidates=["w700"], restrict=3), "no word is left"),
        (lambda v: v.most_similar("w1", candidates=["x"]), 'candidates: word: "x" is not among'),
        (lambda v: v.most_similar(positive=[("w1", math.nan)]), "weight nan is no finite"),
        (lambda v: v.most_similar(positive=[("w1", True)]), "weight True is no finite"),
        (lambda v: v.most_similar(positive=["w1"], method="mul"), "method: 'mul' is unknown"),
        (lambda v: v.most_similar(positive=[np.ones(3)]), "vector: shape (3,), and a vector"),
        (lambda v: v.most_similar(positive=[np.full(E, np.nan)]), "holds NaN"),
        (lambda v: v.doesnt_match(["w1"]), "words: 1 given"),
        (lambda v: v.doesnt_match(["w1", "w2", "no"]), 'word: "no" is not among'),
        (lambda v: v.distances(np.zeros(E)), "word is zero, which has no direction"),
        (lambda v: v.distances(np.ones((2, E))), "word: shape (2, 12). Pass one vector"),
        (lambda v: v.predict_context([]), "words: none given"),
        (lambda v: v.predict_context(["w1"], 0), "n: is 0"),
        (lambda v: pt.WordVectors(["a"], [[1.0]]).predict_context("a"), "needs output vectors"),
        (lambda v: v.soft_cosine(["w1"], ["w2"], exponent=0), "exponent: is 0"),
        (lambda v: v.soft_cosine(["w1"], ["w2"], threshold=2), "threshold: is 2"),
    ],
)
def test_unusable_questions_are_refused(vectors: Any, ask: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(vectors)
    assert message in str(caught.value)


@pytest.mark.parametrize("items", [[3], [("w1", 2, 3)], [None], ("w1", 0.5)])
def test_items_are_words_vectors_or_pairs(vectors: Any, items: Any) -> None:
    with pytest.raises(InputTypeError, match="Pass words, arrays, or pairs"):
        vectors.most_similar(positive=items)
