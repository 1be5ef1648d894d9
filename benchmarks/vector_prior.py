"""Word vectors as prior knowledge of LDA: coherence and stability against the prior's strength.

    python benchmarks/vector_prior.py                          # three corpora, 20 topics, 3 seeds
    python benchmarks/vector_prior.py --corpora 20ng-500 --strengths 0 100 1000
    python benchmarks/vector_prior.py --figure docs/images/vector-prior.svg

Corpora: 500 and 2,000 random training documents of 20ng-5k, tested on its 7,532 test documents, and
search snippets, of which a third is held out; terms that occur in fewer than three training
documents are left out. Vectors: ``own``, made of the training documents (``ppmi_vectors``), and
``wiki``, skip-gram over wiki100m, 3 epochs; both of 100 dimensions. ``--cache`` keeps the latter.

Ways: ``simplex.from_vectors`` by ``cluster`` and ``projection``, as ``simplex.prior(means,
strength)``; ``start``, the clusters as LDA's start with a flat prior; ``features``, EmbeddingLDA,
whose strength is ``scale``. Beside them LDA without vectors, with eta .01 (``none``) and with a
learned eta (``learned``), and EmbeddingLDA with the vectors of other words (``shuffled``).

The seed is that of the vectors' clusters too. NPMI of the top 10 words by document counts, on the
training and on the test documents; TD of the top 25; perplexity by completion of test documents;
``same``: the mean Jaccard index of the top 10 words of best-matched topics of two seeds. Medians of
the seeds. Everything runs in one thread.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file, load_split
from _wiki import sentence_file
from scipy import sparse

from polytopic.figures.making import make
from polytopic.figures.vector_prior import COLUMNS, Cut, measured, same_topics

DIM = 100
WAYS = ("cluster", "projection", "start", "features")


def load(name: str, data: Path) -> Cut:
    """``snippets``, or ``20ng-N`` for N training documents."""
    rng = np.random.default_rng(0)
    if name == "snippets":
        import polytopic as pt

        lines = (
            corpus_file(data, "snippets", "SearchSnippets.txt")
            .read_text(encoding="utf-8")
            .splitlines()
        )
        corpus = pt.Corpus.from_tokens([line.split() for line in lines])
        order = rng.permutation(corpus.counts.shape[0])
        counts, terms, held = corpus.counts, list(corpus.vocabulary.terms), len(order) // 3
        train, test = counts[order[held:]], counts[order[:held]]
    else:
        split = load_split("20ng-5k", data)
        rows = rng.choice(split.train.shape[0], int(name.removeprefix("20ng-")), replace=False)
        train, test, terms = split.train[rows], split.test, split.terms
    kept = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]) >= 3)
    cut = [sparse.csr_matrix(part[:, kept]) for part in (train, test)]
    return Cut(cut[0], cut[1], [terms[column] for column in kept])


def wiki_vectors(data: Path, cache: Path) -> Any:
    """Vectors of wiki100m, trained once."""
    import polytopic as pt

    folder = cache / "wiki-vectors"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        model = pt.SkipGram(dim=DIM, epochs=3, n_threads=1, random_state=0)
        model.fit(sentence_file(data, cache)).vectors_.save(folder)
    return pt.WordVectors.load(folder)


def own_vectors(cut: Cut) -> Any:
    import polytopic as pt
    from polytopic.embeddings import ppmi_vectors

    return pt.WordVectors(cut.terms, ppmi_vectors(cut.train, DIM))


def model_of(
    way: str, strength: float, vectors: Any, cut: Cut, seed: int, arguments: argparse.Namespace
) -> Any:
    import polytopic as pt

    common = {"n_topics": arguments.k, "alpha": 0.1, "n_threads": 1, "random_state": seed}
    if way in ("none", "learned"):
        return pt.LDA(eta=0.01 if way == "none" else "symmetric", **common)
    if way == "features":
        return pt.EmbeddingLDA(vectors=vectors, missing="uniform", scale=strength, **common)
    means = pt.simplex.from_vectors(
        vectors, arguments.k, "cluster" if way == "start" else way, vocabulary=cut.terms,
        missing="uniform", counts=cut.train, random_state=seed,
    )  # fmt: skip
    if way == "start":
        return pt.LDA(start=means, eta=0.01, **common)
    return pt.LDA(eta=pt.simplex.prior(means, strength), **common)


def plans(arguments: argparse.Namespace) -> Iterator[tuple[str, str, float]]:
    """Way, vectors and strength of each line of the table."""
    yield "none", "", 0.0
    yield "learned", "", 0.0
    for source, way in itertools.product(("own", "wiki"), arguments.ways):
        if way == "start":
            yield way, source, 0.0
        else:
            numbers = arguments.scales if way == "features" else arguments.strengths
            for number in numbers:
                yield way, source, number
    if "features" in arguments.ways:
        yield "features", "shuffled", arguments.scales[len(arguments.scales) // 2]


def table_of(name: str, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    import polytopic as pt

    cut = load(name, arguments.data)
    sources = {"": None, "own": own_vectors(cut)}
    sources["wiki"] = wiki_vectors(arguments.data, arguments.cache)
    order = np.random.default_rng(0).permutation(len(cut.terms))
    sources["shuffled"] = pt.WordVectors(cut.terms, sources["own"].input[order])
    unknown = sum(term not in sources["wiki"].vocabulary for term in cut.terms)
    tokens = int(cut.train.sum())
    print(
        f"\n{name}: {cut.train.shape[0]:,} documents, {tokens:,} tokens, {len(cut.terms):,} terms "
        f"({unknown} without a wiki vector), {tokens / arguments.k:,.0f} tokens a topic",
        flush=True,
    )
    print(
        f"{'way':11}{'vectors':9}{'strength':>8}" + "".join(f"{c:>11}" for c in COLUMNS) + "  same"
    )
    records = []
    for way, source, strength in plans(arguments):
        runs = [
            measured(model_of(way, strength, sources[source], cut, seed, arguments), cut)
            for seed in range(arguments.seeds)
        ]
        record: dict[str, Any] = {c: statistics.median(r[c] for r in runs) for c in COLUMNS}
        pairs = [same_topics(a["top"], b["top"]) for a, b in itertools.combinations(runs, 2)]
        record["same"] = statistics.mean(pairs) if pairs else float("nan")
        records.append(
            {"corpus": name, "way": way, "vectors": source, "strength": strength} | record
        )
        figures = "".join(f"{record[c]:11.3f}" for c in (*COLUMNS, "same"))
        print(f"{way:11}{source:9}{strength:8g}{figures}", flush=True)
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--corpora", nargs="+", default=["20ng-500", "20ng-2000", "snippets"])
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    strengths = [30, 100, 300, 1000, 3000]
    parser.add_argument("--strengths", nargs="+", type=float, default=strengths)
    parser.add_argument("--scales", nargs="+", type=float, default=[0.5, 1, 2])
    parser.add_argument("-k", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cache", type=Path, default=Path("vector-prior"))
    parser.add_argument(
        "--figure", type=Path, help="draw the last results (needs the figures extra)"
    )
    arguments = parser.parse_args()
    saved = arguments.cache / "records.json"
    if arguments.figure:
        make("vector-prior", arguments.figure, data=saved)
        return
    records: list[dict[str, Any]] = []
    for name in arguments.corpora:
        records += table_of(name, arguments)
        arguments.cache.mkdir(parents=True, exist_ok=True)
        saved.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
