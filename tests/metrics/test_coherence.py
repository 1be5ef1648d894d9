"""Coherence against gensim, against slow and plain twins, and in closed form."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.metrics import c_v, npmi, uci, umass
from polytopic.metrics import counting as _counting
from polytopic.text import Corpus, Vocabulary

WORDS = [f"w{number:02d}" for number in range(30)]
MEASURES = {"c_npmi": (npmi, 10), "c_uci": (uci, 10), "c_v": (c_v, 110), "u_mass": (umass, None)}


@dataclass
class FakeCorpus:
    """What the metrics read of a Corpus."""

    tokens: np.ndarray
    offsets: np.ndarray
    counts: sparse.csr_matrix
    vocabulary: Vocabulary


def sample_texts(seed: int = 0, documents: int = 60, longest: int = 260) -> list[list[str]]:
    """Token lists of very different lengths: empty, shorter and longer than every window."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(len(WORDS) + 60, 0.3))
    words = [*WORDS, *(f"other{number}" for number in range(60))]
    lengths = [0, 1, 9, 10, 11, 109, 110, 111, *rng.integers(0, longest, documents)]
    texts = [[str(word) for word in rng.choice(words, length, p=weights)] for length in lengths]
    return [*texts, list(words)]  # every word occurs


def sample_topics(seed: int = 1, n_topics: int = 7, n: int = 10) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [[str(word) for word in rng.choice(WORDS, n, replace=False)] for _ in range(n_topics)]


def as_corpus(texts: list[list[str]], terms: list[str]) -> FakeCorpus:
    column = {term: index for index, term in enumerate(terms)}
    kept = [[column[word] for word in text if word in column] for text in texts]
    counts = np.array([np.bincount(ids, minlength=len(terms)) for ids in kept])
    return FakeCorpus(
        tokens=np.concatenate([np.array(ids, dtype=np.int32) for ids in kept]),
        offsets=np.cumsum([0, *map(len, kept)], dtype=np.int64),
        counts=sparse.csr_matrix(counts),
        vocabulary=Vocabulary(terms),
    )


@pytest.mark.parametrize(("name", "processes"), [*((name, 1) for name in MEASURES), ("c_npmi", 2)])
def test_agrees_with_gensim_on_its_default_options(name: str, processes: int) -> None:
    corpora = pytest.importorskip("gensim.corpora")
    coherence = pytest.importorskip("gensim.models").CoherenceModel
    texts, topics = sample_texts(), sample_topics()
    measure, window = MEASURES[name]
    peer = coherence(
        topics=topics,
        texts=texts,
        dictionary=corpora.Dictionary(texts),
        coherence=name,
        topn=10,
        processes=processes,
    )
    options = {} if window is None else {"window": window}
    ours = measure(topics, texts, per_topic=True, **options)
    np.testing.assert_allclose(ours, peer.get_coherence_per_topic(), rtol=0, atol=1e-6)
    assert measure(topics, texts, **options) == pytest.approx(peer.get_coherence(), abs=1e-6)


@pytest.mark.parametrize("name", ["c_uci", "c_v"])
def test_windows_are_those_that_were_published(name: str) -> None:
    """Ten tokens for UCI, 110 for C_V, where nothing is said; texts are longer than those."""
    measure, window = MEASURES[name]
    texts, topics = sample_texts(), sample_topics()
    found = measure(topics, texts)
    assert found == measure(topics, texts, window=window)
    assert found != measure(topics, texts, window=window + 1)


@pytest.mark.parametrize("window", [2, 5, 37])
def test_agrees_with_gensim_for_other_windows(window: int) -> None:
    corpora = pytest.importorskip("gensim.corpora")
    coherence = pytest.importorskip("gensim.models").CoherenceModel
    texts, topics = sample_texts(seed=3, documents=25), sample_topics(seed=4, n=5)
    for name in ("c_npmi", "c_uci", "c_v"):
        peer = coherence(
            topics=topics,
            texts=texts,
            dictionary=corpora.Dictionary(texts),
            coherence=name,
            topn=5,
            window_size=window,
            processes=1,
        ).get_coherence_per_topic()
        ours = MEASURES[name][0](topics, texts, n=5, window=window, per_topic=True)
        np.testing.assert_allclose(ours, peer, rtol=0, atol=1e-6)


def slow_counts(
    texts: list[list[int]], pairs: list[tuple[int, int]], n_words: int, window: int
) -> tuple[list[int], list[int], int]:
    """Every window written out as a set."""
    windows = [
        set(text[start : start + window])
        for text in texts
        for start in range(max(1, len(text) - window + 1))
    ]
    words = [sum(word in held for held in windows) for word in range(n_words)]
    both = [sum(a in held and b in held for held in windows) for a, b in pairs]
    return words, both, len(windows)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-1, 4), max_size=25), min_size=1, max_size=5),
    st.integers(2, 12),
)
def test_exact_windows_are_the_windows_written_out(texts: list[list[int]], window: int) -> None:
    topics = np.array([[0, 1, 2], [4, 3, 0]])
    pairs = _counting.pairs_of(topics, 5)
    codes = np.array([word for text in texts for word in text], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    found = _counting.count(codes, offsets, pairs, 5, window=window, exact=True)
    listed = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    words, both, windows = slow_counts(texts, listed, 5, window)
    assert (found.words.tolist(), found.pairs.tolist(), found.windows) == (words, both, windows)
    assert sorted(listed) == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (3, 4)]


def test_exact_keeps_a_word_that_stands_twice_in_a_window() -> None:
    text = [["a", "b", "a", "c", "d", "e"]]  # windows of 3: aba bac acd cde
    topics = [["a", "c"]]
    exact = math.log((2 / 4) / ((3 / 4) * (3 / 4)))
    gensim = math.log(1e-12 / ((1 / 4) * (3 / 4)))  # gensim lets "a" go with its first occurrence
    assert uci(topics, text, n=2, window=3, exact=True) == pytest.approx(exact, abs=1e-9)
    assert uci(topics, text, n=2, window=3) == pytest.approx(gensim, abs=1e-9)


def test_threads_change_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, topics = sample_texts(seed=9), sample_topics()
    whole = npmi(topics, texts, window=10, per_topic=True)
    monkeypatch.setattr(_counting, "TOKENS_PER_THREAD", 50)
    monkeypatch.setattr(_counting.os, "sched_getaffinity", lambda _: range(7), raising=False)
    np.testing.assert_array_equal(npmi(topics, texts, window=10, per_topic=True), whole)


def document_npmi(topic: list[str], texts: list[list[str]]) -> float:
    """The definition, pair by pair."""
    sets = [set(text) for text in texts]
    values = []
    for a, b in itertools.combinations(topic, 2):
        p_a, p_b = (sum(word in held for held in sets) / len(sets) for word in (a, b))
        both = sum(a in held and b in held for held in sets) / len(sets)
        if both == 0:
            values.append(-1.0)
        elif both == 1:
            values.append(1.0)
        else:
            values.append(math.log(both / (p_a * p_b)) / -math.log(both))
    return sum(values) / len(values)


def test_documents_by_the_definition_whatever_the_form_of_the_reference() -> None:
    texts, topics = sample_texts(seed=5, longest=40), sample_topics(seed=6)
    expected = [document_npmi(topic, texts) for topic in topics]
    corpus = as_corpus(texts, WORDS)
    references = [
        (texts, {}),
        ((text for text in texts), {}),
        (corpus, {}),
        (corpus.counts, {"vocabulary": WORDS}),
        (corpus.counts.toarray(), {"vocabulary": corpus.vocabulary}),
    ]
    for reference, options in references:
        found = npmi(topics, reference, per_topic=True, **options)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_topics_in_any_form() -> None:
    corpus = as_corpus(sample_texts(), WORDS)
    topic_word = np.random.default_rng(0).dirichlet(np.ones(len(WORDS)), 4).astype(np.float32)
    order = np.argsort(-topic_word, axis=1, kind="stable")[:, :10]
    lists = [[WORDS[column] for column in row] for row in order]

    class Model:
        def top_words(self, n: int) -> list[list[str]]:
            return [topic[:n] for topic in lists]

    expected = npmi(lists, corpus)
    for topics in (topic_word, order, order.tolist(), Model()):
        assert npmi(topics, corpus) == expected
    assert npmi(topic_word, corpus.counts) == expected  # columns on both sides: no terms needed
    assert npmi(topic_word, sample_texts(), vocabulary=WORDS) == npmi(lists, sample_texts())


def test_corpus_windows_run_over_the_tokens_it_kept() -> None:
    texts = sample_texts(seed=7)
    kept = [[word for word in text if word in WORDS] for text in texts]
    for measure in (npmi, c_v, uci):
        ours = measure(sample_topics(), as_corpus(texts, WORDS), window=10)
        assert ours == measure(sample_topics(), kept, window=10)


def test_the_packages_own_corpus() -> None:
    texts = [text for text in sample_texts(seed=8) if text]
    corpus = Corpus.from_texts([" ".join(text) for text in texts], min_df=1, max_df=1.0)
    terms = set(corpus.vocabulary.terms)
    topics = [[word for word in topic if word in terms][:4] for topic in sample_topics()]
    kept = [[word for word in text if word in terms] for text in texts]
    for measure, window in ((npmi, None), (npmi, 10), (uci, 10), (c_v, 110)):
        ours = measure(topics, corpus, n=4, window=window)
        assert ours == pytest.approx(measure(topics, kept, n=4, window=window), abs=1e-12)


def test_stored_zeros_are_no_occurrences() -> None:
    counts = sparse.csr_matrix(np.array([[1, 1], [2, 1], [0, 1]]))
    stored = sparse.csr_matrix((np.r_[counts.data, 0], np.r_[counts.indices, 0], [0, 2, 4, 6]))
    assert stored.nnz == counts.nnz + 1
    assert (
        umass([[0, 1]], stored, n=2) == umass([[0, 1]], counts, n=2) == pytest.approx(0, abs=1e-9)
    )


def test_extremes_of_documents() -> None:
    texts = [["a", "b", "all", "every"], ["c", "all", "every"]]
    topics = [["a", "b"], ["a", "c"], ["all", "every"], ["a", "all"]]
    assert npmi(topics, texts, n=2, per_topic=True).tolist() == [1.0, -1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("measure", "worst"),
    [(npmi, -1.0), (uci, math.log(1e-12)), (umass, math.log(1e-12)), (c_v, 0.0)],
)
def test_words_the_reference_lacks_are_told_and_have_a_value(measure, worst) -> None:  # type: ignore[no-untyped-def]
    texts = [["a", "b"], ["a", "b"], ["c"]]
    with pytest.warns(UnseenTermsWarning, match=r"2 of 4 words .* \(x, y\)"):
        found = measure([["x", "y"], ["a", "b"]], texts, n=2, per_topic=True)
    assert found[0] == pytest.approx(worst)
    assert found[1] == measure([["a", "b"]], texts, n=2)


def test_umass_heeds_the_order() -> None:
    texts = [["a", "b"], ["a"], ["a"], ["c"]]
    assert umass([["a", "b"]], texts, n=2) == pytest.approx(math.log(1 / 3))
    assert umass([["b", "a"]], texts, n=2) == pytest.approx(0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 2, 10]))
def test_ranges_and_permutations(seed: int, window: int | None) -> None:
    texts, topics = sample_texts(seed, documents=6, longest=30), sample_topics(seed)
    rng = np.random.default_rng(seed)
    shuffled = [[str(word) for word in rng.permutation(topic)] for topic in topics]
    for measure in (npmi, c_v):
        found = measure(topics, texts, window=window, per_topic=True)
        assert (np.abs(found) <= 1 + 1e-12).all()
        again = measure(shuffled[::-1], texts[::-1], window=window, per_topic=True)
        np.testing.assert_allclose(again[::-1], found, atol=1e-12)


GOOD = [["a", "b"], ["b", "c"]]
BAD = [
    ([["a"]], [["a"]], {}, "topic 0 has 1 words. A topic needs at least two"),
    ([], [["a"]], {}, "topics: there are none"),
    (["ab"], [["a"]], {}, "topic 0 is a str"),
    ("ab", [["a"]], {}, "topics: is a str"),
    (GOOD, [["a"]], {"n": 3}, "n=3 asks for more. Pass n=2"),
    (GOOD, [["a"]], {"n": 1}, "n: is 1"),
    ([["a", "a"]], [["a"]], {}, "names 'a' twice"),
    (GOOD, [], {}, "reference: holds no document"),
    (GOOD, [[], []], {}, "holds none of the topics' words"),
    (GOOD, [["x"]], {}, "holds none of the topics' words"),
    (GOOD, ["a b"], {}, "document 0 is a str"),
    (GOOD, "a b", {}, "reference: is a str"),
    (GOOD, np.eye(3), {}, "vocabulary: is missing"),
    (GOOD, np.eye(3), {"vocabulary": ["a", "b"]}, "vocabulary: has 2 terms, reference has 3"),
    (GOOD, -np.eye(2), {"vocabulary": ["a", "b"]}, "negative"),
    (GOOD, np.eye(2), {"vocabulary": ["a", "b"], "window": 10}, "needs the order of the words"),
    (GOOD, [["a"]], {"window": 1}, "window: is 1"),
    ([[0, 7]], [["a"]], {"vocabulary": ["a", "b"]}, "names column 7, but there are 2 terms"),
    ([[0, -1]], np.eye(2), {}, "names column -1"),
    ([[0, 7]], np.eye(2), {}, "names column 7, reference has 2 columns"),
    ([[0, 1]], [["a"]], {}, "Topics hold columns and the reference holds tokens"),
    ([[0.5, 0.5]], [["a"]], {}, "holds a float"),
    (np.eye(3), [["a"]], {"vocabulary": ["a", "b"]}, "vocabulary: has 2 terms, topics has 3"),
    (np.eye(3), [["a"]], {"n": 4}, "n: is 4, but topics has 3 terms"),
    (np.full((2, 2), np.nan), np.eye(2), {}, "NaN"),
]


@pytest.mark.parametrize(("topics", "reference", "options", "message"), BAD)
def test_bad_input_is_answered_in_one_line(topics, reference, options, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        npmi(topics, reference, **{"n": 2, **options})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
