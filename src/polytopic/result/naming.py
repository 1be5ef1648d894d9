"""Names of topics: telling words and phrases, words nearest to a centre, or a function's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.result.prompting import prompted
from polytopic.result.record import Record

__all__ = ["class_tf_idf", "relevance", "topic_names"]

RELEVANCE = 0.6
"""lambda: weight of a term's probability beside its lift; what Sievert & Shirley's readers found
best."""

_CANDIDATES, _PROBABLE = 20, 100
"""Words of a topic that a name may hold, among its most probable ones."""

_PARTS = 3
"""Words or phrases of a name."""

_DOCUMENTS, _CHARACTERS = 50, 4_000
"""Documents of a topic in which phrases are looked for, and characters of each."""

_FEWEST, _TOGETHER = 3, 0.5
"""Documents that must hold a phrase, and its share of the occurrences of its rarer word: below it,
the words stand alone as often."""

_INSEPARABLE = 0.75
"""Jaccard index of the documents of two words from which on they say one thing: those of one
signature, first and last names."""

_LEAST = 1e-12
"""A share of 0 has a logarithm."""

_STEM = 5
"""Words that agree in so many first letters say one thing."""

_DIMENSIONS = 100
"""Of vectors made of the counts."""

_SPREAD = 0.3
"""How far a further word by vectors is to differ from those chosen (1 - lambda of MMR)."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def topic_names(
    record: Record,
    by: str | Callable[[str], str],
    *,
    vectors: Any = None,
    cache: str | Path | None = None,
    keep: bool = True,
) -> tuple[str, ...]:
    """The work of :meth:`TopicResult.name_topics`: K names."""
    wanted = [k for k in range(record.n_topics) if not (keep and record.names[k])]
    if not callable(by) and by not in ("words", "c-tf-idf", "vectors"):
        raise InputError(
            f'by: is {by!r:.40}. Give "words", "c-tf-idf", "vectors", or a function from a prompt '
            "to a name."
        )
    if cache is not None and not callable(by):
        raise InputError("cache: is for the answers of a function. Leave it out.")
    if vectors is not None and by != "vectors":
        raise InputError('vectors: are for by="vectors". Leave them out.')
    taken = [name for k, name in enumerate(record.names) if k not in wanted]
    named = _told_apart(_by_words(record, by, vectors), wanted, taken)
    if callable(by):
        words = [_ranked_words(record, relevance(record), k) for k in range(record.n_topics)]
        named = prompted(record, by, wanted, words, named, None if cache is None else Path(cache))
    return tuple(named.get(k, record.names[k]) for k in range(record.n_topics))


# ---- scores of terms -----------------------------------------------------------------------------


def topic_tokens(record: Record) -> NDArray[np.float64]:
    """Tokens of each term in each topic, documents divided among topics by theta, shape (K, V)."""
    shared = sparse.csr_matrix(record.counts).T @ record.doc_topic
    return np.asarray(shared.T, dtype=np.float64)


def relevance(record: Record, weight: float = RELEVANCE) -> NDArray[np.float64]:
    """weight ln p(term | topic) + (1 - weight) ln (p(term | topic) / p(term)), shape (K, V).

    Sievert & Shirley, Workshop on Interactive Language Learning, Visualization, and Interfaces,
    ACL 2014, section 3.1, with p(term | topic) as the documents have it: topics of an autoencoder
    are departures from the corpus already, and their lists are led by rare words.
    """
    tokens = topic_tokens(record)
    shares = tokens / np.maximum(tokens.sum(axis=1, keepdims=True), 1e-12)
    base = tokens.sum(axis=0) / max(float(tokens.sum()), 1e-12)
    logs = np.log(np.maximum(shares, _LEAST))
    return np.asarray(logs - (1.0 - weight) * np.log(np.maximum(base, _LEAST)))


def class_tf_idf(record: Record) -> NDArray[np.float64]:
    """tf_kv ln(1 + A / f_v), shape (K, V).

    tf_kv: share of term v in the tokens of topic k; f_v: its tokens; A: mean tokens of a topic
    (Grootendorst 2022, arXiv:2203.05794, section 3.2).
    """
    tokens = topic_tokens(record)
    sizes = tokens.sum(axis=1, keepdims=True)
    inverse = np.log1p(sizes.mean() / np.maximum(tokens.sum(axis=0), 1.0))
    return np.asarray(tokens / np.maximum(sizes, 1e-12) * inverse)


# ---- names of words ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Candidates:
    """The words of a topic, best first, and its phrases by each of their words."""

    words: list[str]
    phrases: dict[str, str]

    def parts(self) -> list[str]:
        """Words and phrases that say different things, best first."""
        parts: list[str] = []
        for word in self.words:
            part = self.phrases.get(word, word).replace("_", " ")
            if not any(_alike(piece, other) for piece in part.split() for other in _pieces(parts)):
                parts.append(part)
        return parts


def _by_words(record: Record, by: Any, vectors: Any) -> list[list[str]]:
    """Words and phrases of each topic, best first."""
    scores = class_tf_idf(record) if by == "c-tf-idf" else relevance(record)
    ranked = [_ranked_words(record, scores, topic) for topic in range(record.n_topics)]
    if by == "vectors":
        ranked = _nearest(record, ranked, vectors)
    return [
        _Candidates(words, _phrases(record, topic, words)).parts()
        for topic, words in enumerate(ranked)
    ]


def _ranked_words(record: Record, scores: NDArray[np.float64], topic: int) -> list[str]:
    """The words of a topic by a score, among its more probable ones; of inseparable words the one
    that stands in most documents."""
    probable = np.argsort(-record.topic_word[topic], kind="stable")[:_PROBABLE]
    best = probable[np.argsort(-scores[topic, probable], kind="stable")[: 2 * _CANDIDATES]]
    held = (record.counts[:, best] > 0).astype(np.float64)
    together = (held.T @ held).toarray()
    documents = together.diagonal()
    either = np.maximum(documents[:, None] + documents - together, 1.0)
    words, free = list[str](), np.ones(len(best), dtype=np.bool_)
    for place in range(len(best)):
        if free[place]:
            group = np.flatnonzero(free & (together[place] >= _INSEPARABLE * either[place]))
            group = np.union1d(group, [place])
            free[group] = False
            words.append(record.vocabulary.terms[best[group[documents[group].argmax()]]])
    return words[:_CANDIDATES]


def _told_apart(
    parts: Sequence[Sequence[str]], wanted: Sequence[int], taken: Sequence[str]
) -> dict[int, str]:
    """A name a topic of its first parts, and one more part where another topic has that name."""
    named: dict[int, str] = {}
    used = set(taken)
    for topic in wanted:
        for n in range(_PARTS, max(_PARTS, len(parts[topic])) + 1):
            name = ", ".join(parts[topic][:n])
            if name not in used:
                break
        named[topic] = name if name and name not in used else f"{name or 'topic'} ({topic})"
        used.add(named[topic])
    return named


def _alike(word: str, other: str) -> bool:
    """Whether two words are forms of one: the same beginning, or one and its plural."""
    if min(len(word), len(other)) >= _STEM and word[:_STEM] == other[:_STEM]:
        return True
    short, long = sorted((word, other), key=len)
    return len(short) > 2 and long.startswith(short) and len(long) - len(short) <= 2


def _pieces(parts: Sequence[str]) -> list[str]:
    return [piece for part in parts for piece in part.split()]


def _phrases(record: Record, topic: int, words: Sequence[str]) -> dict[str, str]:
    """Pairs of a topic's words that stand side by side in its documents, by both words."""
    if record.texts is None:
        return {}
    wanted, pairs, alone = set(words), Counter[tuple[str, str]](), Counter[str]()
    documents = Counter[tuple[str, str]]()
    for row in record.top_documents(topic, _DOCUMENTS).tolist():
        text = record.texts[row][:_CHARACTERS].lower()
        found = [(m[0], m.start(), m.end()) for m in _WORD.finditer(text)]
        alone.update(word for word, _, _ in found if word in wanted)
        here = [
            (a, b)
            for (a, _, end), (b, start, _) in pairwise(found)
            if a in wanted and b in wanted and a != b and text[end:start] in (" ", "-", "\n")
        ]
        pairs.update(here)
        documents.update(set(here))
    phrases: dict[str, str] = {}
    for (a, b), n in pairs.most_common():
        often = documents[a, b] >= _FEWEST and n >= _TOGETHER * min(alone[a], alone[b])
        if often and not _alike(a, b) and a not in phrases and b not in phrases:
            phrases[a] = phrases[b] = f"{a} {b}"
    return phrases


# ---- by vectors ----------------------------------------------------------------------------------


def _nearest(record: Record, ranked: list[list[str]], vectors: Any) -> list[list[str]]:
    """The words of each topic by cosine to its centre, each unlike those before it.

    The idea of KeyBERT (Grootendorst 2020), with maximal marginal relevance (Carbonell & Goldstein,
    SIGIR 1998); the centre is the mean of the topic's words, weighted by their probabilities.
    """
    unit, known = _unit_vectors(record, vectors)
    answers = []
    for topic, words in enumerate(ranked):
        columns = np.array([record.vocabulary.index(word) for word in words])
        held = columns[known[columns]]
        if not len(held):
            answers.append(words)
            continue
        center = record.topic_word[topic, held] @ unit[held]
        center = center / max(float(np.linalg.norm(center)), 1e-12)
        order = _spread_out(unit[held] @ center, unit[held] @ unit[held].T)
        chosen = [record.vocabulary.terms[held[place]] for place in order]
        answers.append([*chosen, *(word for word in words if word not in set(chosen))])
    return answers


def _spread_out(near: NDArray[np.float64], alike: NDArray[np.float64]) -> list[int]:
    """Places by maximal marginal relevance, best first."""
    chosen: list[int] = [int(near.argmax())]
    while len(chosen) < len(near):
        scores = (1.0 - _SPREAD) * near - _SPREAD * alike[:, chosen].max(axis=1)
        scores[chosen] = -np.inf
        chosen.append(int(scores.argmax()))
    return chosen


def _unit_vectors(record: Record, vectors: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A vector of length one for each term, (V, E), and which terms have one.

    Those given, or of the corpus: singular vectors of its tf-idf counts (Deerwester et al., JASIS
    1990).
    """
    terms = record.vocabulary.terms
    if vectors is None:
        from sklearn.utils.extmath import randomized_svd

        counts = sparse.csr_matrix(record.counts, dtype=np.float64)
        documents = np.bincount(counts.indices, minlength=len(terms))
        counts.data = np.log1p(counts.data)
        weighted = counts @ sparse.diags(np.log((1 + counts.shape[0]) / (1 + documents)))
        n = max(1, min(_DIMENSIONS, *(size - 1 for size in counts.shape)))
        _, values, right = randomized_svd(weighted, n, n_iter=4, random_state=0)
        rows = right.T * values
    else:
        if not (hasattr(vectors, "vocabulary") and hasattr(vectors, "input")):
            raise InputError(f"vectors: are of type {type(vectors).__name__}. Give WordVectors.")
        columns = vectors.vocabulary.columns(terms)
        rows = np.where((columns >= 0)[:, None], vectors.input[np.maximum(columns, 0)], 0.0)
    lengths = np.linalg.norm(rows, axis=1)
    if not (lengths > 0).any():
        raise InputError("vectors: none of the terms has one. Give vectors of the same language.")
    return np.asarray(rows / np.maximum(lengths, 1e-12)[:, None], dtype=np.float64), lengths > 0
