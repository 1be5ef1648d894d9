"""Corpus: which terms stay, what is told, subsets, splits, saving."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.text import SKLEARN_PATTERN, Corpus, Dropped, Tally, Vocabulary
from polytopic.text.selection import Limits
from polytopic.text.stopwords import language_code, stop_words_of

ALL = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None}


def zipf_texts(n_documents: int = 120, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    words = np.array([f"w{a}" for a in range(400)])
    return [" ".join(words[rng.zipf(1.4, rng.integers(0, 60)) % 400]) for _ in range(n_documents)]


@pytest.mark.parametrize("limits", [(1, 1.0, None), (3, 0.5, 50), (0.05, 40, 10), (2, 0.9, 1)])
def test_selection_agrees_with_countvectorizer(limits: tuple) -> None:
    low, high, cap = limits
    texts = zipf_texts()
    corpus = Corpus.from_texts(
        texts,
        stop_words=["w7", "w1"],
        min_df=low,
        max_df=high,
        max_terms=cap,
        token_pattern=SKLEARN_PATTERN,
    )
    peer = CountVectorizer(stop_words=["w7", "w1"], min_df=low, max_df=high)
    expected = peer.fit_transform(texts)
    totals = np.asarray(expected.sum(axis=0)).ravel()
    ranked = sorted(zip(-totals, peer.get_feature_names_out().tolist(), strict=True))[:cap]
    assert corpus.vocabulary.terms == [term for _, term in ranked]
    columns = [peer.vocabulary_[term] for term in corpus.vocabulary.terms]
    assert (corpus.counts != expected[:, columns]).nnz == 0
    assert corpus.vocabulary.counts.tolist() == [-negative for negative, _ in ranked]
    documents = np.asarray((expected[:, columns] > 0).sum(axis=0)).ravel()
    assert corpus.vocabulary.document_counts.tolist() == documents.tolist()


def test_tokens_offsets_and_counts_say_the_same() -> None:
    corpus = Corpus.from_texts(zipf_texts(), min_df=3, max_df=0.6)
    assert corpus.counts.dtype == corpus.counts.indices.dtype == np.int32
    assert corpus.tokens.dtype == np.int32 and corpus.offsets.dtype == np.int64
    assert corpus.counts.has_canonical_format
    rows = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))
    again = sparse.coo_matrix(
        (np.ones(len(corpus.tokens), int), (rows, corpus.tokens)), shape=corpus.counts.shape
    )
    assert np.array_equal(again.toarray(), corpus.counts.toarray())


def test_what_was_dropped_adds_up() -> None:
    texts = ["the cat sat", "  ", "the dog", "", "zebra", "cat dog cat"]
    corpus = Corpus.from_texts(texts, stop_words=["the"], min_df=2, max_df=1.0, max_terms=1)
    dropped = corpus.dropped
    assert dropped.documents == 6 and dropped.empty_documents == 2
    assert dropped.documents_without_terms == 2  # "the dog" (beyond the cap) and "zebra"
    assert dropped.tokens == 9 and dropped.tokens_kept == 3
    assert dropped.stop_words == Tally(1, 2)
    assert dropped.below_min_df == Tally(2, 2)
    assert dropped.beyond_max_terms == Tally(1, 2)
    assert corpus.vocabulary.terms == ["cat"]
    text = dropped.describe()
    for part in ("2 documents of 6 held no text", "1 term (2 tokens): stop words (given)"):
        assert part in text
    assert Dropped.from_dict(json.loads(json.dumps(dropped.to_dict()))) == dropped


def test_defaults_relax_for_few_documents_and_tell_it() -> None:
    few = Corpus.from_texts(["cells divide", "cells grow"])
    assert few.vocabulary.terms == ["cells", "divide", "grow"]
    several = Corpus.from_texts(["alpha beta"] * 3 + ["gamma"] + [""] * 26)
    assert several.vocabulary.terms == ["alpha", "beta"]
    assert "relaxed from 5 for 30 documents" in several.dropped.describe()


@pytest.mark.parametrize(
    ("n_documents", "least"), [(1, 1), (19, 1), (20, 2), (199, 2), (200, 3), (999, 3), (1000, 5)]
)
def test_min_df_rises_with_the_documents(n_documents: int, least: int) -> None:
    low, _, note = Limits().resolve(n_documents)
    assert low == least
    assert ("relaxed from 5" in note) == (least < 5)


def test_max_df_is_half_of_the_documents_from_twenty_on() -> None:
    """With fewer documents a word may stand in all of them."""

    def kept(n_documents: int) -> list[str]:
        words = {"all": n_documents, "most": n_documents // 2 + 1, "half": n_documents // 2}
        texts = [
            " ".join(word for word, times in words.items() if row < times)
            for row in range(n_documents)
        ]
        return Corpus.from_texts(texts, stop_words=None, clean=None).vocabulary.terms

    assert kept(19) == ["all", "most", "half"]
    assert kept(20) == kept(300)[:1] == ["half"]


def test_given_vocabulary_counts_and_tells_unseen_terms() -> None:
    train = Corpus.from_texts(["cat dog", "cat bird"], **ALL)
    new = Corpus.from_texts(["dog dog fish", "whale fish the", "bird"], vocabulary=train.vocabulary)
    assert new.vocabulary is train.vocabulary
    assert new.counts.toarray().tolist() == [[0, 0, 2], [0, 0, 0], [0, 1, 0]]
    assert new.dropped.unseen == Tally(2, 3)
    assert new.dropped.unseen_examples == (("fish", 2), ("whale", 1))
    assert new.dropped.stop_words == Tally(1, 1)
    assert new.dropped.documents_without_terms == 1
    listed = Corpus.from_texts(["b a b"], vocabulary=["aa", "bb"])
    assert listed.counts.nnz == 0 and listed.counts.shape == (1, 2)
    empty = Corpus.from_texts(["", "42"], vocabulary=["aa", "bb"])
    assert empty.counts.shape == (2, 2) and empty.dropped.empty_documents == 1


def test_stop_words_are_split_like_the_text() -> None:
    corpus = Corpus.from_texts(["don't panic"], token_pattern=SKLEARN_PATTERN, min_df=1)
    assert corpus.vocabulary.terms == ["panic"]
    french = Corpus.from_texts(["C'est qu'il pense : l'homme danse"], language="French")
    assert french.vocabulary.terms == ["danse", "homme", "pense"]


def test_languages_by_code_and_name() -> None:
    assert language_code("pt-BR") == language_code("Portuguese") == "pt"
    assert "und" in stop_words_of("german") and "n't" in stop_words_of("en")
    with pytest.raises(InputError, match=r'"klingon".*There are: ar, bg.*stop_words=None'):
        Corpus.from_texts(["abc"], language="klingon")
    assert Corpus.from_texts(["abc"], language="klingon", stop_words=None).vocabulary.terms == [
        "abc"
    ]


def test_texts_are_kept_by_reference() -> None:
    texts = ["one two", "three"]
    assert Corpus.from_texts(texts, **ALL).texts is texts
    series = pl.Series(texts)
    assert Corpus.from_texts(series, **ALL).texts is series
    assert Corpus.from_texts(texts, keep_texts=False, **ALL).texts is None
    assert Corpus.from_texts(iter(texts), **ALL).texts == texts


def test_subset_slices_and_masks() -> None:
    corpus = Corpus.from_texts(
        ["aa bb", "", "cc aa cc", "bb"], labels=[1, 2, 3, 4], ids=list("wxyz"), **ALL
    )
    part = corpus[1:3]
    assert list(part.token_lists()) == [[], ["cc", "aa", "cc"]]
    assert part.texts == ["", "cc aa cc"] and part.labels.tolist() == [2, 3]
    assert part.vocabulary is corpus.vocabulary
    back = corpus.subset([3, -4, 3])
    assert list(back.token_lists()) == [["bb"], ["aa", "bb"], ["bb"]]
    assert back.ids.tolist() == ["z", "w", "z"]
    assert np.array_equal(back.counts.toarray(), corpus.counts.toarray()[[3, 0, 3]])
    assert len(corpus[corpus.labels > 2]) == 2 and len(corpus[-1]) == 1
    assert len(corpus.subset([])) == 0
    for rows in ([4], [-5], [0.5], np.ones(3, bool)):
        with pytest.raises(InputError, match=r"^rows: "):
            corpus.subset(rows)
    with pytest.raises(IndexError):
        corpus[4]


def test_split_is_a_partition_and_stratified() -> None:
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    corpus = Corpus.from_texts([f"word{n:03d}" for n in range(100)], labels=labels, **ALL)
    train, test = corpus.split(0.2, random_state=3, stratify=True)
    assert sorted([*train.texts, *test.texts]) == sorted(corpus.texts)
    assert [test.labels.tolist().count(x) for x in "abc"] == [12, 6, 2]
    again = corpus.split(0.2, random_state=3, stratify=True)[1]
    assert again.texts == test.texts != corpus.split(0.2, random_state=4)[1].texts
    assert len(corpus.split(7)[1]) == 7
    for size in (0, 1.0, 100):
        with pytest.raises(InputError, match=r"^test_size: "):
            corpus.split(size)
    with pytest.raises(InputError, match="no labels"):
        Corpus.from_texts(["aa", "bb"], **ALL).split(1, stratify=True)


def test_from_counts_keeps_columns() -> None:
    counts = sparse.csr_matrix([[0, 2], [1, 0]])
    corpus = Corpus.from_counts(counts, ["b", "a"], labels=["x", "y"])
    assert corpus.vocabulary.terms == ["b", "a"] and corpus.tokens is None
    assert corpus.vocabulary.document_counts.tolist() == [1, 1]
    assert corpus.counts.dtype == np.int32
    for wrong in ([[-1, 0]], [[0.5, 1]], [[np.nan, 1]]):
        with pytest.raises(InputError, match=r"^counts: "):
            Corpus.from_counts(wrong, ["a", "b"])
    with pytest.raises(InputError, match="3 for 2 columns"):
        Corpus.from_counts(counts, ["a", "b", "c"])
    with pytest.raises(InputError, match="know no order"):
        next(corpus.token_lists())


def test_vocabulary_looks_up_and_stays_as_it_is() -> None:
    vocabulary = Vocabulary(["topic", "topics", "model"], [3, 2, 1], [1, 1, 1])
    assert vocabulary.index("model") == 2 and "topic" in vocabulary and 3 not in vocabulary
    with pytest.raises(InputError, match=r'"topik".*Close to it: topic, topics'):
        vocabulary.index("topik")
    with pytest.raises(AttributeError):
        vocabulary.terms = []
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[0] = 5
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary
    assert vocabulary != Vocabulary(["topic", "topics", "model"], [3, 2, 2], [1, 1, 1])
    for terms, counts in ((["a", "a"], None), (["a", 1], None), (["a"], [1, 2]), (["a"], [-1]),
                          (["a"], [0.5]), (["a"], [2**53 + 1]), ("abc", None)):  # fmt: skip
        with pytest.raises(InputError):
            Vocabulary(terms, counts)


@pytest.fixture
def rich() -> Corpus:
    dates = np.array(["2020-01-01", "2021-05-06", "2022-01-01"], dtype="datetime64[us]")
    return Corpus.from_texts(
        ["Ünder <b>", "", "snow snow"], labels=[3, 1, 2], ids=["a", "b", "c"], dates=dates, **ALL
    )


def test_saved_and_loaded_corpus_is_the_same(rich: Corpus, tmp_path: Path) -> None:
    rich.save(tmp_path / "corpus")
    back = Corpus.load(tmp_path / "corpus")
    assert back.vocabulary == rich.vocabulary and back.dropped == rich.dropped
    assert (back.counts != rich.counts).nnz == 0 and back.counts.dtype == np.int32
    for name in ("tokens", "offsets", "labels", "ids", "dates"):
        ours, theirs = getattr(rich, name), getattr(back, name)
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
    assert list(back.texts) == rich.texts
    assert not list(tmp_path.rglob("*.pkl")) and len(list((tmp_path / "corpus").iterdir())) == 2
    bare = Corpus.from_counts([[1, 0]], ["a", "b"])
    bare.save(tmp_path / "corpus")
    again = Corpus.load(tmp_path / "corpus")
    assert again.tokens is None and again.texts is None and again.labels is None


def test_damaged_corpora_are_refused_in_one_line(rich: Corpus, tmp_path: Path) -> None:
    folder = rich.save(tmp_path / "corpus")
    arrays = next(folder.glob("arrays-*"))
    whole = arrays.read_bytes()
    about = json.loads((folder / "about.json").read_text())
    arrays.write_bytes(whole[:-9])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        Corpus.load(folder)
    arrays.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="cut short or altered"):
        Corpus.load(folder)
    arrays.write_bytes(whole)
    for change, message in (
        ({"format": 99}, "format 99"),
        ({"kind": "model"}, "not a corpus"),
        ({"about": {"shape": [5, 1]}}, "entry dropped is missing"),
        ({"about": about["about"] | {"shape": [5, 1]}}, "whole corpus"),
        ({"about": about["about"] | {"units": []}}, "entry units is a list"),
    ):
        (folder / "about.json").write_text(json.dumps(about | change))
        with pytest.raises(CheckpointError, match=message) as caught:
            Corpus.load(folder)
        assert "\n" not in str(caught.value)
    with pytest.raises(FileMissingError, match="no such folder"):
        Corpus.load(tmp_path / "absent")


def test_saving_spares_other_files(rich: Corpus, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        rich.save(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_notes_stand_in_the_account_and_are_kept(tmp_path: Path) -> None:
    corpus = Corpus.from_tokens([["a"], ["b"]])
    noted = Dropped(documents=2, notes=("date: 1 of 2 is missing.",))
    assert noted.describe().splitlines()[-1] == "date: 1 of 2 is missing."
    assert Dropped.from_dict(noted.to_dict()) == noted
    earlier = corpus.dropped.to_dict()
    del earlier["notes"]
    assert Dropped.from_dict(earlier) == corpus.dropped
