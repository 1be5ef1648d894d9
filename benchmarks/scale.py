"""How large can it get: memory and seconds of 200,000 and of a million documents.

    python benchmarks/scale.py --work FOLDER
    python benchmarks/scale.py --work FOLDER --sizes 200000 --steps shard online
    python benchmarks/scale.py --work FOLDER --steps shard topics-lda topics-default --passes 1
    python benchmarks/scale.py --work FOLDER --sizes 100000 --steps shard online-shards --passes 10
    python benchmarks/scale.py --work FOLDER --steps shard peer-gensim peer-sklearn peer-polytopic

Documents are abstracts of arxiv200k drawn with replacement, as JSON lines, in ten files a size.
Each step runs in a process of its own; printed are its peak memory (of the interpreter, mapped
files included), the memory at its peak that no file backs, its seconds and those of its
processors. The topics of the steps on one corpus are told by their digest: they must be equal.

The steps ``peer-`` are online LDA of gensim, scikit-learn and polytopic in one pass, with the
perplexity of a thousand documents that were not drawn as they go (``_scale_peers.py``); what was
reached by when says who needs how long for the same.

Peers: pip install gensim scikit-learn.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from _scale_peers import RUNS, follow, keep_held_out
from numpy.typing import NDArray

STEPS = (
    "read", "shard", "online", "online-shards", "gibbs", "gibbs-shards", "topics-lda",
    "topics-default",
)  # fmt: skip
PEERS = tuple(f"peer-{name}" for name in RUNS)
MODELS = tuple(f"model-{name}" for name in ("prodlda", "dirichlet-vae", "etm", "ntm"))
MEMORY = "1GB"
"""What the steps of ``polytopic topics`` are bounded by."""

FILES = 10
OPTIONS: dict[str, Any] = {"text": "abstract", "max_terms": 10_000}


def drawn(n_documents: int, data: Path) -> tuple[list[bytes], NDArray[np.int64]]:
    """All lines, and which of them the documents of a size are."""
    with gzip.open(corpus_file(data, "arxiv", "arxiv200k.jsonl.gz"), "rb") as file:
        lines = file.read().splitlines(keepends=True)
    return lines, np.random.default_rng(0).integers(0, len(lines), n_documents)


def draw(n_documents: int, work: Path, data: Path) -> Path:
    """The files of a size, made once."""
    folder = work / f"documents-{n_documents}"
    if folder.is_dir():
        return folder
    lines, rows = drawn(n_documents, data)
    part = folder.with_name(f"part-{n_documents}")
    part.mkdir(parents=True, exist_ok=True)
    for number, chosen in enumerate(np.array_split(rows, FILES)):
        (part / f"{number}.jsonl").write_bytes(b"".join(lines[row] for row in chosen.tolist()))
    part.rename(folder)
    return folder


def memory(field: str = "RssAnon") -> float:
    """MB of this process: ``RssAnon``, what no file backs, now; ``VmHWM``, the peak of all.

    (``ru_maxrss`` would begin with that of the process that started this one.)
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return float(line.split()[1]) / 1024
    return float("nan")


def shards_of(documents: Path) -> Path:
    return documents.with_name(f"shards-{documents.name}")


def carry_out(step: str, documents: Path, passes: int) -> dict[str, Any]:
    """One step in this process."""
    import polytopic as pt

    shards = shards_of(documents)
    held = [memory()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            held.append(memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, worked = time.perf_counter(), time.process_time()
    try:
        found = _work(step, documents, shards, passes, pt)
    finally:
        seconds = time.perf_counter() - started
        processors = time.process_time() - worked
        done.set()
        watcher.join()
    peak = memory("VmHWM")
    return {
        "step": step, "seconds": round(seconds, 1), "processors": round(processors, 1),
        "peak_mb": round(peak), "anonymous_mb": round(max(held)), **found,
    }  # fmt: skip


def _work(step: str, documents: Path, shards: Path, passes: int, pt: Any) -> dict[str, Any]:
    if step == "shard":
        corpus = pt.shard(str(documents / "*.jsonl"), shards, **OPTIONS)
        return {"documents": len(corpus), "words": corpus.dropped.tokens}
    if step == "read":
        from polytopic.text.reading import read

        for file in sorted(documents.glob("*.jsonl")):  # one after the other: what one reads
            corpus = read(file, **OPTIONS, keep_texts=False)
        return {"documents": len(corpus) * FILES, "words": corpus.dropped.tokens * FILES}
    if step in PEERS:
        return follow(step.removeprefix("peer-"), shards)
    if step.startswith("topics-"):
        return _command(step.removeprefix("topics-"), documents, shards, passes)
    corpus = pt.ShardedCorpus(shards)
    if step.startswith("model-"):
        return _model(step.removeprefix("model-"), corpus, passes)
    method, _, where = step.partition("-")
    given = corpus if where else corpus.in_memory()
    model = pt.LDA(n_topics=50, method=method, iterations=passes, samples=1, random_state=0)
    model.fit(given)
    digest = hashlib.sha256(model.topic_word_.tobytes()).hexdigest()[:12]
    spent = [record["seconds"] for record in model.history_]
    return {"topics": digest, "passes": [round(s, 1) for s in spent]}


def _model(name: str, corpus: Any, passes: int) -> dict[str, Any]:
    """So many epochs of a model from shards, with its start and its diagnosis."""
    from polytopic import registry

    kind: Any = registry.load_class(registry.find(name))
    model = kind(n_topics=50, epochs=passes, random_state=0, n_threads=1).fit(corpus)
    return {"epochs": [round(record["seconds"], 1) for record in model.history_]}


def _command(model: str, documents: Path, shards: Path, passes: int) -> dict[str, Any]:
    """``polytopic topics`` of the shards, in this process."""
    from polytopic.cli import main as command

    run = shards.with_name(f"run-{model}-{documents.name}")
    sys.argv = ["polytopic", "topics", str(shards), "-o", str(run), "--epochs", str(passes)]
    sys.argv += ["--memory", MEMORY, "--force", "--quiet"]
    sys.argv += [] if model == "default" else ["--model", model]
    try:
        command()
    except SystemExit as ended:
        if ended.code:
            raise
    return {"topics": hashlib.sha256((run / "topics.csv").read_bytes()).hexdigest()[:12]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for documents and shards")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument("--steps", nargs="+", choices=[*STEPS, *PEERS, *MODELS], default=STEPS)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        step, documents = arguments.one
        found = carry_out(step, Path(documents), arguments.passes)
        print(json.dumps(found), flush=True)
        return
    for size in arguments.sizes:
        documents = draw(size, arguments.work, arguments.data)
        for step in arguments.steps:
            if step in PEERS:
                lines, rows = drawn(size, arguments.data)
                keep_held_out(shards_of(documents), rows, lines)
            command = [sys.executable, __file__, "--work", str(arguments.work)]
            command += ["--passes", str(arguments.passes), "--one", step, str(documents)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            told = (done.stdout.strip().splitlines() or [""])[
                -1
            ] or done.stderr.strip().splitlines()[-1]
            print(size, told, flush=True)


if __name__ == "__main__":
    main()
