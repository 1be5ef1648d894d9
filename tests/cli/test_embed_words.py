"""``polytopic embed``: what divides the text into words, and what its reader tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Call

SENTENCES = ["我喜欢北京的天气。", "明天去北京大学学习中文。"]


def _words(file: Path) -> set[str]:
    return {line.split(" ")[0] for line in file.read_text(encoding="utf-8").splitlines()[1:]}


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_language_without_spaces_is_segmented(tmp_path: Path, call: Call, name: str) -> None:
    pytest.importorskip("rjieba")
    text, output = tmp_path / name, tmp_path / "v.txt"
    text.write_text("text\n" * (name == "a.csv") + "\n".join(SENTENCES * 20) + "\n", "utf-8")
    quick = ("-o", output, "--dim", 4, "--epochs", 1, "--sample", 0, "--force")
    answer = call("embed", text, *quick, "--language", "zh")
    assert answer.code == 0 and {"北京", "天气", "学习", "中文"} <= _words(output)
    answer = call("embed", text, *quick)
    assert answer.code == 1 and "terms look like clauses" in answer.err
    assert "have it segmented: embed --language zh" in answer.err


def test_languages_that_say_nothing_are_refused(tmp_path: Path, call: Call) -> None:
    text = tmp_path / "a.txt"
    text.write_text("the cat sat on the mat\n" * 20)
    for options, message in (
        (["--language", "klingon"], '--language: nothing is known of "klingon"'),
        (["--language", "zh", "--spaces"], "--language: means nothing beside --spaces"),
    ):
        answer = call("embed", text, "-o", tmp_path / "v.txt", *options)
        assert answer.code == 1 and message in answer.err and answer.err.count("\n") == 1


def test_half_surrogates_in_a_text_file_are_told(tmp_path: Path, call: Call) -> None:
    text = tmp_path / "a.txt"
    text.write_bytes(b"the cat sat on the mat\n" * 20 + b"cut \xed\xa0\xbd here\n")
    answer = call("embed", text, "-o", tmp_path / "v.txt", "--dim", 4, "--epochs", 1, "--sample", 0)
    assert answer.code == 0
    assert f"{text}: Half surrogates (letters cut in two) read as U+FFFD: 1." in answer.err
