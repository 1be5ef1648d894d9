"""Small runs to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from polytopic import runs
from polytopic.result import TopicResult
from polytopic.runs import RunFolder
from polytopic.text import Vocabulary

N = 50
HOSTILE = "</p><script>alert(1)</script>"


def result_of(n: int = N, **changes: Any) -> TopicResult:
    """Documents of two topics in turn; the shares of topic 0 rise with the row."""
    theta = np.full((n, 2), 0.0)
    theta[:, 0] = np.where(np.arange(n) % 2 == 0, 0.6 + 0.3 * np.arange(n) / n, 0.2)
    theta[:, 1] = 1 - theta[:, 0]
    fields: dict[str, Any] = {
        "topic_word": np.array([[0.9, 0.1], [0.1, 0.9]], dtype=np.float32),
        "doc_topic": theta.astype(np.float32),
        "vocabulary": Vocabulary(["cells", "stars"]),
        "counts": sparse.csr_matrix(np.tile([[3, 0], [0, 3]], (n // 2, 1))),
        "texts": [f"Text {row} on {'stars' if row % 2 else 'CELLS'}." for row in range(n)],
        "ids": np.array([f"id-{row}" for row in range(n)]),
        "labels": np.array(["a", HOSTILE] * (n // 2)),
    }
    return TopicResult(**{**fields, **changes})


def write_run(place: Path, result: TopicResult) -> RunFolder:
    """A finished run of a result."""
    with runs.reserved(place, {"file": "texts.csv"}, force=True) as folder:
        runs.begin(folder)
        (folder.path / "model").mkdir(exist_ok=True)
        folder.write_result(result)
        runs.finish(folder)
    return RunFolder(place)
