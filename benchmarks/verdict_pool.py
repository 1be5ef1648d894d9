"""Topics of six models on two corpora, to be rated blind: what was rated, and by what sheet.

    python benchmarks/verdict_pool.py fit OUT        # fits the models, keeps their results
    python benchmarks/verdict_pool.py sheet OUT      # topics in random order, without their models

The sheet shows ten words a topic and the commonest words of three documents that it leads; the
key (of which model each is) is written to a file of its own. ``ratings/`` holds what was drawn,
with a mark each; ``verdict_agreement.py`` reads it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, load_split

N_TOPICS = 50
PER_MODEL = 25
"""Topics drawn of each model and corpus: 25 x 6 x 2 = 300."""

MODELS = ("prodlda", "dirichlet-vae", "etm", "lda", "ntm", "nmf")
N_ARXIV = 20_000
N_WORDS = 10
N_DOCUMENTS = 3
DOCUMENT_WORDS = 12


def corpora() -> dict[str, Any]:
    """Counts with labels of the New York Times; titles and abstracts of arXiv, read raw."""
    import polytopic as pt

    split = load_split("nyt-10k")
    news = pt.Corpus.from_counts(split.train, terms=split.terms, labels=split.train_labels)
    with gzip.open(DATA / "arxiv" / "arxiv200k.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    rows = np.sort(np.random.default_rng(0).choice(len(lines), N_ARXIV, replace=False))
    read = [json.loads(lines[row]) for row in rows]
    papers = pt.Corpus.from_texts(
        [f"{paper['title']} {paper['abstract']}" for paper in read],
        labels=[paper["category"] for paper in read],
        max_terms=10_000,
        keep_texts=False,
    )
    return {"nyt-10k": news, "arxiv": papers}


def result_of(name: str, corpus: Any) -> Any:
    """The result of one model with its defaults, seed 0."""
    from polytopic import registry

    if name == "nmf":
        return _nmf(corpus)
    kind = registry.load_class(registry.find(name, "topics"))
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


def fit(out: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for corpus_name, corpus in corpora().items():
            for model in MODELS:
                folder = out / f"{corpus_name}-{model}"
                if not folder.exists():
                    result_of(model, corpus).save(folder)
                    print("fitted", folder.name, flush=True)


def sheet(out: Path) -> None:
    """Write ``sheet.txt`` (to read), ``topics.json`` and ``key.json``."""
    import polytopic as pt

    rng = np.random.default_rng(1)
    drawn = []
    for corpus in ("nyt-10k", "arxiv"):
        for model in MODELS:
            result = pt.load_result(out / f"{corpus}-{model}")
            words = result.top_words(N_WORDS)
            for topic in sorted(rng.choice(N_TOPICS, PER_MODEL, replace=False).tolist()):
                rows = result.top_documents(topic, N_DOCUMENTS)
                documents = [_gist(result, row) for row in rows]
                drawn.append((corpus, model, topic, words[topic], documents))
    order = rng.permutation(len(drawn))
    shown = [drawn[place] for place in order]
    topics = [{"id": i, "corpus": c, "words": w} for i, (c, _, _, w, _) in enumerate(shown)]
    key = [{"id": i, "model": m, "topic": t} for i, (_, m, t, _, _) in enumerate(shown)]
    (out / "topics.json").write_text(json.dumps(topics, indent=1))
    (out / "key.json").write_text(json.dumps(key, indent=1))
    lines = []
    for i, (_, _, _, words, documents) in enumerate(shown):
        lines.append(f"{i}: {' '.join(words)}")
        lines += [f"    {document}" for document in documents]
    (out / "sheet.txt").write_text("\n".join(lines) + "\n")


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
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    {"fit": fit, "sheet": sheet}[given.stage](given.out)
