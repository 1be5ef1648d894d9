"""Subtitles: what is text in them, one by one and in folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import read_documents

SRT = (
    "1\r\n00:00:01,000 --> 00:00:04,000\r\n<i>The engine</i>\r\nburns {\\an8}fuel.\r\n\r\n"
    "2\r\n00:00:05,000 --> 00:00:06,500\r\nCells &amp; genes\r\n"
)
VTT = (
    "WEBVTT\nKind: captions\n\nNOTE a note\nof two lines\n\nSTYLE\n::cue { color: red }\n\n"
    "intro\n00:01.000 --> 00:04.000 align:start\n<v.loud Ann Lee>Hello <00:02.000>there</v>\n\n"
    "01:00:05.000 --> 01:00:06.000\nno speaker\n"
)


def test_captions_have_text_times_and_speakers(tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text(SRT, newline="")
    found = read_documents(tmp_path / "film.srt", id="start")
    assert found.texts.to_list() == ["The engine\nburns fuel.", "Cells & genes"]
    assert list(found.ids) == ["00:00:01,000", "00:00:05,000"]
    (tmp_path / "talk.vtt").write_text(VTT)
    found = read_documents(tmp_path / "talk.vtt", label="speaker")
    assert found.texts.to_list() == ["Hello there", "no speaker"]
    assert list(found.labels) == ["Ann Lee", None]


def test_a_folder_of_subtitles_has_a_document_a_file(tmp_path: Path) -> None:
    rolling = "".join(
        f"00:0{n}.000 --> 00:0{n}.900\n{first}\n{second}\n\n"
        for n, (first, second) in enumerate([("we", "drive"), ("drive", "home"), ("home", "now")])
    )
    (tmp_path / "a.vtt").write_text(f"WEBVTT\n\n{rolling}")
    (tmp_path / "b.srt").write_text(SRT)
    (tmp_path / "readme.md").write_text("no film")
    found = read_documents(tmp_path)
    assert found.texts.to_list()[0] == "we\ndrive\nhome\nnow"
    assert list(found.ids) == ["a.vtt", "b.srt"]
    assert any("left out: 1 .md" in note for note in found.notes)


def test_a_file_without_captions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("only a text\n")
    with pytest.raises(InputError, match="holds no captions.*name it .txt"):
        read_documents(tmp_path / "a.srt")
