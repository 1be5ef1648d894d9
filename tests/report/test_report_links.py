"""Addresses of documents: which become links, and that a click alone opens them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.report import render, write_report
from polytopic.report.links import followed
from polytopic.result import TopicResult
from polytopic.result.tables import document_table

from browsing import errors, logged_requests, open_page

GOOD = [
    "https://example.org/a?b=1&c=%20#d",
    "http://localhost:8000/",
    "HTTPS://EXAMPLE.ORG",
    "https://例え.jp/文",
    "https://[::1]/",
]
BAD: list[Any] = [
    "", " ", None, np.nan, 7, "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "file:///etc/passwd", "vbscript:x", "ftp://example.org", "//example.org", "example.org",
    "https:", "https://", "http:///path", "https://a b", "https://a\nb", "java\nscript:alert(1)",
    "https://bank.example@evil.example", "https://evil.example\\@bank.example", "https://[::1",
    "https://example.org:port/", "https://example.org/\u202efdp", "https://x/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("address", GOOD)
def test_addresses_of_the_web_are_followed(address: str) -> None:
    assert followed(f" {address} ") == address


@pytest.mark.parametrize("address", BAD)
def test_all_else_is_text(address: Any) -> None:
    assert followed(address) == ""


def with_addresses(make: Callable[..., TopicResult], addresses: list[Any]) -> TopicResult:
    column = np.array((addresses * 12)[:12], dtype=object)
    return make(metadata={"kind": make().labels, "url": column})


def shown(page: str) -> list[tuple[str, str]]:
    """What the page holds of the addresses of its documents: as text, and to follow."""
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    topics = json.loads(data[1])["topics"]
    return [(each["url"], each["link"]) for topic in topics for each in topic["documents"]]


def test_addresses_are_no_labels_and_stand_with_each_document(
    make: Callable[..., TopicResult],
) -> None:
    result = with_addresses(make, ["https://example.org/1", "javascript:alert(1)", None])
    page = render(result)
    assert set(shown(page)) == {
        ("https://example.org/1", "https://example.org/1"), ("javascript:alert(1)", ""), ("", ""),
    }  # fmt: skip
    assert "Topics by kind" in page and "Topics by url" not in page
    table = document_table(result)
    assert table["url"][:3].to_list() == ["https://example.org/1", "javascript:alert(1)", None]
    assert "label_url" not in table.columns


def test_a_result_without_addresses_has_none(make: Callable[..., TopicResult]) -> None:
    assert make().urls is None
    assert set(shown(render(make()))) == {("", "")}
    assert "url" not in document_table(make()).columns


@pytest.mark.parametrize("keep_texts", [True, False])
def test_a_column_of_a_file_or_a_frame_is_kept_through_saving(
    tmp_path: Path, keep_texts: bool
) -> None:
    file = tmp_path / "posts.csv"
    rows = [f"cells grow {k},https://example.org/{k}" if k else "cells divide," for k in range(4)]
    file.write_text("\n".join(["text,where", *rows]) + "\n", encoding="utf-8")
    corpus = pt.read(file, text="text", url="where", min_df=1, keep_texts=keep_texts)
    kept = corpus.metadata["url"].tolist()
    assert kept == ["", *(f"https://example.org/{k}" for k in (1, 2, 3))]
    assert corpus.labels is None
    corpus.save(tmp_path / "corpus")
    again = pt.Corpus.load(tmp_path / "corpus")
    assert again.metadata["url"].tolist() == corpus.metadata["url"].tolist()
    frame = {"text": ["cells grow"] * 2, "where": ["https://a.example", ""], "stars": [1, 2]}
    framed = pt.Corpus.from_frame(frame, text="text", label="stars", url="where", min_df=1)
    assert framed.metadata["url"].tolist() == ["https://a.example", ""]
    assert framed.labels is not None and framed.labels.tolist() == [1, 2]


@pytest.mark.browser
def test_a_link_opens_by_a_click_alone_and_tells_nobody_where_from(
    chromium: Any, make: Callable[..., TopicResult], page: Path
) -> None:
    hostile = ["javascript:document.title='ran'", '"><img src=x onerror=alert(1)>']
    write_report(with_addresses(make, ["https://example.org/1", *hostile]), page)
    open_page(chromium, page, "#topic-0")
    links = chromium.execute_script(
        "return [...document.querySelectorAll('.address a')].map(a => [a.href, a.rel, a.target])"
    )
    assert {tuple(link) for link in links} == {
        ("https://example.org/1", "noopener noreferrer", "_blank")
    }
    for topic in (1, 2):
        chromium.execute_script(f"location.hash = 'topic-{topic}'")
    assert chromium.execute_script("return document.querySelectorAll('.address img').length") == 0
    assert all(address.startswith(("file:", "data:")) for address in logged_requests(chromium))
    assert errors(chromium) == []
