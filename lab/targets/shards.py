"""Folders of corpora larger than memory: the index, the shards and what stands beside them."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target, folder_content
from lab.targets.sealing import sealed

_BODIES = ["Cells divide and grow.", "A cell divides; new cells grow.", "An engine burns fuel.", ""]
_INDEX = "index/"


def _folders(folder: Path) -> list[Content]:
    import polytopic as pt

    lines = [
        json.dumps({"body": body, "kind": "ab"[row % 2], "day": f"2020-01-0{row + 1}"})
        for row, body in enumerate(_BODIES)
    ]
    file = folder / "texts.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = []
    for number, more in enumerate(({}, {"label": "kind", "date": "day", "keep_texts": True})):
        place = folder / str(number)
        pt.shard(file, place, text="body", documents=2, min_df=1, n_threads=1, **more)
        found.append(folder_content(place))
    return found


def _read(path: Path) -> Any:
    import numpy as np

    import polytopic as pt

    index = path / _INDEX
    if index.is_dir():
        sealed(index)
    corpus = pt.ShardedCorpus(path)
    n_documents, n_terms = corpus.shape
    assert corpus.counts.shape == (n_documents, n_terms)
    whole = corpus.counts.tocsr()
    assert whole.nnz == 0 or whole.data.min() > 0
    assert len(corpus.offsets) == n_documents + 1
    assert not len(corpus.tokens) or corpus.tokens.max() < n_terms
    rows = np.arange(n_documents)[::-2]
    some = corpus[rows]
    assert np.array_equal(some.counts.toarray(), whole[rows].toarray())
    for name in ("labels", "ids", "dates", "texts"):
        column = getattr(corpus, name)
        assert column is None or len(column) == n_documents
    corpus.dropped.describe()
    _append(path)
    return corpus


def _append(path: Path) -> None:
    """New documents, to a copy: a failure leaves it as it was, or it holds them whole."""
    import polytopic as pt

    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "shards"
        shutil.copytree(path, copy)
        corpus = pt.ShardedCorpus(copy)
        before = len(corpus)
        new = Path(place) / "new.jsonl"
        line = {"body": _BODIES[1], "kind": "a", "day": "2020-02-01"}
        new.write_text(json.dumps(line) + "\n", encoding="utf-8")
        corpus.append(new, n_threads=1)
        assert len(corpus) == before + 1


def _warm() -> None:
    import polars  # noqa: F401

    import polytopic.text.sharded  # noqa: F401


TARGETS = [Target("shards", _folders, _read, warm=_warm)]
