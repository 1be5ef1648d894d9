"""What the server of a run answers, to whom, and what it says of a run that changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from viewed_runs import HOSTILE, N, result_of, write_run

from polytopic.errors import CheckpointError, InputError
from polytopic.io.frames import ROWS_TOGETHER
from polytopic.runs import RunFolder
from polytopic.viewing.documents import open_documents
from polytopic.viewing.pages import PAGE, marked
from polytopic.viewing.serving import LOOPBACK, bound


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a small run."""
    write_run(tmp_path / "run", result_of())
    return tmp_path / "run"


@pytest.fixture
def client(run: Path, tmp_path: Path) -> Iterator[Any]:
    """Asks the application as a browser of this machine would."""
    testing = pytest.importorskip("starlette.testclient", reason="needs polytopic[view]")
    from polytopic.viewing.app import make_app
    from polytopic.viewing.snapshot import Viewed

    (tmp_path / "scratch").mkdir()
    app = make_app(Viewed(run, tmp_path / "scratch"))
    with testing.TestClient(app, base_url="http://127.0.0.1") as asking:
        yield asking


def rows_of(page: str) -> list[int]:
    """The rows that a list shows, in its order."""
    return [int(row) for row in re.findall(r'href="/document\?row=(\d+)">', page)]


def test_the_page_of_the_run_knows_that_it_is_served_and_is_else_the_same(
    client: Any, run: Path
) -> None:
    served = client.get("/").text
    kept = (run / "report.html").read_text(encoding="utf-8")
    assert re.sub(r' data-served="[0-9a-f]{12}"', "", served, count=1) == kept
    assert served != kept


def test_documents_of_a_topic_come_largest_share_first_a_page_at_a_time(client: Any) -> None:
    first = rows_of(client.get("/documents?topic=0").text)
    second = rows_of(client.get("/documents?topic=0&page=1").text)
    assert len(first) == PAGE
    assert first + second == list(range(N - 2, -1, -2))
    assert client.get("/documents?topic=0&page=2").status_code == 404


def test_a_search_finds_all_documents_that_hold_each_word_in_any_case(client: Any) -> None:
    page = client.get("/documents?q=text+cells").text
    assert f"{N // 2} documents" in page and "<mark>CELLS</mark>" in page
    assert rows_of(page) == list(range(0, 2 * PAGE, 2))
    both = client.get("/documents", params={"q": "stars 1", "topic": 1}).text
    assert sorted(rows_of(both)) == [row for row in range(1, N, 2) if "1" in str(row)]
    assert rows_of(client.get("/documents", params={"q": "cells.*"}).text) == []  # no pattern


def test_a_document_is_found_by_row_or_by_id(client: Any) -> None:
    by_row = client.get("/document?row=7").text
    assert "Text 7 on stars." in by_row and "id-7" in by_row and "80\u00a0%" in by_row
    assert client.get("/document?which=id-7").text == by_row
    assert client.get("/document?which=7").text == by_row
    assert client.get("/document?id=id-7").text == by_row


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/document?row=50", "rows are 0 to 49"),
        ("/document?row=-1", "no whole number"),
        ("/document?row=1e3", "no whole number"),
        ("/document?row=" + "9" * 400, "no whole number"),
        ("/document?which=nobody", "no document with the id"),
        ("/document", "no document with the id"),
        ("/documents?topic=2", "topics are 0 to 1"),
        ("/documents?page=99", "no page 99"),
        ("/nothing", "Not Found"),
        ("/..%2f..%2fetc/passwd", "Not Found"),
        ("/model/about.json", "Not Found"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(client: Any, address: str, told: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert told in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""])
def test_who_calls_it_by_another_name_is_refused(client: Any, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:1234"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("address", ["/", "/documents", "/document?row=1"])
def test_it_only_reads(client: Any, method: str, address: str) -> None:
    assert client.request(method, address).status_code == 405


@pytest.mark.parametrize("address", ["/documents", "/document?row=1", "/nothing"])
def test_pages_of_documents_run_no_script_and_ask_for_nothing(client: Any, address: str) -> None:
    answer = client.get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text


def test_hostile_text_is_text(client: Any) -> None:
    page = client.get("/document?row=1").text
    assert HOSTILE not in page and "&lt;script&gt;alert(1)" in page
    sought = client.get("/documents", params={"q": HOSTILE}).text
    assert HOSTILE not in sought and "alert(1)" in sought


def test_a_run_that_was_replaced_is_served_anew_and_links_of_before_are_told(
    client: Any, run: Path
) -> None:
    version = re.search(r'data-served="(\w+)"', client.get("/").text)
    assert version is not None
    before = client.get(f"/documents?topic=0&v={version[1]}").text
    assert "The run has changed" not in before
    write_run(run, result_of(10))
    page = client.get(f"/documents?v={version[1]}").text
    assert "The run has changed" in page and "10 documents" in page
    assert client.get(f"/document?row=20&v={version[1]}").status_code == 404


@pytest.mark.parametrize("damage", ["documents.parquet", "report.html", "run.json", "result"])
def test_a_run_that_is_damaged_while_it_is_viewed_is_told_and_served_once_mended(
    client: Any, run: Path, damage: str
) -> None:
    assert client.get("/documents").status_code == 200
    place = run / damage
    file = place / "about.json" if place.is_dir() else place
    kept = file.read_bytes()
    for content in (kept[: len(kept) // 3], b"", None):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        answer = client.get("/documents")
        assert answer.status_code == 503, content
        assert 'role="alert"' in answer.text and "Traceback" not in answer.text
    file.write_bytes(kept)
    assert client.get("/documents").status_code == 200


def test_a_run_without_texts_and_ids_lists_its_documents(client: Any, run: Path) -> None:
    write_run(run, result_of(ids=None, texts=None))
    assert len(rows_of(client.get("/documents").text)) == PAGE
    assert client.get("/documents?q=cells").status_code == 404
    assert client.get("/document?which=7").status_code == 200


def test_a_run_of_before_that_kept_no_result_shows_beginnings_and_says_so(
    client: Any, run: Path
) -> None:
    for entry in (run / "result").iterdir():
        entry.unlink()
    (run / "result").rmdir()
    page = client.get("/document?row=3").text
    assert "Text 3 on stars." in page and "beginnings of its texts only" in page


def test_tables_that_do_not_belong_together_are_refused(run: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.parquet"
    pl.DataFrame({"texts": ["one"]}).write_parquet(few)
    with pytest.raises(CheckpointError, match=r"50 documents and its run 1 texts"):
        open_documents(RunFolder(run).documents, few)
    pl.DataFrame({"topic": [1]}).write_parquet(few)
    with pytest.raises(CheckpointError, match='no column "share"'):
        open_documents(few, None)


def test_rows_are_read_in_their_order_over_groups_of_rows(tmp_path: Path) -> None:
    n = 2 * ROWS_TOGETHER + 5
    table, texts = tmp_path / "table.parquet", tmp_path / "texts.parquet"
    ids = [f"{row}" for row in range(n)]
    frame = pl.DataFrame({"topic": np.arange(n) % 3, "share": np.ones(n), "id": ids})
    frame.write_parquet(table, row_group_size=ROWS_TOGETHER)
    pl.DataFrame({"texts": [f"t{row}" for row in range(n)]}).write_parquet(texts)
    held = open_documents(table, texts)
    rows = [n - 1, 0, ROWS_TOGETHER, ROWS_TOGETHER - 1]
    assert [record["text"] for record in held.read(rows)] == [f"t{row}" for row in rows]
    assert held.with_id(str(n - 2)).tolist() == [n - 2]


def test_a_port_in_use_is_told_and_another_taken_where_none_was_named() -> None:
    with bound(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(InputError, match=rf"port {port}: is in use\. Name another with --port"):
            bound(port)
    with bound(None) as one, bound(None) as other:
        names = {one.getsockname(), other.getsockname()}
        assert len(names) == 2 and {host for host, _ in names} == {LOOPBACK}


def test_words_are_marked_where_they_stand() -> None:
    assert marked("a.b A.B ab", ["a.b"]) == [("a.b",), " ", ("A.B",), " ab"]
