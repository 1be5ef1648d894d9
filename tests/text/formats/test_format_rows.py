"""Every format is read, alone and from its folder of documents, and what is empty is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_rows import ROWS, TEXTS

from polytopic.errors import InputError
from polytopic.text import read_documents


@pytest.mark.parametrize("ending", ROWS)
def test_what_was_written_is_read(ending: str, tmp_path: Path) -> None:
    if ending == ".xlsx":
        pytest.importorskip("fastexcel", reason="the excel extra is not installed")
    path = tmp_path / f"documents{ending}"
    ROWS[ending](path)
    found = [text.strip() for text in read_documents(path).texts]
    assert found == TEXTS[: 1 if ending in (".eml", ".md") else 2]  # one document each


@pytest.mark.parametrize("ending", ROWS)
def test_an_empty_file_is_refused_in_one_line(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"nothing{ending}"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"nothing.*: is an empty file. [^\n]*$"):
        read_documents(path)
