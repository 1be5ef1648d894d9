"""``polytopic view`` of a million documents: when it opens, what a document takes, memory.

    python benchmarks/view.py [--documents 1000000] [--topics 50] [--run FOLDER]

The run is made of syllables, not fitted: texts of 30 words (some 200 characters) of a topic each,
with ids and dates. It is written as any run is, to a folder that is kept where ``--run`` names one.
The server is a process of its own, asked over the network of this machine; its peak memory is
what Linux says of it. The time to open goes from the start of the process until the page has come.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from scipy import sparse

from polytopic import runs
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

TERMS, WORDS = 5_000, 30
"""Terms of the vocabulary, words of a text."""

ASKED = 20
"""Documents that are asked for, each elsewhere."""


def made(n_documents: int, n_topics: int) -> TopicResult:
    """A result of so many documents: 70 % of the words of each are of its topic's own terms."""
    rng = np.random.default_rng(0)
    syllables = [a + b for a in "bdfgklmnprst" for b in "aeiou"]
    terms = np.array(sorted({"".join(rng.choice(syllables, 3)) for _ in range(3 * TERMS)})[:TERMS])
    own = TERMS // n_topics
    topic = rng.integers(n_topics, size=n_documents)
    words = rng.integers(TERMS, size=(n_documents, WORDS), dtype=np.int32)
    of_topic = rng.random((n_documents, WORDS)) < 0.7
    words = np.where(of_topic, topic[:, None] * own + words % own, words).astype(np.int32)
    rows = np.repeat(np.arange(n_documents, dtype=np.int32), WORDS)
    ones = np.ones(len(rows), dtype=np.int32)
    counts = sparse.csr_matrix((ones, (rows, words.ravel())), shape=(n_documents, TERMS))
    theta = np.full((n_documents, n_topics), 0.3 / n_topics, dtype=np.float32)
    theta[np.arange(n_documents), topic] += 0.7
    topic_word = np.full((n_topics, TERMS), 0.3 / TERMS, dtype=np.float32)
    for k in range(n_topics):
        topic_word[k, k * own : (k + 1) * own] += 0.7 / own
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    days = np.datetime64("2015-01-01") + rng.integers(3650, size=n_documents)
    return TopicResult(
        topic_word=topic_word, doc_topic=theta, vocabulary=Vocabulary(terms.tolist()),
        counts=counts, texts=[" ".join(terms[line]) for line in words],
        ids=np.array([f"doc-{row}" for row in range(n_documents)]), dates=days, model="made",
    )  # fmt: skip


def written(place: Path, result: TopicResult) -> None:
    """The result as a finished run."""
    with runs.reserved(place, {"file": "made"}) as folder:
        runs.begin(folder)
        folder.model.mkdir(exist_ok=True)
        folder.write_result(result)
        runs.finish(folder)


def seconds(ask: Callable[[], bytes]) -> float:
    """How long an answer takes."""
    start = time.perf_counter()
    assert ask()
    return time.perf_counter() - start


def measured(run: Path, n_documents: int) -> None:
    """Start the server, ask, and print what it took."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "polytopic", "view", str(run)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert serving.stderr is not None
    try:
        line = serving.stderr.readline()
        found = re.search(r"http://\S+/", line)
        assert found is not None, line
        address = found[0]

        def ask(place: str, **asked: object) -> Callable[[], bytes]:
            def answer() -> bytes:
                with urllib.request.urlopen(f"{address}{place}?{urlencode(asked)}") as response:
                    return bytes(response.read())

            return answer

        page = ask("")()
        print(f"open: {time.perf_counter() - start:.2f} s, the page {len(page) / 1e6:.2f} MB")
        rows = np.random.default_rng(1).integers(n_documents, size=ASKED)
        word = re.findall(r">\s*([a-z]{6}) [a-z]{6}", ask("document", row=0)().decode())[-1]
        trials = {
            "a document by its row": [ask("document", row=row) for row in rows],
            "a document by its id": [ask("document", id=f"doc-{row}") for row in rows],
            "a page of a topic": [ask("documents", topic=3, page=p) for p in range(ASKED)],
            "a search of all texts": [ask("documents", q=word[:n]) for n in (6, 5, 4)],
            "a page of what it found": [ask("documents", q=word, page=1)],
        }
        for name, asked in trials.items():
            took = [seconds(one) for one in asked]
            middle, worst = 1e3 * statistics.median(took), 1e3 * max(took)
            print(f"{name}: median {middle:.0f} ms, longest {worst:.0f} ms of {len(took)}")
        status = Path(f"/proc/{serving.pid}/status").read_text(encoding="utf-8")
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        print(f"peak memory: {int(peak[1]) / 1e3:.0f} MB" if peak else "peak memory: not told here")
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--topics", type=int, default=50)
    parser.add_argument("--run", type=Path, help="Kept there, and used if it is there.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run = given.run or Path(scratch) / "run"
        if not run.exists():
            start = time.perf_counter()
            written(run, made(given.documents, given.topics))
            print(f"the run was written in {time.perf_counter() - start:.0f} s")
        measured(run, given.documents)


if __name__ == "__main__":
    main()
