"""Passes over a stream: where blocks are cut, interruption at any block, growing matrices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import polytopic as pt
from polytopic.embeddings import training
from polytopic.embeddings.kernels.arguments import Chosen
from polytopic.embeddings.kernels.subsampling import keep_thresholds
from polytopic.embeddings.losses import HierarchicalSoftmax, NegativeSampling
from polytopic.embeddings.threads import FreeThreads
from polytopic.embeddings.tokens import TokenStore, open_tokens
from polytopic.embeddings.training import BlockReader, Passes
from polytopic.errors import CheckpointError, InputError, InterruptedFitWarning
from polytopic.text import Vocabulary
from polytopic.training import run as frame


@pytest.fixture(scope="module")
def sentences() -> list[list[str]]:
    rng = np.random.default_rng(3)
    return [[f"w{w}" for w in rng.integers(40, size=n)] for n in rng.integers(1, 30, size=600)]


def model(**changes: Any) -> pt.SkipGram:
    """Skip-gram without rounds: blocks of any size, one after another."""
    settings: dict[str, Any] = {"dim": 6, "epochs": 2, "n_threads": 1, "random_state": 0}
    return pt.SkipGram(**settings | {"deterministic": False} | changes)


def test_where_blocks_are_cut_changes_nothing_at_an_even_rate(
    sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for size in (100, 777, 100_000):
        monkeypatch.setattr(FreeThreads, "block_size", lambda self, n, size=size: size)
        even = model(learning_rate=0.05, min_learning_rate=0.05, window=3, sample=0.02)
        made.append(even.fit(sentences))
    for other in made[1:]:
        np.testing.assert_array_equal(made[0].vectors_.input, other.vectors_.input)
        np.testing.assert_array_equal(made[0].vectors_.output, other.vectors_.output)
        assert made[0].history_[0]["pairs"] == other.history_[0]["pairs"]


def test_pairs_are_those_of_a_plain_count() -> None:
    rng = np.random.default_rng(0)
    sentences = [[f"w{w}" for w in rng.integers(9, size=n)] for n in rng.integers(0, 9, size=99)]
    whole = model(sample=0, shrink_windows=False, window=3, epochs=1).fit(sentences)
    expected = sum(
        sum(1 for j in range(len(s)) if 0 < abs(i - j) <= 3)
        for s in sentences
        for i in range(len(s))
    )
    assert whole.history_[0]["pairs"] == expected


def test_the_rate_falls_evenly_from_first_to_last(sentences: list[list[str]]) -> None:
    rates: list[float] = []

    def train(chosen: Chosen, key: np.uint64, rate: float, totals: NDArray[np.float64]) -> None:
        rates.append(rate)
        totals += 1.0

    passes = Passes(
        store=open_tokens(sentences), threads=FreeThreads(1, train), matrices={},
        untrained=1.0, epochs=2, window=2, sample=0.0, learning_rate=0.4,
        min_learning_rate=0.1, seed=0,
    )  # fmt: skip
    progress = passes.run()
    n = passes.store.n_tokens
    per_epoch = len(rates) // 2
    for index, rate in enumerate(rates):
        position = index % per_epoch * passes.size
        share = (index // per_epoch + position / n) / 2
        assert rate == pytest.approx(0.4 - 0.3 * share)
    assert progress.history[-1]["learning_rate"] == pytest.approx(0.1)
    assert [r["pairs"] for r in progress.history] == [per_epoch, per_epoch]


class Stopping:
    """A kernel that raises Ctrl-C at a given block; its first call is the one that loads it."""

    def __init__(self, kernel: Any, at: int) -> None:
        self.kernel, self.left = kernel, at + 1

    def __call__(self, *arguments: Any) -> None:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        self.kernel(*arguments)


@pytest.mark.parametrize("at", [0, 1, 7, 20])
def test_ctrl_c_within_an_epoch_loses_nothing(
    sentences: list[list[str]], at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = model().fit(sentences)
    kernels = {"negative": Stopping(pt.SkipGram._kernels["negative"], at)}
    with monkeypatch.context() as patch:
        patch.setattr(pt.SkipGram, "_kernels", kernels)
        with pytest.warns(InterruptedFitWarning, match=r"Call fit again to go on"):
            stopped = model(checkpoint=tmp_path / "c").fit(sentences)
    assert np.isfinite(stopped.vectors_.input).all()
    again = model(checkpoint=tmp_path / "c").fit(sentences)
    np.testing.assert_array_equal(again.vectors_.input, whole.vectors_.input)
    np.testing.assert_array_equal(again.vectors_.output, whole.vectors_.output)
    assert [r["loss"] for r in again.history_] == [r["loss"] for r in whole.history_]


PROGRAM = """
import sys
import numpy as np
import polytopic as pt

class Told:
    def log(self, values, step):
        if "epoch" in values:
            print(int(values["epoch"]), flush=True)

rng = np.random.default_rng(3)
sentences = [[f"w{w}" for w in rng.integers(40, size=20)] for _ in range(4000)]
model = pt.SkipGram(dim=16, epochs=40, n_threads=1, random_state=0, trackers=[Told()],
                    checkpoint=sys.argv[1])
np.save(sys.argv[2], model.fit(sentences).vectors_.input)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_kill_minus_nine_and_on_from_the_checkpoint(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")

    def start(name: str, checkpoint: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, str(program), str(tmp_path / checkpoint), str(tmp_path / name)]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)

    killed = start("none.npy", "checkpoint")
    assert killed.stdout is not None
    for line in killed.stdout:
        if int(line) >= 3:
            killed.send_signal(signal.SIGKILL)
            break
    killed.stdout.close()
    assert killed.wait() == -signal.SIGKILL
    for name, checkpoint in (("resumed.npy", "checkpoint"), ("whole.npy", "other")):
        process = start(name, checkpoint)
        told = process.communicate()[0].split()
        assert process.returncode == 0
        assert (told[0] == "1") == (name == "whole.npy")
    np.testing.assert_array_equal(
        np.load(tmp_path / "resumed.npy"), np.load(tmp_path / "whole.npy")
    )


def test_a_damaged_checkpoint_is_refused(sentences: list[list[str]], tmp_path: Path) -> None:
    model(checkpoint=tmp_path / "c").fit(sentences)
    arrays = next((tmp_path / "c").glob("arrays-*"))
    arrays.write_bytes(arrays.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        model(checkpoint=tmp_path / "c").fit(sentences)


def test_checkpoints_are_written_as_time_passes(
    sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a checkpoint due at once, the run stops after each block and still ends the same."""
    whole = model().fit(sentences)
    monkeypatch.setattr(frame, "_SECONDS", -1.0)
    monkeypatch.setattr(training, "_POLL_SECONDS", 0.0)
    slow = Slow(pt.SkipGram._kernels["negative"])
    monkeypatch.setattr(pt.SkipGram, "_kernels", {"negative": slow})
    saved = []
    write = frame.write_folder
    monkeypatch.setattr(
        frame, "write_folder", lambda *a: saved.append(a[3]["position"]) or write(*a)
    )
    often = model(checkpoint=tmp_path / "c").fit(sentences)
    assert len([position for position in saved if position]) >= 2
    np.testing.assert_array_equal(often.vectors_.input, whole.vectors_.input)


class Slow:
    """A kernel that takes its time."""

    def __init__(self, kernel: Any) -> None:
        self.kernel = kernel

    def __call__(self, *arguments: Any) -> None:
        time.sleep(0.01)
        self.kernel(*arguments)


def test_a_stream_beyond_two_to_the_31() -> None:
    """A mocked stream of 2^40 positions: its blocks at both ends draw by 64-bit positions."""
    n = 2**40

    def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return (np.arange(start, stop) % 7).astype(np.int32), np.array([0, stop - start])

    store = TokenStore(Vocabulary([*"abcdefg"], [n // 7] * 7), n, n, 1, read)
    keep = keep_thresholds(store.vocabulary.counts, 0.01)
    for start in (0, 2**31 - 500, 2**32 - 500, n - 1000):
        chosen = BlockReader(store, 1000, 5, keep).choose(start, start + 1000, np.uint64(9))
        centres = chosen.where[chosen.low : chosen.high]
        assert ((centres >= start) & (centres < start + 1000)).all()
        assert 150 < len(centres) < 400
        np.testing.assert_array_equal(chosen.ids, chosen.where % 7)
        longer = min(start + 3000, n)
        whole = BlockReader(store, 3000, 5, keep).choose(start, longer, np.uint64(9))
        np.testing.assert_array_equal(
            centres, whole.where[(whole.where >= start) & (whole.where < start + 1000)]
        )


# ---- matrices ------------------------------------------------------------------------------


def test_matrices_of_each_kind() -> None:
    sentences = [["a", "b", "c"]] * 50
    two = model().fit(sentences).vectors_
    assert two.output is not None
    assert not np.array_equal(two.input, two.output)
    assert two.negative is None
    one = model(tied=True).fit(sentences).vectors_
    assert one.output is not None
    np.testing.assert_array_equal(one.input, one.output)
    three = model(negatives="separate").fit(sentences).vectors_
    assert three.negative is not None
    assert three.negative.shape == (3, 6)
    assert model(loss="hierarchical").fit(sentences).vectors_.output is None
    four = model(negatives="both").fit(sentences)
    assert four.noise_inputs_ is not None
    assert four.noise_inputs_.shape == (3, 6)
    assert four.noise_inputs_.any()
    assert model().fit(sentences).noise_inputs_ is None


def text_of_200_words() -> list[list[str]]:
    """Sentences whose rare words stand in few blocks."""
    rng = np.random.default_rng(0)
    chance = 1.0 / np.arange(1, 201)
    words = rng.choice(200, (300, 20), p=chance / chance.sum())
    return [[f"w{word}" for word in row] for row in words]


WAYS: list[dict[str, Any]] = [
    {"exclude": "window"}, {"exclude": "block"}, {"train": "input"},
    {"train": "input", "tied": True}, {"negatives": "both"},
    {"negatives": "both", "exclude": "window"}, {"negatives": "both", "exclude": "block"},
]  # fmt: skip


@pytest.mark.parametrize("kind", [pt.SkipGram, pt.CBOW])
@pytest.mark.parametrize("changes", WAYS, ids=str)
def test_ways_of_sampling_give_the_same_bits_for_any_number_of_threads(
    kind: Any, changes: dict[str, Any]
) -> None:
    text = text_of_200_words()
    settings = {"dim": 8, "epochs": 1, "sample": 0, "random_state": 1}
    one, three, usual = (
        kind(n_threads=n, **settings, **given).fit(text)
        for n, given in ((1, changes), (3, changes), (1, {}))
    )
    for name in ("input", "output"):
        np.testing.assert_array_equal(getattr(one.vectors_, name), getattr(three.vectors_, name))
    assert one.history_[0]["loss"] == three.history_[0]["loss"]
    assert not np.array_equal(one.vectors_.input, usual.vectors_.input)


def test_output_rows_that_do_not_learn_stay_at_length_one() -> None:
    text = text_of_200_words()
    fitted = model(train="input", sample=0.0).fit(text)
    assert fitted.vectors_.output is not None
    before = fitted.vectors_.output.copy()
    np.testing.assert_allclose(np.linalg.norm(before, axis=1), 1.0, rtol=1e-6)
    more = fitted.partial_fit([["new", "w1"] * 20])
    np.testing.assert_array_equal(more.vectors_.output[: len(before)], before)
    assert len(more.vectors_.output) == len(before) + 1
    assert np.linalg.norm(more.vectors_.output[-1]) == pytest.approx(1.0, rel=1e-6)


def test_noise_apart_from_a_block_that_has_all_words_is_none() -> None:
    """Nothing pushes then: the loss is that of the pairs alone."""
    usual, apart = (
        model(exclude=exclude, sample=0.0, epochs=1, deterministic=True).fit([["a", "b", "c"]] * 10)
        for exclude in ("center", "block")
    )
    assert apart.history_[0]["loss"] < np.log(2.0) < usual.history_[0]["loss"]


@pytest.mark.parametrize(
    "changes", [{"tied": True}, {"negatives": "separate"}, {"negatives": "both"}]
)
def test_matrices_survive_a_file_and_grow(changes: dict[str, Any], tmp_path: Path) -> None:
    sentences = [["a", "b", "c"]] * 50
    fitted = model(sample=0.0, **changes).fit(sentences)
    loaded = pt.load(fitted.save(tmp_path / "m")).partial_fit([["d", "a"]] * 20)
    assert loaded.vectors_.output.shape == (4, 6)
    assert (loaded.vectors_.negative is None) == ("negatives" not in changes)
    assert np.array_equal(loaded.vectors_.input, loaded.vectors_.output) == ("tied" in changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tied": True, "negatives": "separate"}, "no place for"),
        ({"loss": "softmax", "negatives": "separate"}, "no place for"),
        ({"loss": "hierarchical", "tied": True}, "predicts nodes"),
        ({"tied": True, "negatives": "both"}, "no place for"),
        ({"loss": "softmax", "exclude": "window"}, 'exclude: "window".*loss="softmax"'),
        ({"deterministic": False, "exclude": "block"}, 'exclude: "block".*deterministic=False'),
        ({"loss": "softmax", "train": "input"}, 'train: "input".*loss="softmax"'),
        ({"negatives": "both", "train": "input"}, 'train: "input".*negatives="both"'),
        ({"learning_rate": 0.01, "min_learning_rate": 0.02}, "above learning_rate"),
        ({"loss": "squared"}, "one of 'negative', 'softmax', 'hierarchical'"),
    ],
)
def test_parameters_that_do_not_go_together(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        model(**changes).fit([["a", "b"]])


def test_joined_trees_give_probabilities_and_keep_old_nodes() -> None:
    loss = HierarchicalSoftmax(dim=4, tied=False, seed=0)
    counts = np.array([9, 5, 4, 2, 1])
    rng = np.random.default_rng(0)
    arrays = loss.start(counts)
    arrays["nodes"] = rng.normal(size=arrays["nodes"].shape).astype(np.float32)
    for more in (np.array([3]), np.array([3, 2, 2, 1])):
        grown = loss.grow(arrays, np.concatenate([counts, more]))
        assert len(grown["nodes"]) == len(counts) + len(more) - 1
        np.testing.assert_array_equal(grown["nodes"][: len(counts) - 1], arrays["nodes"])
        vector = rng.normal(size=4)
        scores = grown["nodes"] @ vector
        total = 0.0
        for word in range(len(counts) + len(more)):
            path = slice(grown["starts"][word], grown["starts"][word + 1])
            signs = 1.0 - 2.0 * grown["codes"][path]
            total += float(np.prod(1 / (1 + np.exp(-signs * scores[grown["points"][path]]))))
        assert total == pytest.approx(1.0)
        for word in range(len(counts)):
            old = slice(arrays["starts"][word], arrays["starts"][word + 1])
            new = slice(grown["starts"][word] + 1, grown["starts"][word + 1])
            np.testing.assert_array_equal(arrays["points"][old], grown["points"][new])
            np.testing.assert_array_equal(arrays["codes"][old], grown["codes"][new])


def test_starting_rows_do_not_depend_on_how_many_there_are() -> None:
    loss = NegativeSampling(dim=5, tied=False, seed=4, negative=5, ns_exponent=0.75)
    rows = loss.random_rows(0, 100)
    np.testing.assert_array_equal(rows[:10], loss.random_rows(0, 10))
    assert np.abs(rows).max() <= 0.2
    assert rows.std() == pytest.approx(0.4 / np.sqrt(12), rel=0.1)


def test_a_stream_that_fails_midway_ends_all_threads() -> None:
    """A thread that cannot read must not leave the others waiting for it."""
    rng = np.random.default_rng(0)
    ids = rng.integers(7, size=200_000).astype(np.int32)

    def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        if start > 100_000 and threading.current_thread().name.endswith("_1"):
            raise InputError("the disk is gone")
        return ids[start:stop], np.array([0, stop - start])

    counts = np.bincount(ids, minlength=7)
    store = TokenStore(Vocabulary([*"abcdefg"], counts), len(ids), len(ids), 1, read)
    with pytest.raises(InputError, match="the disk is gone"):
        pt.SkipGram(dim=4, epochs=1, n_threads=2, random_state=0).fit(store)
