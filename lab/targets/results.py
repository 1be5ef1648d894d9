"""Saved results, and files of edits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target, folder_content
from lab.targets.sealing import sealed

_SPLIT = {"split": {"0": 2}}
_EDITS: list[list[dict[str, Any]]] = [
    [{"rename": {"0": "Cells", "1": "größe"}, "note": {"1": "x\ny"}, "hide": [2]}, {"show": [2]}],
    [{"merge": [[0, 2]]}, {"order": [1, 0]}],
    [_SPLIT, {"merge": [[0, 3]], "rename": {"1": ""}}],
]


def _result() -> Any:
    import numpy as np
    from scipy import sparse

    import polytopic as pt

    counts = np.zeros((12, 6), dtype=int)
    for row in range(12):
        counts[row, [row % 6, (row + 1) % 6]] = 3, 1
    theta = np.full((12, 3), 0.1)
    theta[np.arange(12), np.arange(12) % 3] = 0.8
    words = np.full((3, 6), 0.05)
    words[[0, 0, 1, 1, 2, 2], range(6)] = 0.4
    return pt.TopicResult(
        topic_word=words.astype(np.float32), doc_topic=theta.astype(np.float32),
        vocabulary=pt.Vocabulary([f"w{v}" for v in range(6)]), counts=sparse.csr_matrix(counts),
        texts=["text"] * 12, labels=list("ab") * 6,
        dates=np.datetime64("2020-01-01") + np.arange(12), metrics={"npmi": 0.1},
    )  # fmt: skip


def _folders(folder: Path) -> list[Content]:
    plain = _result()
    made = [plain, *(plain.edit(edits) for edits in _EDITS)]
    saved = enumerate(result.save(folder / str(n)) for n, result in enumerate(made))
    return [folder_content(path) for _, path in saved]


def _used(result: Any) -> None:
    """What a caller does with a result."""
    from polytopic import simplex

    assert simplex.is_distribution(result.doc_topic)
    assert simplex.is_distribution(result.topic_word)
    repr(result), result._repr_html_()
    for table in (result.topics(), result.documents(), result.terms(3), result.similarity()):
        assert table.height > 0 or len(result.vocabulary) == 0
    result.hierarchy().to_text()
    if result.edits:
        result.undo()


def _read_folder(path: Path) -> Any:
    import polytopic as pt

    result = pt.load_result(sealed(path))
    if result.n_documents:
        _used(result)
    return result


def _files(folder: Path) -> list[Content]:
    plain = _result()
    records = [plain.edit(edits).edits_record() for edits in _EDITS]
    records += [{"edits": edits} for edits in _EDITS]
    return [{"edits.json": json.dumps(record).encode()} for record in records]


def _read_file(path: Path) -> Any:
    result = _result().edit(path)
    _used(result)
    return result


def _warm() -> None:
    import sklearn.cluster
    import sklearn.utils.extmath  # noqa: F401
    import threadpoolctl  # noqa: F401

    import polytopic.result.changed
    import polytopic.runs.results  # noqa: F401


_WORDS = (
    b'"rename"', b'"merge"', b'"split"', b'"hide"', b'"show"', b'"order"', b'"note"', b'"parts"',
    b'"weights"', b"[[0, 1]]", b'{"0": 2}', b"-1", b"1e9", b"null", b"true", b'"\\ud800"',
)  # fmt: skip
TARGETS = [
    Target("result", _folders, _read_folder, _warm),
    Target("edits", _files, _read_file, _warm, words=_WORDS),
]
