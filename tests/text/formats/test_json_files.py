"""JSON: what is read, what is told, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import read, read_documents

TEXTS = [f"engine fuel brake number {n}" for n in range(12)]


def texts_of(path: Path, **options: object) -> list[str]:
    return read_documents(path, **options).texts.to_list()


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_lists_of_objects(tmp_path: Path, ending: str, indent: int | None) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text(
        json.dumps([{"text": text, "n": n} for n, text in enumerate(TEXTS)], indent=indent)
    )
    documents = read_documents(path, label="n")
    assert documents.texts.to_list() == TEXTS and documents.labels.to_list() == list(range(12))


def test_what_else_json_files_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    records = [{"text": text} for text in TEXTS]
    path.write_text("\n".join(map(json.dumps, records)))
    assert texts_of(path) == TEXTS
    path.write_text("\n".join(json.dumps(record, indent=2) for record in records))
    assert texts_of(path) == TEXTS
    path.write_text(json.dumps(TEXTS))
    assert texts_of(path) == TEXTS
    path.write_text(json.dumps({"meta": {"n": 1}, "reviews": records}))
    documents = read_documents(path)
    assert documents.texts.to_list() == TEXTS and 'those of "reviews"' in documents.notes[0]
    path.write_text(json.dumps({"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}}))
    with pytest.raises(InputError, match='which are the documents is not clear.*orient="records"'):
        texts_of(path)
    for content, message in (
        ('[{"text": "a"}, 5]', "document 2 is no JSON object"),
        ("5", "is no list of JSON objects"),
        ('[{"text": "a"},\n {"text": oops}]', r"no JSON from line 2 on \(character 27"),
        ("[" * 100_000, "nests too deeply"),
        ('[{"text": 5}]', "document 1 has 5 for a text"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=message):
            texts_of(path)


def test_lines_of_json_are_counted_through_the_file(tmp_path: Path) -> None:
    """Over more than is read at once."""
    lines = [json.dumps({"text": f"{text} {'word ' * 200}"}) for text in TEXTS * 25]
    lines[289] = "{"
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > 2 << 17
    with pytest.raises(InputError, match=r"line 290 is no JSON"):
        texts_of(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"text": "a"},{"text": "b"}', '{"text": "c"}'], "line 1 is no JSON: it goes on after"),
        (['{"text": "a"} {"text": "b"}'], r"line 1 is no JSON: it goes on .*\(character 15\)"),
        (['{"text": "a"},'], "line 1 is no JSON: it goes on after"),
        (['{"text": "x", "m": [{}', "{}]}", '{"text": "a"},{"text": "b"}'], "line 1 is no JSON"),
        (['{"text": "a"}', "{", '"text": "b"', "}"], "line 2 .* takes several lines.*\\.json"),
        (['{"text": "a", "n": ' + "[" * 99_999 + "}"], "line 1 nests too deeply"),
    ],
)
def test_a_line_holds_one_object(tmp_path: Path, lines: list[str], message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=message):
        texts_of(path)


def test_endless_integers_and_nan(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    digits = "9" * 5000
    path.write_text(
        f' {{"text": "a", "n": {digits}}} \n{{"text": NaN, "n": NaN}}\n{{"text": "b"}}\n'
    )
    documents = read_documents(path, label="n")
    assert documents.texts.to_list() == ["a", "", "b"] and documents.missing == 1
    assert documents.labels.to_list() == [digits, None, None]


def test_half_surrogates_are_replaced_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        r'{"text": "cut \ud83d", "n\udc00": "x\uD83D", "who": "a\ude00b"}',
        r'{"text": "whole \ud83d\ude00 emoji"}',
        r'{"text": "as written: \\ud83d"}',
    ]
    path.write_text("\n".join(rows * 4))
    documents = read_documents(path, id="who", label="n\ufffd")
    assert documents.texts.to_list()[:3] == ["cut \ufffd", "whole 😀 emoji", r"as written: \ud83d"]
    assert documents.ids[0] == "a\ufffdb" and documents.labels[0] == "x\ufffd"
    assert documents.notes == ("Half surrogates (letters cut in two) read as U+FFFD: 16.",)
    corpus = read(path, min_df=1, id="who")
    assert documents.notes[0] in corpus.dropped.notes
    corpus.save(tmp_path / "corpus")


def test_half_surrogates_in_utf_8_as_java_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(
        "가각 한글\n".encode() * 3 + b"cut \xed\xa0\xbd end\nwhole \xed\xa0\xbd\xed\xb8\x80\n"
    )
    for size in (1, 2, 3, 5, 1 << 17):
        monkeypatch.setattr("polytopic.text.streams._CHUNK", size)
        documents = read_documents(path)
        assert documents.texts.to_list() == ["가각 한글"] * 3 + ["cut \ufffd end", "whole 😀"]
        assert documents.notes == ("Half surrogates (letters cut in two) read as U+FFFD: 1.",)
    path.write_bytes(b"fine\n\xed\xa0 cut\n")
    with pytest.raises(InputError, match="line 2 is not utf-8"):
        read_documents(path)
