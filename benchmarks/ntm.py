"""NTM at a million short documents, beside LDA: time, memory, dead and doubled topics, ranking.

    python benchmarks/ntm.py                              # a million documents, K = 128
    python benchmarks/ntm.py --models ntm lda tomotopy    # LDA of the same K, for --seconds
    python benchmarks/ntm.py --scaling                    # pairs/s at 10 k, 100 k, 1 M documents
    python benchmarks/ntm.py --perplexity                 # 20ng-2k, K = 50, and what was published

Documents: runs of about ten (Poisson, at least four) consecutive terms of titles and abstracts of
arXiv, drawn with replacement under a fixed seed; terms are words and two-word collocations. Of each
document one token's term is held out of training, all its occurrences in it. ``tokens``: the share
of held-out (term, d+, d-) triples in which a model scores the document the term was taken from
above a random one that does not hold it; ``terms``: the same with each term counted alike, the
mean over terms of their shares. ``new``: the same for the terms of 50,000 documents drawn anew,
whose topics are inferred from all their terms. All models see the same documents; NTM's score is
ls(g, d), LDA's is theta_d . phi_g; inferred shares are those of the best of three concentrations.
``alive``: topics that are the largest of a document. NPMI of the first ten words is by whole
documents. ``cpu_s``: seconds of all processors, on a busy machine more telling than ``seconds``;
the scoring of triples is included.

Every run is a process of its own. Peer: pip install tomotopy.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from numpy.typing import NDArray
from scipy import sparse

LENGTH, SHORTEST = 10, 4
JUDGED = 200_000
"""Triples, and documents whose topics are judged."""

NEW = 50_000
"""Documents drawn anew."""

CONCENTRATIONS = (0.1, 0.5, 2.0)
"""Of the shares of inferred topics; the best counts."""

COLUMNS = (
    "seconds",
    "cpu_s",
    "peak_mb",
    "alive",
    "duplicates",
    "td",
    "npmi",
    "tokens",
    "terms",
    "new",
    "pairs_s",
)


@dataclass(frozen=True)
class Sample:
    """``corpus``: what is trained on; ``whole``: CSR with what was held out; ``held``: (D,).

    ``fresh``: CSR of documents drawn anew.
    """

    corpus: Any
    whole: sparse.csr_matrix
    held: NDArray[np.int32]
    fresh: sparse.csr_matrix


def draw(n_documents: int, data: Path, seed: int = 0) -> Sample:
    import polytopic as pt

    file = corpus_file(data, "arxiv", "arxiv200k.jsonl.gz")
    source = pt.read(file, text=["title", "abstract"], max_terms=30_000, ngrams=2)
    rng = np.random.default_rng(seed)
    document, tokens, bounds = _runs(source, n_documents, rng)
    held = tokens[bounds[:-1] + (rng.random(n_documents) * np.diff(bounds)).astype(int)]
    kept = tokens != held[document]
    n_terms = len(source.vocabulary)
    whole = _counts(document, tokens, (n_documents, n_terms))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(document[kept], minlength=n_documents))))
    counts = _counts(document[kept], tokens[kept], (n_documents, n_terms))
    corpus = pt.Corpus(counts, source.vocabulary, tokens=tokens[kept], offsets=offsets)
    rows, columns, _ = _runs(source, NEW, np.random.default_rng([seed, 1]))
    return Sample(corpus, whole, held, _counts(rows, columns, (NEW, n_terms)))


def _runs(source: Any, n_documents: int, rng: np.random.Generator) -> tuple[NDArray[Any], ...]:
    """Number of the document and term of each token, and where documents begin."""
    lengths = np.diff(source.offsets)
    drawn = rng.choice(np.flatnonzero(lengths >= LENGTH + 2), n_documents)
    n = np.minimum(np.maximum(rng.poisson(LENGTH, n_documents), SHORTEST), lengths[drawn])
    room = lengths[drawn] - n + 1
    starts = source.offsets[drawn] + (rng.random(n_documents) * room).astype(int)
    bounds = np.concatenate(([0], np.cumsum(n)))
    document = np.repeat(np.arange(n_documents), n)
    places = starts[document] + np.arange(bounds[-1]) - bounds[document]
    return document, source.tokens[places], bounds


def _counts(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> sparse.csr_matrix:
    counts = sparse.csr_matrix((np.ones(len(rows), np.int32), (rows, columns)), shape=shape)
    counts.sum_duplicates()
    return counts


def triples(sample: Sample, n: int, seed: int = 1) -> tuple[NDArray[Any], ...]:
    """Terms, documents that they were taken from, documents without them."""
    rng = np.random.default_rng(seed)
    n_documents = len(sample.held)
    own = rng.choice(n_documents, min(n, n_documents), replace=False)
    return sample.held[own], own, _without(sample.held[own], sample.whole, rng)


def new_triples(sample: Sample, seed: int = 2) -> tuple[NDArray[Any], ...]:
    """The same of new documents, each of their terms equally likely."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(sample.fresh.nnz, size=JUDGED)
    own = np.searchsorted(sample.fresh.indptr, pairs, side="right") - 1
    terms = sample.fresh.indices[pairs]
    return terms, own, _without(terms, sample.fresh, rng)


def _without(
    terms: NDArray[Any], counts: sparse.csr_matrix, rng: np.random.Generator
) -> NDArray[Any]:
    other = rng.integers(counts.shape[0], size=len(terms))
    for _ in range(100):
        holding = np.asarray(counts[other, terms]).ravel() > 0
        if not holding.any():
            break
        other[holding] = rng.integers(counts.shape[0], size=int(holding.sum()))
    return other


def accuracy(terms: NDArray[Any], high: NDArray[Any], low: NDArray[Any]) -> tuple[float, float]:
    """By triples, and by terms; ties count half."""
    right = (high > low) + 0.5 * (high == low)
    seen = np.bincount(terms)
    by_term = np.bincount(terms, weights=right)[seen > 0] / seen[seen > 0]
    return float(right.mean()), float(by_term.mean())


def run_ntm(sample: Sample, arguments: argparse.Namespace) -> dict[str, Any]:
    import polytopic as pt

    options = json.loads(arguments.options)
    started = time.perf_counter()
    model = pt.NTM(n_topics=arguments.k, random_state=0, **options).fit(sample.corpus)
    seconds = time.perf_counter() - started
    terms, own, other = triples(sample, JUDGED)
    scores = [model.score_pairs(terms, rows) for rows in (own, other)]
    weights = model.document_weights_[:JUDGED].astype(np.float64)
    theta = np.exp(weights - weights.max(axis=1, keepdims=True))
    pairs = sum(record["pairs"] for record in model.history_)
    return {
        "seconds": seconds,
        "topic_word": model.topic_word_,
        "theta": theta / theta.sum(axis=1, keepdims=True),
        "accuracy": accuracy(terms, *scores),
        "new": max(_new(model.set_params(alpha=alpha), sample) for alpha in CONCENTRATIONS),
        "pairs_s": pairs / model.history_[-1]["seconds"],
    }


def _new(model: Any, sample: Sample) -> tuple[float, float]:
    theta = model.transform(sample.fresh)
    return ranked(theta, model.term_topics_.T, new_triples(sample))


def run_lda(sample: Sample, arguments: argparse.Namespace) -> dict[str, Any]:
    """As many passes as ``--seconds`` allow, by the speed of the first few."""
    import polytopic as pt

    held: dict[str, Any] = {"n_topics": arguments.k, "alpha": 0.1, "eta": 0.01, "random_state": 0}
    trial = pt.LDA(iterations=4, **held).fit(sample.corpus)
    each = trial.history_[-1]["seconds"] / 4
    passes = max(10, int(arguments.seconds / each))
    started = time.perf_counter()
    model = pt.LDA(iterations=passes, **held).fit(sample.corpus)
    seconds = time.perf_counter() - started
    found = best_of(model.topic_word_, sample)
    return {"seconds": seconds, "topic_word": model.topic_word_, "pairs_s": float("nan"), **found}


def best_of(topic_word: NDArray[Any], sample: Sample) -> dict[str, Any]:
    """LDA's scores theta_d . phi_g, of the best of three concentrations of theta."""
    from polytopic.topics.lda.kernels.inference import csr_arrays, infer_documents, term_rows

    rows, best = term_rows(topic_word.astype(np.float32)), {"accuracy": (0.0, 0.0), "new": (0.0,)}
    for alpha in CONCENTRATIONS:
        prior = np.full(len(topic_word), alpha)
        theta, _ = infer_documents(*csr_arrays(sample.corpus.counts), rows, prior, n_threads=2)
        new, _ = infer_documents(*csr_arrays(sample.fresh), rows, prior, n_threads=2)
        best["accuracy"] = max(best["accuracy"], ranked(theta, topic_word, triples(sample, JUDGED)))
        best["new"] = max(best["new"], ranked(new, topic_word, new_triples(sample)))
        best.setdefault("theta", theta[:JUDGED].astype(np.float64))
    return best


def run_tomotopy(sample: Sample, arguments: argparse.Namespace) -> dict[str, Any]:
    import tomotopy

    words = [str(term) for term in range(sample.whole.shape[1])]
    model = tomotopy.LDAModel(k=arguments.k, alpha=0.1, eta=0.01, seed=1)
    started = time.perf_counter()
    tokens, offsets = sample.corpus.tokens.tolist(), sample.corpus.offsets.tolist()
    kept = np.flatnonzero(np.diff(sample.corpus.offsets) > 0)
    for row in kept.tolist():
        model.add_doc([words[t] for t in tokens[offsets[row] : offsets[row + 1]]])
    while time.perf_counter() - started < arguments.seconds:
        model.train(5, workers=2)
    seconds = time.perf_counter() - started
    column = {word: index for index, word in enumerate(model.used_vocabs)}
    order = np.array([column.get(word, -1) for word in words])
    phi = np.array([model.get_topic_word_dist(k) for k in range(arguments.k)])
    topic_word = np.where(order >= 0, phi[:, order], 0.0)
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    found = best_of(topic_word, sample)
    return {"seconds": seconds, "topic_word": topic_word, "pairs_s": float("nan"), **found}


def ranked(
    theta: NDArray[Any], topic_word: NDArray[Any], judged: tuple[NDArray[Any], ...]
) -> tuple[float, float]:
    """The accuracies of theta_d . phi_g."""
    terms, own, other = judged
    rows = np.ascontiguousarray(topic_word.T)[terms]
    high, low = (np.einsum("pk,pk->p", theta[d], rows) for d in (own, other))
    return accuracy(terms, high, low)


RUNNERS = {"ntm": run_ntm, "lda": run_lda, "tomotopy": run_tomotopy}


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    from polytopic import metrics

    sample = draw(arguments.documents, arguments.data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = time.process_time()
        found = RUNNERS[arguments.one](sample, arguments)
        used = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    theta = found["theta"] / found["theta"].sum(axis=1, keepdims=True)
    terms = sample.corpus.vocabulary.terms
    order = np.argsort(-found["topic_word"], axis=1, kind="stable")[:, :10]
    words = [[terms[term] for term in row] for row in order]
    judged = np.asarray(found["topic_word"], dtype=np.float64)
    collapse = metrics.collapse(judged / judged.sum(axis=1, keepdims=True), theta)
    if arguments.words:
        print("\n".join(" ".join(row) for row in words))
    return {
        "seconds": found["seconds"],
        "cpu_s": used,
        "peak_mb": peak,
        "alive": float(arguments.k - len(collapse.dead)),
        "duplicates": collapse.share_duplicates,
        "td": metrics.diversity(words, n=10),
        "npmi": metrics.npmi(words, sample.whole[:JUDGED], vocabulary=terms),
        "tokens": found["accuracy"][0],
        "terms": found["accuracy"][1],
        "new": found["new"][0],
        "pairs_s": found["pairs_s"],
    }


def scaling(arguments: argparse.Namespace) -> None:
    """The same number of pairs, and the same vectors, at three numbers of documents."""
    import polytopic as pt

    sample = draw(arguments.documents, arguments.data)
    counts = sample.corpus.counts
    vectors = np.random.default_rng(0).standard_normal((counts.shape[1], 300), dtype=np.float32)
    sizes = [counts.shape[0] // 100, counts.shape[0] // 10, counts.shape[0]]
    rates: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(3):
        for size in sizes:
            model = pt.NTM(
                n_topics=arguments.k, vectors=vectors, epochs=2 * sizes[-1] // size, random_state=0
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(counts[:size])
            pairs = sum(record["pairs"] for record in model.history_)
            rates[size].append(pairs / model.history_[-1]["seconds"])
    for size, found in rates.items():
        print(f"{size:>9,} documents: {np.median(found):>12,.0f} pairs/s")


def perplexity(arguments: argparse.Namespace) -> None:
    """Published for NTM: 883.7. ``whole``: shares of topics from the document that is judged."""
    import perplexity_20ng2k as corpus

    import polytopic as pt
    from polytopic import metrics

    folder = corpus_file(arguments.data, "20ng-2k")
    train, test = (corpus.load(folder / f"{part}.feat.gz") for part in ("train", "test"))
    tokens = np.asarray(test.sum(axis=1), dtype=np.float64).ravel()
    for seed in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = pt.NTM(n_topics=50, background=0.5, random_state=seed).fit(train)
            fit = model._log_likelihood(test, model.transform(test))
            completed = metrics.perplexity(model, test)
        whole = float(np.exp(-(fit / tokens).mean()))
        print(f"seed {seed}: whole {whole:.0f}, completion {completed:.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=["ntm"], choices=list(RUNNERS))
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("-k", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=240.0, help="of LDA's training")
    parser.add_argument("--options", default="{}", help="parameters of NTM, as JSON")
    parser.add_argument("--words", action="store_true", help="print the topics' first words")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--perplexity", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.scaling or arguments.perplexity:
        (scaling if arguments.scaling else perplexity)(arguments)
        return
    if arguments.one is not None:
        print("RESULT " + json.dumps(measure(arguments)))
        return
    print(f"{'model':10}" + "".join(f"{column:>12}" for column in COLUMNS))
    for model in arguments.models:
        command = [sys.executable, __file__, *sys.argv[1:], "--one", model]
        done = subprocess.run(command, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        results = [line for line in lines if line.startswith("RESULT ")]
        if not results:
            sys.exit(f"{model}: no result\n{done.stderr[-2000:]}")
        print("\n".join(line for line in lines if not line.startswith("RESULT ")))
        result = json.loads(results[-1].removeprefix("RESULT "))
        print(f"{model:10}" + "".join(f"{result[c]:>12,.3f}" for c in COLUMNS), flush=True)


if __name__ == "__main__":
    main()
