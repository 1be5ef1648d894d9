"""Every model that reads embeddings: from an encoder, from arrays, from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry
from polytopic.errors import InputError

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.UnseenTermsWarning"),
]

QUICK: dict[str, Any] = {
    "n_topics": 2, "hidden": 8, "dim": 8, "epochs": 2, "iterations": 5, "random_state": 0,
}  # fmt: skip
SPORT = ["team", "ball", "goal", "match", "coach"]
STATE = ["vote", "law", "court", "party", "judge"]
SEEN: list[list[str]] = []


def sides(texts: list[str]) -> np.ndarray:
    """How much of a text is of either subject; what it was asked is kept."""
    SEEN.append(list(texts))
    rows = [[sum(w in t for w in SPORT), sum(w in t for w in STATE), 1.0] for t in texts]
    return np.array(rows, dtype=np.float64)


def texts_of(n: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    words = (SPORT, STATE)
    return [" ".join(rng.choice(words[row % 2], 12)) for row in range(n)]


TEXTS, NEW = texts_of(60, 0), texts_of(20, 1)
CORPUS = pt.Corpus.from_texts(TEXTS, min_df=2)


def kinds() -> list[Any]:
    found = []
    for entry in registry.MODELS:
        missing = entry.extra is not None and not installed(entry.extra)
        skipped = pytest.mark.skipif(missing, reason="the neural extra is not installed")
        kind = None if missing else registry.load_class(entry)
        if kind is not None and "encoder" in kind().get_params():
            found.append(pytest.param(kind, id=entry.name, marks=skipped))
    return found


def installed(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is not None


every = pytest.mark.parametrize("kind", kinds())


def make(kind: Any, **changes: Any) -> Any:
    known = kind().get_params()
    return kind(**{n: v for n, v in QUICK.items() if n in known}, **changes)


def test_they_are_found() -> None:
    names = {parameters.id for parameters in kinds()}
    assert not installed("torch") or {"combined-tm", "zero-shot-tm"} <= names


@every
def test_an_encoder_is_as_its_array(kind: Any) -> None:
    by_name = make(kind, encoder=sides).fit(CORPUS)
    given = make(kind).fit(CORPUS, embeddings=sides(TEXTS))
    np.testing.assert_array_equal(by_name.topic_word_, given.topic_word_)
    expected = given.transform(NEW, embeddings=sides(NEW))
    np.testing.assert_array_equal(by_name.transform(NEW), expected)
    new = pt.Corpus.from_texts(NEW, vocabulary=CORPUS.vocabulary)
    np.testing.assert_array_equal(by_name.transform(new), expected)
    np.testing.assert_array_equal(by_name.result(NEW).doc_topic, expected)
    np.testing.assert_array_equal(by_name.transform(new, embeddings=sides(NEW)), expected)
    assert by_name.encoder_name_ == "sides" and not hasattr(given, "encoder_name_")


@every
def test_the_encoder_reads_each_text_once_in_a_fit(kind: Any) -> None:
    SEEN.clear()
    make(kind, encoder=sides).fit_result(CORPUS)
    assert SEEN == [TEXTS]


@every
def test_a_saved_model_keeps_the_encoder_s_name_alone(kind: Any, tmp_path: Path) -> None:
    model = make(kind, encoder=sides).fit(CORPUS)
    theta = model.transform(NEW)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert loaded.encoder is None and loaded.encoder_name_ == "sides"
    assert loaded.top_words(3) == model.top_words(3)
    np.testing.assert_array_equal(loaded.transform(NEW, embeddings=sides(NEW)), theta)
    with pytest.raises(InputError, match='fitted with embeddings by "sides", which is not') as told:
        loaded.transform(NEW)
    assert "\n" not in str(told.value)
    np.testing.assert_array_equal(loaded.set_params(encoder=sides).transform(NEW), theta)
    again = pt.load(loaded.save(tmp_path / "again"))
    assert again.encoder_name_ == "sides"


@every
def test_a_name_in_a_file_loads_nothing_by_itself(kind: Any, tmp_path: Path) -> None:
    """Whoever wrote the file does not choose what is fetched and run here."""
    model = make(kind, encoder="some/name").fit(CORPUS, embeddings=sides(TEXTS))
    folder = model.save(tmp_path / "model")
    assert '"encoder": "some/name"' in (folder / "about.json").read_text()
    loaded = pt.load(folder)
    assert loaded.encoder is None and loaded.encoder_name_ == "some/name"


@every
def test_what_cannot_be_used_is_told_in_a_line(kind: Any) -> None:
    model, right = make(kind), sides(TEXTS)
    holes = right.copy()
    holes[7, 1] = np.nan
    cases: list[tuple[Any, str]] = [
        (right[:-1], r"embeddings: an array of shape \(59, 3\) beside 60 documents"),
        (right[:, 0], r"shape \(60,\)"),
        (holes, "embeddings: row 7 holds NaN or infinity"),
        ([["a"] * 3] * 60, "embeddings: holds what is no number"),
        ("vectors.npy", "embeddings: "),
        (right[:, :0], "embeddings: .*no numbers"),
    ]
    for embeddings, told in cases:
        with pytest.raises(InputError, match=told) as caught:
            model.fit(CORPUS, embeddings=embeddings)
        assert "\n" not in str(caught.value)
        with pytest.raises((InputError, AttributeError)):
            model.transform(CORPUS)
    model.fit(CORPUS, embeddings=right)
    for embeddings, told in cases:
        with pytest.raises(InputError, match=told):
            model.transform(CORPUS, embeddings=embeddings)
    with pytest.raises(
        InputError, match="have 2 numbers a document, and this model was fitted wit"
    ):
        model.transform(CORPUS, embeddings=right[:, :2])
    with pytest.raises(InputError, match=r"embeddings: this model was fitted with embeddings of"):
        model.transform(CORPUS)
    with pytest.raises(InputError, match="^encoder: 7 cannot be used by"):
        make(kind, encoder=7).fit(CORPUS)
    with pytest.raises(InputError, match="^encoder: reads texts, and these documents come without"):
        make(kind, encoder=sides).fit(CORPUS.counts)
    with pytest.raises(InputError, match="^encoder: reads texts"):
        model.set_params(encoder=sides).transform(CORPUS.counts)
    wide = make(kind, encoder=lambda texts: np.ones((len(texts), 9)))
    with pytest.raises(InputError, match="have 9 numbers a document"):
        model.set_params(encoder=wide.encoder).transform(NEW)


@every
def test_a_model_of_counts_takes_no_embeddings_later(kind: Any) -> None:
    model = make(kind).fit(CORPUS)
    with pytest.raises(InputError, match="embeddings: this model was fitted without"):
        model.transform(CORPUS, embeddings=sides(TEXTS))
    with pytest.raises(InputError, match="embeddings: this model was fitted without"):
        model.set_params(encoder=sides).transform(NEW)


@every
def test_a_fit_without_follows_a_fit_with(kind: Any) -> None:
    model = make(kind, encoder=sides).fit(CORPUS)
    model.set_params(encoder=None).fit(CORPUS)
    assert not hasattr(model, "encoder_name_")
    np.testing.assert_array_equal(model.topic_word_, make(kind).fit(CORPUS).topic_word_)
    model.transform(NEW)


@every
def test_more_documents_are_encoded_too(kind: Any) -> None:
    model = make(kind, encoder=sides).fit(CORPUS)
    new = pt.Corpus.from_texts(NEW, vocabulary=CORPUS.vocabulary)
    before = model.topic_word_.copy()
    learned = pt.update(model, new).model
    assert learned.notes_["documents"] == 80 and not np.array_equal(learned.topic_word_, before)
    by_array = model.learned_from(new, embeddings=sides(NEW))
    np.testing.assert_array_equal(by_array.topic_word_, learned.topic_word_)
    learned.transform(NEW)


@every
def test_more_documents_come_with_their_embeddings(kind: Any) -> None:
    """A model fitted with an array is updated with one; the old documents' it has no more."""
    model = make(kind).fit(CORPUS, embeddings=sides(CORPUS.texts))
    result = model.result(CORPUS, embeddings=sides(CORPUS.texts))
    new = pt.Corpus.from_texts(NEW, vocabulary=CORPUS.vocabulary)
    with pytest.raises(InputError, match="^embeddings: this model was fitted with embeddings"):
        pt.update(result, new)
    found = pt.update(result, new, embeddings=sides(NEW))
    expected = found.model.transform(new, embeddings=sides(NEW))
    np.testing.assert_array_equal(found.result.doc_topic, expected)
    with pytest.raises(InputError, match="^embeddings: this model was fitted with embeddings"):
        _ = found.moved
    with pytest.raises(InputError, match="^embeddings: NMF does not read embeddings"):
        pt.update(pt.NMF(n_topics=2, random_state=0).fit(CORPUS), new, embeddings=sides(NEW))


@every
def test_a_text_is_explained(kind: Any) -> None:
    model = make(kind, encoder=sides).fit(CORPUS)
    found = model.explain("the team kicked a ball at the judge")
    theta = model.transform(["the team kicked a ball at the judge"])[0]
    np.testing.assert_array_equal(found.doc_topic, theta)
    assert found.terms == ["team", "ball", "judge"]


@every
def test_explore_takes_an_encoder(kind: Any) -> None:
    name = next(e.name for e in registry.MODELS if e.class_name == kind.__name__)
    known = {n: v for n, v in QUICK.items() if n in kind().get_params() and n != "n_topics"}
    result = pt.explore(TEXTS, model=name, n_topics=2, encoder=sides, min_df=2, **known)
    assert result.n_documents == 60 and result.beside_counts
