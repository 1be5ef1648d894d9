"""The sentence VAE as an estimator: reading, repeating, resuming, saving, refusing."""

from __future__ import annotations

import gzip
import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

import polytopic as pt  # noqa: E402
from polytopic.autoencoders.sentences.module import ANNEALINGS  # noqa: E402
from polytopic.autoencoders.sentences.words import word_lists  # noqa: E402
from polytopic.cli import main  # noqa: E402
from polytopic.errors import (  # noqa: E402
    CheckpointError,
    EmptyDocumentsWarning,
    InputError,
    InterruptedFitWarning,
    NotFittedModelError,
    TextWarning,
    UnseenTermsWarning,
)
from polytopic.training import loop  # noqa: E402

TEXTS = [
    " ".join(words)
    for words in itertools.product(
        ["the", "a"], ["old", "red", "small"], ["car", "cat", "hat"], ["is here .", "left ."]
    )
] * 2
QUICK: dict[str, Any] = {
    "dim": 3, "hidden": 12, "word_dim": 8, "epochs": 3, "batch_size": 16, "learning_rate": 0.02,
    "n_threads": 1, "random_state": 0, "max_length": 8, "device": "cpu",
}  # fmt: skip


def make(**changes: Any) -> pt.SentenceVAE:
    return pt.SentenceVAE(**QUICK | changes)


@pytest.fixture(scope="module")
def model() -> pt.SentenceVAE:
    return make().fit(TEXTS)


def weights(model: pt.SentenceVAE) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in model.module_.state_dict().items()}


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(value, second[name]) for name, value in first.items())


def test_texts_token_lists_and_files_read_alike(tmp_path: Path, model: pt.SentenceVAE) -> None:
    lines = "\n".join(TEXTS) + "\n"
    (tmp_path / "lines.txt").write_text(lines, encoding="utf-8")
    with gzip.open(tmp_path / "lines.txt.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    sources = [[text.split() for text in TEXTS], tmp_path / "lines.txt",
               str(tmp_path / "lines.txt.gz")]  # fmt: skip
    for source in sources:
        assert same(weights(model), weights(make().fit(source)))


def test_history_and_codes(model: pt.SentenceVAE) -> None:
    assert len(model.history_) == 3
    assert {"bound", "kl", "active", "kl_weight"} <= set(model.history_[0])
    location, deviation = model.posterior(TEXTS[:5])
    assert location.shape == deviation.shape == (5, 3)
    assert np.array_equal(model.encode(TEXTS[:5]), location)
    assert np.array_equal(model.transform(TEXTS[:5]), location)
    assert (deviation > 0).all()


def test_no_answer_depends_on_its_company(model: pt.SentenceVAE) -> None:
    together = model.encode(TEXTS)
    alone = np.concatenate([model.encode([text]) for text in TEXTS[:6]])
    assert np.array_equal(together[:6], alone)
    mixed = model.encode([*TEXTS[20:], "cat", *TEXTS[:6]])
    assert np.array_equal(mixed[-6:], alone)
    scores = model.score_samples(TEXTS, samples=3)
    assert scores[2] == model.score_samples(TEXTS[2:3], samples=3)[0]


def test_inference_changes_nothing(model: pt.SentenceVAE) -> None:
    before = {name: value.copy() for name, value in weights(model).items()}
    model.encode(TEXTS)
    model.sample(2, random_state=1)
    model.perplexity(TEXTS[:4], samples=2)
    assert same(before, weights(model))


def test_the_same_seed_gives_the_same_bits(model: pt.SentenceVAE) -> None:
    assert same(weights(model), weights(make().fit(TEXTS)))
    assert not same(weights(model), weights(make(random_state=1).fit(TEXTS)))
    assert model.sample(4, random_state=3) == model.sample(4, random_state=3)


def test_it_learns_and_the_code_is_used() -> None:
    model = make(epochs=40, dropout=0.0, spread=0.8).fit(TEXTS)
    found = model.diagnose(TEXTS)
    assert found.mutual_information > 0.5
    assert found.active_units == 3
    assert found.kl >= 3 * 0.8**2 / 2 - 0.1
    assert model.history_[-1]["bound"] < model.history_[0]["bound"]
    assert model.perplexity(TEXTS, samples=50) < 4.0
    assert "nats" in found.sentences()[0]


def test_the_spread_bounds_the_kl_from_below() -> None:
    """Means of deviation s in each of E dimensions: KL of at least E s^2 / 2 (Zhu et al. 2020)."""
    model = make(epochs=20, spread=0.9, dropout=0.0, learning_rate=0.003).fit(TEXTS)
    location = model.encode(TEXTS)
    assert location.std(0) == pytest.approx([0.9] * 3, abs=0.2)
    assert model.diagnose(TEXTS).kl > 0.8 * 3 * 0.81 / 2


@pytest.mark.parametrize(
    "changes",
    [
        {"annealing": "sigmoid", "kl_warm_up": 0.5},
        {"kl_cycles": 2, "kl_warm_up": 0.5},
        {"spread": None, "free_bits": 2.0},
        {"spread": None, "beta": 0.5},
        {"word_dropout": 0.4},
        {"precision": "bfloat16"},
        {"held_out": 0.2, "patience": 1},
    ],
    ids=str,
)
def test_choices(changes: dict[str, Any]) -> None:
    model = make(**changes).fit(TEXTS)
    assert np.isfinite(model.encode(TEXTS[:3])).all()
    assert np.isfinite([record["bound"] for record in model.history_]).all()
    assert ("held_out" in model.history_[0]) == ("held_out" in changes)


def test_the_sigmoid_rises_from_0_to_1_with_its_middle_at_a_half() -> None:
    rise = ANNEALINGS["sigmoid"]
    assert [rise(weight) for weight in (0.0, 0.5, 1.0)] == pytest.approx([0.0, 0.5, 1.0])
    assert rise(0.25) < 0.25


def test_given_word_vectors_are_where_words_begin() -> None:
    random = np.random.default_rng(0)
    vectors = pt.WordVectors(["cat", "car", "dog"], random.normal(size=(3, 5)))
    model = make(vectors=vectors, epochs=1, learning_rate=1e-9).fit(TEXTS)
    table = weights(model)["decoder.table"]
    assert table.shape[1] == 5
    cat = table[1 + model.vocabulary_.index("cat")]
    cosine = cat @ vectors.input[0] / np.linalg.norm(cat) / np.linalg.norm(vectors.input[0])
    assert cosine == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(InputError, match="vectors: know no word"):
        make(vectors=pt.WordVectors(["x", "y"], np.eye(2))).fit(TEXTS)


def test_half_surrogates_of_a_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("\n".join(TEXTS).encode() + b"\ncut \xed\xa0\xbd here\n")
    with pytest.warns(TextWarning, match=r"Half surrogates .* read as U\+FFFD: 1\."):
        lists = word_lists(path)
    assert lists[-1] == ["cut", "\ufffd", "here"]


def test_save_and_load(model: pt.SentenceVAE, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = pt.load(tmp_path / "model")
    assert same(weights(model), weights(loaded))
    assert np.array_equal(model.encode(TEXTS), loaded.encode(TEXTS))
    assert loaded.history_ == model.history_
    assert loaded.interpolate(TEXTS[0], TEXTS[7]) == model.interpolate(TEXTS[0], TEXTS[7])
    assert clone(loaded).get_params() == model.get_params()


def test_an_interrupted_run_goes_on_to_the_same_bits(
    model: pt.SentenceVAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loop._Run._train_epoch

    def interrupted(run: Any, advance: Any) -> dict[str, float]:
        if run.epoch == 1:
            raise KeyboardInterrupt
        return real(run, advance)

    monkeypatch.setattr(loop._Run, "_train_epoch", interrupted)
    with pytest.warns(InterruptedFitWarning, match="after 1 of 3"):
        half = make(checkpoint=tmp_path / "run").fit(TEXTS)
    assert half.interrupted_
    assert np.isfinite(half.encode(TEXTS)).all()
    monkeypatch.undo()
    whole = make(checkpoint=tmp_path / "run").fit(TEXTS)
    assert same(weights(model), weights(whole))
    with pytest.raises(CheckpointError):
        make(checkpoint=tmp_path / "run", dim=2).fit(TEXTS)


@pytest.mark.parametrize("method", ["greedy", "sample", "beam"])
def test_decoding(model: pt.SentenceVAE, method: str) -> None:
    codes = model.encode(TEXTS[:4])
    said = model.decode(codes, method=method, max_length=5, unknown=False, random_state=0)
    assert len(said) == 4
    known = set(model.vocabulary_.terms) - {"<unk>"}
    assert all(len(text.split()) <= 5 and set(text.split()) <= known for text in said)


def test_interpolation_begins_and_ends_with_its_sentences(model: pt.SentenceVAE) -> None:
    a, b = TEXTS[0], TEXTS[9]
    path = model.interpolate(a, b, steps=4)
    assert len(path) == 4
    assert [path[0], path[-1]] == model.decode(model.encode([a, b]))


def test_empty_sentences_are_told() -> None:
    with pytest.warns(EmptyDocumentsWarning, match="2 sentences hold no word: they are left out"):
        model = make(epochs=1).fit([*TEXTS, "", "  "])
    assert model.notes_["empty"] == 2
    with pytest.warns(EmptyDocumentsWarning, match="prior's mean"):
        codes = model.encode(["", TEXTS[0]])
    assert (codes[0] == 0).all()
    assert np.array_equal(codes[1], model.encode(TEXTS[:1])[0])
    with pytest.raises(InputError, match="entry 1 holds no word"):
        model.perplexity([TEXTS[0], ""])


def test_unknown_words_are_counted_and_told(model: pt.SentenceVAE) -> None:
    with pytest.warns(UnseenTermsWarning, match="2 words"):
        one = model.encode(["xylophone cat zebra"])
    assert np.array_equal(one, model.encode(["<unk> cat <unk>"]))
    with pytest.warns(UnseenTermsWarning, match=r"1 words \(100.0%\)"):
        assert np.isfinite(model.encode(["xylophone"])).all()
    rare = make(min_count=30, epochs=1).fit(TEXTS)
    assert rare.notes_["unknown_words"] > 0
    with pytest.raises(InputError, match="no word that occurs 1000 times"):
        make(min_count=1000).fit(TEXTS)


def test_long_sentences() -> None:
    texts = [*TEXTS, "the " * 20]
    with pytest.warns(UserWarning, match=r"1 of 73 have more than 8 words .* are cut"):
        assert make(epochs=1).fit(texts).notes_["long"] == 1
    with pytest.warns(UserWarning, match="are left out"):
        model = make(epochs=1, long="drop").fit(texts)
    with pytest.raises(InputError, match="1 have more than 8 words, the first of 20"):
        make(long="error").fit(texts)
    assert np.isfinite(model.encode(["the " * 500])).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "0 of 0 hold a word"),
        (["", " "], "0 of 2 hold a word"),
        ([TEXTS[0]], "1 of 1 hold a word"),
        ([3, 4], "entry 0 is 3"),
        ([["a", 1]], "entry 0 is"),
        (7, "is of type int"),
        ("no-such-file.txt", "no such file"),
    ],
)
def test_unusable_sentences_are_refused(given: Any, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyDocumentsWarning)
        with pytest.raises(InputError, match=message):
            make().fit(given)


@pytest.mark.parametrize(
    "changes",
    [{"dim": 0}, {"hidden": 0}, {"spread": 1.0}, {"long": "wrap"}, {"dropout": 1.0},
     {"vectors": np.eye(3)}, {"precision": "half"}, {"max_words": 1}],
    ids=str,
)  # fmt: skip
def test_unusable_parameters_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(changes))):
        make(**changes).fit(TEXTS)


def test_unusable_questions_are_refused(model: pt.SentenceVAE) -> None:
    with pytest.raises(NotFittedModelError):
        make().encode(TEXTS)
    with pytest.raises(InputError, match="type str"):
        model.encode("a sentence")
    for changes in ({"method": "best"}, {"temperature": 0.0}, {"width": 0}, {"max_length": 0}):
        with pytest.raises(InputError, match=next(iter(changes))):
            model.decode(np.zeros((1, 3)), **changes)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        model.decode(np.zeros((1, 4)))
    with pytest.raises(InputError, match="NaN"):
        model.decode(np.full((1, 3), np.nan))
    with pytest.raises(InputError, match="steps"):
        model.interpolate(TEXTS[0], TEXTS[1], steps=1)
    with pytest.raises(InputError, match="samples"):
        model.perplexity(TEXTS, samples=0)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    run = str(tmp_path / "run")
    sizes = ["--dim", "2", "--hidden", "8", "--word-dim", "6", "--epochs", "2", "--threads", "1"]

    def call(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["sentences", *arguments])
        return int(ended.value.code or 0)

    assert call("train", str(tmp_path / "s.txt"), "-o", run, *sizes, "-q") == 0
    capsys.readouterr()
    assert call("interpolate", run, TEXTS[0], TEXTS[5], "--steps", "3") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert call("sample", run, "-n", "4") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert call("train", str(tmp_path / "s.txt"), "-o", run) == 1
    assert "--force" in capsys.readouterr().err
    assert call("train", str(tmp_path / "s.txt"), "-o", run, *sizes, "--force", "-q") == 0


def test_the_command_goes_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    sizes = ["--dim", "2", "--hidden", "8", "--word-dim", "6", "--epochs", "2", "--threads", "1"]
    command = ["sentences", "train", str(tmp_path / "s.txt"), "-o", str(tmp_path / "run"), *sizes]
    real = loop._Run._train_epoch

    def interrupted(run: Any, advance: Any) -> dict[str, float]:
        if run.epoch == 1:
            raise KeyboardInterrupt
        return real(run, advance)

    monkeypatch.setattr(loop._Run, "_train_epoch", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 130
    assert "Interrupted" in capsys.readouterr().err
    monkeypatch.undo()
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert not ended.value.code
    assert "Going on" in capsys.readouterr().err
    assert len(pt.load(tmp_path / "run" / "model").history_) == 2
