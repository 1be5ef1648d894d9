"""Words and counts against scikit-learn and plain Python."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from polytopic.errors import InputError
from polytopic.text import SKLEARN_PATTERN, Corpus, Dropped, Tally, counting, tokens
from polytopic.text.terms import TermTable

RAW = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None, "clean": None}
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


SPELT_OTHERWISE = {
    "compat",
    "font",
    "wide",
    "narrow",
    "sub",
    "initial",
    "medial",
    "final",
    "isolated",
}
IGNORED = re.compile(
    "[\u034f\u061c\u180b-\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef\u0640\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"
)
OWN = re.compile("[\u0530-\u058f\u0e00-\u0fff\u2135-\u2138]")


def one_spelling(character: str) -> str:
    kind = unicodedata.decomposition(character).partition(">")[0].strip("<")
    plain = unicodedata.normalize("NFKC", character)
    all_word = all(unicodedata.category(c)[0] in "LMN" for c in plain)
    return plain if kind in SPELT_OTHERWISE and all_word and not OWN.match(character) else character


def plain_words(text: str, elided: bool = False) -> list[str]:
    """The default rule once more, character by character."""
    text = unicodedata.normalize("NFC", text)
    kept = [
        character
        for place, character in enumerate(text)
        if character != "\u200d" or (place and unicodedata.combining(text[place - 1]) == 9)
    ]
    text = IGNORED.sub("", "".join(map(one_spelling, kept)))
    text = unicodedata.normalize("NFC", text).lower().replace("i\u0307", "i")
    text = text.replace("\u00ad", "")
    for mark in "’ʼ＇":
        text = text.replace(mark, "'")

    def inside(character: str) -> bool:
        category = unicodedata.category(character)
        return category[0] in "LMN" and category != "No"

    def joining(character: str) -> bool:
        return character in "\u200c\u200d" or (character == "'" and not elided)

    spelt = []
    for place, character in enumerate(text):
        around = text[place - 1 : place], text[place + 1 : place + 2]
        joins = joining(character) and all(c and inside(c) for c in around)
        spelt.append(character if inside(character) or joins else " ")
    words = re.sub(r"'s(?= |$)", "", "".join(spelt)).split(" ")
    return [w for w in words if len(w) > 1 and any(unicodedata.category(c)[0] == "L" for c in w)]


@pytest.mark.filterwarnings("ignore::polytopic.errors.TextWarning")  # of a language without spaces
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
        ("می\u200cخواهم\u200c", "fa", ["می\u200cخواهم"]),
        ("ﬁlm ﬂow Ⅷth ſtone 𝐛𝐨𝐥𝐝 ĳs", "en", ["film", "flow", "viiith", "stone", "bold", "ijs"]),
        ("Ｆｕｌｌ ＷＩＤＴＨ ﾊﾟﾝ", "en", ["full", "width", "パン"]),
        ("CO₂ H₂O word¹ Windows™ 3½pt ①it", "en", ["co2", "h2o", "word", "windows", "pt", "it"]),
        ("heart\ufe0f ❤\ufe0f a\u200d\u2060b \ufeffmark\u200f 葛\U000e0100城", "en",
         ["heart", "ab", "mark", "葛城"]),
        ("كِتَابٌ كتـــاب كتاب ﻛﺘﺎﺏ", "ar", ["كتاب"] * 4),
        ("שָׁלוֹם שלום \ufb2aלום", "he", ["שלום"] * 3),
        ("น้ำ ທຳ և", "hy", ["น้ำ", "ທຳ"]),
        ("ශ්\u200dරී 👩\u200d💻 nu\u200dll", "en", ["ශ්\u200dරී", "null"]),
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


@pytest.mark.parametrize(
    ("text", "empty"), [(" " * 90, 1), (" " * 90 + "x", 0), ("x" + " " * 90, 0), (" x" * 45, 0)]
)
def test_a_long_document_is_blank_if_all_its_pieces_are(
    monkeypatch: pytest.MonkeyPatch, text: str, empty: int
) -> None:
    """A letter alone is no word; a document that holds one is not empty all the same."""
    monkeypatch.setattr(counting, "BLOCK_CHARACTERS", 16)
    dropped = Corpus.from_texts(["two words", text, "two words"], **RAW).dropped
    assert (dropped.empty_documents, dropped.documents_without_terms) == (empty, 1 - empty)


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


def test_tokens_that_are_no_words_are_dropped_and_counted() -> None:
    texts = ["one , two", "…  —", "three ! ! ❤ 7"]
    corpus = Corpus.from_texts(texts, tokenizer=lambda text: re.split("( )", text), **RAW)
    assert list(corpus.token_lists()) == [["one", "two"], [], ["three", "❤", "7"]]
    dropped = corpus.dropped
    assert dropped.no_words.tokens == 14 and dropped.tokens == dropped.tokens_kept == 5
    assert dict(dropped.no_word_examples)[" "] == 8
    assert "14 tokens of the tokenizer: no words" in dropped.describe()
    assert Dropped.from_dict(dropped.to_dict()) == dropped
    by_pattern = Corpus.from_texts(["a-b -- c"], token_pattern=r"\S+", **RAW)
    assert list(by_pattern.token_lists()) == [["a-b", "c"]]


def test_terms_of_a_given_vocabulary_stay_whatever_they_are() -> None:
    corpus = Corpus.from_texts(["one , two !"], tokenizer=str.split, vocabulary=["one", ","], **RAW)
    assert list(corpus.token_lists()) == [["one", ","]]
    assert corpus.dropped.no_words.tokens == 1


def test_token_lists_lose_blank_strings_only() -> None:
    corpus = Corpus.from_tokens([["one", "", " ", ",", "\u3000"], ["\n"]])
    assert list(corpus.token_lists()) == [["one", ","], []]
    assert corpus.dropped.no_words == Tally(4, 4)
    with pytest.raises(InputError, match="no words"):
        Corpus.from_texts(["a b"], tokenizer=lambda text: ["", "."], **RAW)
