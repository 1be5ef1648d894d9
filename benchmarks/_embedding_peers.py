"""BERTopic and FASTopic on prepared documents, in an interpreter of their own.

    PEERS_PYTHON benchmarks/_embedding_peers.py bertopic FOLDER K SEED

``FOLDER`` is what ``document_embeddings.py`` prepares: texts, terms, counts and embeddings of
training and test documents. Written there: the first 25 words of each topic, the topic of each
test document (-1: BERTopic's outliers) and the seconds of processor time of the fit.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

WORDS = 25


def bertopic(data: dict[str, Any], n_topics: int, seed: int, cluster: Any = None) -> dict[str, Any]:
    """With its defaults, the seed in UMAP, and as many topics beside the outliers."""
    from bertopic import BERTopic
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    reduce = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    words = CountVectorizer(vocabulary=data["terms"], token_pattern=r"\S+", lowercase=False)
    options: dict[str, Any] = {"nr_topics": n_topics + 1} if cluster is None else {}
    if cluster is not None:
        options["hdbscan_model"] = cluster
    model = BERTopic(
        umap_model=reduce,
        vectorizer_model=words,
        top_n_words=WORDS,
        embedding_model=None,
        language="multilingual",
        **options,
    )  # fmt: skip
    started = time.process_time()
    model.fit(data["train_texts"], embeddings=data["train"])
    seconds = time.process_time() - started
    topics = sorted(topic for topic in model.get_topics() if topic >= 0)
    found = [[word for word, _ in model.get_topic(topic) if word] for topic in topics]
    labels, _ = model.transform(data["test_texts"], embeddings=data["test"])
    return {"words": found, "labels": [int(label) for label in labels], "seconds": seconds}


def bertopic_kmeans(data: dict[str, Any], n_topics: int, seed: int) -> dict[str, Any]:
    """With k-means in place of HDBSCAN: no outliers."""
    from sklearn.cluster import KMeans

    return bertopic(data, n_topics, seed, KMeans(n_topics, random_state=seed))


def fastopic(data: dict[str, Any], n_topics: int, seed: int) -> dict[str, Any]:
    """With its defaults, 200 epochs."""
    import torch
    from fastopic import FASTopic

    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002

    class Prepared:
        def preprocess(self, docs: list[str]) -> dict[str, Any]:
            return {"train_bow": data["counts"], "vocab": data["terms"]}

    class Encoder:
        def encode(self, docs: list[str], **options: Any) -> Any:
            return data["train"]

    model = FASTopic(n_topics, preprocess=Prepared(), doc_embed_model=Encoder(), device="cpu")
    started = time.process_time()
    model.fit(data["train_texts"], preset_doc_embeddings=data["train"])
    seconds = time.process_time() - started
    order = np.argsort(-model.get_beta(), axis=1, kind="stable")[:, :WORDS]
    theta = model.transform(doc_embeddings=torch.as_tensor(data["test"]))
    found = [[data["terms"][place] for place in row] for row in order]
    return {"words": found, "labels": theta.argmax(axis=1).tolist(), "seconds": seconds}


PEERS = {"bertopic": bertopic, "bertopic-kmeans": bertopic_kmeans, "fastopic": fastopic}


def main() -> None:
    name, folder, n_topics, seed = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:5])
    data = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
    data |= {part: np.load(folder / f"{part}.npy").astype("f4") for part in ("train", "test")}
    data["counts"] = sparse.load_npz(folder / "counts.npz")
    result = PEERS[name](data, n_topics, seed)
    (folder / f"{name}-{n_topics}-{seed}.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
