"""The docs' table of formats says what the registry has."""

from __future__ import annotations

from pathlib import Path

from polytopic.io.packed import PACKED
from polytopic.text.formats import ENDINGS, FOLDER, FORMATS

PAGE = Path(__file__).parents[3] / "docs/reading-your-files.md"
OPTIONS = {"separator": "`--separator`", "header": "`--no-header`", "sheet": "`--sheet`"}


def test_the_table_of_formats_is_that_of_the_registry() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for form in FORMATS:
        endings = ", ".join(f"`{ending}`" for ending in form.endings)
        options = ", ".join(OPTIONS[option] for option in form.options)
        assert f"| {endings} | {form.document} | {options}{' ' if options else ''}|" in page
    assert f"| a folder | {FOLDER.document} | |" in page
    assert all(f"`{ending}`" in page for ending in PACKED)
    assert len(ENDINGS) == len(set(ENDINGS))
