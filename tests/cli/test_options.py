"""What the command line makes of its words before anything is read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from polytopic.cli._shared import Voice, degree_limit, stop_word_option
from polytopic.cli.evaluate import PASSAGE, _reference
from polytopic.errors import FileMissingError, InputError


@pytest.mark.parametrize(
    ("given", "limit"), [(None, None), ("5", 5), ("0.05", 0.05), ("1.0", 1.0), ("1", 1)]
)
def test_a_limit_is_a_number_of_documents_or_a_share(
    given: str | None, limit: int | float | None
) -> None:
    """1 is one document, 1.0 all of them."""
    found = degree_limit(given, "--min-df")
    assert found == limit and type(found) is type(limit)
    with pytest.raises(InputError, match='--min-df: "many" is no number'):
        degree_limit("many", "--min-df")


def test_a_stop_word_file_that_is_missing_is_no_language(tmp_path: Path) -> None:
    voice = Voice(quiet=True)
    for path in (tmp_path / "words", Path("words.txt")):
        with pytest.raises(FileMissingError, match="--stop-words: there is no file"):
            stop_word_option(str(path), voice)
    (tmp_path / "own.txt").write_text("one\ntwo\n", encoding="utf-8")
    assert stop_word_option(str(tmp_path / "own.txt"), voice) == ["one", "two"]
    assert stop_word_option("de", voice) == "de"
    assert stop_word_option("None", voice) is None


def test_a_long_reference_is_cut_into_passages_without_loss(tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(2 * PASSAGE + 50)]
    file = tmp_path / "reference.txt"
    file.write_text(" ".join(words) + "\n", encoding="utf-8")
    corpus = _reference(file, SimpleNamespace(settings={}), Voice(quiet=True))
    assert [len(tokens) for tokens in corpus.token_lists()] == [PASSAGE, PASSAGE, 50]
    assert [token for tokens in corpus.token_lists() for token in tokens] == words
