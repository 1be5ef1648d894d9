"""Online LDA of gensim, of scikit-learn and our own from the same shards, judged as they go.

Each reads the documents once, in their order, from the mapped files, and gives its topics at times.
They are judged by the topics alone: theta of one half of each held-out document's tokens by our
inference, the same alpha for all, and the perplexity of the other half.
"""

from __future__ import annotations

import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["RUNS", "follow", "keep_held_out"]

TOPICS, ALPHA = 50, 0.1
"""K of all, and the alpha that held-out documents are judged with (each learns with its own)."""

HELD_OUT, SEED = 1000, 0
EVERY = 25_000
"""Documents between two judgements."""

WATCHED = 0.5
"""Seconds between two looks at the memory."""

See = Callable[[int, NDArray[Any]], None]
"""Told of the documents read so far and of the topics they gave, (K, V)."""


def keep_held_out(shards: Path, rows: NDArray[np.int64], lines: list[bytes]) -> None:
    """Write counts of documents that were not drawn, over the shards' vocabulary, beside them."""
    import polytopic as pt

    fresh = np.setdiff1d(np.arange(len(lines)), rows)[:HELD_OUT]
    texts = [json.loads(lines[row])["abstract"] for row in fresh]
    words = pt.ShardedCorpus(shards).vocabulary
    counts = pt.Corpus.from_texts(texts, vocabulary=words, keep_texts=False).counts
    sparse.save_npz(_held_out(shards), counts)


def _held_out(shards: Path) -> Path:
    return shards.with_name(f"held-out-{shards.name}.npz")


def perplexity_of(counts: Any) -> Callable[[NDArray[Any]], float]:
    """Perplexity by document completion, of topics (K, V)."""
    from polytopic import metrics
    from polytopic.topics.lda.kernels.inference import csr_arrays, infer_documents, term_rows

    observed, held_out = metrics.document_completion(counts, random_state=SEED)

    def judge(topics: NDArray[Any]) -> float:
        phi = np.array(topics, dtype=np.float64)
        phi /= phi.sum(1, keepdims=True)
        alpha = np.full(len(phi), ALPHA)
        theta, _ = infer_documents(*csr_arrays(observed), term_rows(phi), alpha)
        scores = metrics.mixture_log_likelihood(held_out, theta, phi)
        return float(np.exp(-scores.sum() / held_out.sum()))

    return judge


def run_gensim(corpus: Any, see: See) -> None:
    """LdaMulticore with one worker and its defaults; documents are told of as they are handed out.

    A worker may be two chunks of 2,000 documents behind.
    """
    from gensim.models import LdaMulticore

    n_documents, n_terms = corpus.shape

    class Documents:
        def __len__(self) -> int:
            return int(n_documents)

        def __iter__(self) -> Iterator[list[tuple[int, int]]]:
            done = 0
            for piece in corpus.counts.pieces:
                indices, data, bounds = piece.indices, piece.data, piece.indptr
                for first, last in pairwise(bounds.tolist()):
                    yield list(
                        zip(indices[first:last].tolist(), data[first:last].tolist(), strict=True)
                    )
                    done += 1
                    if done % EVERY == 0 and done < n_documents:
                        see(done, model.get_topics())

    names = {column: str(column) for column in range(n_terms)}
    model = LdaMulticore(
        id2word=names, num_topics=TOPICS, workers=1, eval_every=None, random_state=SEED
    )
    model.update(Documents())
    see(n_documents, model.get_topics())


def run_sklearn(corpus: Any, see: See, batch: int = 128) -> None:
    """Online LDA with its defaults (batches of 128), from a shard at a time."""
    from sklearn.decomposition import LatentDirichletAllocation

    n_documents = corpus.shape[0]
    model = LatentDirichletAllocation(
        TOPICS, learning_method="online", total_samples=n_documents, batch_size=batch,
        random_state=SEED,
    )  # fmt: skip
    for first in range(0, n_documents, EVERY):
        part = corpus.counts[first : first + EVERY]
        model.partial_fit(part)
        see(first + part.shape[0], model.components_)


def run_polytopic(corpus: Any, see: See, batch: int = 1024, prior: float | None = None) -> None:
    """``LDA(method="online")`` with its defaults, what ``fit`` does in one pass in their order.

    ``prior``: alpha and eta, if not the defaults.
    """
    from polytopic.topics.lda.online_run import Stream, begin
    from polytopic.topics.lda.prior_rules import START_ALPHA, START_ETA, alpha_rule, eta_rule

    n_documents, n_terms = corpus.shape
    alpha = alpha_rule(prior or START_ALPHA, TOPICS)
    eta = eta_rule(prior or START_ETA, TOPICS, n_terms)
    tokens = float(corpus.counts.sum())
    state = begin(n_terms, TOPICS, alpha, eta, n_tokens=tokens, start=None, seed=SEED)
    for first in range(0, n_documents, EVERY):
        piece = corpus.counts[first : first + EVERY]
        stream = Stream(
            piece, state, alpha, eta, iterations=1, batch_size=batch, tau0=10.0, kappa=0.7,
            n_documents=float(n_documents), seed=SEED, n_threads=1, shuffled=False,
        )  # fmt: skip
        stream.run()
        see(first + piece.shape[0], state.topic_word())


def run_gibbs(corpus: Any, see: See, passes: int = 16) -> None:
    """``LDA(iterations=16, samples=1)``, what ``fit`` does, told of after each pass."""
    from polytopic.topics.lda.kernels import gibbs
    from polytopic.topics.lda.prior_rules import START_ETA

    n_documents, n_terms = corpus.shape
    alpha, eta = np.full(TOPICS, ALPHA), gibbs.shape_eta(START_ETA, n_terms, TOPICS)
    state = gibbs.prepare(*gibbs.expand(corpus.counts), n_terms, TOPICS)
    with ThreadPoolExecutor(1) as pool:
        gibbs.grow(state, alpha, eta, SEED, pool)
        for step in range(passes):
            see(n_documents * (step + 1), gibbs.topic_word_counts(state) + START_ETA)
            if step < passes // 2:
                gibbs.begin_step(state, alpha, eta, step, passes // 2, SEED + 1 + step, pool)
            else:
                gibbs.run_pass(state, alpha, eta, SEED + 1 + step, pool)
    see(n_documents * (passes + 1), gibbs.topic_word_counts(state) + START_ETA)


RUNS: dict[str, Callable[[Any, See], None]] = {
    "gensim": run_gensim,
    "sklearn": run_sklearn,
    "sklearn-2048": lambda corpus, see: run_sklearn(corpus, see, 2048),
    "polytopic": run_polytopic,
    "polytopic-2048": lambda corpus, see: run_polytopic(corpus, see, 2048, 1 / TOPICS),
    "polytopic-gibbs": run_gibbs,
}


def follow(name: str, shards: Path) -> dict[str, Any]:
    """One run: perplexity after so many documents and processor seconds, and the peak of memory.

    Of the whole process tree: workers' processor time counts; memory is what is resident, a page
    that processes share divided among them. Judging is outside the time.
    """
    import polytopic as pt

    corpus = pt.ShardedCorpus(shards)
    judge = perplexity_of(sparse.csr_matrix(sparse.load_npz(_held_out(shards))))
    judge(np.ones((TOPICS, corpus.shape[1])))
    peak, done, trace, outside = [_resident()], threading.Event(), [], [_processors()]

    def watch() -> None:
        while not done.wait(WATCHED):
            peak.append(_resident())

    def see(documents: int, topics: NDArray[Any]) -> None:
        spent, started = _processors() - outside[0], time.process_time()
        trace.append((documents, round(spent, 2), round(judge(topics), 1)))
        print(f"  {name} {trace[-1]}", flush=True)
        outside[0] += time.process_time() - started

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        RUNS[name](corpus, see)
    finally:
        done.set()
        watcher.join()
    return {"trace": trace, "begun_mb": round(peak[0]), "resident_mb": round(max(peak))}


def _family() -> list[int]:
    """This process and its children."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii")
    return [own, *map(int, children.split())]


def _processors() -> float:
    """Seconds that processors gave to this process and its children, the ended ones included."""
    ended, ticks = resource.getrusage(resource.RUSAGE_CHILDREN), os.sysconf("SC_CLK_TCK")
    total = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in _family()[1:]:
        with suppress(OSError):
            fields = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2]
            total += sum(map(int, fields.split()[11:13])) / ticks
    return total


def _resident() -> float:
    """MB of this process and its children, shared pages divided."""
    total = 0
    for process in _family():
        with suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024
