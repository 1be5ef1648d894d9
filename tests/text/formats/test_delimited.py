"""Tables in text, as programs write them: read as Python's csv reads, or the line named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import polytopic.text.formats.delimited as delimited
from polytopic.errors import InputError
from polytopic.text import read, read_documents

WORDS = [
    "tyre",
    "wheel",
    "garage",
    "brake",
    "court",
    "jury",
    "lawyer",
    "judge",
    "cell",
    "gene",
    "copy",
    "membrane",
]
ROWS = [
    (f"{n:03}", " ".join(WORDS[n % 7 : n % 7 + 4]), ("car", "law", "bio")[n % 3]) for n in range(40)
]


def written(
    path: Path, separator: str = ",", header: str = "id,text,label", end: str = "\n"
) -> Path:
    lines = [header.replace(",", separator), *(separator.join(row) for row in ROWS)]
    path.write_text(end.join(lines) + end, newline="")
    return path


def check(path: Path, **options: object) -> tuple[str, ...]:
    documents = read_documents(path, label="label", id="id", **options)
    assert documents.texts.to_list() == [row[1] for row in ROWS]
    assert documents.labels.to_list() == [row[2] for row in ROWS]
    assert len(documents.ids) == len(ROWS)
    return documents.notes


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
@pytest.mark.parametrize(
    ("separator", "told"), [(",", '","'), (";", '";"'), ("\t", "a tab"), ("|", '"|"')]
)
def test_the_separator_is_found_out(tmp_path: Path, ending: str, separator: str, told: str) -> None:
    notes = check(written(tmp_path / f"a{ending}", separator), text="text")
    usual = {".csv": ",", ".tsv": "\t"}[ending] == separator
    assert notes == (() if usual else (f"a{ending}: fields are read as separated by {told}.",))
    assert check(tmp_path / f"a{ending}", separator=separator, text="text") == ()


def test_decimal_commas_and_other_separators_in_texts_do_not_mislead(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{n};well, {n},5 of it, yes|no;{n},25" for n in range(20)]
    path.write_text("\n".join(["id;text;price", *rows]))
    documents = read_documents(path, label="price", id="id")
    assert documents.texts[3] == "well, 3,5 of it, yes|no"
    path.write_text("\n".join(["id,text", *(f'{n},"a;b;c {n}"' for n in range(20))]))
    assert read_documents(path).texts[3] == "a;b;c 3"


def test_names_of_rows_are_believed_before_a_separator_of_half_the_records(tmp_path: Path) -> None:
    """As R writes them: one field more than the header has in each record below it."""
    path = tmp_path / "a.csv"
    rows = [f"{n};good{', but' if n % 2 else ''} dear;{n % 5}" for n in range(20)]
    path.write_text("\n".join(["body;stars, of five", *rows]))
    documents = read_documents(path, text="body")
    assert documents.texts.to_list()[:2] == ["good dear", "good, but dear"]
    assert 'fields are read as separated by ";"' in documents.notes[0]


def test_the_line_sep_names_the_separator(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ";")
    for first in ("sep=;\n", '"sep=;"\n', "SEP=;\n"):
        path.write_text(first + "id;text;label\n" + "\n".join(";".join(row) for row in ROWS))
        assert check(path, text="text") == ()
    path.write_text("sep=,\nid,text,label\n1,x y\n")
    with pytest.raises(InputError, match="ends on line 3 has 2 fields, the header has 3"):
        read_documents(path)


def test_a_given_separator_makes_a_table_of_any_text_file(tmp_path: Path) -> None:
    check(written(tmp_path / "a.txt", "~"), separator="~", text="text")
    check(written(tmp_path / "noending", "\t"), separator="tab", text="text")
    for wrong in ("", "::", '"', "\n"):
        with pytest.raises(InputError, match="separator: is .* must be one character"):
            read_documents(tmp_path / "a.txt", separator=wrong)


@pytest.mark.parametrize("character", ["^", "~", ":"])
def test_one_column_that_is_none_is_never_read_as_texts(tmp_path: Path, character: str) -> None:
    path = written(tmp_path / "a.csv", character)
    with pytest.raises(InputError, match=rf'every line holds "\{character}" as often.*--separator'):
        read_documents(path)
    check(path, separator=character, text="text")


def test_line_ends_of_all_kinds(tmp_path: Path) -> None:
    for end in ("\r", "\r\n", "\r\r\n"):
        check(written(tmp_path / "a.csv", end=end), text="text")
    mixed = "id,text,label\r\n" + "".join(
        ",".join(row) + ("\r\n", "\n")[n % 2] for n, row in enumerate(ROWS)
    )
    (tmp_path / "a.csv").write_text(mixed, newline="")
    check(tmp_path / "a.csv", text="text")
    (tmp_path / "b.csv").write_text('id,text\r1,"a\nb"\r2,c\r', newline="")
    assert read_documents(tmp_path / "b.csv", text="text").texts.to_list() == ["a\nb", "c"]
    (tmp_path / "b.csv").write_text("id,text\n1,a\rb\n2,c\u2028d\x85e\n", newline="")
    assert read_documents(tmp_path / "b.csv", text="text").texts.to_list() == [
        "a b",
        "c\u2028d\x85e",
    ]


STRAY = {
    "inch": ('1,a 5" screen,x', 'a 5" screen'),
    "two inches": ('1,a 5" or 6" screen,x', 'a 5" or 6" screen'),
    "quoted word": ('1,"big" engine fuel,x', "big engine fuel"),
    "quoted word with a separator": ('1,"big, red" engine,x', "big, red engine"),
    "backslash": (r'1,"he said \"so\" and left",x', r'he said \so\" and left"'),
    "doubled": ('1,"he said ""so""",x', 'he said "so"'),
    "whole field": ('1,"a\nb, c",x', "a\nb, c"),
    "empty": ('1,"",x', ""),
}


@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize("case", STRAY)
def test_quotes_are_read_as_python_reads_them(tmp_path: Path, case: str, place: int) -> None:
    line, text = STRAY[case]
    lines = [",".join(row) for row in ROWS]
    lines[place] = line
    content = "\n".join(["id,text,label", *lines]) + "\n"
    (tmp_path / "a.csv").write_text(content)
    documents = read_documents(tmp_path / "a.csv", text="text", label="label")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert documents.texts.to_list() == [row["text"] for row in rows]
    assert documents.texts[place] == text
    assert documents.labels.to_list() == [row["label"] for row in rows]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_stray_quotes_that_would_swallow_records(tmp_path: Path, separator: str) -> None:
    lines = [separator.join(row) for row in ROWS]
    lines[10] = f'10{separator}"quoted start engine{separator}car'
    lines[30] = f'30{separator}engine end quote"{separator}car'
    lines[5] = f'05{separator}"all of it"{separator}law'
    path = tmp_path / "a.csv"
    path.write_text("\n".join([f"id{separator}text{separator}label", *lines]))
    documents = read_documents(path, text="text", separator=separator)
    assert len(documents) == 40 and documents.texts[10] == '"quoted start engine'
    assert documents.texts[5] == "all of it"
    assert "line 12 would hold whole records" in documents.notes[-1]


def test_lines_that_look_like_records_within_quotes_are_told(tmp_path: Path) -> None:
    inner = "\n".join(f"{n},like a record,x" for n in range(5))
    path = tmp_path / "a.csv"
    path.write_text(f'id,text,label\n1,"begin\n{inner}\nend of it",x\n2,"one, two",y\n')
    documents = read_documents(path, text="text")
    assert len(documents) == 2 and documents.texts[0].count("\n") == 6
    assert "quotes that open on line 2 hold lines that look like records" in documents.notes[0]


@pytest.mark.parametrize(("n_lines", "told"), [(2, False), (3, True)])
def test_three_lines_within_quotes_are_records(tmp_path: Path, n_lines: int, told: bool) -> None:
    inner = "\n".join(f"{n},like a record,x" for n in range(n_lines))
    path = tmp_path / "a.csv"
    path.write_text(f'id,text,label\n1,"begin\n{inner}\nend of it",x\n2,"one, two",y\n')
    notes = read_documents(path, text="text").notes
    assert any("look like records" in note for note in notes) is told


def test_a_quote_that_is_never_closed_names_its_line(tmp_path: Path) -> None:
    lines = [",".join(row) for row in ROWS]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["id,text,label", *lines, '99,"unclosed engine,law']))
    with pytest.raises(InputError, match="a quote that opens on line 42 is never closed"):
        read_documents(path)
    path.write_text("\n".join(["id,text", *(",".join(row[:2]) for row in ROWS), '9,"open', "10,x"]))
    with pytest.raises(InputError, match="a quote that opens on line 42 is never closed"):
        read_documents(path)
    path = tmp_path / "a.tsv"
    path.write_text("\n".join(["id\ttext", *("\t".join(row[:2]) for row in ROWS), '9\t"open']))
    assert read_documents(path, text="text").texts[-1] == '"open'


def test_fields_without_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "word " * 40_000
    path.write_text(f'id,text\n1,"{long}\n"\n2,5" {long}\n')
    assert [len(text) for text in read_documents(path).texts] == [200_001, 200_003]


def test_names_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"id", Text ,LABEL\n1,x,a\n2,y,b\n')
    documents = read_documents(path, text="text", label="Label", id=" ID")
    assert documents.texts.to_list() == ["x", "y"] and documents.labels.to_list() == ["a", "b"]
    assert 'Column "Text" was read for --text "text".' in documents.notes
    with pytest.raises(InputError, match='no column "txt".*Did you mean "Text"?'):
        read_documents(path, text="txt")
    path.write_text("text,TEXT,n\nx,y,1\n")
    assert read_documents(path, text="TEXT").texts.to_list() == ["y"]
    with pytest.raises(InputError, match='no column "Text"'):
        read_documents(path, text="Text")
    path.write_text(",text,\n1,x,2\n")
    assert read_documents(path, text="text", id="column_1").ids.to_list() == ["1"]


def test_files_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in ROWS))
    documents = read_documents(path, header=False, text="column_2", label="column_3")
    assert documents.texts.to_list() == [row[1] for row in ROWS] and documents.notes == ()
    assert documents.labels.to_list() == [row[2] for row in ROWS]
    with pytest.raises(InputError, match=r"first record looks like data.*\(--no-header\)"):
        read_documents(path)
    told = read_documents(path, text="000", label="car").notes
    assert any("looks like data" in note for note in told)
    path.write_text("1,x y\n2\n")
    with pytest.raises(InputError, match="line 2 has 1 fields, those before have 2"):
        read_documents(path, header=False, text="column_2")


def test_blank_lines_trailing_separators_and_names_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n\nid,text,label\n\n" + "\n\n".join(",".join(row) for row in ROWS) + "\n\n\n")
    assert check(path, text="text") == ()
    path.write_text("id,text,label\n" + "\n".join(",".join(row) + ",," for row in ROWS))
    assert check(path, text="text") == ()
    path.write_text("id,text,label,\n" + "\n".join(",".join(row) for row in ROWS))
    assert check(path, text="text") == ()
    quoted = "\n".join(f'"{n}","{row[0]}","{row[1]}","{row[2]}"' for n, row in enumerate(ROWS))
    path.write_text('"id","text","label"\n' + quoted)  # as R's write.csv with names of rows
    assert check(path, text="text") == ()
    path.write_text("text\nx\n\ny\n")
    documents = read_documents(path)
    assert documents.texts.to_list() == ["x", "y"] and "1 blank lines" in documents.notes[0]


def test_blanks_after_separators_before_quotes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "\n".join(f'{n}, "one, two {n}", "x"' for n in range(9))
    path.write_text(f'"id", "text", "label"\n{rows}\n')
    documents = read_documents(path, text="text", label="label")
    assert documents.texts[4] == "one, two 4" and documents.labels[0] == "x"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_blocks_give_what_one_piece_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    texts = [
        f'He said: "{n}{separator} or\nnothing"'
        if n % 5 == 0
        else ("", "plain", f"é {n}\n\nx")[n % 3]
        for n in range(300)
    ]
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["n", "text", "end"])
        writer.writerows([n, text, "" if n == 200 else "e"] for n, text in enumerate(texts))
    whole = read_documents(path, text="text", label="n", id="end")
    monkeypatch.setattr("polytopic.text.streams._CHUNK", 50)
    for size in (1, 60, 700):
        monkeypatch.setattr(delimited, "_BLOCK", size)
        blocks = read_documents(path, text="text", label="n", id="end")
        assert blocks.texts.to_list() == whole.texts.to_list() == texts
        assert blocks.labels.to_list() == list(range(300))
        assert blocks.ids.to_list() == whole.ids.to_list()


def test_errors_in_later_blocks_name_the_line_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f'{n},"a\nb {n}"\n' for n in range(50)) + "x,y,z\n")
    monkeypatch.setattr("polytopic.text.streams._CHUNK", 50)
    monkeypatch.setattr(delimited, "_BLOCK", 100)
    with pytest.raises(InputError, match="line 102 has 3 fields, the header has 2"):
        read_documents(path)


def test_what_the_reader_tells_stands_in_the_account(tmp_path: Path) -> None:
    corpus = read(written(tmp_path / "a.csv", ";"), text="text", min_df=1)
    assert corpus.dropped.notes[0] == 'a.csv: fields are read as separated by ";".'
    assert 'separated by ";"' in corpus.dropped.describe()
    lean = read(tmp_path / "a.csv", text="text", min_df=1, keep_texts=False)
    assert lean.dropped.notes == corpus.dropped.notes
