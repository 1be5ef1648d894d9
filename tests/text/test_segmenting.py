"""Languages without spaces: segmented where there is a library, and never silent."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from polytopic.embeddings.tokens import open_tokens
from polytopic.errors import InputError, MissingExtraError, TextWarning
from polytopic.text import SKLEARN_PATTERN, Corpus, Vocabulary, segmenting
from polytopic.text.rules import TextRules

RAW = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None, "clean": None}
NEEDS = {"zh": "rjieba", "ja": "sudachidict_core", "th": "pythainlp"}
CASES = [
    ("zh", "我昨天在北京吃了烤鸭,WiFi很好!", "我 昨天 在 北京 吃 了 烤鸭 wifi 很 好"),
    (
        "ja",
        "東京の小さなレストランで、iPhoneのラーメンを食べました。",
        "東京 小さな レストラン iphone ラーメン 食べる ます",
    ),
    ("th", "กินข้าวอร่อยมาก ที่Central กรุงเทพฯ", "กินข้าว อร่อย มาก ที่ central กรุงเทพฯ"),
]


@pytest.fixture(params=CASES, ids=[case[0] for case in CASES])
def case(request: pytest.FixtureRequest) -> tuple[str, str, list[str]]:
    if find_spec(NEEDS[request.param[0]]) is None:
        pytest.skip("its library is not installed")
    language, text, words = request.param
    return language, text, words.split()


def test_words_of_mixed_text_without_punctuation(case: tuple[str, str, list[str]]) -> None:
    language, text, words = case
    corpus = Corpus.from_texts([text, ".。…", f"{text}\n{text}"], language=language, **RAW)
    found = list(corpus.token_lists())
    assert found == [words, [], [*words, *words]]


def test_stop_words_of_the_language(case: tuple[str, str, list[str]]) -> None:
    language, text, words = case
    corpus = Corpus.from_texts([text], language=language)
    stopped = {"zh": {"我", "在", "了"}, "ja": {"ます"}, "th": {"มาก", "ที่"}}[language]
    assert stopped <= set(words) - set(corpus.vocabulary.terms)
    assert len(corpus.vocabulary) >= 4 and corpus.dropped.rules["stop_words"] == language


def test_new_documents_are_divided_like_the_old_ones(
    case: tuple[str, str, list[str]], tmp_path: Path
) -> None:
    language, text, _ = case
    corpus = Corpus.from_texts([text], language=language, **RAW)
    kept = Corpus.load(corpus.save(tmp_path / "corpus")).vocabulary
    written = Vocabulary.from_dict(json.loads(json.dumps(corpus.vocabulary.to_dict())))
    for vocabulary in (corpus.vocabulary, kept, written):
        again = Corpus.from_texts([text], vocabulary=vocabulary, stop_words=None)
        assert np.array_equal(again.counts.toarray(), corpus.counts.toarray())


def test_long_runs_and_many_documents_are_cut_alike(
    case: tuple[str, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    language, text, _ = case
    texts = [text, text * 3, "", "plain"] * 5
    whole = Corpus.from_texts(texts, language=language, n_threads=1, **RAW)
    monkeypatch.setattr(segmenting, "_SUDACHI_BYTES", 160)
    cut = Corpus.from_texts(texts, language=language, n_threads=3, **RAW)
    assert list(cut.token_lists()) == list(whole.token_lists())
    monkeypatch.setattr(segmenting, "_SUDACHI_BYTES", 16)
    assert sum(map(len, Corpus.from_texts([text], language=language, **RAW).token_lists())) > 4


def test_a_pattern_is_applied_to_segmented_text_a_tokenizer_to_the_text_itself() -> None:
    pytest.importorskip("rjieba")
    options = RAW | {"language": "zh"}
    by_pattern = Corpus.from_texts(["北京天气"], token_pattern=SKLEARN_PATTERN, **options)
    assert list(by_pattern.token_lists()) == [["北京", "天气"]]
    own = Corpus.from_texts(["北京天气"], tokenizer=list, **options)
    assert list(own.token_lists()) == [list("北京天气")]


@pytest.mark.parametrize(("language", "module"), [*NEEDS.items(), ("Chinese", "rjieba")])
def test_the_absent_library_gives_one_line(
    language: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    segmenting._ready.cache_clear()
    extra = "zh" if language == "Chinese" else language
    with pytest.raises(MissingExtraError, match=rf"pip install 'polytopic\[{extra}\]'") as caught:
        Corpus.from_texts(["東京の北京 กิน"], language=language, **RAW)
    assert "\n" not in str(caught.value)
    segmenting._ready.cache_clear()


@pytest.mark.parametrize("language", ["km", "Lao", "my", "Tibetan"])
def test_languages_without_a_segmenter_are_named(language: str) -> None:
    with pytest.raises(InputError, match=r"is written without spaces.*U\+200B, or a tokenizer"):
        Corpus.from_texts(["word"], language=language)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("能不能给个朝鸭绿江的房间，早餐一般而且服务不好", 'language="zh"'),
        ("とても美味しいラーメンを食べました、また行きたいです", 'language="ja"'),
        ("เมื่อวานนี้ฉันไปกินข้าวที่ร้านอาหารในกรุงเทพฯ", 'language="th"'),
        ("ខ្ញុំចូលចិត្តញ៉ាំបាយនៅផ្ទះ", "no segmenter for it here"),
        ("ຂ້ອຍມັກກິນເຂົ້າຢູ່ເຮືອນ", "Divide its words by spaces"),
        ("ကျွန်တော်အိမ်မှာထမင်းစားတယ်", "or pass tokenizer="),
    ],
)
def test_clauses_for_terms_are_told(text: str, told: str) -> None:
    texts = [f"{text} number{row}" for row in range(3)]
    with pytest.warns(TextWarning, match="terms look like clauses"):
        corpus = Corpus.from_texts(texts, **RAW)
    (note,) = corpus.dropped.notes
    assert told in note and note in corpus.dropped.describe()


def test_divided_text_and_a_quotation_are_not_told() -> None:
    Corpus.from_texts(["我 昨天 在 北京 吃 烤鸭 非常 好吃 服务员 热情"], **RAW)
    Corpus.from_texts(["ฉัน ไป กินข้าว ที่ ร้านอาหาร"], **RAW)
    Corpus.from_texts([("word " * 30) + "能不能给个朝鸭绿江的房间"], **RAW)
    Corpus.from_tokens([["能不能", "给个", "房间"]] * 3)


def test_a_tokenizer_that_gives_clauses_is_told_too() -> None:
    with pytest.warns(TextWarning, match="clauses"):
        Corpus.from_tokens([["能不能给个朝鸭绿江的房间", "早餐一般而且服务不好"]])


def test_most_documents_without_a_term_are_told() -> None:
    texts = [f"unique{row:02d}" for row in range(29)] + ["common word"] * 5
    with pytest.warns(TextWarning, match=r"29 of 34 with text.*lower min_df"):
        corpus = Corpus.from_texts(texts, min_df=5)
    assert corpus.dropped.documents_without_terms == 29
    with pytest.warns(TextWarning, match=r"29 of 34.*the vocabulary lacks their words"):
        Corpus.from_texts(texts, vocabulary=["common"])


def test_rules_of_a_vocabulary_are_checked_when_read() -> None:
    rules = TextRules(language="zh", stop_phrases=("new york",))
    assert TextRules.from_dict(json.loads(json.dumps(rules.to_dict()))) == rules
    for wrong in ({"language": 3}, {"other": []}, {"stop_phrases": "new york"}):
        with pytest.raises(InputError, match="rules: entry"):
            TextRules.from_dict(wrong)


def test_stop_phrases_reach_new_documents_by_the_vocabulary() -> None:
    texts = ["new york is new", "york is old"]
    corpus = Corpus.from_texts(texts, stop_words=["new york"], min_df=1, max_df=1.0)
    again = Corpus.from_texts(texts, vocabulary=corpus.vocabulary)
    assert np.array_equal(again.counts.toarray(), corpus.counts.toarray())


def test_clauses_are_told_where_word_vectors_are_learned() -> None:
    sentences = [["能不能给个朝鸭绿江的房间", "早餐一般而且服务不好"]] * 20
    with pytest.warns(TextWarning, match="clauses.*Put spaces between its words"):
        assert open_tokens(sentences, min_count=1).n_words == 40
    open_tokens([["word", "other", "words"]] * 20 + sentences[:1], min_count=1)
