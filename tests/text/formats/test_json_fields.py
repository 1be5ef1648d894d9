"""Fields within fields of JSON, and texts of several parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import read_documents

POSTS = [
    {"id": 1, "body": {"text": "engine fuel"}, "user": {"name": "a", "at": {"city": "Rome"}}},
    {"id": 2, "body": {"text": "cell gene"}, "user": None},
    {"id": 3, "body": None, "user": {"name": "b", "at": {"city": "Oslo"}}},
]


@pytest.mark.parametrize("ending", [".jsonl", ".json"])
def test_a_name_with_points_goes_into_objects(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("\n".join(map(json.dumps, POSTS)) if ending == ".jsonl" else json.dumps(POSTS))
    found = read_documents(path, text="body.text", label="user.at.city", id="id")
    assert found.texts.to_list() == ["engine fuel", "cell gene", ""]
    assert list(found.labels) == ["Rome", None, "Oslo"]
    assert read_documents(path).texts.to_list()[1] == "cell gene"
    assert list(read_documents(path, text="body.text", label="user").labels)[1] is None


def test_fields_are_listed_and_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, POSTS)))
    with pytest.raises(InputError, match="body.text, user.name, user.at.city.*mean .user.at.city."):
        read_documents(path, text="user.city")


def test_a_name_with_a_point_of_its_own_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps([{"a.b": "own", "a": {"b": "inner"}}, {"a": {"b": "x"}, "a.b": "y"}])
    )
    assert read_documents(path, text="a.b").texts.to_list() == ["own", "y"]


def test_a_text_of_parts_is_their_text(tmp_path: Path) -> None:
    parts = [
        "See ",
        {"type": "link", "text": "https://example.org"},
        " and ",
        {"type": "bold", "text": "go"},
    ]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "chat", "messages": [{"text": "plain"}, {"text": parts}]}))
    assert read_documents(path).texts.to_list() == ["plain", "See https://example.org and go"]
    path.write_text(json.dumps([{"text": "a"}, {"text": ["b", {"image": 1}]}]))
    with pytest.raises(InputError, match="document 2 has .* for a text, not a string"):
        read_documents(path)
