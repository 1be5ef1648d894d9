"""Topics of document embeddings: ClusterTM and FASTopic beside BERTopic and the original FASTopic.

    python benchmarks/document_embeddings.py --corpus snippets --embeddings snippets.npy \\
        --peers-python PEERS/bin/python
    python benchmarks/document_embeddings.py --corpus 20ng-5k --peers-python PEERS/bin/python
    python benchmarks/document_embeddings.py --merge runs.jsonl

All read the same embeddings: a .npy file with a row a document (of a corpus without a split), or,
without one, sums of word vectors of the training documents (``OwnVectors``). Peers, in an
environment of their own: pip install bertopic fastopic. Figures are computed alike by
``polytopic.metrics``:

npmi        NPMI of the top 10 words by document counts on the training documents
held_out    the same on the test documents
td          share of different words among the top 25
purity, nmi, ami  of the topics of the test documents; BERTopic's outliers are a topic of their own
outliers    share of test documents without a topic
seconds     of processor time, all threads, for the fit, embeddings given
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, corpus_file, load_split
from numpy.typing import NDArray
from scipy import sparse

COLUMNS = ("npmi", "held_out", "td", "purity", "nmi", "ami", "outliers", "seconds")
OWN = ("cluster-tm", "fastopic")
PEERS = ("bertopic", "bertopic-kmeans", "original-fastopic")
_TEST = 5
"""Where a corpus has no split every fifth document is a test document."""

_TERMS = 5_000


def main() -> None:
    arguments = _arguments()
    if arguments.merge:
        lines = [json.loads(x) for p in arguments.merge for x in p.read_text().splitlines()]
        print(_table(lines))
        return
    split, texts, rows = load_corpus(arguments.corpus, arguments.data, arguments.documents)
    vectors = _vectors(split, arguments.embeddings, rows)
    records = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for name in arguments.models:
            words, labels, seconds = _run(name, split, texts, vectors, arguments.k, seed, arguments)
            found = {"corpus": arguments.corpus, "k": arguments.k, "model": name, "seed": seed}
            kind = "given" if arguments.embeddings else "own"
            found |= {"embeddings": kind, **_figures(words, labels, seconds, split)}
            records.append(found)
            print(json.dumps(found), flush=True)
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")
    print(_table(records))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--corpus", default="20ng-5k", help="20ng-5k, nyt-10k, snippets, arxiv, yelp"
    )
    parser.add_argument("--models", nargs="+", default=[*OWN, *PEERS], choices=[*OWN, *PEERS])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--documents", type=int, default=4_000, help="at most, before the split")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--embeddings", type=Path, help="a row a document, training ones first")
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--merge", type=Path, nargs="+")
    return parser.parse_args()


def load_corpus(
    name: str, data: Path, most: int
) -> tuple[Split, tuple[list[str], list[str]], NDArray[np.int64]]:
    """Counts, labels, texts (a document's terms, as often as they occur), and the rows taken."""
    if name in ("20ng-5k", "nyt-10k"):
        whole = load_split(name, data)
        train, test = (_drawn(part.shape[0], most) for part in (whole.train, whole.test))
        split = Split(
            whole.train[train], whole.test[test], whole.train_labels[train],
            whole.test_labels[test], whole.terms,
        )  # fmt: skip
        return split, _both(split), train
    import polytopic as pt

    texts, labels = _labelled(name, data)
    rows = _drawn(len(texts), most)
    codes = np.unique(np.array(labels)[rows], return_inverse=True)[1].astype(np.int64)
    test = np.arange(len(rows)) % _TEST == _TEST - 1
    training, rest = ([texts[row] for row in rows[test == of]] for of in (False, True))
    corpus = pt.Corpus.from_texts(training, min_df=5, max_terms=_TERMS)
    other = pt.Corpus.from_texts(rest, vocabulary=corpus.vocabulary)
    split = Split(
        corpus.counts, other.counts, codes[~test], codes[test], list(corpus.vocabulary.terms)
    )
    return split, _both(split), rows


def _drawn(n: int, most: int) -> NDArray[np.int64]:
    """Rows under a fixed seed, in their order; all if there are no more."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _both(split: Split) -> tuple[list[str], list[str]]:
    return _as_texts(split.train, split.terms), _as_texts(split.test, split.terms)


def _labelled(name: str, data: Path) -> tuple[list[str], list[Any]]:
    if name == "snippets":
        folder = corpus_file(data, "snippets")
        texts = (folder / "SearchSnippets.txt").read_text(encoding="utf-8").split("\n")
        labels = (folder / "SearchSnippets_label.txt").read_text(encoding="utf-8").split()
        return texts[: len(labels)], labels
    import polytopic as pt

    if name == "yelp":
        corpus = pt.read(corpus_file(data, "yelp", "reviews.csv"), text="text", label="stars")
    else:
        corpus = pt.read(
            corpus_file(data, "arxiv", "arxiv200k.jsonl.gz"), text="abstract", label="category"
        )
    return list(corpus.texts), [str(label) for label in corpus.labels]


def _as_texts(counts: sparse.csr_matrix, terms: list[str]) -> list[str]:
    rows = (counts[row] for row in range(counts.shape[0]))
    return [" ".join(np.repeat(np.array(terms)[r.indices], r.data)) for r in rows]


def _vectors(
    split: Split, given: Path | None, taken: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    if given is None:
        from polytopic.topics.encoding.own_vectors import OwnVectors

        own = OwnVectors.of(split.train, 300, 0)
        return {"train": own.of_documents(split.train), "test": own.of_documents(split.test)}
    rows = np.load(given).astype(np.float32)[taken]
    test = np.arange(len(rows)) % _TEST == _TEST - 1
    return {"train": rows[~test], "test": rows[test]}


def _run(
    name: str, split: Split, texts: Any, vectors: Any, k: int, seed: int, arguments: Any
) -> tuple[list[list[str]], NDArray[np.int64], float]:
    if name in OWN:
        return _own(name, split, vectors, k, seed)
    peer = name.removeprefix("original-")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        about = {"train_texts": texts[0], "test_texts": texts[1], "terms": split.terms}
        (folder / "documents.json").write_text(json.dumps(about), encoding="utf-8")
        sparse.save_npz(folder / "counts.npz", split.train)
        for part, rows in vectors.items():
            np.save(folder / f"{part}.npy", rows)
        script = Path(__file__).with_name("_embedding_peers.py")
        command = [arguments.peers_python, str(script), peer, place, str(k), str(seed)]
        subprocess.run(command, check=True, env=_environment())
        found = json.loads((folder / f"{peer}-{k}-{seed}.json").read_text(encoding="utf-8"))
    return found["words"], np.array(found["labels"]), found["seconds"]


def _environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _own(
    name: str, split: Split, vectors: Any, k: int, seed: int
) -> tuple[list[list[str]], NDArray[np.int64], float]:
    from polytopic import registry

    kind: Any = registry.load_class(registry.find(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.process_time()
        model = kind(n_topics=k, random_state=seed)
        model.fit(split.train, terms=split.terms, embeddings=vectors["train"])
        seconds = time.process_time() - started
        theta = model.transform(split.test, embeddings=vectors["test"])
    return model.top_words(25), theta.argmax(axis=1), seconds


def _figures(
    words: list[list[str]], labels: NDArray[np.int64], seconds: float, split: Split
) -> dict[str, float]:
    from polytopic import metrics

    codes = np.unique(labels, return_inverse=True)[1]
    theta = np.eye(codes.max() + 1)[codes]
    full = [row for row in words if len(row) == len(max(words, key=len))]
    return {
        "npmi": metrics.npmi(full, split.train, vocabulary=split.terms),
        "held_out": metrics.npmi(full, split.test, vocabulary=split.terms),
        "td": metrics.diversity(full, n=25),
        "purity": metrics.purity(theta, split.test_labels),
        "nmi": metrics.nmi(theta, split.test_labels),
        "ami": metrics.ami(theta, split.test_labels),
        "outliers": float((labels < 0).mean()),
        "topics": len(words),
        "seconds": seconds,
    }


def _table(records: list[dict[str, Any]]) -> str:
    """Medians over seeds, as Markdown."""
    rows: dict[tuple[str, str, int, str], list[dict[str, Any]]] = {}
    for record in records:
        key = (record["corpus"], record["embeddings"], record["k"], record["model"])
        rows.setdefault(key, []).append(record)
    lines = ["| corpus, K | embeddings | model | seeds | " + " | ".join(COLUMNS) + " |"]
    lines.append("|" + "---|" * (4 + len(COLUMNS)))
    for (corpus, kind, k, model), runs in rows.items():
        cells = [f"{corpus}, {k}", kind, model, str(len(runs))]
        for column in COLUMNS:
            value = float(np.median([run[column] for run in runs]))
            cells.append(f"{value:.0f}" if column == "seconds" else f"{value:.3f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
