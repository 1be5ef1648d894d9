"""How long the topics of one text take: in Python, and through a FastAPI application in process.

    python benchmarks/serving.py                      # LDA and the default model on 20 Newsgroups
    python benchmarks/serving.py --models lda --texts 500

Models of 50 topics over 10,000 terms, few passes (the time of an answer does not depend on them);
after ``warm_up()``, each of ``--texts`` newsgroup posts is asked for by itself. Prints a line of
JSON a model: percentiles in milliseconds of ``transform([text])``, of the thread's processor time,
and of a request that FastAPI routes, checks and answers (no socket). On a busy
machine the wall time says how busy it is: ``quietest`` is the median of the quickest tenth of
windows of twenty answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file

import polytopic as pt

WINDOW = 20


def timed(ask: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Percentiles of wall and processor time, ms."""
    wall, processor = [], []
    for text in texts:
        begun, used = time.perf_counter(), time.thread_time()
        ask(text)
        wall.append(1e3 * (time.perf_counter() - begun))
        processor.append(1e3 * (time.thread_time() - used))
    cut = len(wall) // WINDOW * WINDOW
    windows = np.median(np.reshape(wall[:cut], (-1, WINDOW)), axis=1)
    return {
        "p50": round(float(np.median(wall)), 2),
        "p95": round(float(np.percentile(wall, 95)), 2),
        "quietest": round(float(np.percentile(windows, 10)), 2),
        "cpu_p50": round(float(np.median(processor)), 2),
    }


def application(model: Any) -> Any:
    """What docs/serving.md serves."""
    from fastapi import Body, FastAPI

    app, words = FastAPI(), model.top_words(5)

    @app.post("/topics")
    def topics(text: str = Body(embed=True)) -> list[dict[str, Any]]:
        theta = model.transform([text])[0]
        best = theta.argsort()[::-1][:3].tolist()
        return [{"topic": k, "share": float(theta[k]), "words": words[k]} for k in best]

    return app


def request(app: Any, loop: asyncio.AbstractEventLoop, text: str) -> bytes:
    """One POST, by the application's own interface (ASGI)."""
    body, answer = json.dumps({"text": text}).encode(), bytearray()
    scope = {
        "type": "http", "method": "POST", "path": "/topics", "raw_path": b"/topics",
        "query_string": b"", "headers": [(b"content-type", b"application/json")],
        "http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
        answer.extend(message.get("body", b""))

    loop.run_until_complete(app(scope, receive, send))
    return bytes(answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--models", nargs="+", default=["lda", "dirichlet-vae"])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    file = corpus_file(arguments.data, "20newsgroups", "20newsgroups.jsonl.gz")
    corpus = pt.read(file, text="body", max_terms=10_000)
    assert corpus.texts is not None
    texts = [text for text in list(corpus.texts) if text.strip()][: arguments.texts]
    loop = asyncio.new_event_loop()
    for name in arguments.models:
        kind: Any = pt.registry.load_class(pt.registry.find(name, "topics"))
        passes = {"iterations": 10} if name == "lda" else {"epochs": 1}
        model = kind(n_topics=50, random_state=0, **passes).fit(corpus)
        begun = time.perf_counter()
        model.warm_up()
        line: dict[str, Any] = {"model": name, "warm_up_s": round(time.perf_counter() - begun, 2)}
        line["transform_ms"] = timed(lambda text, m=model: m.transform([text]), texts)
        try:
            app = application(model)
        except ImportError:
            line["fastapi_ms"] = "pip install fastapi"
        else:
            request(app, loop, texts[0])
            line["fastapi_ms"] = timed(lambda text, a=app: request(a, loop, text), texts)
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
