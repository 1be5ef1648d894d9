"""Verdicts on planted topics: a subject, artefacts, a signature, two subjects, plain words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic.errors import InputError
from polytopic.metrics.verdict_evidence import FEW, gather, no_word
from polytopic.metrics.verdict_record import TopicVerdict, told_verdicts
from polytopic.metrics.verdicts import SPECIFIC, _signature, scores, verdicts


def _words(text: str) -> list[str]:
    return text.split()


SUBJECT = _words("cell gene protein tissue enzyme organ blood tumour virus genome")
OTHER = _words("engine motor wheel brake fuel road driver gear clutch tyre")
ODD = _words("a86 mb8f q3x gizz3 wwiz7 zz9 xk2j tm4k pl0q bhj5")
SIGNED = _words("regards disclaimer opinions employer signed phone fax email office street")
PLAIN = _words("make take thing good time people part small find keep")
TERMS = [*SUBJECT, *OTHER, *ODD, *SIGNED, *PLAIN]
N = 400


def documents() -> sparse.csr_matrix:
    """Subjects fill documents of their own, a signature stands under 60, plain words anywhere."""
    rng = np.random.default_rng(0)
    counts = np.zeros((N, 50), dtype=np.int64)
    for row in range(N):
        block = (0, 10, 20)[row % 3]
        counts[row, block + rng.choice(10, 5, replace=False)] += rng.integers(1, 5, 5)
        counts[row, 40 + rng.choice(10, 4, replace=False)] += 1
    counts[:60, 30:40] = 1
    return sparse.csr_matrix(counts)


def topics(*words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    beta = np.full((len(words), 50), 1e-4)
    for row, listed in zip(beta, words, strict=True):
        row[[TERMS.index(word) for word in listed]] = np.linspace(1.0, 0.5, len(listed))
    beta /= beta.sum(axis=1, keepdims=True)
    theta = documents() @ beta.T + 1e-3
    return beta, theta / theta.sum(axis=1, keepdims=True)


EVERY = topics(SUBJECT, OTHER, ODD, SIGNED, PLAIN, [*SUBJECT[:5], *OTHER[:5]])


def judged(**beside: Any) -> tuple[TopicVerdict, ...]:
    return verdicts(*EVERY, documents(), TERMS, **beside)


def test_each_kind_of_topic_is_told() -> None:
    found = judged()
    assert [verdict.rating for verdict in found[:4]] == ["good", "good", "junk", "junk"]
    assert found[0].sentence.startswith("Its words stand together in ")
    assert found[2].sentence.startswith("Artefacts: 10 of its 10 words look like none")
    signed = "Signature words: they stand together in 60 documents, nearly all of them each time."
    assert found[3].sentence == signed
    assert found[4].rating != "good" and found[4].sentence == "Vague: its words stand everywhere."
    assert found[5].rating != "good" and found[5].sentence.startswith("Two subjects: ")
    parts = found[5].sentence.removeprefix("Two subjects: ").rstrip(".").split(" and ")
    halves = [set(part.split(", ")) for part in parts]
    assert sorted(halves, key=min) == sorted([set(SUBJECT[:3]), set(OTHER[:3])], key=min)
    assert told_verdicts(found).startswith("Topics by their words: 2 good, ")


def test_a_low_score_alone_is_no_junk() -> None:
    """Words of a subject that seldom meet in short texts; words that meet by chance are junk."""
    rng = np.random.default_rng(0)
    counts = np.zeros((3000, 50), dtype=np.int64)
    for row in range(len(counts)):
        counts[row, 10 * (row % 4) + rng.choice(10, 2, replace=False)] += 1
        counts[row, rng.choice(40, 4, replace=False)] += 1
    beta, _ = topics(SUBJECT, [TERMS[v] for v in range(0, 40, 4)])
    theta = np.full((len(counts), 2), 0.5)
    loose, chance = verdicts(beta, theta, sparse.csr_matrix(counts), TERMS)
    assert loose.score < 0.25 and loose.corpus is not None and loose.corpus > 0
    assert loose.rating == "fair" and chance.rating == "junk"


def test_words_too_rare_to_meet_are_no_junk() -> None:
    """In 120 documents two words of four each seldom meet: that they do not says nothing."""
    rng = np.random.default_rng(1)
    counts = np.zeros((120, 50), dtype=np.int64)
    for column in range(10):  # a subject in documents of its own, each word in four of them
        counts[rng.choice(20, 4, replace=False), column] = 1
    for column in range(10, 20):  # words that stand in a third of all, each where others do not
        counts[column % 3 :: 3, column] = 1
    counts[:, 40:] = 1
    beta, _ = topics(SUBJECT, OTHER)
    theta = np.full((len(counts), 2), 0.5)
    found = gather(beta, theta, sparse.csr_matrix(counts), TERMS)
    assert found.corpus is not None and found.allowed is not None and found.held_out is None
    assert found.corpus[0] < 0 < found.allowed[0] and found.allowed[1] == found.corpus[1] < 0
    rare, apart = verdicts(beta, theta, sparse.csr_matrix(counts), TERMS)
    assert (rare.rating, apart.rating) == ("fair", "junk")
    assert rare.corpus == found.corpus[0]


@pytest.mark.parametrize(("n_documents", "rating"), [(1, "fair"), (2, "junk")])
def test_one_document_recites_nothing(n_documents: int, rating: str) -> None:
    """A long document of a subject holds most of its words, as a text that is handed on does."""
    counts = np.zeros((120, 50), dtype=np.int64)
    counts[:n_documents, :8] = 1
    for column in range(10):  # the words are met alone, too
        counts[10 + 8 * column : 18 + 8 * column, column] = 1
    counts[:, 40:] = 1
    beta, _ = topics(SUBJECT, PLAIN)
    even = np.full((len(counts), 2), 0.5)
    found = verdicts(beta, even, sparse.csr_matrix(counts), TERMS)[0]
    assert found.documents == n_documents and found.rating == rating


@pytest.mark.parametrize("n_topics", [2, 4, 8, 50, 200])
def test_words_of_all_topics_are_none_of_few_topics(n_topics: int) -> None:
    """Words that every topic uses alike are as little a topic's own of four as of fifty."""
    beta, _ = topics(*[SUBJECT] * n_topics)
    even = np.full((N, n_topics), 1.0 / n_topics)
    found = gather(beta, even, documents(), TERMS)
    np.testing.assert_allclose(found.specific, 1 / 50)
    own = np.zeros((N, n_topics))
    own[:, 0] = 1.0
    assert gather(beta, own, documents(), TERMS).specific[0] == pytest.approx(1.0)
    found = replace(found, corpus=np.full(n_topics, 0.2), recited=np.zeros(n_topics))
    assert (scores(found) < 0.1).all()


def test_the_only_topic_has_all_of_its_words() -> None:
    beta, theta = topics(SUBJECT)
    np.testing.assert_allclose(gather(beta, theta, documents(), TERMS).specific, 1.0)


def test_a_source_is_counted() -> None:
    sources = np.array(["one"] * 60 + [f"other {row}" for row in range(N - 60)], dtype=object)
    found = judged(sources=sources)[3]
    assert found.sources == 1
    assert found.sentence.endswith("they stand together in 60 documents of one source.")
    sources[:10] = None
    assert judged(sources=sources)[3].sources == 1


def test_sides_are_what_they_say() -> None:
    beta, theta = EVERY
    counts = documents()
    found = judged(reference=[[*SUBJECT], [*OTHER], ["gene", "road"]])
    plain = pt.metrics.npmi([SUBJECT], counts, vocabulary=TERMS)
    assert found[0].corpus == pytest.approx(plain)
    reference = [[*SUBJECT], [*OTHER], ["gene", "road"]]
    assert found[0].reference == pytest.approx(pt.metrics.npmi([SUBJECT], reference))
    assert found[2].reference is None  # it knows no pair of those
    vectors = {word: [1.0, 0.0] for word in SUBJECT} | {word: [0.0, 1.0] for word in OTHER}
    by = judged(reference=lambda words: [vectors.get(word) for word in words], vectors=vectors)
    assert by[0].reference == by[0].vectors == pytest.approx(1.0)
    holding = (counts[:, :10] > 0).sum(axis=1) >= 3
    assert found[0].documents == int(np.asarray(holding).sum())
    half = counts[::2]
    own = verdicts(beta, theta, counts, TERMS, held_out=half)
    assert own[0].held_out == pytest.approx(pt.metrics.npmi([SUBJECT], half, vocabulary=TERMS))


def test_held_out_tenths_fall_where_words_met_once_only() -> None:
    """A block of ten words in six documents: no tenth holds enough of it to bear it out."""
    counts = documents().toarray()
    counts[:, 30:40] = 0
    counts[:6, 30:40] = 1
    found = gather(*EVERY, sparse.csr_matrix(counts), TERMS)
    assert found.corpus is not None and found.held_out is not None
    assert found.corpus[3] - found.held_out[3] > 0.3
    assert abs(found.corpus[0] - found.held_out[0]) < 0.1


def test_the_score_rises_with_coherence_up_to_where_readers_see_no_more() -> None:
    found = gather(*EVERY, documents(), TERMS)
    judged_scores = scores(found)
    assert judged_scores[0] > 0.8 > 0.2 > judged_scores[4]
    assert judged_scores[3] < judged_scores[0]  # higher NPMI, but recited
    assert found.corpus is not None and found.corpus[3] > found.corpus[0]
    assert ((judged_scores > 0) & (judged_scores < 1)).all()


def test_the_score_falls_where_other_topics_use_the_words() -> None:
    found = gather(*EVERY, documents(), TERMS)
    own, shared = np.full(6, 0.5), np.full(6, 0.05)
    alone, beside = (scores(replace(found, specific=values)) for values in (own, shared))
    assert (beside < alone).all()
    # ln(.05 / .15) times its weight, in log odds; above .15 the words are a topic's own
    odds = [np.log(values / (1 - values)) for values in (alone, beside)]
    np.testing.assert_allclose(odds[0] - odds[1], SPECIFIC[0] * np.log(3.0))
    np.testing.assert_array_equal(scores(replace(found, specific=np.full(6, 0.2))), alone)
    least = scores(replace(found, specific=np.zeros(6)))
    assert (least > 0).all() and (least < beside).all()


def test_few_documents_are_not_judged() -> None:
    beta, theta = EVERY
    assert verdicts(beta, theta[:99], documents()[:99], TERMS) == ()


@pytest.mark.parametrize(
    ("term", "odd"),
    [("gene", False), ("b8f", True), ("xww", True), ("zzz", True), ("новости", False),
     ("new_york", False), ("covid19", True), ("strengths", False), ("新闻", False)],
)  # fmt: skip
def test_what_looks_like_no_word(term: str, odd: bool) -> None:
    assert no_word(term) is odd


def renamed(words: str, first: int = 0) -> list[str]:
    """The terms with others in place of the subject's, or of those from a column on."""
    return [*TERMS[:first], *words.split(), *TERMS[first + len(words.split()) :]]


def test_first_names_are_never_a_good_topic() -> None:
    named = verdicts(*EVERY, documents(), renamed("mike tom ken chris scott dave"))[0]
    assert named.score > 0.8 and named.rating == "fair"
    assert named.sentence == "Names: 6 of its 10 words are first names (mike, tom, ken)."
    few = verdicts(*EVERY, documents(), renamed("bernie pete amy sanders vote donors"))[0]
    assert few.rating == "good"


def test_commands_of_tex_are_artefacts() -> None:
    found = verdicts(*EVERY, documents(), renamed("alpha beta frac leq sigma"))[0]
    assert found.rating == "junk"
    assert found.sentence == "Artefacts: 5 of its 10 words look like none (alpha, beta, frac)."
    letters = verdicts(*EVERY, documents(), renamed("alpha beta gamma delta sigma"))[0]
    assert letters.rating == "good"


def test_words_that_a_handful_of_documents_bring_together_are_a_signature() -> None:
    """Where they do not stand together in others, and have no like neighbours there."""
    found = gather(*EVERY, documents(), TERMS)
    assert found.corpus is not None and found.held_out is not None and found.vectors is not None
    few = replace(found, documents=np.full(6, 4), corpus=np.full(6, 0.35))
    apart = {"held_out": np.full(6, 0.08), "vectors": np.full(6, 0.07)}
    assert _signature(replace(few, **apart), 0)
    assert not _signature(replace(few, **apart | {"held_out": np.full(6, 0.15)}), 0)
    assert not _signature(replace(few, **apart | {"vectors": np.full(6, 0.2)}), 0)
    assert not _signature(replace(few, **apart | {"documents": np.full(6, 20)}), 0)
    assert not _signature(replace(few, **apart | {"vectors": None}), 0)


def test_few_documents_are_a_subject_where_no_subject_has_more() -> None:
    """Ten documents of a subject, six of whose ten words each holds: few of 400, not of 120."""
    held = np.zeros((10, 50), dtype=np.int64)
    for row in range(10):
        held[row, (row + np.arange(6)) % 10] = 1
    rest = np.zeros((390, 50), dtype=np.int64)
    rest[:, 40:] = 1
    beta, _ = topics(SUBJECT, *[[*OTHER[:k], *PLAIN[k:]] for k in range(1, 10)])
    found = {}
    for n in (120, 400):
        counts = sparse.csr_matrix(np.vstack([held, rest[: n - 10]]))
        found[n] = verdicts(beta, np.full((n, 10), 0.1), counts, TERMS)[0]
        assert found[n].documents == 10 and (found[n].corpus or 0.0) > 0.5
    assert found[120].rating != "junk"
    assert found[400].rating == "junk" and found[400].sentence.startswith("Signature words")


def test_few_documents_that_hold_half_of_a_topic_are_told() -> None:
    beta, theta = EVERY
    counts = documents().toarray()
    counts[[0, 3, 6], :10] *= 400
    found = gather(beta, theta, sparse.csr_matrix(counts), TERMS)
    uses = theta[:, 0] * counts[:, :10].sum(axis=1)
    largest = np.cumsum(np.sort(uses)[::-1])
    assert found.in_few[0] == np.searchsorted(largest, 0.5 * uses.sum()) + 1 <= 3
    assert found.in_few[1] == FEW + 1
    told = verdicts(beta, theta, sparse.csr_matrix(counts), TERMS)[0]
    assert told.sentence == f"Half of the uses of its words are in {found.in_few[0]} documents."


def result(**columns: Any) -> pt.TopicResult:
    beta, theta = EVERY
    counts = documents()
    vocabulary = pt.Vocabulary(TERMS, np.asarray(counts.sum(axis=0)).ravel())
    return pt.TopicResult(
        topic_word=beta.astype(np.float32), doc_topic=theta.astype(np.float32),
        vocabulary=vocabulary, counts=counts, **columns,
    )  # fmt: skip


def test_a_result_tells_them_in_its_diagnosis_and_table() -> None:
    found = result()
    diagnosis = found.diagnose()
    assert diagnosis.verdicts == found.verdicts
    assert f"Topic 3: {found.verdicts[3].sentence}" in diagnosis.sentences()
    assert type(diagnosis).from_dict(diagnosis.to_dict()).verdicts == diagnosis.verdicts
    table = found.topics()
    assert table["verdict"].to_list() == [verdict.rating for verdict in found.verdicts]
    assert table["why"].to_list()[3] == found.verdicts[3].sentence
    named = result(metadata={"Author": np.array(["one"] * 60 + ["two"] * (N - 60))})
    assert named.verdicts[3].sources == 1
    assert named.diagnose(sources="Author").verdicts[3].sources == 1


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ({"reference": [["nothing"], ["known"]]}, "reference: "),
        ({"reference": [["gene"], ["road"]]}, "reference: holds none|knows both words"),
        ({"vectors": np.ones((3, 2))}, "vectors: have 3 rows"),
        ({"vectors": lambda words: np.full((len(words), 2), np.nan)}, "vectors: row 0 holds NaN"),
        ({"reference": lambda words: np.ones((2, 2))}, "reference: gave shape"),
        ({"sources": "nobody"}, 'sources: there is no column "nobody"'),
        ({"sources": ["a"]}, "sources"),
    ],
)
def test_what_cannot_judge_is_refused(beside: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        result().diagnose(**beside)


def test_a_model_needs_documents_for_a_verdict() -> None:
    corpus = pt.Corpus.from_counts(documents(), terms=TERMS)
    model = pt.LDA(n_topics=3, iterations=20, random_state=0).fit(corpus)
    assert model.diagnose() is model.diagnosis_
    assert len(model.diagnose(corpus).verdicts) == 3
    with pytest.raises(InputError, match="keeps none"):
        model.diagnose(reference=[["gene"]])


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ({"reference": "wiki.txt"}, "reference: is a str. Pass what it stands for: a Corpus"),
        ({"reference": Path("wiki.txt")}, "reference: is a .*Path. Pass what"),
        ({"reference": 3}, "reference: is a int. Pass what"),
        ({"vectors": "glove.txt"}, r"vectors: is a str. Pass what it stands for: pt\.WordVectors"),
        ({"held_out": "new.csv"}, "held_out: is a str. Pass a Corpus"),
        ({"held_out": [["no", "such"]] * 30}, "held_out: holds none of the topics' words"),
    ],
)
def test_a_name_in_place_of_what_it_names_is_told(beside: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        judged(**beside)
