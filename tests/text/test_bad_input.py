"""Unusable texts and options: one line that names the input, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from polytopic.errors import InputError
from polytopic.text import Collocations, Corpus

TEXTS = ["cells divide quickly", "cells grow", "cells"]


def texts(*args: object, **options: object) -> Callable[[], object]:
    return lambda: Corpus.from_texts(*(args or (TEXTS,)), **options)


def tokens(*args: object, **options: object) -> Callable[[], object]:
    return lambda: Corpus.from_tokens(*args, **options)


HEADS = ["the engine burns the fuel", "a car on the road", "brakes and tyres of cars"]
TAILS = ["cells divide and copy", "genes tell the cells", "bread and cheese with wine"]
SURVEY = [f"{HEADS[i % 3]}\n{TAILS[i // 3 % 3]}" for i in range(60)]
"""Answers that were chosen from a list: each line stands in many documents."""

CASES = {
    "a single str": (texts("cells divide"), r"single str.*\[text\]"),
    "None": (texts(["a", None]), 'row 1 is missing.*replace missing texts with ""'),
    "NaN": (texts(["a"] * 300 + [float("nan")]), "row 300 is missing"),
    "a number": (texts(["a", 5]), "row 1 is 5, of type int"),
    "bytes": (texts([b"abc"]), "row 0 is b'abc', of type bytes"),
    "no documents": (texts([]), "no documents"),
    "no documents in an iterator": (texts(iter([])), "no documents"),
    "all empty": (texts(["", " \n"]), "all 2 documents are empty"),
    "no words": (texts(["1 2", "?"]), "no words were found in 2 documents.*tokenizer="),
    "the same lines again": (texts(SURVEY), "many documents are cleaned away: clean=None"),
    "only stop words": (texts(["the of", "and"]), "stop_words took 3 tokens.*stop_words=None"),
    "min_df took all": (texts(min_df=4, max_df=9), "below_min_df took 5 tokens.*Lower min_df .*4"),
    "max_df took all": (texts(["aa", "aa"], max_df=1), "above_max_df took 2 tokens.*Raise max_df"),
    "min_df over max_df": (texts(min_df=3, max_df=2), "min_df: 3 documents is more than max_df, 2"),
    "min_df not a number": (texts(min_df="5"), "min_df: is '5'"),
    "min_df negative": (texts(min_df=-1), "min_df: is -1"),
    "max_df over one": (texts(max_df=1.5), "max_df: is 1.5.*0 to 1"),
    "max_terms zero": (texts(max_terms=0), "max_terms: is 0"),
    "n_threads zero": (texts(n_threads=0), "n_threads: is 0"),
    "labels": (texts(labels=[1, 2]), "labels: 2 entries for 3 documents"),
    "labels of an iterator": (texts(iter(TEXTS), labels=[1]), "labels: 1 entries for 3"),
    "ids a str": (texts(ids="abc"), "ids: .*one entry a document"),
    "pattern": (texts(token_pattern="(abc"), "no regular expression"),
    "pattern with groups": (texts(token_pattern="(a)(b)"), "2 capturing groups"),
    "pattern and tokenizer": (texts(token_pattern="a", tokenizer=str), "beside token_pattern"),
    "tokenizer not callable": (texts(tokenizer="jieba"), "tokenizer: cannot be called"),
    "tokenizer gives numbers": (texts(tokenizer=lambda t: [len(t)]), "row 0 holds 20, of type int"),
    "tokenizer gives a str": (texts(tokenizer=lambda t: t), "row 0 is of type str.*list of str"),
    "tokenizer gives None": (texts(tokenizer=lambda t: None), "row 0 is of type NoneType"),
    "stop words not str": (texts(stop_words=["a", 1]), "stop_words: entry 1 is 1"),
    "unknown language": (texts(stop_words="elvish"), 'no stop words for "elvish"'),
    "near language": (texts(language="germn"), 'Did you mean "german"'),
    "ngrams 1": (texts(ngrams=1), "max_length is 1"),
    "ngrams score": (lambda: Collocations(score="pmi"), '"pmi".*"npmi" or "mikolov"'),
    "ngrams count": (lambda: Collocations(min_count=0), "min_count is 0"),
    "ngrams threshold": (lambda: Collocations(threshold=float("nan")), "threshold is nan"),
    "tokens a str": (tokens("abc"), "single str"),
    "tokens a list of str": (tokens(["abc", "de"]), "row 0 is of type str"),
    "tokens not str": (tokens([["a"], ["b", 2]]), "row 1 holds 2"),
    "no token lists": (tokens([]), "no documents"),
    "only empty lists": (tokens([[], []]), "all 2 documents are empty"),
    "vocabulary twice": (texts(vocabulary=["a", "a"]), '"a" is listed twice'),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_line(name: str) -> None:
    call, message = CASES[name]
    with pytest.raises(InputError) as caught:
        call()
    text = str(caught.value)
    assert re.search(message, text), text
    assert "\n" not in text and len(text) < 500
    assert caught.value.__cause__ is None


def test_one_document_is_a_corpus() -> None:
    corpus = Corpus.from_texts(["Cells divide; cells grow."])
    assert corpus.counts.toarray().tolist() == [[2, 1, 1]]


@pytest.mark.parametrize(
    "option",
    [
        {"language": 7}, {"language": ["en"]}, {"max_terms": "y"}, {"max_terms": 1.5},
        {"token_pattern": 5}, {"ngrams": "x"}, {"clean": 5}, {"n_threads": "x"},
        {"lowercase": "maybe"}, {"keep_texts": 3},
    ],
    ids=str,
)  # fmt: skip
def test_options_of_another_type_are_told(option: dict[str, object]) -> None:
    (name,) = option
    with pytest.raises(InputError, match=rf"^{name}: is .* It must be ") as caught:
        Corpus.from_texts(["cells divide", "cells grow"], **option)
    assert "\n" not in str(caught.value)
