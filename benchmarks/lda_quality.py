"""LDA's quality at equal time, against LDA of tomotopy, scikit-learn and gensim.

    python benchmarks/lda_quality.py                           # 20ng-5k, K = 50, three seeds
    python benchmarks/lda_quality.py --models polytopic-200 gensim-20 gensim-50
    python benchmarks/lda_quality.py --corpus nyt-10k --json runs.jsonl
    python benchmarks/lda_quality.py --merge runs.jsonl more.jsonl

A model is a name and its passes: polytopic (the default: a learned alpha for each topic, eta .02),
polytopic-asymmetric (that with eta .01), polytopic-held (alpha .1), polytopic-symmetric (one
learned alpha), polytopic-late (as asymmetric, learned after the start alone), polytopic-cold and
polytopic-asymmetric-cold (without the passes of the start), polytopic-one (topics of one state in
place of the mean of ten), polytopic-online, polytopic-idf and polytopic-information (weights of
terms), polytopic-both (of information, and a learned alpha for each topic), polytopic-tempered (as
both, with the square roots of those weights), polytopic-background (a background of .3), tomotopy,
tomotopy-held, scikit-online, scikit-batch, gensim, gensim-multicore. All but the default have alpha
.1 and eta .01, but where said, held but by those of ours that learn them and by tomotopy (its
default), which learns an alpha for each topic, and two workers where they can; gensim's LdaModel
and gensim's inference have one. Every run is a process of its own, the models taking turns seed by
seed. All figures are computed by ``polytopic.metrics``: NPMI of the top 10
words by document counts on the training documents, on the test documents (held out) and on wiki100m
(documents of 1,000 words), TD of the top 25, purity and NMI of the argmax of each library's own
theta of the test documents, perplexity of their held-out halves. ``seconds`` is the fit. Corpora
without test documents give every fifth; of raw ones a sample is read, as ``verdict_pool.py`` says.

Peers: pip install tomotopy scikit-learn gensim.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from _quality import DOCUMENT_WORDS, wiki
from consensus import split_of
from numpy.typing import NDArray
from scipy import sparse

ALPHA, ETA, WORKERS = 0.1, 0.01, 2
Counts = sparse.csr_matrix
Fitted = tuple[NDArray[Any], Callable[[Counts], NDArray[Any]], float, Callable[..., Any] | None]
"""topic_word (K, V), theta of counts, seconds of the fit; the log-likelihood where it is no mixture
of these topics."""

OWN: dict[str, dict[str, Any]] = {
    "polytopic": {"alpha": "asymmetric", "eta": 0.02},
    "polytopic-asymmetric": {"alpha": "asymmetric"},
    "polytopic-held": {},
    "polytopic-symmetric": {"alpha": "symmetric"},
    "polytopic-late": {"alpha": "asymmetric"},
    "polytopic-cold": {},
    "polytopic-asymmetric-cold": {"alpha": "asymmetric"},
    "polytopic-one": {"samples": 1},
    "polytopic-online": {"method": "online"},
    "polytopic-idf": {"term_weights": "idf"},
    "polytopic-information": {"term_weights": "information"},
    "polytopic-both": {"alpha": "asymmetric", "term_weights": "information"},
    "polytopic-tempered": {"alpha": "asymmetric", "term_weights": "tempered"},
    "polytopic-background": {"background": 0.3},
}
"""What ours differ in."""

MODELS = ("polytopic-200", "polytopic-asymmetric-200", "polytopic-held-200", "tomotopy-200",
          "tomotopy-held-200", "scikit-online-10", "scikit-batch-30", "gensim-20",
          "gensim-multicore-20")  # fmt: skip
COLUMNS = {"npmi": ".3f", "held_out": ".3f", "wiki": ".3f", "td": ".3f", "purity": ".3f",
           "nmi": ".3f", "perplexity": ".1f", "seconds": ".1f"}  # fmt: skip


def run_polytopic(kind: str, passes: int, split: Split, n_topics: int, seed: int) -> Fitted:
    import polytopic as pt
    from polytopic.topics.lda.kernels import gibbs
    from polytopic.topics.lda.prior_rules import Asymmetric

    if kind.endswith("-cold"):
        gibbs.start_passes = lambda n_topics: 0
    Asymmetric.from_start = kind != "polytopic-late"
    settings: dict[str, Any] = {"alpha": ALPHA, "eta": ETA, "n_threads": WORKERS, **OWN[kind]}
    pt.LDA(n_topics=5, iterations=2, **settings).fit(split.train[:50])  # compiles
    started = time.perf_counter()
    model = pt.LDA(n_topics=n_topics, iterations=passes, random_state=seed, **settings)
    model.fit(split.train)
    seconds = time.perf_counter() - started
    plain = model.term_weights_ is None and model.background_ is None
    return model.topic_word_, model.transform, seconds, None if plain else model.log_likelihood


def run_tomotopy(kind: str, passes: int, split: Split, n_topics: int, seed: int) -> Fitted:
    import tomotopy

    def words(counts: Counts, row: int) -> list[str]:
        part = slice(counts.indptr[row], counts.indptr[row + 1])
        return [str(term) for term in np.repeat(counts.indices[part], counts.data[part])]

    model = tomotopy.LDAModel(k=n_topics, alpha=ALPHA, eta=ETA, seed=seed + 1)
    if kind == "tomotopy-held":
        model.optim_interval = 0
    documents = [words(split.train, row) for row in range(split.train.shape[0])]
    started = time.perf_counter()
    for document in documents:
        if document:
            model.add_doc(document)
    model.train(passes, workers=WORKERS)
    seconds = time.perf_counter() - started
    topic_word = np.full((n_topics, split.train.shape[1]), 1e-12)
    columns = [int(word) for word in model.used_vocabs]
    topic_word[:, columns] = [model.get_topic_word_dist(k) for k in range(n_topics)]

    def infer(counts: Counts) -> NDArray[Any]:
        known = counts @ sparse.diags_array(np.isin(np.arange(counts.shape[1]), columns) * 1)
        known = sparse.csr_matrix(known).astype(np.int64)
        known.eliminate_zeros()
        filled = np.flatnonzero(np.diff(known.indptr))
        theta = np.full((counts.shape[0], n_topics), 1.0 / n_topics)
        theta[filled] = model.infer([model.make_doc(words(known, row)) for row in filled])[0]
        return theta

    return topic_word, infer, seconds, None


def run_sklearn(kind: str, passes: int, split: Split, n_topics: int, seed: int) -> Fitted:
    from sklearn.decomposition import LatentDirichletAllocation

    started = time.perf_counter()
    model = LatentDirichletAllocation(
        n_topics, doc_topic_prior=ALPHA, topic_word_prior=ETA, max_iter=passes, n_jobs=WORKERS,
        learning_method=kind.removeprefix("scikit-"), random_state=seed,
    ).fit(split.train)  # fmt: skip
    return model.components_, model.transform, time.perf_counter() - started, None


def run_gensim(kind: str, passes: int, split: Split, n_topics: int, seed: int) -> Fitted:
    import gensim

    def bags(counts: Counts) -> list[list[tuple[int, int]]]:
        return [
            [(int(i), int(n)) for i, n in zip(row.indices, row.data, strict=True)]
            for row in (counts[[number]] for number in range(counts.shape[0]))
        ]

    documents = bags(split.train)
    settings: dict[str, Any] = {
        "id2word": dict(enumerate(split.terms)), "num_topics": n_topics,
        "alpha": [ALPHA] * n_topics, "eta": ETA, "passes": passes, "random_state": seed,
        "eval_every": None,
    }  # fmt: skip
    started = time.perf_counter()
    if kind == "gensim-multicore":
        model = gensim.models.LdaMulticore(documents, workers=WORKERS, **settings)
    else:
        model = gensim.models.LdaModel(documents, **settings)
    seconds = time.perf_counter() - started
    return model.get_topics(), lambda counts: model.inference(bags(counts))[0], seconds, None


RUNNERS: dict[str, Callable[[str, int, Split, int, int], Fitted]] = {
    **dict.fromkeys(OWN, run_polytopic),
    "tomotopy": run_tomotopy,
    "tomotopy-held": run_tomotopy,
    "scikit-online": run_sklearn,
    "scikit-batch": run_sklearn,
    "gensim": run_gensim,
    "gensim-multicore": run_gensim,
}


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    from polytopic import metrics

    warnings.simplefilter("ignore")
    in_two = arguments.corpus in ("20ng-5k", "nyt-10k")
    split = load_split(arguments.corpus, arguments.data) if in_two else split_of(arguments.corpus)
    kind, passes = arguments.models[0].rsplit("-", 1)
    topic_word, infer, seconds, likelihood = RUNNERS[kind](
        kind, int(passes), split, arguments.k, arguments.one
    )
    topic_word = np.asarray(topic_word, dtype=np.float64)
    topic_word /= topic_word.sum(1, keepdims=True)
    order = np.argsort(-topic_word, axis=1, kind="stable")
    words = [[split.terms[term] for term in row[:25]] for row in order]
    observed, held_out = metrics.document_completion(split.test, random_state=0)
    half = np.asarray(infer(observed), dtype=np.float64)
    half /= half.sum(1, keepdims=True)
    seen = np.flatnonzero(np.asarray(split.train.sum(0)).ravel())
    known = held_out[:, seen]
    if likelihood is None:
        scores = metrics.mixture_log_likelihood(
            known, half, topic_word[:, seen] / topic_word[:, seen].sum(1, keepdims=True)
        )
    else:
        kept = np.zeros(held_out.shape[1], np.int32)
        kept[seen] = 1
        whole = sparse.csr_matrix(held_out @ sparse.diags_array(kept)).astype(np.int32)
        scores = likelihood(whole, half.astype(np.float32))
    theta = np.asarray(infer(split.test), dtype=np.float64)
    outside = wiki(arguments.data, split.terms).counts(DOCUMENT_WORDS)
    return {
        "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
        "held_out": metrics.npmi(words, split.test, vocabulary=split.terms),
        "wiki": metrics.npmi(words, outside, vocabulary=split.terms),
        "td": metrics.diversity(words, n=25),
        "purity": metrics.purity(theta / theta.sum(1, keepdims=True), split.test_labels),
        "nmi": metrics.nmi(theta / theta.sum(1, keepdims=True), split.test_labels),
        "perplexity": float(np.exp(-scores.sum() / known.sum())),
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument(
        "--corpus", default="20ng-5k", help="nyt-10k, snippets, 20newsgroups, yelp or arxiv"
    )
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path, help="file that each run adds a line to")
    parser.add_argument("--merge", nargs="+", type=Path, help="such files, for a table of medians")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for model in arguments.models:
        kind, _, passes = model.rpartition("-")
        if kind not in RUNNERS or not passes.isdigit():
            parser.error(f"{model}: expected a name and passes, such as tomotopy-200")
    if arguments.one is not None:
        print("RESULT " + json.dumps(measure(arguments)))
        return
    if arguments.merge:
        _table(json.loads(line) for path in arguments.merge for line in path.open(encoding="utf-8"))
        return
    rows = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for model in arguments.models:
            found = _in_own_process(model, seed, arguments)
            rows.append({"corpus": arguments.corpus, "model": model, "seed": seed, **found})
            print(f"  seed {seed} {model:26} {_line(found)}", flush=True)
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    _table(rows)


def _table(rows: Iterable[dict[str, Any]]) -> None:
    """Medians of the seeds, a line a corpus and model."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["corpus"], row["model"]].append(row)
    print(f"{'':36} n" + "".join(f"{column:>11}" for column in COLUMNS))
    for (corpus, model), results in found.items():
        medians = {c: float(np.median([r[c] for r in results])) for c in COLUMNS}
        print(f"{corpus:13}{model:23}{len(results):2}{_line(medians)}")


def _in_own_process(model: str, seed: int, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--models", model, "--corpus", arguments.corpus]
    command += ["-k", str(arguments.k), "--data", str(arguments.data), "--one", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{model}: no result\n{done.stderr[-2000:]}")
    return dict(json.loads(lines[-1].removeprefix("RESULT ")))


def _line(result: dict[str, float]) -> str:
    return "".join(f"{result[column]:>11{shown}}" for column, shown in COLUMNS.items())


if __name__ == "__main__":
    main()
