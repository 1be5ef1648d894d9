"""Words and counts against scikit-learn and plain Python."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from polytopic.text import SKLEARN_PATTERN, Corpus, counting, tokens
from polytopic.text.terms import TermTable

RAW = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None}
ANYTHING = st.characters(exclude_categories=())
NEAR_WORDS = st.sampled_from("abÀéßẞİıΣςσ'’_09٣²नमस्तेไทย漢字 \n\t-.,\u200d\u0301\u00ad\U0001d400")
DOCUMENTS = st.lists(st.text(ANYTHING | NEAR_WORDS, max_size=40), min_size=1, max_size=12)


def words_of(text: str, **options: object) -> list[str]:
    """The words of one text; an anchor keeps a text without words from being refused."""
    corpus = Corpus.from_texts([text, "anchor"], **(RAW | options))
    return next(corpus.token_lists())


@given(DOCUMENTS, st.booleans())
@settings(max_examples=300, deadline=None)
def test_sklearn_pattern_gives_the_counts_of_countvectorizer(texts: list[str], lower: bool) -> None:
    texts = [*texts, "anchor word"]
    peer = CountVectorizer(lowercase=lower)
    expected = peer.fit_transform(texts)
    corpus = Corpus.from_texts(texts, token_pattern=SKLEARN_PATTERN, lowercase=lower, **RAW)
    terms = peer.get_feature_names_out().tolist()
    assert sorted(corpus.vocabulary.terms) == terms
    columns = [corpus.vocabulary.index(term) for term in terms]
    assert np.array_equal(corpus.counts[:, columns].toarray(), expected.toarray())


@given(DOCUMENTS)
@settings(max_examples=200, deadline=None)
def test_quick_pattern_and_regular_expression_agree_in_order(texts: list[str]) -> None:
    corpus = Corpus.from_texts([*texts, "anchor"], token_pattern=SKLEARN_PATTERN, **RAW)
    pattern = re.compile(SKLEARN_PATTERN)
    assert list(corpus.token_lists()) == [pattern.findall(t.lower()) for t in [*texts, "anchor"]]


def plain_words(text: str, elided: bool = False) -> list[str]:
    """The default rule once more, character by character."""
    text = unicodedata.normalize("NFC", text).lower().replace("i\u0307", "i")
    text = text.replace("\u00ad", "")
    for mark in "’ʼ＇":
        text = text.replace(mark, "'")

    def inside(character: str) -> bool:
        selector = 0xE0100 <= ord(character) < 0xE01F0
        joiner = character in "\u200c\u200d"
        return unicodedata.category(character)[0] in "LMN" or joiner or selector

    spelt = []
    for place, character in enumerate(text):
        around = text[place - 1 : place], text[place + 1 : place + 2]
        joins = character == "'" and not elided and all(c and inside(c) for c in around)
        spelt.append(character if inside(character) or joins else " ")
    words = re.sub(r"'s(?= |$)", "", "".join(spelt)).split(" ")
    return [w for w in words if len(w) > 1 and any(unicodedata.category(c)[0] == "L" for c in w)]


@given(st.text(ANYTHING | NEAR_WORDS, max_size=60))
@settings(max_examples=300, deadline=None)
def test_default_rule_against_a_plain_reading(text: str) -> None:
    assert words_of(text) == plain_words(text)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Don’t the dog's BONE, o'Brien!", "en", ["don't", "the", "dog", "bone", "o'brien"]),
        ("L'homme qu'aujourd’hui", "fr", ["homme", "qu", "aujourd", "hui"]),
        ("п'ять м’ячів", "uk", ["п'ять", "м'ячів"]),
        ("İSTANBUL Işık", "en", ["istanbul", "işık"]),
        ("İSTANBUL Işık", "tr", ["istanbul", "ışık"]),
        ("STRASSE Straße GROẞ", "de", ["strasse", "straße", "groß"]),
        ("ΟΔΟΣ", "el", ["οδο\u03c2"]),
        ("हिन्दी में किताब है", "hi", ["हिन्दी", "में", "किताब", "है"]),
        ("cafe\u0301 e\u0301 café", "en", ["café", "café"]),
        ("year 1984 saw 3D and 80386s, x 7", "en", ["year", "saw", "3d", "and", "80386s"]),
        ("new_york _this_ soft\u00adhyphen", "en", ["new", "york", "this", "softhyphen"]),
        ("می\u200cخواهم", "fa", ["می\u200cخواهم"]),
    ],
)  # fmt: skip
def test_words_of_many_languages(text: str, language: str, words: list[str]) -> None:
    assert words_of(text, language=language) == words


def test_callable_tokenizer_for_a_language_without_spaces() -> None:
    corpus = Corpus.from_texts(
        ["我爱北京", "北京"], tokenizer=lambda t: [t[i : i + 2] for i in range(0, len(t), 2)], **RAW
    )
    assert list(corpus.token_lists()) == [["我爱", "北京"], ["北京"]]


def test_custom_pattern_with_one_group_takes_the_group() -> None:
    corpus = Corpus.from_texts(["#One two #three"], token_pattern=r"#(\w+)", **RAW)
    assert list(corpus.token_lists()) == [["one", "three"]]


@pytest.mark.parametrize("size", [8, 64])
def test_long_documents_are_cut_without_harm(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    rng = np.random.default_rng(0)
    words = ["ab", "cde", "Σίσυφος", "ΟΔΟΣ", "x", "fghijklmnopqrstuvw"]
    texts = [" ".join(rng.choice(words, n)) for n in (0, 300, 1, 40, 0, 500)]
    whole = Corpus.from_texts(texts, **RAW)
    monkeypatch.setattr(counting, "BLOCK_CHARACTERS", size)
    monkeypatch.setattr(counting, "_SLICE_TOKENS", 16)
    for n_threads in (1, 2, 3):
        cut = Corpus.from_texts(texts, n_threads=n_threads, **RAW)
        assert list(cut.token_lists()) == [plain_words(text) for text in texts]
        assert (cut.counts != whole.counts).nnz == 0
        assert cut.vocabulary == whole.vocabulary
        assert cut.dropped == whole.dropped


def test_term_table_keeps_ids_through_growth() -> None:
    table = TermTable()
    rng = np.random.default_rng(1)
    spelt: dict[str, int] = {}
    for _ in range(30):
        words = [f"w{n}é" if n % 7 == 0 else f"w{n}" for n in rng.integers(0, 40_000, 3000)]
        found = tokens.scan([" ".join(words)], tokens.WordRule())
        for word, id_ in zip(words, table.encode(found).tolist(), strict=True):
            assert spelt.setdefault(word, id_) == id_
    assert len(set(spelt.values())) == len(spelt) == table.size
    names, ids = list(spelt), np.array(list(spelt.values()))
    assert table.strings(ids) == names
    assert np.array_equal(table.find_strings(names), ids)
    assert table.find_strings(["absent", "w"]).tolist() == [-1, -1]


def test_equal_hashes_only_for_equal_words() -> None:
    words = sorted({f"{a}{b}{c}" for a in "abcdefgh" for b in "stuvwxyz" for c in range(2000)})
    assert len(np.unique(tokens.hash_strings(words))) == len(words)
