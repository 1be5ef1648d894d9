"""gensim's corpora: what they hold comes over, files as well; pickles are never opened."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.text import Corpus, read

corpora = pytest.importorskip("gensim.corpora")

WORDS = [["sea", "sky", "sea"], [], ["tree", "sky", "leaf"], ["leaf"]]
WANTED = [{"sea": 2, "sky": 1}, {}, {"tree": 1, "sky": 1, "leaf": 1}, {"leaf": 1}]


@pytest.fixture
def made(tmp_path: Path) -> tuple[list[Any], Any, Path]:
    dictionary = corpora.Dictionary(WORDS)
    lines = [dictionary.doc2bow(words) for words in WORDS]
    corpora.MmCorpus.serialize(str(tmp_path / "c.mm"), lines)
    dictionary.save_as_text(str(tmp_path / "d.txt"))
    dictionary.save_as_text(str(tmp_path / "by_count.txt"), sort_by_word=False)
    dictionary.save(str(tmp_path / "d.dict"))
    (tmp_path / "c.mm.gz").write_bytes(gzip.compress((tmp_path / "c.mm").read_bytes()))
    return lines, dictionary, tmp_path


def counted(corpus: Corpus) -> list[dict[str, int]]:
    terms = corpus.vocabulary.terms
    rows = [corpus.counts[[row]] for row in range(len(corpus))]
    return [dict(zip([terms[v] for v in r.indices], r.data.tolist(), strict=True)) for r in rows]


def test_every_form_of_corpus_and_dictionary(made: tuple[list[Any], Any, Path]) -> None:
    lines, dictionary, folder = made
    corpus_forms: list[Any] = [
        lines, corpora.MmCorpus(str(folder / "c.mm")), folder / "c.mm", str(folder / "c.mm.gz"),
    ]  # fmt: skip
    terms = [dictionary[number] for number in range(len(dictionary))]
    dictionary_forms: list[Any] = [
        dictionary, dict(dictionary), dictionary.token2id, terms, folder / "d.txt",
        folder / "by_count.txt",
    ]  # fmt: skip
    for form in corpus_forms:
        assert counted(Corpus.from_gensim(form, dictionary)) == WANTED
    for form in dictionary_forms:
        corpus = Corpus.from_gensim(iter(lines), form, labels=list("abcd"), texts=["x"] * 4)
        assert counted(corpus) == WANTED and corpus.vocabulary.terms == terms
        assert corpus.labels is not None and corpus.labels.tolist() == list("abcd")


def test_numbers_may_have_gaps_and_stand_twice() -> None:
    corpus = Corpus.from_gensim([[(9, 1), (9, 2)], [(4, 1)]], {9: "b", 4: "a", 1: "never"})
    assert corpus.vocabulary.terms == ["never", "a", "b"]
    assert corpus.counts.toarray().tolist() == [[0, 0, 3], [0, 1, 0]]


def test_what_cannot_be_read_is_told(made: tuple[list[Any], Any, Path]) -> None:
    lines, dictionary, folder = made
    weights = [[(number, 0.5) for number, _ in document] for document in lines]
    (folder / "bad.txt").write_text("4\n0\tsea\n", encoding="utf-8")
    (folder / "none.txt").write_text("4\n", encoding="utf-8")
    cases: list[tuple[Any, Any, str]] = [
        (folder / "c.mm", None, "dictionary: is missing"),
        (lines, folder / "d.dict", "d.dict: is a Python pickle.*never read.*save_as_text"),
        (lines, folder / "bad.txt", "bad.txt: line 2 is no number, term and number"),
        (lines, folder / "none.txt", "none.txt: holds no term"),
        (lines, {0: "sea"}, "dictionary: has no term of the number 1, which document 0 holds"),
        (lines, {}, "dictionary: holds no term"),
        (lines, {"a": "b"}, "dictionary: holds .*not a number and a term"),
        (weights, dictionary, "is 0.5. Topic models read whole counts, not weights"),
        (WORDS, dictionary, "document 0 is no list of .number, count.*from_tokens"),
        (5, dictionary, "documents: is of type int"),
        (folder / "c.mm.index", dictionary, "is the index of a corpus. Name the .mm file"),
        (folder / "d.txt", dictionary, "d.txt: row 1 says no matrix"),
        (folder / "nothing.mm", dictionary, "nothing.mm: no such file"),
    ]
    for documents, terms, message in cases:
        with pytest.raises(InputError, match=message) as told:
            Corpus.from_gensim(documents, terms)
        assert "\n" not in str(told.value)
    with pytest.raises(InputError, match=r'ending in ".mm" are not read.*Corpus.from_gensim'):
        read(folder / "c.mm")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("2 3 9\n1 1 1\n", "says 9 entries"),
        ("2 3 1\n3 1 1\n", "outside of its 2 rows"),
        ("2 3 1\n1 4 1\n", "outside of its 2 rows"),
        ("2 3 2\n1 1 1\n1 1\n", "not 6 numbers"),
    ],
)
def test_a_broken_matrix_is_told(tmp_path: Path, body: str, message: str) -> None:
    head = "%%MatrixMarket matrix coordinate real general\n"
    (tmp_path / "c.mm").write_text(head + body, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        Corpus.from_gensim(tmp_path / "c.mm", ["a", "b", "c"])


def test_word_vectors_of_gensim_s_save_are_refused_with_the_way_out(tmp_path: Path) -> None:
    from gensim.models import KeyedVectors

    from polytopic import WordVectors

    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
    vectors.save(str(tmp_path / "v.kv"))
    with pytest.raises(InputError, match=r"Python pickle.*never read.*save_word2vec_format"):
        WordVectors.read(tmp_path / "v.kv")
    vectors.save_word2vec_format(str(tmp_path / "v.txt"))
    assert WordVectors.read(tmp_path / "v.txt").vocabulary.terms == ["a", "b"]
