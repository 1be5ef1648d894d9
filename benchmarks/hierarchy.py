"""Topics cut at seven groups against the seven families of 20 Newsgroups: NMI.

Families: comp, rec, sci, talk, alt, soc, misc. Topics of the default model, K = 50, and of BERTopic
with as many (k-means; and HDBSCAN, its default, with ``nr_topics``), each joined by its own
hierarchy and cut at seven groups. ``nmi``: a document belongs to the group of its largest topic;
``nmi_of_sums``: to its largest group, as ``reduce(7)`` has it. ``nmi_of_best``: each topic in the
family that most of its documents have, which no joining knows.

``texts``: raw training documents of 20 Newsgroups, 5,000 terms; both read the same texts.
``counts``: the counts of 20ng-5k, which BERTopic, that needs texts, does not read. Models that read
embeddings beside the words (``--model combined-tm``) get those that BERTopic has.

BERTopic takes embeddings of all-MiniLM-L6-v2, made beforehand (``--embeddings FILE.npz``: rows,
vectors), and runs in an environment of its own (``--bertopic PYTHON``). Documents that it leaves
out (-1) are told apart: as one more group, and given to the nearest topic by their embedding.

    python benchmarks/hierarchy.py --seeds 0 1 2
    python benchmarks/hierarchy.py --embeddings minilm.npz --corpora texts --model combined-tm
    python benchmarks/hierarchy.py --embeddings minilm.npz --bertopic venv/bin/python
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import corpus_file
from scipy.stats.contingency import crosstab
from sklearn.metrics import normalized_mutual_info_score as nmi

N_TOPICS, N_GROUPS, N_TERMS = 50, 7, 5000
GROUPS_OF_20NG = (
    "alt.atheism", "comp.graphics", "comp.os.ms-windows.misc", "comp.sys.ibm.pc.hardware",
    "comp.sys.mac.hardware", "comp.windows.x", "misc.forsale", "rec.autos", "rec.motorcycles",
    "rec.sport.baseball", "rec.sport.hockey", "sci.crypt", "sci.electronics", "sci.med",
    "sci.space", "soc.religion.christian", "talk.politics.guns", "talk.politics.mideast",
    "talk.politics.misc", "talk.religion.misc",
)  # fmt: skip
"""In the order of their numbers."""


def raw(data: Path) -> tuple[list[str], list[str]]:
    """Texts and families of the training documents."""
    texts, families = [], []
    with gzip.open(
        corpus_file(data, "20newsgroups/20newsgroups.jsonl.gz"), "rt", encoding="utf-8"
    ) as file:
        for line in file:
            record = json.loads(line)
            if record["split"] == "train":
                texts.append(record["body"])
                families.append(record["group"].partition(".")[0])
    return texts, families


def of_groups(result: Any, families: list[str]) -> dict[str, float]:
    """NMI of the groups at the cut, and of the topics themselves, over documents with a topic."""
    group = np.zeros(result.n_topics, dtype=int)
    for number, topics in enumerate(result.hierarchy().cut(N_GROUPS)):
        group[topics] = number
    rows = np.flatnonzero(result.has_topic)
    top, known = result.top_topic[rows], np.array(families)[rows]
    reduced = result.reduce(N_GROUPS)
    table = crosstab(top, known).count
    best = table.argmax(axis=1)[np.searchsorted(np.unique(top), top)]
    return {
        "documents": len(rows),
        "nmi": round(float(nmi(known, group[top])), 4),
        "nmi_of_sums": round(float(nmi(known, reduced.top_topic[rows])), 4),
        "nmi_of_topics": round(float(nmi(known, top)), 4),
        "nmi_of_best": round(float(nmi(known, best)), 4),
    }


def run_polytopic(data: Path, corpus: str, seed: int, held: Any, model: str) -> dict[str, Any]:
    from _corpora import load_split

    import polytopic as pt
    from polytopic import registry

    kind = registry.load_class(registry.find(model))
    estimator = kind(n_topics=N_TOPICS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if corpus == "texts":
            texts, families = raw(data)
            if held is not None:
                texts, families = (
                    [column[r] for r in held["rows"]] for column in (texts, families)
                )
            read: Any = pt.Corpus.from_texts(texts, max_terms=N_TERMS)
        else:
            split = load_split("20ng-5k", data)
            read = split.train
            families = [GROUPS_OF_20NG[k].partition(".")[0] for k in split.train_labels]
        beside = model in ("combined-tm", "zero-shot-tm", "cluster-tm")
        result = estimator.fit_result(read, **({"embeddings": held["vectors"]} if beside else {}))
    return {"who": f"polytopic {kind.__name__}", "corpus": corpus, "seed": seed,
            **of_groups(result, families)}  # fmt: skip


def run_bertopic(data: Path, embeddings: Path, seed: int, clusters: str) -> dict[str, Any]:
    from bertopic import BERTopic
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.metrics.pairwise import cosine_similarity
    from umap import UMAP

    held = np.load(embeddings)
    texts, families = raw(data)
    texts = [texts[r] for r in held["rows"]]
    known = np.array([families[r] for r in held["rows"]])
    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    own = {"nr_topics": N_TOPICS + 1, "min_topic_size": 10}  # HDBSCAN, reduced to as many
    same = {"hdbscan_model": KMeans(N_TOPICS, random_state=seed)}
    model = BERTopic(
        umap_model=reducer, **(same if clusters == "k-means" else own),
        vectorizer_model=CountVectorizer(stop_words="english", max_features=N_TERMS),
    )  # fmt: skip
    topics, _ = model.fit_transform(texts, held["vectors"])
    found = np.array(topics)
    words = model.c_tf_idf_[model._outliers :]  # as its hierarchical_topics does
    apart = np.clip(1 - cosine_similarity(words), 0, None)
    np.fill_diagonal(apart, 0)
    from scipy.spatial.distance import squareform

    tree = linkage(squareform((apart + apart.T) / 2, checks=False), "ward")
    group = fcluster(tree, N_GROUPS, "maxclust")
    inside = found >= 0
    nearest = found
    if not inside.all():
        given = model.reduce_outliers(
            texts, topics, strategy="embeddings", embeddings=held["vectors"]
        )
        nearest = np.array(given)
    whole = np.where(inside, group[found], 0)
    return {
        "who": f"BERTopic, {clusters}", "corpus": "texts", "seed": seed, "documents": len(texts),
        "topics": len(group), "outliers": int((~inside).sum()),
        "nmi": round(float(nmi(known, group[nearest])), 4),
        "nmi_outliers_a_group": round(float(nmi(known, whole)), 4),
        "nmi_without_outliers": round(float(nmi(known[inside], whole[inside])), 4),
        "nmi_of_topics": round(float(nmi(known, nearest)), 4),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--corpora", nargs="+", default=["texts", "counts"])
    parser.add_argument("--model", default="dirichlet-vae")
    parser.add_argument("--embeddings", type=Path)
    parser.add_argument("--bertopic", help="the Python of an environment that has BERTopic")
    parser.add_argument("--only-bertopic", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only_bertopic:
        for seed in given.seeds:
            for clusters in ("k-means", "HDBSCAN"):
                found = run_bertopic(given.data, given.embeddings, seed, clusters)
                print(json.dumps(found), flush=True)
        return
    held = None if given.embeddings is None else dict(np.load(given.embeddings))
    for corpus in given.corpora:
        for seed in given.seeds:
            found = run_polytopic(given.data, corpus, seed, held, given.model)
            print(json.dumps(found), flush=True)
    if given.bertopic:
        words = [*sys.argv, "--only-bertopic"]
        subprocess.run([given.bertopic, *words], check=True)


if __name__ == "__main__":
    main()
