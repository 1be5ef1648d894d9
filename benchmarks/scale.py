"""How large can it get: memory and seconds of 200,000 and of a million documents.

    python benchmarks/scale.py --work FOLDER
    python benchmarks/scale.py --work FOLDER --sizes 200000 --steps shard online
    python benchmarks/scale.py --work FOLDER --steps shard topics-lda topics-default --passes 1
    python benchmarks/scale.py --work FOLDER --sizes 100000 --steps shard online-shards --passes 10
    python benchmarks/scale.py --work FOLDER --steps shard peer-gensim peer-sklearn peer-polytopic
    python benchmarks/scale.py --work FOLDER --memory 500MB --steps file-lda memory-lda
    python benchmarks/scale.py --work FOLDER --sizes 50000 --steps shard model-prodlda model-nmf

Documents are abstracts of arxiv200k drawn with replacement, as JSON lines, in ten files a size.
Each step runs in a process of its own; printed are its peak memory (of the interpreter, mapped
files included), the memory at its peak that no file backs, its seconds and those of its
processors. The topics of the steps on one corpus are told by their digest: they must be equal.

``file-`` and ``memory-`` are whole runs of ``polytopic topics`` of one file with all documents,
without and with ``--memory``. ``model-`` is a model from shards with its start, in one thread;
``--table LINES`` reads what such steps of two sizes printed and prints the documentation's rows.

The steps ``peer-`` are online LDA of gensim, scikit-learn and polytopic in one pass, with the
perplexity of a thousand documents that were not drawn as they go (``_scale_peers.py``); what was
reached by when says who needs how long for the same.

Peers: pip install gensim scikit-learn.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import inspect
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

TOPICS = ("topics-lda", "topics-default")
STEPS = ("read", "shard", "online", "online-shards", "gibbs", "gibbs-shards", *TOPICS)
PEERS = tuple(f"peer-{name}" for name in RUNS)
WHOLE = tuple(f"{kind}-{model}" for model in ("lda", "default") for kind in ("file", "memory"))
MODELS = tuple(
    f"model-{name}"
    for name in (
        "lda", "lda-online", "hdp", "embedding-lda", "nmf", "cluster-tm", "prodlda",
        "dirichlet-vae", "nvdm", "gsm", "neural-lda", "weibull-vae", "stick-breaking-vae", "etm",
        "ecrtm", "scholar", "ntm", "autoencoder", "denoising-autoencoder", "vae", "none",
    )
)  # fmt: skip
"""Topic models and autoencoders that read counts alone; none: the program and the open shards."""

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


def carry_out(step: str, documents: Path, bound: str, passes: int) -> dict[str, Any]:
    """One step in this process."""
    import polytopic as pt

    held = [memory()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            held.append(memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, worked = time.perf_counter(), time.process_time()
    try:
        found = _work(step, documents, bound, passes, pt)
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


def _work(step: str, documents: Path, bound: str, passes: int, pt: Any) -> dict[str, Any]:
    shards = shards_of(documents)
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
    if step in (*TOPICS, *WHOLE):
        return _command(step, documents, bound, passes)
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


class _Clock:
    """A tracker that notes the processor seconds of the process at the end of each pass."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def log(self, values: dict[str, Any], step: int | None = None) -> None:
        if "seconds" in values:
            self.seconds.append(time.process_time())


def _model(name: str, corpus: Any, passes: int) -> dict[str, Any]:
    """So many passes of a model from shards, with its start and its diagnosis, in one thread.

    ``pass``: processor seconds of one, the median of all but the first.
    """
    from polytopic import registry

    if name == "none":
        return {"documents": len(corpus)}
    kind: Any = registry.load_class(registry.find(name.removesuffix("-online")))
    known, clock = inspect.signature(kind).parameters, _Clock()
    asked = {
        "n_topics": 50, "epochs": passes, "iterations": passes, "samples": 1, "n_threads": 1,
        "random_state": 0, "trackers": clock,
    }  # fmt: skip
    if name.endswith("-online"):
        asked["method"] = "online"
    kind(**{key: value for key, value in asked.items() if key in known}).fit(corpus)
    spent = np.diff(clock.seconds)
    lasted = {"pass": round(float(np.median(spent)), 2)} if len(spent) else {}
    return {"documents": len(corpus), "passes": passes, **lasted}


def _command(step: str, documents: Path, bound: str, passes: int) -> dict[str, Any]:
    """``polytopic topics`` of the shards or of one file, in this process."""
    from polytopic.cli import main as command

    kind, _, model = step.partition("-")
    given = shards_of(documents) if kind == "topics" else whole_file(documents)
    run = documents.with_name(f"run-{step}-{documents.name}")
    sys.argv = ["polytopic", "topics", str(given), "-o", str(run), "--epochs", str(passes)]
    sys.argv += ["--force", "--quiet"]
    sys.argv += [] if kind == "file" else ["--memory", bound]
    sys.argv += [] if kind == "topics" else ["--text", OPTIONS["text"]]
    sys.argv += [] if kind == "topics" else ["--max-terms", str(OPTIONS["max_terms"])]
    sys.argv += [] if model == "default" else ["--model", model]
    try:
        command()
    except SystemExit as ended:
        if ended.code:
            raise
    return {"topics": hashlib.sha256((run / "topics.csv").read_bytes()).hexdigest()[:12]}


def whole_file(documents: Path) -> Path:
    """All documents of a size in one file, made once."""
    file = documents.with_name(f"{documents.name}.jsonl")
    if not file.exists():
        parts = sorted(documents.glob("*.jsonl"))
        file.write_bytes(b"".join(part.read_bytes() for part in parts))
    return file


def table(lines: list[str]) -> str:
    """Rows of models: by two sizes what a million documents more would take, and what stays.

    Memory is the growth of the peak; a pass is that of the larger size; all else (start, diagnosis,
    imports) are the processor seconds of the larger size without its passes.
    """
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for line in lines:
        if '"step": "model-' in line:
            held = json.loads(line)
            found.setdefault(held["step"].removeprefix("model-"), {})[held["size"]] = held
    rows = ["| model | documents | peak | a million more | a pass of a million | all else |"]
    rows.append("|---|---|---|---|---|---|")
    for name, sizes in found.items():
        if len(sizes) < 2 or name == "none":
            continue
        (small, little), (large, much) = min(sizes.items()), max(sizes.items())
        grown = (much["peak_mb"] - little["peak_mb"]) / (large - small) * 1e6
        passes = much.get("passes", 0)
        each, rest = "", much["processors"]
        if "pass" in much:
            each = f"{much['pass'] / large * 1e6:,.1f} s"
            rest -= passes * much["pass"]
        cells = (f"`{name}`", f"{large:,}", f"{much['peak_mb']:,} MB", f"{grown:,.0f} MB", each)
        rows.append(f"| {' | '.join(cells)} | {rest:,.1f} s |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--work", type=Path, help="folder for documents and shards")
    parser.add_argument("--table", type=Path, help="file of printed lines to make rows of")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument(
        "--steps", nargs="+", choices=[*STEPS, *WHOLE, *PEERS, *MODELS], default=STEPS
    )
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--memory", default=MEMORY, help="bound of the runs of polytopic topics")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.table:
        print(table(arguments.table.read_text(encoding="utf-8").splitlines()))
        return
    if arguments.work is None:
        parser.error("--work: name a folder for documents and shards")
    if arguments.one:
        step, documents = arguments.one
        found = carry_out(step, Path(documents), arguments.memory, arguments.passes)
        print(json.dumps(found), flush=True)
        return
    for size in arguments.sizes:
        documents = draw(size, arguments.work, arguments.data)
        for step in arguments.steps:
            if step in PEERS:
                lines, rows = drawn(size, arguments.data)
                keep_held_out(shards_of(documents), rows, lines)
            command = [sys.executable, __file__, "--work", str(arguments.work)]
            command += ["--memory", arguments.memory, "--passes", str(arguments.passes)]
            command += ["--one", step, str(documents)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            told = (done.stdout.strip().splitlines() or [""])[-1]
            if told.startswith("{"):
                print(json.dumps({"size": size, **json.loads(told)}), flush=True)
            else:
                print(size, step, done.stderr.strip().splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
