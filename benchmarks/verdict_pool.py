"""Topics of six models on two corpora, to be rated blind: what was rated, and by what sheet.

    python benchmarks/verdict_pool.py fit OUT        # fits the models, keeps their results
    python benchmarks/verdict_pool.py sheet OUT      # topics in random order, without their models
    python benchmarks/verdict_pool.py fit OUT --pool later    # other corpora
    python benchmarks/verdict_pool.py sheet OUT --pool later

The sheet shows ten words a topic and the commonest words of three documents that it leads; the
key (of which model each is) is written to a file of its own. ``ratings/`` holds what was drawn,
with a mark each; ``verdict_agreement.py`` reads it. ``later``: 104 topics of four models on
reviews of Yelp and raw newsgroup posts; ``last``: 102 of three models on passages of Wikipedia and
on search snippets.
"""

from __future__ import annotations

import argparse
import gzip
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file, load_split

N_TOPICS = 50
N_ARXIV = 20_000
N_POSTS = 8_000
MAX_TERMS = 10_000
N_PASSAGES, PASSAGE = 5_000, 200
"""Passages of Wikipedia, and words of each."""

N_WORDS = 10
N_DOCUMENTS = 3
DOCUMENT_WORDS = 12


@dataclass(frozen=True)
class Pool:
    """What is drawn: of each corpus and model as many topics, the file names of which begin so."""

    corpora: tuple[str, ...]
    models: tuple[str, ...]
    per_model: int
    seed: int
    prefix: str


_SIX = ("prodlda", "dirichlet-vae", "etm", "lda", "ntm", "nmf")
_FOUR = ("prodlda", "dirichlet-vae", "lda", "nmf")
_THREE = ("prodlda", "lda", "nmf")
POOLS = {
    "first": Pool(("nyt-10k", "arxiv"), _SIX, 25, 1, ""),
    "later": Pool(("yelp", "20newsgroups"), _FOUR, 13, 2, "later_"),
    "last": Pool(("wiki", "snippets"), _THREE, 17, 3, "last_"),
}


def corpus_of(name: str) -> Any:
    """Counts of the New York Times; titles and abstracts of arXiv, reviews and posts read raw."""
    import polytopic as pt

    if name == "nyt-10k":
        split = load_split(name)
        return pt.Corpus.from_counts(split.train, terms=split.terms, labels=split.train_labels)
    if name == "wiki":
        with gzip.open(corpus_file(DATA, name, "wiki100m.txt.gz"), "rt", encoding="utf-8") as file:
            words = file.read().split()
        starts = np.random.default_rng(0).choice(len(words) // PASSAGE, N_PASSAGES, replace=False)
        texts = [" ".join(words[PASSAGE * s : PASSAGE * (s + 1)]) for s in np.sort(starts)]
        return pt.Corpus.from_texts(texts, max_terms=MAX_TERMS, keep_texts=False)
    if name == "snippets":
        texts = (
            corpus_file(DATA, name, "SearchSnippets.txt").read_text(encoding="utf-8").splitlines()
        )
        return pt.Corpus.from_texts(texts, max_terms=MAX_TERMS, keep_texts=False)
    if name == "yelp":
        return pt.read(
            corpus_file(DATA, name, "reviews.csv"), text="text", label="stars", max_terms=MAX_TERMS
        )
    if name == "arxiv":
        papers = _drawn(corpus_file(DATA, name, "arxiv200k.jsonl.gz"), N_ARXIV)
        texts = [f"{paper['title']} {paper['abstract']}" for paper in papers]
        labels = [paper["category"] for paper in papers]
    else:
        posts = _drawn(corpus_file(DATA, name, "20newsgroups.jsonl.gz"), N_POSTS)
        texts, labels = [post["body"] for post in posts], [post["group"] for post in posts]
    return pt.Corpus.from_texts(texts, labels=labels, max_terms=MAX_TERMS, keep_texts=False)


def _drawn(path: Path, n: int) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    rows = np.sort(np.random.default_rng(0).choice(len(lines), n, replace=False))
    return [json.loads(lines[row]) for row in rows]


def result_of(name: str, corpus: Any) -> Any:
    """The result of one model with its defaults, seed 0."""
    from polytopic import registry

    if name == "nmf":
        return _nmf(corpus)
    kind = registry.load_class(registry.find(name, "topics"))
    if name == "dirichlet-vae":  # whose words were read so when they were rated
        kind = type(kind.__name__, (kind,), {"_reading_power": 0.25})
    return kind(n_topics=N_TOPICS, random_state=0).fit_result(corpus)


def _nmf(corpus: Any) -> Any:
    """scikit-learn's NMF on tf-idf (Frobenius), rows scaled to the simplex."""
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfTransformer

    from polytopic.result import TopicResult

    weights = TfidfTransformer().fit_transform(corpus.counts)
    model = NMF(N_TOPICS, init="nndsvd", random_state=0, max_iter=100)
    theta, beta = model.fit_transform(weights), model.components_
    beta = (beta + 1e-12) / (beta + 1e-12).sum(axis=1, keepdims=True)
    theta = (theta + 1e-12) / (theta + 1e-12).sum(axis=1, keepdims=True)
    return TopicResult(
        topic_word=beta.astype(np.float32), doc_topic=theta.astype(np.float32),
        vocabulary=corpus.vocabulary, counts=corpus.counts, labels=corpus.labels, model="NMF",
    )  # fmt: skip


def fit(out: Path, pool: Pool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for corpus_name in pool.corpora:
            corpus = corpus_of(corpus_name)
            for model in pool.models:
                folder = out / f"{corpus_name}-{model}"
                if not folder.exists():
                    result_of(model, corpus).save(folder)
                    print("fitted", folder.name, flush=True)


def sheet(out: Path, pool: Pool) -> None:
    """Write ``sheet.txt`` (to read), ``topics.json`` and ``key.json``, with the pool's prefix."""
    import polytopic as pt

    rng = np.random.default_rng(pool.seed)
    drawn = []
    for corpus in pool.corpora:
        for model in pool.models:
            result = pt.load_result(out / f"{corpus}-{model}")
            words = result.top_words(N_WORDS)
            for topic in sorted(rng.choice(N_TOPICS, pool.per_model, replace=False).tolist()):
                rows = result.top_documents(topic, N_DOCUMENTS)
                documents = [_gist(result, row) for row in rows]
                drawn.append((corpus, model, topic, words[topic], documents))
    order = rng.permutation(len(drawn))
    shown = [drawn[place] for place in order]
    topics = [{"id": i, "corpus": c, "words": w} for i, (c, _, _, w, _) in enumerate(shown)]
    key = [{"id": i, "model": m, "topic": t} for i, (_, m, t, _, _) in enumerate(shown)]
    (out / f"{pool.prefix}topics.json").write_text(json.dumps(topics, indent=1))
    (out / f"{pool.prefix}key.json").write_text(json.dumps(key, indent=1))
    lines = []
    for i, (_, _, _, words, documents) in enumerate(shown):
        lines.append(f"{i}: {' '.join(words)}")
        lines += [f"    {document}" for document in documents]
    (out / f"{pool.prefix}sheet.txt").write_text("\n".join(lines) + "\n")


def _gist(result: Any, row: int) -> str:
    """The most telling terms of a document: counts weighted by rarity."""
    start, end = result.counts.indptr[row : row + 2]
    columns, counts = result.counts.indices[start:end], result.counts.data[start:end]
    rarity = np.log(result.n_documents / result.vocabulary.document_counts[columns])
    best = columns[np.argsort(-(counts * rarity), kind="stable")[:DOCUMENT_WORDS]]
    return " ".join(result.vocabulary.terms[column] for column in best)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("fit", "sheet"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--pool", choices=tuple(POOLS), default="first")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    {"fit": fit, "sheet": sheet}[given.stage](given.out, POOLS[given.pool])
