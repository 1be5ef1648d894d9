"""The collapse of NTM by the paper's recipe: what fades, how fast, why, and what stops it.

    python benchmarks/ntm_collapse.py                       # all parts, both corpora
    python benchmarks/ntm_collapse.py --parts ablation --corpora 20ng-5k

``20ng-5k``: training documents of 20 Newsgroups, 5,000 terms, K = 50. ``arxiv``: 100,000 documents
of about ten terms out of arXiv abstracts (see ntm.py), K = 128. Of each document one term is held
out; ``ranking``: the share of held-out terms that score higher in their document than in a random
one without them (all ties: .5).

watch: the monitor's columns as training goes, after every so many pairs.
sizes: the same on fewer documents, before training and after one and five epochs.
terms: at three moments, a document's slope against the decay between two of its visits.
variants: other costs, margins, norms and optimisers that collapse too.
ablation: from the paper's recipe one change at a time towards the cured one, and back.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, load_split
from ntm import accuracy, draw, triples
from numpy.typing import NDArray
from scipy import sparse

from polytopic import metrics
from polytopic.topics.ntm.kernels.ranking import BLOCK, COSTS, Lane, Rows, Rule, rank_lane
from polytopic.topics.ntm.kernels.steps import NO_MOMENTS, Step
from polytopic.topics.ntm.monitor import watched
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import CURED, PAPER, Recipe, recipe_from
from polytopic.topics.ntm.term_net import adam, begin_net, features
from polytopic.topics.ntm.terms import corpus_vectors

WATCHED = (
    "within_margin", "document_norm", "document_spread", "largest", "evenness", "winning",
    "term_norm", "term_spread",
)  # fmt: skip
JUDGED = ("alive", "duplicates", "td", "ranking", "purity", "document_spread", "evenness")
COST = {"margin": 1.0, "cost": "log-margin"}
STEPS = {
    "optimiser": "row-adagrad",
    "document_rate": CURED.document_rate,
    "term_rate": CURED.term_rate,
}
CHANGES: dict[str, dict[str, Any]] = {
    "no decay": {"decay": 0.0, "decay_everywhere": False},
    "decay at a row's own steps only": {"decay_everywhere": False},
    "margin on logarithms": COST,
    "four candidates": {"candidates": CURED.candidates},
    "frequent terms thinned": {"subsample": CURED.subsample},
    "unit vectors": {"unit": True},
    "start from clusters, bias": {"start": "clusters", "bias": CURED.bias, "unit": True},
    "centred start of W1": {"centred": True},
    "adaptive steps": STEPS,
    "no decay, adaptive steps": {"decay": 0.0, "decay_everywhere": False, **STEPS},
    "no decay, logarithms": {"decay": 0.0, "decay_everywhere": False, **COST},
    "no decay, centred start": {"decay": 0.0, "decay_everywhere": False, "centred": True},
}
"""Of the paper's recipe towards the cured one."""
BACK: dict[str, dict[str, Any]] = {
    "decay at every step": {"decay": PAPER.decay, "decay_everywhere": True},
    "decay at a row's own steps": {"decay": PAPER.decay},
    "margin on scores": {"margin": PAPER.margin, "cost": "margin"},
    "one candidate": {"candidates": 1},
    "frequent terms as they come": {"subsample": 0.0},
    "bare sums of vectors": {"unit": False},
    "start from an auto-encoder": {"start": "autoencoder"},
    "start from noise": {"start": "random"},
    "no bias": {"bias": None},
    "W1 from bare sums": {"centred": False},
    "plain steps": {
        "optimiser": "sgd", "document_rate": PAPER.document_rate, "term_rate": PAPER.term_rate,
    },
}  # fmt: skip
"""Of the cured recipe back to the paper's."""
VARIANTS: dict[str, dict[str, Any]] = {
    "as published": {},
    "margin .05": {"margin": 0.05},
    "margin 5": {"margin": 5.0},
    "rates of .1": {"document_rate": 0.1, "term_rate": 0.1},
    "start from noise": {"start": "random"},
    "noise, no decay": {"start": "random", "decay": 0.0},
}


@dataclass(frozen=True)
class Problem:
    """``counts``: trained on, (D, V); ``whole``: with what was held out; ``vectors``: (V, E)."""

    counts: sparse.csr_matrix
    whole: sparse.csr_matrix
    held: NDArray[np.int64]
    vectors: NDArray[np.float32]
    terms: list[str]
    labels: NDArray[Any] | None
    n_topics: int

    @property
    def corpus(self) -> Problem:
        """What ``ntm.triples`` asks for."""
        return self


def newsgroups(data: Path) -> Problem:
    split = load_split("20ng-5k", data)
    whole, rng = split.train.tocsr(), np.random.default_rng(0)
    whole.sort_indices()
    filled = np.flatnonzero(np.diff(whole.indptr) > 1)
    whole, labels = whole[filled], split.train_labels[filled]
    places = whole.indptr[:-1] + (rng.random(len(filled)) * np.diff(whole.indptr)).astype(int)
    held = whole.indices[places].astype(np.int64)
    counts = whole.copy()
    counts.data[places] = 0
    counts.eliminate_zeros()
    vectors = corpus_vectors(split.terms, counts, None, 300, 0, 1)
    return Problem(counts, whole, held, vectors, split.terms, labels, 50)


def abstracts(data: Path, n_documents: int = 100_000) -> Problem:
    """``n_documents`` of about ten terms, K = 128."""
    sample = draw(n_documents, data)
    terms, corpus = sample.corpus.vocabulary.terms, sample.corpus
    vectors = corpus_vectors(terms, corpus.counts, (corpus.tokens, corpus.offsets), 100, 0, 1)
    held = sample.held.astype(np.int64)
    return Problem(corpus.counts, sample.whole, held, vectors, terms, None, 128)


PROBLEMS = {"20ng-5k": newsgroups, "arxiv": abstracts}


class Watched(Ranking):
    """A run that keeps the monitor's columns after every chunk: ``seen``."""

    def _begin(self) -> None:
        super()._begin()
        self.seen = [(0, float("nan"), self._look())]

    def _chunk(self) -> None:
        before, (_, pairs, within) = self.epoch, self.totals
        super()._chunk()
        done = self.epoch * len(self.pairs.indices) + int(self.totals[1])
        share = float("nan")
        if self.epoch == before and self.totals[1] > pairs:
            share = (self.totals[2] - within) / (self.totals[1] - pairs)
        self.seen.append((done, share, self._look()))

    def _look(self) -> dict[str, float]:
        filled = np.diff(self.pairs.indptr) > 0
        return watched(self.weights, self.term_topics[self.kept], self.net.weights, filled)


def run_of(problem: Problem, recipe: Recipe, epochs: int) -> Watched:
    counts = problem.counts
    pairs = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = (pairs > 0) & (pairs < counts.shape[0])
    share = pairs / pairs.sum()
    le = features(problem.vectors, share, recipe)
    net = begin_net(le, np.where(kept, share, 0.0), problem.n_topics, recipe, 0)
    return Watched(counts, le, kept, net, recipe, epochs, 0, 1)


def watch(problem: Problem) -> None:
    for name, recipe in (("paper", PAPER), ("cured", CURED)):
        run = run_of(problem, recipe, 3)
        run.run()
        print(
            f"\n{name}: {len(run.pairs.indices):,} pairs an epoch, {len(run.weights):,} documents"
        )
        print(f"{'pairs':>10}" + "".join(f"{column:>16}" for column in WATCHED))
        chosen = np.unique(np.geomspace(1, len(run.seen), 12).astype(int)) - 1
        for place in chosen:
            done, within, seen = run.seen[place]
            row = seen | {"within_margin": within}
            print(f"{done:>10,}" + "".join(f"{row[column]:>16.4g}" for column in WATCHED))
        print(f"within the margin, by epoch: {[round(r['within_margin'], 3) for r in run.history]}")


# ---- terms -----------------------------------------------------------------------------------


def slopes_of(run: Ranking, documents: NDArray[np.int64], recipe: Recipe) -> NDArray[np.float64]:
    """Slope of the cost of the documents' pairs by their rows of W1, (D', K)."""
    moved, totals = np.array(run.weights), np.zeros(3)
    rank_lane(
        Lane(documents, 0, 1), run.pairs, 7, run.keep, run.term_topics,
        Rows(moved, np.empty(0, np.float32)), np.zeros_like(run.slopes[0]),
        Rule(recipe.margin, COSTS.index(recipe.cost), recipe.candidates, 1.0, Step(1.0)), totals,
        NO_MOMENTS,
    )  # fmt: skip
    return np.asarray(run.weights[documents] - moved[documents], dtype=np.float64)


def differences(run: Ranking, problem: Problem) -> tuple[float, float]:
    """Median of |ls+ - ls-| of held-out triples, and share of exact ties in float32."""
    terms, own, other = triples(problem, 20_000)
    theta = softmax(run.weights)
    high, low = (np.einsum("pk,pk->p", run.term_topics[terms], theta[d]) for d in (own, other))
    return float(np.median(np.abs(high - low))), float((high == low).mean())


def softmax(rows: NDArray[Any]) -> NDArray[np.float32]:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def terms(problem: Problem) -> None:
    print(
        f"\n{'':34}{'|row|':>10}{'|slope|':>10}{'step':>10}{'decay':>10}{'step/decay':>11}"
        f"{'|ls+ - ls-|':>12}{'ties':>7}{'|ld+ - ld-|':>12}"
    )
    for name, recipe in (
        ("paper", PAPER),
        ("paper, W1 from noise", replace(PAPER, start="random")),
        ("paper, no decay", replace(PAPER, decay=0.0)),
        ("cured", CURED),
    ):
        for epochs in (0, 1, 3):
            run = run_of(problem, recipe, max(1, epochs))
            if epochs:
                run.run()
            else:
                begin(run)
            print_terms(f"{name}, epoch {epochs}", run, problem, recipe)


def begin(run: Ranking) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as run._pool:
        run._begin()


def print_terms(name: str, run: Ranking, problem: Problem, recipe: Recipe) -> None:
    rng = np.random.default_rng(0)
    documents = rng.choice(len(run.weights), 32 * BLOCK, replace=False)
    slopes = slopes_of(run, documents, recipe)
    rows = np.asarray(run.weights[documents], dtype=np.float64)
    length = np.median(np.linalg.norm(rows - rows.mean(axis=1, keepdims=True), axis=1))
    slope = np.median(np.linalg.norm(slopes, axis=1))
    step = recipe.document_rate * slope
    if recipe.optimiser == "row-adagrad":
        sums = run.sums[documents] + (slopes**2).mean(axis=1)
        step = np.median(
            recipe.document_rate * np.linalg.norm(slopes, axis=1) / np.sqrt(sums + 1e-10)
        )
    decay = length * (1 - (1 - recipe.document_rate * recipe.decay) ** len(run.pairs.indices))
    gap, ties = differences(run, problem)
    theta = softmax(run.weights[documents])
    apart = np.median(np.linalg.norm(theta[1:] - theta[:-1], axis=1))
    ratio = step / decay if decay > 0 else float("inf")
    print(
        f"{name:34}{length:>10.3g}{slope:>10.3g}{step:>10.3g}{decay:>10.3g}{ratio:>11.2g}"
        f"{gap:>12.2g}{ties:>7.3f}{apart:>12.2g}",
        flush=True,
    )


def sizes(problem: Problem) -> None:
    """The paper's recipe on the first documents: the same visits, but fewer pairs between them."""
    print(f"\n{'documents':>10}{'pairs':>10}{'decay alone':>12}" + "   |row| and evenness by epoch")
    rng = np.random.default_rng(0)
    order = rng.permutation(problem.counts.shape[0])
    for n in (len(order) // 64, len(order) // 16, len(order) // 4, len(order)):
        run = run_of(replace(problem, counts=problem.counts[order[:n]]), PAPER, 5)
        run.run()
        alone = (1 - PAPER.document_rate * PAPER.decay) ** len(run.pairs.indices)
        rows = [run.seen[0][2], run.history[0], run.history[-1]]
        shown = "".join(f"{row['document_norm']:>10.3g}{row['evenness']:>8.3f}" for row in rows)
        print(f"{n:>10,}{len(run.pairs.indices):>10,}{alone:>12.2g}   {shown}", flush=True)


# ---- variants and ablation -------------------------------------------------------------------


def judge(problem: Problem, run: Ranking, topic_word: NDArray[Any]) -> dict[str, float]:
    theta = softmax(run.weights).astype(np.float64)
    theta /= theta.sum(axis=1, keepdims=True)
    found = metrics.collapse(topic_word, theta)
    order = np.argsort(-topic_word, axis=1, kind="stable")[:, :10]
    terms_, own, other = triples(problem, 100_000)
    high, low = (np.einsum("pk,pk->p", run.term_topics[terms_], theta[d]) for d in (own, other))
    seen = run.history[-1]
    return {
        "alive": float(problem.n_topics - len(found.dead or ())),
        "duplicates": found.share_duplicates,
        "td": metrics.diversity([[problem.terms[t] for t in row] for row in order], n=10),
        "ranking": accuracy(terms_, high, low)[0],
        "purity": float("nan") if problem.labels is None else metrics.purity(theta, problem.labels),
        "document_spread": seen["document_spread"],
        "evenness": seen["evenness"],
    }


def trained(problem: Problem, run: Ranking) -> dict[str, float]:
    from polytopic.topics.ntm.topics import topics_of

    run.run()
    tokens = np.asarray(problem.counts.sum(axis=0), dtype=np.float64).ravel()
    return judge(problem, run, topics_of(run.shares, run.term_topics, tokens / tokens.sum(), 0.9))


def table(problem: Problem, rows: Iterator[tuple[str, Recipe]], epochs: int) -> None:
    print(f"\n{'':40}" + "".join(f"{column:>16}" for column in JUDGED))
    for name, recipe in rows:
        row = trained(problem, run_of(problem, recipe, epochs))
        shown = "".join(f"{row[column]:>16.3f}" for column in JUDGED)
        print(f"{name:40}{shown}", flush=True)


def ablation(problem: Problem, epochs: int, named: list[str]) -> None:
    def rows() -> Iterator[tuple[str, Recipe]]:
        yield "PAPER", PAPER
        for name, change in CHANGES.items():
            yield "paper, " + name, recipe_from("paper", change)
        yield "CURED", CURED
        for name, change in BACK.items():
            yield "cured, " + name, recipe_from("cured", change)

    table(problem, (row for row in rows() if not named or row[0] in named), epochs)


def variants(problem: Problem, epochs: int) -> None:
    rows = ((name, recipe_from("paper", change)) for name, change in VARIANTS.items())
    table(problem, rows, epochs)
    dense_adam(problem)
    n = problem.n_topics
    print(f"\na row of length one, K = {n}: ld is at most {np.e / (np.e + n - 1):.4f}")


def dense_adam(problem: Problem) -> None:
    """W1 of ten blocks by Adam on all rows at every step, lt held.

    As of 100,000 documents: a block is visited every 780th step.
    """
    print("\nAdam on all rows, rate .01, as of 100,000 documents: |row| after steps")
    small = replace(problem, counts=problem.counts[: 10 * BLOCK])
    for name, decay in (("decay 1e-3 in the slope", 1e-3), ("no decay", 0.0)):
        run = run_of(small, PAPER, 1)
        begin(run)
        first, second = np.zeros_like(run.weights), np.zeros_like(run.weights)
        lengths = []
        for step in range(1, 7802):
            if step % 780 == 1:
                rows = run.weights - run.weights.mean(axis=1, keepdims=True)
                lengths.append(f"{step - 1}: {np.linalg.norm(rows, axis=1).mean():.3g}")
            slope = np.float32(decay) * run.weights
            if step % 78 == 0:
                documents = step // 78 % 10 * BLOCK + np.arange(BLOCK)
                slope[documents] += slopes_of(run, documents, PAPER).astype(np.float32)
            adam(run.weights, slope, first, second, step, 1e-2)
        print(f"{name:26}" + "   ".join(lengths), flush=True)


def main() -> None:
    parts = ("watch", "sizes", "terms", "variants", "ablation")
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--parts", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--corpora", nargs="+", choices=list(PROBLEMS), default=list(PROBLEMS))
    parser.add_argument("--epochs", type=int, default=5, help="of variants and ablation")
    parser.add_argument("--rows", nargs="+", default=[], help="of the ablation; all by default")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    for corpus in arguments.corpora:
        problem = PROBLEMS[corpus](arguments.data)
        for part in arguments.parts:
            print(f"\n== {corpus}, {part}", flush=True)
            needs = {
                "variants": (arguments.epochs,),
                "ablation": (arguments.epochs, arguments.rows),
            }
            getattr(sys.modules[__name__], part)(problem, *needs.get(part, ()))


if __name__ == "__main__":
    main()
