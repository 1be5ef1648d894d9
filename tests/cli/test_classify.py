"""``polytopic classify`` and ``embed --method fasttext``: from a table to labels, and back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from cli_runs import Call

import polytopic as pt


@pytest.fixture
def table(tmp_path: Path) -> Path:
    texts = ["cold pizza rude waiter", "warm pizza", "red car on roads", "a fast car"] * 15
    labels = ["07", "07", "9", "9"] * 15
    path = tmp_path / "reviews.csv"
    pl.DataFrame({"body": texts, "kind": labels}).write_csv(path)
    return path


def test_labels_are_learned_and_given(table: Path, tmp_path: Path, call: Call) -> None:
    folder = tmp_path / "classifier"
    words = ("classify", "train", table, "--text", "body", "--label", "kind", "-o", folder)
    done = call(*words, "--epochs", "20", "--learning-rate", "0.5", "--dim", "8")
    assert done.code == 0, done.err
    assert "Of 6 texts kept apart" in done.err + done.out
    model = pt.load(folder)
    assert model.classes_.tolist() == ["07", "9"]
    new = tmp_path / "new.csv"
    pl.DataFrame({"body": ["a car", "the pizza"]}).write_csv(new)
    out = tmp_path / "labels.csv"
    done = call("classify", "predict", folder, new, "--text", "body", "-o", out)
    assert done.code == 0, done.err
    found = pl.read_csv(out, schema_overrides={"label": pl.String})
    assert found["label"].to_list() == ["9", "07"]
    assert found["chance"].to_list() == model.predict_proba(["a car", "the pizza"]).max(1).tolist()
    model.write_binary(tmp_path / "m.bin")
    again = tmp_path / "again.csv"
    done = call("classify", "predict", tmp_path / "m.bin", new, "--text", "body", "-o", again)
    assert done.code == 0, done.err
    assert again.read_text() == out.read_text()
    refused = call(*words)
    assert refused.code == 1 and "is there already" in refused.err


def test_a_cell_may_hold_several_labels(tmp_path: Path, call: Call) -> None:
    texts = ["cold pizza rude waiter", "pizza", "rude waiter", "nothing to say"] * 30
    cells = ["food; staff;food", "food", " staff ", ""] * 30
    table = tmp_path / "reviews.csv"
    pl.DataFrame({"body": texts, "about": cells}).write_csv(table)
    folder, out = tmp_path / "classifier", tmp_path / "labels.csv"
    words = ("classify", "train", table, "--text", "body", "--label", "about", "-o", folder)
    by = ("--label-separator", ";")
    small = ("--epochs", "60", "--learning-rate", "0.5", "--dim", "8")
    done = call(*words, *by, *small)
    assert done.code == 0, done.err
    assert "100.0% get all of their labels and no other" in done.err + done.out
    assert pt.load(folder).classes_.tolist() == ["food", "staff"]
    done = call("classify", "predict", folder, table, "--text", "body", "-o", out, *by)
    assert done.code == 0, done.err
    found = pl.read_csv(out)["labels"].fill_null("").to_list()
    assert [set(cell.split(";")) - {""} for cell in found[:4]] == [
        {"food", "staff"}, {"food"}, {"staff"}, set(),
    ]  # fmt: skip


def test_a_list_in_json_is_several_labels(tmp_path: Path, call: Call) -> None:
    table = tmp_path / "reviews.jsonl"
    rows = ['{"t": "cold pizza", "l": ["food", "a, b"]}', '{"t": "rude", "l": null}'] * 20
    table.write_text("\n".join(rows))
    words = ("classify", "train", table, "--text", "t", "--label", "l", "-o", tmp_path / "c")
    done = call(*words, "--label-separator", ",", "--dim", "4", "--epochs", "1")
    assert done.code == 0, done.err
    assert sorted(pt.load(tmp_path / "c").classes_) == ["a, b", "food"]


def test_separators_that_cannot_be_used(table: Path, tmp_path: Path, call: Call) -> None:
    words = ("classify", "train", table, "--text", "body", "--label", "kind", "-o", tmp_path / "c")
    done = call(*words, "--label-separator", "")
    assert done.code == 1 and "is empty" in done.err and done.err.count("\n") == 1
    done = call(*words, "--label-separator", ";", "--loss", "softmax")
    assert done.code == 1 and "one label a text" in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "c").exists()
    assert call(*words, "--dim", "4", "--epochs", "1").code == 0
    given = ("classify", "predict", tmp_path / "c", table, "--text", "body")
    done = call(*given, "-o", tmp_path / "l.csv", "--label-separator", "7")
    assert done.code == 1 and "stands in the label" in done.err
    assert not (tmp_path / "l.csv").exists()


def test_tables_that_cannot_be_learned(table: Path, tmp_path: Path, call: Call) -> None:
    for label, told in (("none", 'no column "none"'), ("body", "")):
        words = ("classify", "train", table, "--text", "body", "--label", label)
        done = call(*words, "-o", tmp_path / f"c-{label}", "--dim", "4")
        if told:
            assert done.code == 1 and told in done.err and done.err.count("\n") == 1
            assert not (tmp_path / f"c-{label}").exists()
    pl.DataFrame({"body": ["a", "b"], "kind": ["x", "x"]}).write_csv(tmp_path / "one.csv")
    words = ("classify", "train", tmp_path / "one.csv", "--text", "body", "--label", "kind")
    done = call(*words, "-o", tmp_path / "c")
    assert done.code == 1 and "labels of two kinds" in done.err
    assert not (tmp_path / "c").exists()


def test_subwords_are_learned_and_answer(tmp_path: Path, call: Call) -> None:
    text = tmp_path / "text.txt"
    text.write_text("cells divide fast\ncells grow\nstars shine fast\n" * 60, encoding="utf-8")
    words = (
        "embed",
        text,
        "--method",
        "fasttext",
        "--dim",
        "8",
        "--sample",
        "0",
        "--bucket",
        "500",
    )
    done = call(*words, "-o", tmp_path / "folder", "--epochs", "3", "--max-n", "4")
    assert done.code == 0, done.err
    near = call("similar", tmp_path / "folder", "cellular", "-n", "2")
    assert near.code == 0, near.err
    assert "cellular" in near.out
    done = call(*words, "-o", tmp_path / "m.bin", "--epochs", "3", "--max-n", "4")
    assert done.code == 0, done.err
    read = pt.SubwordVectors.read_binary(tmp_path / "m.bin")
    assert (read["cellular"] == pt.load(tmp_path / "folder")["cellular"]).all()
    refused = call("embed", text, "--bucket", "500", "-o", tmp_path / "v.txt")
    assert refused.code == 1 and "--bucket: is nothing that skipgram has" in refused.err
