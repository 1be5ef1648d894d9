"""The report of 50,000 documents and 200 topics: its size, when it can be used, how its map pans.

    python benchmarks/page.py [--documents 50000] [--topics 200] [--repeats 5] [--data FOLDER]

The topics are word counts of groups of abstracts, not fitted: what a page costs depends on its
sizes and on real words. Chromium draws without a graphics card. Times are medians: from the start
of the navigation until every figure of the overview is drawn, and of the frames of 90 steps of the
map of the documents by the arrow keys, after two steps of zoom.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file
from scipy import sparse

from polytopic.result import TopicResult
from polytopic.text import Corpus

TERMS = 10_000
WATCH = """
new MutationObserver(() => {
  if (!window.drawnAt && document.documentElement?.dataset.figures === "drawn") {
    window.drawnAt = performance.now();
  }
}).observe(document, { attributes: true, subtree: true });
"""
PAN = """
const done = arguments[0], map = document.querySelector(".documents-map");
map.scrollIntoView(); map.focus();
const press = (key) => map.dispatchEvent(new KeyboardEvent("keydown", { key }));
press("+"); press("+");
setTimeout(() => {
  const frames = []; let last = performance.now();
  const step = (now) => {
    frames.push(now - last); last = now;
    press(frames.length % 40 < 20 ? "ArrowLeft" : "ArrowRight");
    if (frames.length < 90) requestAnimationFrame(step); else done(frames.slice(1));
  };
  requestAnimationFrame(step);
}, 500);
"""


def grouped(n_documents: int, n_topics: int, data: Path) -> TopicResult:
    """A result of these sizes on abstracts of the arXiv, with topics made of groups of them."""
    with gzip.open(
        corpus_file(data, "arxiv", "arxiv200k.jsonl.gz"), "rt", encoding="utf-8"
    ) as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, n_documents)]
    texts = [f"{row['title']}. {row['abstract']}" for row in rows]
    labels, dates = [row["category"] for row in rows], [row["date"] for row in rows]
    corpus = Corpus.from_texts(texts, labels=labels, dates=dates, max_terms=TERMS)
    order = np.lexsort((dates, labels))  # topics of neighbours in category and time
    member = np.empty(n_documents, dtype=np.int64)
    member[order] = np.arange(n_documents) * n_topics // n_documents
    groups = sparse.csr_matrix((np.ones(n_documents), (member, np.arange(n_documents))))
    topic_word = np.asarray((groups @ corpus.counts).todense()) + 0.01
    rng = np.random.default_rng(0)
    theta = rng.dirichlet(np.full(n_topics, 0.05), n_documents) * 0.5
    theta[np.arange(n_documents), member] += 0.5
    return TopicResult(
        topic_word=(topic_word / topic_word.sum(axis=1, keepdims=True)).astype(np.float32),
        doc_topic=theta.astype(np.float32), vocabulary=corpus.vocabulary, counts=corpus.counts,
        texts=corpus.texts, labels=corpus.labels, dates=corpus.dates,
    )  # fmt: skip


def chromium(folder: Path) -> Any:
    """A headless Chromium that notes when the figures of a page are drawn."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000",
                 f"--user-data-dir={folder / 'chromium'}"):  # fmt: skip
        options.add_argument(flag)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=service)
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    return browser


def opened(browser: Any, page: Path) -> float:
    """Milliseconds from the start of the navigation until the page is drawn."""
    browser.get("about:blank")
    browser.get(page.as_uri())
    while True:
        drawn = browser.execute_script("return window.drawnAt || 0")
        if drawn:
            return float(drawn)
        time.sleep(0.02)


def main() -> None:
    """Write the page, open it, pan its map, print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        page = Path(name, "report.html")
        result = grouped(given.documents, given.topics, given.data)
        started = time.perf_counter()
        result.report(page)
        print(f"written in {time.perf_counter() - started:.1f} s")
        print(f"size {page.stat().st_size / 1e6:.2f} MB")
        browser = chromium(Path(name))
        try:
            times = [opened(browser, page) for _ in range(given.repeats)]
            frames = [
                statistics.median(browser.execute_async_script(PAN)) for _ in range(given.repeats)
            ]
        finally:
            browser.quit()
        print(f"drawn after {statistics.median(times):.0f} ms")
        print(f"frames every {statistics.median(frames):.1f} ms while the map pans")


if __name__ == "__main__":
    main()
