"""The fetcher of the benchmarks' corpora, against a server of the machine itself."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import io
import json
import lzma
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
fetch = importlib.import_module("fetch")
corpus_file = importlib.import_module("_corpora").corpus_file
sys.path.remove(str(BENCHMARKS))  # a benchmark is named as the package that it measures: fasttext


class Server(ThreadingHTTPServer):
    """Files by their paths; it may break off after so many bytes, and keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.breaks_after: int | None = None
        self.ranges = True
        self.asked: list[tuple[str, str | None]] = []

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *ignored: object) -> None: ...

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        content = self.server.files.get(self.path.removeprefix("/"))
        if content is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if not (self.server.ranges and wanted):
            start = 0
            self.send_response(200)
        elif start >= len(content):
            self.send_error(416)
            return
        else:
            self.send_response(206)
            end = f"{len(content) - 1}/{len(content)}"
            self.send_header("Content-Range", f"bytes {start}-{end}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.breaks_after])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def table_of(tmp_path: Path, **row: object) -> Path:
    lines = [f"{key} = {json.dumps(value)}" for key, value in row.items()]
    text = '[toy]\nabout = "a toy"\nlicence = "MIT"\n[[toy.files]]\n' + "\n".join(lines) + "\n"
    (tmp_path / "table.toml").write_text(text)
    return tmp_path / "table.toml"


def run(tmp_path: Path, *more: str) -> int:
    return fetch.main(["toy", "-o", str(tmp_path / "data"), *more], tmp_path / "table.toml")


def test_a_file_comes_whole_and_is_not_asked_for_twice(server: Server, tmp_path: Path) -> None:
    server.files = {"a": b"one\n", "b": b"two\n"}
    addresses = [server.address("a"), server.address("b")]
    table_of(tmp_path, name="t.txt.gz", addresses=addresses, sha256=digest(b"one\ntwo\n"))
    assert run(tmp_path) == 0
    assert gzip.decompress((tmp_path / "data/toy/t.txt.gz").read_bytes()) == b"one\ntwo\n"
    assert [p.name for p in (tmp_path / "data/toy").iterdir()] == ["t.txt.gz"]
    assert run(tmp_path) == 0
    assert len(server.asked) == 2


@pytest.mark.parametrize("ranges", [True, False])
def test_what_broke_off_is_gone_on_with(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], ranges: bool
) -> None:
    content = bytes(range(256)) * 20
    server.files, server.breaks_after, server.ranges = {"a": content}, 1000, ranges
    table_of(tmp_path, name="t.bin", addresses=[server.address("a")], sha256=digest(content))
    assert run(tmp_path) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "1,000 bytes; the same command goes on" in said
    assert not (tmp_path / "data/toy/t.bin").exists()
    server.breaks_after = None
    assert run(tmp_path) == 0
    assert server.asked[-1] == ("/a", "bytes=1000-")
    assert (tmp_path / "data/toy/t.bin").read_bytes() == content


def test_a_part_longer_than_the_file_is_begun_anew(server: Server, tmp_path: Path) -> None:
    server.files = {"a": b"short"}
    table_of(tmp_path, name="t", addresses=[server.address("a")], sha256=digest(b"short"))
    parts = tmp_path / "data/toy/.parts"
    parts.mkdir(parents=True)
    (parts / "t.0.part").write_bytes(b"longer than it is")
    assert run(tmp_path) == 0
    assert (tmp_path / "data/toy/t").read_bytes() == b"short"


@pytest.mark.parametrize("of", ["content", "download"])
def test_another_digest_is_refused_in_one_line_and_leaves_nothing(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], of: str
) -> None:
    server.files = {"a": b"forged"}
    right = digest(b"right")
    table_of(tmp_path, name="t", addresses=[server.address("a")], sha256=right, of=of)
    assert run(tmp_path) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and digest(b"forged") in said and right in said
    assert [p for p in (tmp_path / "data").rglob("*") if p.is_file()] == []
    server.files = {"a": b"right"}
    assert run(tmp_path) == 0  # nothing of the forged one is in the way


def test_a_file_that_was_changed_is_seen(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table_of(tmp_path, name="t.gz", addresses=[server.address("a")], sha256=digest(b"right"))
    (tmp_path / "data/toy").mkdir(parents=True)
    for wrong in (gzip.compress(b"wrong"), b"no gzip", gzip.compress(b"right")[:-9]):
        (tmp_path / "data/toy/t.gz").write_bytes(wrong)
        assert run(tmp_path) == 1
        assert "remove" in capsys.readouterr().err
        assert (tmp_path / "data/toy/t.gz").read_bytes() == wrong


def test_without_a_digest_it_asks_for_one_and_keeps_the_download(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files = {"a": b"# said\n1\t2\n"}
    table_of(tmp_path, name="t", addresses=[server.address("a")], make="edges")
    assert run(tmp_path) == 1
    found = digest(server.files["a"])
    assert f"--sha256 {found}" in capsys.readouterr().err
    assert not (tmp_path / "data/toy/t").exists()
    assert run(tmp_path, "--sha256", digest(b"another")) == 1
    assert run(tmp_path, "--sha256", found) == 0
    assert (tmp_path / "data/toy/t").read_bytes() == b"1\t2\n"
    assert len(server.asked) == 1


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/a", "a.txt"])
def test_other_addresses_are_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    table_of(tmp_path, name="t", addresses=[address], sha256="0" * 64)
    assert run(tmp_path) == 1
    assert "only http and https" in capsys.readouterr().err


def test_no_server_and_no_file_are_said_in_one_line(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in (server.address("a"), "http://127.0.0.1:9/a"):
        table_of(tmp_path, name="t", addresses=[address], sha256="0" * 64)
        assert run(tmp_path) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and said.startswith(address)
    assert fetch.main(["nothing"], tmp_path / "table.toml") == 2


# ---- archives ----------------------------------------------------------------------------------


def tar(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_newsgroup_posts_are_cut_and_no_other_member_is_written(
    server: Server, tmp_path: Path
) -> None:
    post = b"From: x\nSubject: y\n\nHe writes:\n> quoted\nmy own words\nand more\n\n--\nsigned\n"
    archive = tar({"20news-bydate-test/sci.space/12": post, "../../evil": b"x", "/tmp/evil": b"x"})
    server.files = {"a": archive}
    row = {"sha256": digest(archive), "of": "download", "make": "newsgroups"}
    table_of(tmp_path, name="t.jsonl.gz", addresses=[server.address("a")], **row)
    assert run(tmp_path) == 0
    [found] = lines(tmp_path / "data/toy/t.jsonl.gz")
    assert found["id"] == "12" and found["split"] == "test" and found["group"] == "sci.space"
    assert found["body"].split() == ["my", "own", "words", "and", "more"]
    written = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())
    assert written == ["t.jsonl.gz", "table.toml"]


def test_papers_stand_in_their_own_category_once(server: Server, tmp_path: Path) -> None:
    head = "\tabstract\tarxiv_id\tcreated\tprimary_cat\ttitle\n"
    rows = ["1\tAn\\nabstract \t1\t2019-01-02\tcs.CL\tA  title\n", "2\tb\t2\t2019\tmath.CO\tT\n"]
    packed = lzma.compress((head + "".join(rows)).encode())
    archive = tar({"r/processed_data/20200101/per_category/cs.CL.tsv.xz": packed, "r/else": b"x"})
    server.files = {"a": archive}
    table_of(tmp_path, name="t.jsonl.gz", addresses=[server.address("a")], make="arxiv")
    assert run(tmp_path, "--sha256", digest(archive)) == 0
    [found] = lines(tmp_path / "data/toy/t.jsonl.gz")
    assert found["id"] == "1" and found["title"] == "A title" and found["category"] == "cs.CL"


@pytest.mark.parametrize("make", ["newsgroups", "arxiv", "reviews", "wiki"])
def test_something_else_than_expected_is_refused_and_not_kept(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], make: str
) -> None:
    page = b"\xff<html>not found</html>"
    server.files = {"a": page}
    table_of(tmp_path, name="t", addresses=[server.address("a")], make=make)
    assert run(tmp_path, "--sha256", digest(page)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "not what it should be" in said
    assert [p for p in (tmp_path / "data").rglob("*") if p.is_file()] == []


def test_articles_in_the_style_of_text8(server: Server, tmp_path: Path) -> None:
    long = "<doc id=1>\nTitle\n\n" + "Word&amp; 20 " * 10 + "\n</doc>\n"
    short = b"<doc id=2>\nHex\n\nHex may refer to:\n</doc>\n"
    server.files = {"w_00": short, "w_01": long.encode()}
    made = (" title" + " word two zero" * 10).encode()
    address = server.address("w_{00..01}")
    table_of(tmp_path, name="t", addresses=[address], sha256=digest(made), make="wiki")
    assert run(tmp_path) == 0
    assert (tmp_path / "data/toy/t").read_bytes() == made


# ---- the table, its page, and the benchmarks ---------------------------------------------------


def test_the_page_is_made_from_the_table() -> None:
    made = fetch.page(fetch.read_table())
    assert (BENCHMARKS / "data.md").read_text("utf-8") == made, "python benchmarks/fetch.py --page"


def test_every_row_can_be_fetched() -> None:
    for corpus in fetch.read_table().values():
        for wanted in corpus["files"]:
            assert wanted.make in fetch.MAKERS
            assert all(address.startswith("https://") for address in wanted.addresses)
            assert wanted.sha256 == "" or len(bytes.fromhex(wanted.sha256)) == 32


def test_a_missing_folder_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"fetch\.py yelp -o .* fetches it") as ended:
        corpus_file(tmp_path, "yelp/reviews.csv")
    assert "\n" not in str(ended.value)
    (tmp_path / "yelp").mkdir()
    assert corpus_file(tmp_path, "yelp") == tmp_path / "yelp"


def test_no_benchmark_reads_a_corpus_without_that_word() -> None:
    names = [f'data / "{name}' for name in fetch.read_table()]
    for script in BENCHMARKS.glob("*.py"):
        text = script.read_text("utf-8")
        assert script.name == "coherence.py" or not any(name in text for name in names), script
