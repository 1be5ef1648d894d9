"""The examples of the README and the docs run, in order, page by page."""

from __future__ import annotations

import gc
import importlib.util
import re
import runpy
import shlex
import tomllib
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python(?: peer=(\w+))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""Code that runs; ``peer``: the module of another package, without which it does not."""
SHELL = re.compile(r"^```(python|sh|sh fails|text)\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""Of a page that is walked: commands run in turn; text is of what those before it said."""
EXTRAS = re.compile(r"'(?:polytopic|\.)\[([\w,]+)\]'")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


REVIEWS = [
    ("The pizza was cold, the waiter rude, the cheese burnt and the soup salty", 1),
    ("Friendly waiter, hot pizza, red wine, fresh salad, bread and olive oil", 5),
    ("The engine of the car broke on the road, with smoke from brakes and clutch", 2),
    ("A car with a quiet engine, wide seats, strong lights, firm tyres on any road", 4),
] * 10
"""What the file ``reviews.csv`` of the examples holds: body and stars."""


def prepared(page: Path, folder: Path) -> dict[str, object]:
    """The names that the examples of a page take as given, and their file."""
    import polytopic

    lines = [f'"{body}",{stars}' for body, stars in REVIEWS]
    (folder / "reviews.csv").write_text("\n".join(["body,stars", *lines]), encoding="utf-8")
    names: dict[str, object] = {"polytopic": polytopic, "new_texts": ["A new pizza oven"]}
    if page.name in ("metrics.md", "report.md"):
        corpus = polytopic.Corpus.from_texts([body for body, _ in REVIEWS], max_df=1.0)
        model = polytopic.ProdLDA(n_topics=2, epochs=2, random_state=0).fit(corpus)
        names |= {"corpus": corpus, "result": model.result(corpus), "topics": model.top_words(25)}
        names["texts"] = list(corpus.token_lists())
    return names


def blocks(page: Path) -> list[str]:
    """The code of a page, without that of packages that are not installed."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [code for peer, code in found if not peer or importlib.util.find_spec(peer)]


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.name)
def test_examples_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = any("ProdLDA" in block or "explore" in block for block in blocks(page))
    if needed or page.name in ("metrics.md", "report.md"):
        pytest.importorskip("torch", reason="the neural extra is not installed")
    on_dask = any("distributed" in block for block in blocks(page))
    if on_dask:
        pytest.importorskip("distributed", reason="the dask extra is not installed")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # tiny corpora are told to be tiny
        if page.parent.name == "coming":
            warnings.simplefilter("ignore")  # what other packages warn of is theirs
        if on_dask:  # which leaves a socket unclosed that it tried a port with
            warnings.simplefilter("ignore", ResourceWarning)
        names = prepared(page, tmp_path)
        for number, block in enumerate(blocks(page), 1):
            exec(compile(block, f"{page.name}, example {number}", "exec"), names)
        if on_dask:
            gc.collect()


def test_the_way_from_a_clone_to_a_report_is_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    from polytopic.cli import main

    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "from-clone-to-report.md").read_text(encoding="utf-8")
    said = ""
    for kind, block in SHELL.findall(page):
        if kind == "python":
            exec(compile(block, "from-clone-to-report.md", "exec"), {})
        elif kind == "text":
            missing = [line for line in block.splitlines() if line not in said]
            assert not missing, said
        else:
            for command in block.splitlines():
                program, *given = shlex.split(command)
                assert program == "polytopic"
                with pytest.raises(SystemExit) as ended:
                    main(given)
                assert bool(ended.value.code) == (kind == "sh fails"), command
            told = capsys.readouterr()
            said = told.out + told.err
    assert (tmp_path / "run" / "report.html").is_file()
    assert "Öffentlicher Dienst" in (tmp_path / "tables" / "by_label.csv").read_text("utf-8")


def test_every_extra_that_a_page_installs_is_there() -> None:
    there = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = {
        name
        for page in PAGES
        for listed in EXTRAS.findall(page.read_text(encoding="utf-8"))
        for name in listed.split(",")
    }
    assert len(found) > 5 and found <= set(there["optional-dependencies"])


def test_the_readme_has_an_example() -> None:
    assert blocks(ROOT / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_models_page_is_the_registry() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_models_page.py"))
    written = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert written == made["page"](), "run python docs/make_models_page.py"


def test_the_ratios_of_the_vectors_page_follow_from_its_counts() -> None:
    import numpy as np

    import polytopic

    page = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
    totals = re.search(r"X\(ice\) is\s([\d.]+), X\(steam\) is\s([\d.]+)", page)
    assert totals is not None
    table = page[page.index("| k | X(ice, k)") :].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    probes = [row[0] for row in rows]
    words = ["ice", "steam", *probes, "all the others"]
    matrix = np.zeros((len(words), len(words)))
    for place in (0, 1):
        matrix[place, 2:-1] = [float(row[1 + place]) for row in rows]
        matrix[place, -1] = float(totals[1 + place]) - matrix[place].sum()
    pairs = polytopic.Cooccurrence(matrix, words)
    for row, (word, ice, steam, ratio) in zip(
        rows, pairs.ratios(probes, "ice", "steam").iter_rows(), strict=True
    ):
        assert row[0] == word
        for shown, value in ((row[3], ice), (row[4], steam)):
            assert shown == (f"{value:.1e}".replace("e-0", "e-") if value else "0")
        assert row[5] == (f"{ratio:.2f}".removeprefix("0") if np.isfinite(ratio) else "inf")
