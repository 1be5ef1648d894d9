"""Quality and time of the topic models and their peers, in one harness.

    python benchmarks/topics.py                                # 20ng-5k, K = 50, three seeds
    python benchmarks/topics.py --corpus nyt-10k -k 100
    python benchmarks/topics.py --models prodlda dirichlet-vae -k 200

Every run is a process of its own, the models taking turns seed by seed. All figures are computed by
``polytopic.metrics`` from the same four arrays, whoever made them: NPMI of the top 10 words by
document counts on the training documents and on the test documents (held out), TD of the top 25,
purity and NMI of the argmax of theta on the test documents, dead topics (argmax of no training
document), the share of topics in a near-duplicate pair (seven of ten first words shared, or cosine
above .9). ``seconds`` is the whole fit, word vectors included, loading and evaluation not.

Peers: pip install topmost tomotopy. TopMost's download helper wants torchvision; without it a
stand-in serves.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split
from numpy.typing import NDArray

Fitted = tuple[NDArray[Any], NDArray[Any], NDArray[Any], float]
"""topic_word (K, V), theta of training and test documents, seconds of the fit."""

COLUMNS = ("npmi", "held_out", "td", "purity", "nmi", "dead", "duplicates", "seconds", "peak_mb")


def run_polytopic(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    from polytopic import registry

    kind = registry.load_class(registry.find(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        model = kind(n_topics=n_topics, random_state=seed).fit(split.train, terms=split.terms)
        seconds = time.perf_counter() - started
    return model.topic_word_, model.transform(split.train), model.transform(split.test), seconds


def run_topmost(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    import sentence_transformers  # noqa: F401  (looks for torchvision: before the stand-in)
    import torch

    stand_in = types.ModuleType("torchvision.datasets.utils")
    stand_in.download_url = None  # type: ignore[attr-defined]
    for parent in ("torchvision", "torchvision.datasets"):
        sys.modules.setdefault(parent, types.ModuleType(parent))
    sys.modules.setdefault("torchvision.datasets.utils", stand_in)
    import topmost

    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    train = torch.from_numpy(split.train.toarray()).float()
    test = torch.from_numpy(split.test.toarray()).float()
    loader = torch.utils.data.DataLoader(train, batch_size=200, shuffle=True)
    dataset = types.SimpleNamespace(
        train_data=train, test_data=test, train_dataloader=loader, vocab=split.terms
    )
    model = getattr(topmost, name)(vocab_size=train.shape[1], num_topics=n_topics)
    trainer = topmost.BasicTrainer(model, dataset, epochs=200)
    started = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - started
    return trainer.get_beta(), trainer.test(train), trainer.test(test), seconds


def run_tomotopy(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    import tomotopy

    model = tomotopy.LDAModel(k=n_topics, alpha=0.1, eta=0.01, seed=seed)
    documents = [_words(split, split.train, row) for row in range(split.train.shape[0])]
    kept = [row for row, words in enumerate(documents) if words]
    started = time.perf_counter()
    for row in kept:
        model.add_doc(documents[row])
    model.train(200, workers=0)
    seconds = time.perf_counter() - started
    column = {word: index for index, word in enumerate(model.used_vocabs)}
    order = [column.get(term, -1) for term in split.terms]
    phi = np.array([model.get_topic_word_dist(k) for k in range(n_topics)])
    topic_word = np.where(np.array(order) >= 0, phi[:, order], 0.0)
    train = np.full((split.train.shape[0], n_topics), 1.0 / n_topics)
    train[kept] = [document.get_topic_dist() for document in model.docs]
    fresh = [model.make_doc(_words(split, split.test, row)) for row in range(split.test.shape[0])]
    test = np.array(model.infer(fresh)[0])
    return topic_word, train, test, seconds


def _words(split: Split, counts: Any, row: int) -> list[str]:
    part = slice(counts.indptr[row], counts.indptr[row + 1])
    repeated = np.repeat(counts.indices[part], counts.data[part])
    return [split.terms[index] for index in repeated]


RUNNERS: dict[str, tuple[Callable[[str, Split, int, int], Fitted], str]] = {
    **{
        name: (run_polytopic, name)
        for name in (
            "lda",
            "prodlda",
            "dirichlet-vae",
            "nvdm",
            "gsm",
            "neural-lda",
            "weibull-vae",
            "etm",
            "ecrtm",
            "combined-tm",
            "zero-shot-tm",
        )
    },
    "topmost-prodlda": (run_topmost, "ProdLDA"),
    "topmost-ecrtm": (run_topmost, "ECRTM"),
    "topmost-etm": (run_topmost, "ETM"),
    "tomotopy-lda": (run_tomotopy, "LDA"),
}


def measure(model: str, corpus: str, n_topics: int, seed: int, data: Path) -> dict[str, float]:
    from polytopic import metrics

    split = load_split(corpus, data)
    run, name = RUNNERS[model]
    topic_word, train, test, seconds = run(name, split, n_topics, seed)
    order = np.argsort(-np.asarray(topic_word), axis=1, kind="stable")
    words = [[split.terms[term] for term in row[:25]] for row in order]
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    train, test = train / train.sum(1, keepdims=True), test / test.sum(1, keepdims=True)
    beta = np.asarray(topic_word, dtype=np.float64)
    shifted = beta if (beta >= 0).all() else np.exp(beta - beta.max(1, keepdims=True))
    # Weights that are no distributions have no cosine to speak of: shared first words alone count.
    cosine = 0.9 if (beta >= 0).all() else 1.0
    collapse = metrics.collapse(shifted / shifted.sum(1, keepdims=True), train, cosine=cosine)
    return {
        "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
        "held_out": metrics.npmi(words, split.test, vocabulary=split.terms),
        "td": metrics.diversity(words, n=25),
        "purity": metrics.purity(test, split.test_labels),
        "nmi": metrics.nmi(test, split.test_labels),
        "dead": float(len(collapse.dead)),
        "duplicates": collapse.share_duplicates,
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=["prodlda", "dirichlet-vae"])
    parser.add_argument("--corpus", default="20ng-5k")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        (model,) = arguments.models
        result = measure(model, arguments.corpus, arguments.k, arguments.one, arguments.data)
        print("RESULT " + json.dumps(result))
        return
    rows: dict[str, list[dict[str, float]]] = {model: [] for model in arguments.models}
    print(f"{arguments.corpus}, K = {arguments.k}")
    for seed in range(arguments.seeds):
        for model in arguments.models:
            rows[model].append(_in_own_process(model, seed, arguments))
            print(f"  seed {seed} {model:16} {_line(rows[model][-1])}", flush=True)
    print(f"median of {arguments.seeds}:")
    print(f"{'model':18}" + "".join(f"{column:>11}" for column in COLUMNS))
    for model, results in rows.items():
        medians = {c: float(np.median([r[c] for r in results])) for c in COLUMNS}
        print(f"{model:18}{_line(medians)}")
    if "topmost-prodlda" in rows:
        for model in set(rows) - {"topmost-prodlda"}:
            pairs = zip(rows["topmost-prodlda"], rows[model], strict=True)
            ratio = float(np.median([peer["seconds"] / own["seconds"] for peer, own in pairs]))
            print(f"TopMost ProdLDA's time / {model}'s: {ratio:.1f}")


def _in_own_process(model: str, seed: int, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--models", model, "--corpus", arguments.corpus]
    command += ["-k", str(arguments.k), "--data", str(arguments.data), "--one", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{model}: no result\n{done.stderr[-2000:]}")
    return dict(json.loads(lines[-1].removeprefix("RESULT ")))


def _line(result: dict[str, float]) -> str:
    shown = {"dead": ".0f", "duplicates": ".3f", "seconds": ".1f", "peak_mb": ".0f"}
    return "".join(f"{result[column]:>11{shown.get(column, '.3f')}}" for column in COLUMNS)


if __name__ == "__main__":
    main()
