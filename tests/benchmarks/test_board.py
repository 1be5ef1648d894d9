"""The board: what is run and what is kept, and tables that are what their lines are."""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


def loaded(*names: str) -> list[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return [importlib.import_module(name) for name in names]
    finally:
        sys.path.remove(str(BENCHMARKS))  # a benchmark is named as the package it measures


board, lines, rows, running, figures, document, tables, ratings, printed = loaded(
    "board", "_board.lines", "_board.rows", "_board.running", "_board.figures", "_board.document",
    "_board.tables", "_board.ratings", "_board.printed",
)  # fmt: skip
Row = rows.Row

SCRIPT = """
import json, sys
seed = int(sys.argv[sys.argv.index("--seed") + 1])
with open(__file__ + ".ran", "a") as file:
    file.write(f"{sys.argv[1]} {seed}\\n")
print("some words before")
if sys.argv[1] == "bad" and seed == 1:
    sys.exit("reviews.csv: has no column. Name one.")
if sys.argv[1] == "slow":
    import time
    time.sleep(60)
if sys.argv[1] == "silent":
    sys.exit()
print("RESULT " + json.dumps({"npmi": seed / 10, "lost": float("nan")}))
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a script and rows of it."""
    (tmp_path / "one.py").write_text(SCRIPT)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(running, "FOLDER", tmp_path)
    listed = {
        f"quality/t/{name}": Row(name=f"quality/t/{name}", script="one.py", options=(name,))
        for name in ("good", "bad", "silent", "slow")
    }
    listed["quality/t/far"] = Row(name="quality/t/far", script="one.py", options=("far",),
                                  corpora=("nyt-10k",))  # fmt: skip
    listed["quality/t/peer"] = Row(name="quality/t/peer", script="one.py", options=("peer",),
                                   depends=("no_such_package",))  # fmt: skip
    monkeypatch.setattr(rows, "ROWS", listed)
    return tmp_path


def run(folder: Path, *given: str) -> int:
    more = ["--file", str(folder / "board.jsonl"), "--data", str(folder / "data")]
    return int(board.main([*given, *more]))


def ran(folder: Path) -> list[str]:
    file = folder / "one.py.ran"
    return file.read_text().split("\n")[:-1] if file.exists() else []


def test_a_line_says_what_was_run_on_what_and_what_it_took(here: Path) -> None:
    assert run(here, "--rows", "quality/t/good", "--seeds", "1") == 0
    (line,) = lines.read(here / "board.jsonl")
    assert (line["row"], line["seed"], line["settings"]) == ("quality/t/good", 0, ["good"])
    assert line["command"] == "python benchmarks/one.py good --seed 0"
    assert line["measured"] == {"npmi": 0.0, "lost": None}
    assert "NaN" not in (here / "board.jsonl").read_text()
    assert line["seconds"]["clock"] > 0 and line["seconds"]["processor"] > 0 < line["peak_mb"]
    assert set(line["machine"]) == {"processor", "cores", "memory_gib"}
    assert {"python", "polytopic", "numpy"} <= set(line["versions"])
    assert len(line["load"]) == 2 and str(here) not in json.dumps(line)


def test_seeds_take_turns_and_what_is_there_is_not_run_again(here: Path) -> None:
    assert run(here, "--rows", "quality/t/good", "quality/t/bad", "--seeds", "2") == 1
    assert ran(here) == ["good 0", "bad 0", "good 1", "bad 1"]
    assert run(here, "--rows", "quality/t/good", "quality/t/bad") == 1
    assert ran(here)[4:] == ["bad 1", "good 2", "bad 2"], "only what failed or was not asked for"
    assert run(here, "--rows", "quality/t/good", "--again", "--seeds", "1") == 0
    assert ran(here)[7:] == ["good 0"]


@pytest.mark.parametrize(
    ("changed", "value"),
    [("settings", ["other"]), ("versions", {"polytopic": "0.0"}), ("imported", True)],
)
def test_another_version_or_setting_is_another_run(here: Path, changed: str, value: Any) -> None:
    run(here, "--rows", "quality/t/good", "--seeds", "1")
    (line,) = lines.read(here / "board.jsonl")
    (here / "board.jsonl").write_text(json.dumps(line | {changed: value}) + "\n")
    run(here, "--rows", "quality/t/good", "--seeds", "1")
    assert ran(here) == ["good 0", "good 0"]
    counting = lines.current(lines.read(here / "board.jsonl"))
    assert counting["quality/t/good"] == lines.read(here / "board.jsonl")[1:]


def test_failures_are_told_in_a_line_each(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(here, "--rows", "*", "--limit", "1") == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"nyt-10k is not in {here / 'data'}: python benchmarks/fetch.py nyt-10k fetches it; "
        "left out: quality/t/far",
        "no_such_package is not installed: pip install no_such_package; left out: quality/t/peer",
        "python benchmarks/one.py silent --seed 0: printed no result: some words before",
        "python benchmarks/one.py slow --seed 0: took more than 1 seconds",
        "python benchmarks/one.py bad --seed 1: ended with 1: "
        "reviews.csv: has no column. Name one.",
        *(
            f"python benchmarks/one.py {what}"
            for seed in (1, 2)
            for what in (
                f"silent --seed {seed}: printed no result: some words before",
                f"slow --seed {seed}: took more than 1 seconds",
            )
        ),
        "7 runs failed; the others are kept.",
    ]
    assert len(lines.read(here / "board.jsonl")) == 5


def test_a_ctrl_c_keeps_what_had_ended_and_ends_what_runs(here: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "import board\nfrom _board import rows, running\nfrom pathlib import Path\n"
        f"running.FOLDER = Path({str(here)!r})\n"
        "rows.ROWS = {n: rows.Row(name=n, script='one.py', options=(n,)) for n in ('a', 'slow')}\n"
        f"sys.exit(board.main(['--rows', '*', '--file', {str(here / 'board.jsonl')!r}]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if "slow 0" in ran(here):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 130 and told.strip().startswith("Interrupted: what had ended")
    assert [line["row"] for line in lines.read(here / "board.jsonl")] == ["a"]


def test_a_line_that_was_broken_off_is_left_out_and_written_over(here: Path) -> None:
    file = here / "board.jsonl"
    run(here, "--rows", "quality/t/good", "--seeds", "1")
    whole = file.read_text()
    file.write_text(whole + whole[:40])
    assert len(lines.read(file)) == 1
    run(here, "--rows", "quality/t/good", "--seeds", "2")
    assert [line["seed"] for line in lines.read(file)] == [0, 1]
    file.write_text('{"row": 1}\n' + whole)
    with pytest.raises(SystemExit, match=r"line 1 is none of the board's \(has no command"):
        lines.read(file)


def test_unknown_rows_are_told(here: Path) -> None:
    with pytest.raises(SystemExit, match="--rows quality/x: no such row"):
        run(here, "--rows", "quality/x")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--rows", "*", "--seeds", "0"], "--seeds: is 0; give a number from 1 on"),
        (["--rows", "*", "--limit", "0"], "--limit: is 0; give seconds above 0"),
        (["--rows", "*", "--file", "none/b.jsonl"], "cannot be written (No such file or direct"),
        (["check", "--results", "none.md"], "--results: none.md is not there"),
        ([], "name rows with --rows"),
    ],
)
def test_what_cannot_be_is_told_before_anything_runs(
    given: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(here)
    with pytest.raises(SystemExit):
        board.main(given)
    assert told in capsys.readouterr().err and ran(here) == []


def test_a_full_disk_is_told_and_what_was_there_is_kept(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(here, "--rows", "quality/t/good", "--seeds", "1")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(lines.os, "fsync", full)
        assert run(here, "--rows", "quality/t/good", "--seeds", "2") == 1
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert lines.read(here / "board.jsonl")[0]["seed"] == 0


# ---- figures -----------------------------------------------------------------------------------


def line(value: float | None, **more: Any) -> dict[str, Any]:
    return {"row": "r", "command": "c", "versions": {}, "measured": {"a": {"b": value}}, **more}


def test_a_figure_is_the_median_and_between_which_runs_were() -> None:
    found = figures.figure([line(0.3), line(0.1), line(0.25)], "a", "b")
    assert (found.value, found.low, found.high, found.of) == (0.25, 0.1, 0.3, 3)
    assert figures.shown(found, ".2f") == ".25 (.10–.30)"
    assert figures.shown(figures.figure([line(0.3)], "a", "b"), ".1f") == ".3"
    assert figures.shown(figures.figure([line(0.3), line(None)], "a", "b"), ".1f") == "–"
    same = figures.figure([line(0.301), line(0.302)], "a", "b")
    assert figures.shown(same, ".2f") == ".30", "an interval that says no more is not shown"
    assert figures.shown(figures.Figure(-0.0001), ".2f") == ".00"
    assert figures.shown(figures.Figure(-0.05), ".2f") == "-.05"
    assert figures.shown(figures.Figure(1234.5), ",.0f") == "1,234"
    kept = line(0.5, imported=True, of=3, intervals={"a.b": [0.4, 0.6]})
    assert figures.shown(figures.figure([kept], "a", "b"), ".1f") == ".5 (.4–.6)"
    assert figures.figure([kept | {"intervals": {}}], "a", "b").of == 3


# ---- tables ------------------------------------------------------------------------------------


def test_what_is_committed_is_what_its_lines_give() -> None:
    assert document.differing(document.RESULTS, lines.read(), printed.kept()) == []


def test_a_number_that_was_typed_is_found_and_written_over(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    measured = dict.fromkeys(tables.HEADS, 0.5)
    kept = [line(0) | {"row": "quality/20ng-5k/lda", "seed": 0, "measured": measured}]
    file.write_text("before\n<!-- board: quality 20ng-5k -->\n<!-- end -->\nafter\n")
    assert "has 'nothing more'" in document.differing(file, kept)[0]
    assert document.written(file, kept) == ["quality 20ng-5k"]
    text = file.read_text()
    assert text.startswith("before\n<!-- board: quality 20ng-5k -->\n| model | seeds |")
    assert text.endswith("<!-- end -->\nafter\n") and "| `LDA` | 1 | .500 |" in text
    assert document.differing(file, kept) == [] and document.written(file, kept) == []
    file.write_text(text.replace(".500", ".501", 1))
    (told,) = document.differing(file, kept)
    assert told.startswith("RESULTS.md: table quality 20ng-5k: has '| `LDA` | 1 | .501 |")
    assert document.written(file, kept) == ["quality 20ng-5k"] and file.read_text() == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!-- board: qualty -->\n<!-- end -->", "line 1: table qualty is none there is"),
        ("\n<!-- end -->", "line 2: an end without a table"),
        ("<!-- board: quality 20ng-5k -->\n", "has no <!-- end -->"),
        (2 * "<!-- board: quality 20ng-5k -->\n", "line 2: .* begins before the one above it ends"),
    ],
)
def test_marks_that_do_not_fit_are_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "r.md").write_text(text)
    with pytest.raises(SystemExit, match=told):
        document.differing(tmp_path / "r.md", [])


def test_every_row_has_a_script_and_a_corpus_that_can_be_fetched() -> None:
    import tomllib

    corpora = tomllib.loads((BENCHMARKS / "corpora.toml").read_text())
    for row in rows.ROWS.values():
        assert (BENCHMARKS / row.script).is_file()
        assert "RESULT " in (BENCHMARKS / row.script).read_text()
        assert set(row.corpora) <= set(corpora)
        assert len(set(row.seeds)) == len(row.seeds)


def test_shares_of_ratings_have_intervals_that_none_of_few_does_not_close() -> None:
    found = ratings.shares({"1": 0, "2": 1, "3": 0, "4": 1, "5": 2})
    assert [one.value for one in found.values()] == [0.75, 0.25, 0.0]
    assert found["junk"].low == 0.0 and 0.4 < found["junk"].high < 0.6
    (both,) = ratings.by_model(
        {"ratings/raw": [line(0) | {"measured": {"yelp": {"nmf": dict.fromkeys("12345", 1)}}}]}
    ).rows
    assert both[:4] == ["raw", "yelp", "`NMF`", 5]


def test_ratings_are_those_that_are_kept() -> None:
    (blind,) = loaded("blind_ratings")
    counts = {pool: blind.counted(pool) for pool in blind.POOLS}
    topics = {
        p: sum(sum(m.values()) for c in f.values() for m in c.values()) for p, f in counts.items()
    }
    assert topics == {"first": 300, "later": 104, "last": 102, "raw": 150, "again": 150}
    kept = {entry["row"]: entry["measured"] for entry in lines.read()}
    assert all(kept[f"ratings/{pool}"] == found for pool, found in counts.items())


def test_a_pair_is_a_row_and_its_ratio_between_pairs() -> None:
    pairs = [
        line(0) | {"measured": {"peer": {"seconds": 3.0 * n, "peak_mb": 10}, "ratio": 1.0 * n,
                                "ours": {"seconds": 3.0, "peak_mb": 20}, "memory_ratio": 2.0}}
        for n in (1, 2, 4)
    ]  # fmt: skip
    found = {"speed/lda/20ng-5k-50-1": pairs}
    (row,) = tables.TABLES["speed lda"](found).rows
    assert row[:4] == ["20ng-5k", "50", 1, 3]
    assert row[4:] == ["6.0 (3.0–12.0)", "3.0", "2.00 (1.00–4.00)", "1.5", "2.00"]
    (row,) = tables.TABLES["memory of pairs"](found).rows
    assert row == ["`LDA`, 20ng-5k, K = 50, threads: 1", "tomotopy", 3, "10", "20", "2.00"]


def test_ours_beside_a_peer_is_judged_by_what_the_table_shows() -> None:
    measured = dict.fromkeys(tables.HEADS, 0.5)
    ours = measured | {"npmi": 0.4996, "td": 0.4, "perplexity": 0.6}
    found = {
        "quality/nyt-10k/lda": [line(0) | {"measured": ours}],
        "quality/nyt-10k/tomotopy-lda": [line(0) | {"measured": measured}],
    }
    (row,) = tables.TABLES["beside peers nyt-10k"](found).rows
    assert row == ["`LDA`", "tomotopy LDA", "yes", "yes", "yes", "**no**", "yes", "yes", "**no**"]


def test_stability_is_of_the_topics_of_seeds() -> None:
    words = [" ".join(f"w{k}x{i}" for i in range(10)) for k in range(3)]
    measured = dict.fromkeys(tables.HEADS, 0.5)
    runs = [line(0) | {"measured": measured | {"topics": words[::step], "npmi": 0.5 + step / 10}}
            for step in (1, -1)]  # fmt: skip
    (row,) = tables.TABLES["stability nyt-10k"]({"quality/nyt-10k/lda": runs}).rows
    assert row[:4] == ["`LDA`", 2, "1.000", ".200"]
    assert tables.TABLES["stability nyt-10k"]({"quality/nyt-10k/lda": runs[:1]}).rows == []
