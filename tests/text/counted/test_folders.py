"""Folders of OCTIS and TopMost: counts, parts, labels; and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import sparse

from polytopic.errors import FileMissingError, InputError
from polytopic.text import Corpus, read
from polytopic.text.counted.folders import read_counted_test


def octis(folder: Path, rows: str, terms: str | None = "sea\nsky\ntree\n\n") -> Path:
    (folder / "corpus.tsv").write_text(rows, encoding="utf-8")
    if terms is not None:
        (folder / "vocabulary.txt").write_text(terms, encoding="utf-8")
    return folder


def topmost(folder: Path, counts: list[list[int]] | None = None) -> Path:
    made = sparse.csr_matrix(counts or [[2, 0, 1], [0, 1, 0], [0, 0, 0]])
    sparse.save_npz(folder / "train_bow.npz", made)
    (folder / "vocab.txt").write_text("sea\nsky\ntree\n", encoding="utf-8")
    return folder


def test_octis_with_parts_and_labels(tmp_path: Path) -> None:
    folder = octis(tmp_path, 'sea sky sea\ttrain\t07\ntree\tval\tx\nsky "oak"\ttest\t07\n')
    corpus = read(folder)
    assert corpus.counts.toarray().tolist() == [[2, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert corpus.labels is not None and corpus.labels.tolist() == ["07", "x", "07"]
    assert corpus.metadata["part"].tolist() == ["train", "val", "test"]
    assert next(corpus.token_lists()) == ["sea", "sky", "sea"]
    assert corpus.texts is not None and corpus.texts[1] == "tree"
    assert corpus.dropped.unseen.tokens == 1
    assert "read as a folder of OCTIS" in corpus.dropped.describe()
    part = Corpus.from_octis(folder, part="val")
    assert part.counts.toarray().tolist() == [[0, 0, 1]]
    with pytest.raises(InputError, match="no documents of the part .dev.*test, train, val"):
        Corpus.from_octis(folder, part="dev")
    with pytest.raises(InputError, match="--label means nothing in a folder of OCTIS"):
        read(folder, label="x")


@pytest.mark.parametrize("rows", ["sea sky\ntree\n", "sea sky\ttrain\ntree\ttrain\n"])
def test_octis_without_labels(tmp_path: Path, rows: str) -> None:
    corpus = Corpus.from_octis(octis(tmp_path, rows))
    assert corpus.labels is None
    assert corpus.counts.toarray().tolist() == [[1, 1, 0], [0, 0, 1]]
    assert list(corpus.metadata) == (["part"] if "train" in rows else [])


def test_octis_without_its_files(tmp_path: Path) -> None:
    folder = octis(tmp_path, "sea sky\n", terms=None)
    with pytest.raises(InputError, match="holds corpus.tsv and no vocabulary.txt. Write") as told:
        read(folder)
    assert "\n" not in str(told.value)
    with pytest.raises(FileMissingError, match="holds no corpus.tsv, so it is no folder of OCTIS"):
        Corpus.from_octis(tmp_path / "nothing")


def test_topmost_with_all_that_lies_beside(tmp_path: Path) -> None:
    folder = topmost(tmp_path)
    (folder / "train_labels.txt").write_text("2\n0\n2\n", encoding="utf-8")
    (folder / "train_times.txt").write_text("2001\n2002\n2003\n", encoding="utf-8")
    (folder / "train_texts.txt").write_text("sea sea tree\nsky\n\n", encoding="utf-8")
    corpus = read(folder)
    assert corpus.counts.toarray().tolist() == [[2, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert corpus.vocabulary.terms == ["sea", "sky", "tree"]
    assert corpus.labels is not None and corpus.labels.tolist() == [2, 0, 2]
    assert corpus.texts is not None and list(corpus.texts) == ["sea sea tree", "sky", ""]
    assert corpus.dates is not None and str(corpus.dates[1]) == "2002"


def test_topmost_bare_and_broken(tmp_path: Path) -> None:
    folder = topmost(tmp_path)
    assert Corpus.from_topmost(folder).labels is None
    with pytest.raises(FileMissingError, match=r"holds no test_bow.npz"):
        Corpus.from_topmost(folder, part="test")
    (folder / "train_labels.txt").write_text("2\n0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"train_labels.txt: has 2 lines for 3 documents"):
        Corpus.from_topmost(folder)
    (folder / "train_labels.txt").unlink()
    (folder / "vocab.txt").write_text("sea\nsky\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"vocab.txt has 2 terms for 3 columns of train_bow.npz"):
        Corpus.from_topmost(folder)
    (folder / "train_bow.npz").write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(InputError, match=r"train_bow.npz: cannot be read"):
        Corpus.from_topmost(folder)


def test_the_documents_to_judge_by_are_those_of_the_test_part(tmp_path: Path) -> None:
    for name in ("topmost", "octis", "whole", "plain"):
        (tmp_path / name).mkdir()
    folder = topmost(tmp_path / "topmost")
    with pytest.raises(FileMissingError, match="holds no test_bow.npz"):
        read_counted_test(folder)
    sparse.save_npz(folder / "test_bow.npz", sparse.csr_matrix([[0, 0, 5]]))
    found = read_counted_test(folder)
    assert found is not None and found.counts.toarray().tolist() == [[0, 0, 5]]
    parts = octis(tmp_path / "octis", "sea\ttrain\ntree\ttest\n")
    found = read_counted_test(parts)
    assert found is not None and found.counts.toarray().tolist() == [[0, 0, 1]]
    found = read_counted_test(octis(tmp_path / "whole", "sea\ntree\n"))
    assert found is not None and len(found) == 2
    assert read_counted_test(tmp_path / "plain") is None
    assert read_counted_test(tmp_path / "none.csv") is None
