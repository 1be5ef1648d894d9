"""Labels of JSON: what is one label though it is written as text and as a number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polytopic.text import read_documents


@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_labels_that_are_text_beside_the_same_as_numbers_are_told(
    tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"a{ending}"
    for labels, note in (
        ([1, "1", None], ('labels: text and numbers stand side by side: "1" and 1 are taken',)),
        ([True, "true", 2.0, "2.0"], ('"2.0" and 2.0 and 1 more are taken for the same.',)),
        ([1, "01", "one", 2], ()),
        (["1", "1"], ()),
    ):
        records = [json.dumps({"text": "engine fuel", "s": label}) for label in labels]
        path.write_text(f"[{','.join(records)}]" if ending == ".json" else "\n".join(records))
        notes = read_documents(path, label="s").notes
        assert len(notes) == len(note) and all(map(str.__contains__, notes, note))
        assert not read_documents(path, id="s").notes
