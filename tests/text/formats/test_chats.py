"""Chats: messages over several lines, who wrote them, and what is no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from polytopic.text import read_documents

ANDROID = """31/12/24, 09:00 - Messages and calls are end-to-end encrypted.
31/12/24, 09:01 - Ann: The engine
burns fuel: much.
31/12/24, 09:02 - +49 170 1: <Media omitted>
01/01/25, 10:00 - Bob: Cells divide
01/01/25, 10:01 - Bob added Eve
01/01/25, 10:02 - Eve: hello
01/01/25, 10:03 - Ann: again
"""
IPHONE = """[31.12.24, 09:01:02] Ann: Der Motor
[31.12.24, 09:02:02] Bob: \u200eBild weggelassen
\u200e[31.12.24, 09:03:02] Bob: Zellen
[31.12.24, 09:04:02] Ann: Gene
[31.12.24, 09:05:02] Ann: Stadt
"""
AMERICAN = "".join(f"1/{n}/24, 9:0{n}\u202fPM - Ann: word{n}\n" for n in range(1, 7))


def test_messages_are_documents(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(ANDROID, encoding="utf-8")
    found = read_documents(tmp_path / "chat.txt", label="from", date="date")
    assert found.texts.to_list() == [
        "The engine\nburns fuel: much.",
        "Cells divide",
        "hello",
        "again",
    ]
    assert list(found.labels) == ["Ann", "Bob", "Eve", "Ann"]
    assert list(found.dates) == ["31/12/2024"] + 3 * ["01/01/2025"]
    (note,) = [note for note in found.notes if "WhatsApp" in note]
    assert "4 messages" in note
    assert "1 for pictures and recordings and 2 of the program" in note


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (IPHONE, ["Der Motor", "Zellen", "Gene", "Stadt"]),
        (AMERICAN, [f"word{n}" for n in range(1, 7)]),
    ],
)
def test_other_programs_of_it(tmp_path: Path, text: str, texts: list[str]) -> None:
    (tmp_path / "chat.txt").write_text(text, encoding="utf-8")
    assert read_documents(tmp_path / "chat.txt").texts.to_list() == texts


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"Ann: line {n}" for n in range(9)),
        "\n".join(f"01/01/24, 10:0{n} - the train: late" if n < 3 else "no chat" for n in range(9)),
        "\n".join(f"2024-01-0{n} a diary" for n in range(1, 9)),
    ],
)
def test_other_lines_stay_lines(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert read_documents(tmp_path / "a.txt").texts.to_list() == text.split("\n")
