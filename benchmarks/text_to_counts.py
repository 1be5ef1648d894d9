"""Raw text to counts: polytopic against scikit-learn's CountVectorizer, speed and peak memory.

Both follow scikit-learn's token pattern with min_df = 5 and nothing else, so that the counts must
be equal; a checksum over them is compared in every pair. Each measurement runs in a process of its
own: first the texts or the file name, then the import, then the clock. Two ways in:

list   the texts are already Python strings in a list
file   from the compressed JSON lines file to counts. scikit-learn gets what its user writes: gzip
       and json into a list (or, for ``stream``, into a generator), then CountVectorizer. polytopic
       runs ``read(path, keep_texts=False)``.

    python benchmarks/text_to_counts.py --data ../shared/data --pairs 5
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from scipy import sparse

CORPORA = {
    "20newsgroups": ("20newsgroups/20newsgroups.jsonl.gz", ["body"]),
    "arxiv": ("arxiv/arxiv200k.jsonl.gz", ["title", "abstract"]),
}
WAYS = ("list", "file", "stream")
MIN_DF = 5


def texts_of(path: Path, columns: list[str]) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield "\n".join(record[column] for column in columns if record[column])


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_sklearn(way: str, path: Path, columns: list[str]) -> tuple[float, Any, list[str], float]:
    given = list(texts_of(path, columns)) if way == "list" else None
    from sklearn.feature_extraction.text import CountVectorizer

    before, start = peak_mb(), time.perf_counter()
    if given is None:
        stream = texts_of(path, columns)
        given = list(stream) if way == "file" else stream
    vectorizer = CountVectorizer(min_df=MIN_DF)
    counts = vectorizer.fit_transform(given)
    seconds = time.perf_counter() - start
    return seconds, counts, vectorizer.get_feature_names_out, before


def run_polytopic(way: str, path: Path, columns: list[str]) -> tuple[float, Any, Any, float]:
    given = list(texts_of(path, columns)) if way == "list" else None
    from polytopic.text import SKLEARN_PATTERN, Corpus, read

    options: dict[str, Any] = {
        "token_pattern": SKLEARN_PATTERN,
        "stop_words": None,
        "min_df": MIN_DF,
        "max_df": 1.0,
        "max_terms": None,
    }
    before, start = peak_mb(), time.perf_counter()
    if given is not None:
        corpus = Corpus.from_texts(given, clean=None, **options)
    else:
        corpus = read(path, text=columns, keep_texts=False, clean=None, **options)
    seconds = time.perf_counter() - start
    return seconds, corpus.counts, lambda: np.array(corpus.vocabulary.terms, object), before


def measure(tool: str, way: str, path: Path, columns: list[str]) -> None:
    """Run once and print the record; the peak is read before the checksum is computed."""
    runner = run_sklearn if tool == "scikit-learn" else run_polytopic
    started = time.process_time()
    seconds, counts, names, before = runner(way, path, columns)
    processor = time.process_time() - started
    peak = peak_mb()
    terms = np.asarray(names())
    order = np.array(sorted(range(len(terms)), key=terms.__getitem__))
    ordered = sparse.csr_matrix(counts)[:, order]
    ordered.sort_indices()
    digest = hashlib.sha256("\n".join(terms[order]).encode())
    for part in (ordered.indptr, ordered.indices, ordered.data):
        digest.update(part.astype(np.int64).tobytes())
    record = {
        "seconds": seconds,
        "processor": processor,
        "peak": peak,
        "before": before,
        "words": int(counts.sum()),
        "shape": list(counts.shape),
        "counts": digest.hexdigest(),
    }
    print(json.dumps(record))


def run(tool: str, way: str, corpus: str, data: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--data", str(data), "--one", tool, way, corpus]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def compare(corpus: str, way: str, data: Path, pairs: int) -> None:
    ours, theirs = [], []
    for pair in range(pairs):
        tools = ["polytopic", "scikit-learn"]
        found = {}
        for tool in tools if pair % 2 == 0 else reversed(tools):
            theirs_way = "file" if (tool, way) == ("polytopic", "stream") else way
            found[tool] = run(tool, theirs_way, corpus, data)
        ours.append(found["polytopic"])
        theirs.append(found["scikit-learn"])
        if ours[-1]["counts"] != theirs[-1]["counts"]:
            sys.exit(f"{corpus} {way}: the counts differ")

    def median(values: list[float]) -> float:
        return statistics.median(values)

    both = list(zip(ours, theirs, strict=True))
    speed = [b["seconds"] / a["seconds"] for a, b in both]
    peak = [a["peak"] / b["peak"] for a, b in both]
    added = [(a["peak"] - a["before"]) / (b["peak"] - b["before"]) for a, b in both]
    effort = [b["processor"] / a["processor"] for a, b in both]
    rate = [[r["words"] / r["seconds"] / 1e6 for r in records] for records in (ours, theirs)]
    print(
        f"{corpus:13} {way:7} counts equal {ours[0]['shape']}  "
        f"M words/s {median(rate[0]):6.2f} vs {median(rate[1]):5.2f}  "
        f"speed x {median(speed):5.2f}  "
        f"processor time with start-up x {median(effort):5.2f}  "
        f"peak MB {median([a['peak'] for a in ours]):6.0f} vs "
        f"{median([b['peak'] for b in theirs]):6.0f} = {median(peak):.2f}  "
        f"added by the call {median(added):.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--corpus", choices=list(CORPORA), action="append")
    parser.add_argument("--way", choices=WAYS, action="append")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        tool, way, corpus = arguments.one
        name, columns = CORPORA[corpus]
        measure(tool, way, corpus_file(arguments.data, name), columns)
        return
    print("polytopic vs scikit-learn, medians of", arguments.pairs, "pairs")
    for corpus in arguments.corpus or CORPORA:
        for way in arguments.way or WAYS:
            compare(corpus, way, arguments.data, arguments.pairs)


if __name__ == "__main__":
    main()
