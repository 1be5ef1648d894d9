"""Every format of word vectors is read by its name, word by word and number by number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from file_rows import BOTH, ROWS, WORDS

from polytopic.embeddings.files.formats import WRITABLE, read_vectors
from polytopic.errors import PolytopicError


@pytest.mark.parametrize("name", ROWS)
def test_what_was_written_is_read(name: str, tmp_path: Path) -> None:
    path, vocabulary = ROWS[name](tmp_path)
    table = read_vectors(path, name, vocabulary=vocabulary)
    assert table.terms == WORDS
    np.testing.assert_array_equal(table.input, BOTH.input)
    if name not in WRITABLE:  # those that are written hold one matrix
        np.testing.assert_array_equal(table.output, BOTH.output)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_cut_short_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path, vocabulary = ROWS[name](tmp_path)
    cut = path / "model.safetensors" if path.is_dir() else path
    cut.write_bytes(cut.read_bytes()[:-9])
    with pytest.raises(PolytopicError) as told:
        read_vectors(path, name, vocabulary=vocabulary)
    assert "\n" not in str(told.value) and str(path) in str(told.value)
