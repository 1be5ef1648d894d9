"""Lists of literature: fields, accents, strings, records, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import read_documents
from polytopic.text.formats.references import plain_tex

BIB = r"""
% exported
@comment{jabref-meta: x}
@string{jml = "Journal of Engines"}
@Article{mueller2001,
  title    = {{\"U}ber {DNA} and \emph{fuel}},
  author   = "M{\"u}ller, A. and {van {\"U}xk{\"u}ll}, B.",
  journal  = jml # {, Series } # "B",
  year     = 2001,
  abstract = {An engine {burns {more}} fuel \& oil.}
}
@book{noabstract, title = {Cells}, year = {2002}}
"""

RIS = (
    "TY  - JOUR\nTI  - Engines\nAU  - Müller, A.\nAU  - Smith, B.\nPY  - 2001/05//\n"
    "AB  - An engine burns\nfuel.\nKW  - a\nKW  - b\nER  - \n\n"
    "TY  - BOOK\nT1  - Cells\nN2  - Cells divide.\nER  -\n"
)


def test_entries_have_their_fields(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(BIB)
    found = read_documents(tmp_path / "a.bib", label="journal", date="year", id="key")
    assert found.texts.to_list() == ["An engine burns more fuel & oil.", ""]
    assert list(found.ids) == ["mueller2001", "noabstract"]
    assert list(found.labels) == ["Journal of Engines, Series B", None]
    both = read_documents(tmp_path / "a.bib", text=["title", "author"]).texts.to_list()
    assert both == ["Über DNA and fuel\n\nMüller, A. and van Üxküll, B.", "Cells"]


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"Stra{\ss}e", "Straße"),
        (r"\'{e}t\'e", "été"),
        (r"{\v{C}}apek and \c{c}a", "Čapek and ça"),
        (r"\o re~sund \L{}ódź", "øre sund Łódź"),
        (r"na{\"\i}ve 5\% of \textbf{A}", "naïve 5% of A"),
        ("no tex { at } all", "no tex at all"),
    ],
)
def test_accents_of_tex_are_letters(tex: str, plain: str) -> None:
    assert plain_tex(tex) == plain


def test_records_have_names_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text(RIS, encoding="utf-8-sig")
    found = read_documents(tmp_path / "a.ris", label="author", date="year")
    assert found.texts.to_list() == ["An engine burns\nfuel.", "Cells divide."]
    assert list(found.labels) == ["Müller, A.; Smith, B.", None]
    titles = read_documents(tmp_path / "a.ris", text="title", label="keywords")
    assert titles.texts.to_list() == ["Engines", "Cells"]
    assert list(titles.labels) == ["a; b", None]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.bib", "no entry", "holds no entries"),
        ("a.bib", "@article{a, title = {b}}\n@book{b, title = {c}\n", "line 2 is never closed"),
        ("a.ris", "no record", "holds no records"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=told):
        read_documents(tmp_path / name)
