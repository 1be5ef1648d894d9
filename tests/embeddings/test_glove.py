"""GloVe: planted matrices, threads, going on, saved state, divergence and bad input."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic import CheckpointError, InputError
from polytopic.embeddings import glove_records, glove_training
from polytopic.embeddings.cooccurrence import Cooccurrence
from polytopic.embeddings.glove import GloVe
from polytopic.embeddings.glove_records import Tiles
from polytopic.embeddings.glove_training import n_stripes
from polytopic.errors import InterruptedFitWarning

RNG = np.random.default_rng(2)
N_TERMS = 300
TERMS = [f"w{number}" for number in range(N_TERMS)]
TEXT = [[TERMS[int(N_TERMS * u**3)] for u in RNG.random(15)] for _ in range(1500)]
PAIRS = Cooccurrence.count(TEXT, min_count=1)
SETTINGS: dict[str, Any] = {"dim": 12, "epochs": 4, "x_max": 10.0, "random_state": 3}


def planted(rank: int = 3, n_terms: int = 40) -> Cooccurrence:
    """log X = w_i . c_j + b_i + d_j exactly."""
    rng = np.random.default_rng(0)
    w, c = rng.normal(size=(2, n_terms, rank)) * 0.7
    b, d = rng.normal(size=(2, n_terms, 1)) + 1
    return Cooccurrence(np.exp(w @ c.T + b + d.T), [f"w{i}" for i in range(n_terms)])


def arrays_of(model: GloVe) -> list[np.ndarray[Any, Any]]:
    return [model._arrays[name] for name in sorted(model._arrays)]


def same_bits(one: GloVe, two: GloVe) -> bool:
    return all(map(np.array_equal, arrays_of(one), arrays_of(two)))


def test_a_planted_matrix_is_recovered() -> None:
    pairs = planted()
    model = GloVe(dim=3, epochs=800, learning_rate=0.1, random_state=0).fit(pairs)
    w, c = model.vectors_.input, model.vectors_.output
    assert c is not None
    found = w @ c.T + model.input_bias_[:, None] + model.output_bias_
    logs = np.log(pairs.matrix.toarray())
    weight = np.minimum(1, (np.exp(logs) / 100) ** 0.75)
    assert (weight * (found - logs) ** 2).mean() < 1e-4 * (weight * logs**2).mean()
    assert model.history_[-1]["loss"] < 1e-4 * model.history_[0]["loss"]


def test_tied_vectors_recover_a_symmetric_matrix() -> None:
    rng = np.random.default_rng(0)
    w, b = rng.normal(size=(30, 3)) * 0.7, rng.normal(size=(30, 1)) + 0.5
    pairs = Cooccurrence(np.exp(w @ w.T + b + b.T), [f"w{i}" for i in range(30)])
    model = GloVe(dim=3, epochs=800, learning_rate=0.1, tied=True, random_state=0).fit(pairs)
    assert model.vectors_.output is not None
    np.testing.assert_array_equal(model.vectors_.output, model.vectors_.input)
    assert model.output_bias_ is model.input_bias_
    assert model.history_[-1]["loss"] < 1e-4 * model.history_[0]["loss"]


def test_the_loss_is_the_mean_of_the_records_before_their_steps() -> None:
    """Each word is in one record, so that no step comes before another record's loss."""
    values = RNG.random(60) * 30 + 0.1
    pairs = Cooccurrence(
        sparse.csr_matrix((values, (np.arange(60), RNG.permutation(60))), shape=(60, 60)),
        TERMS[:60],
    )
    model = GloVe(dim=5, epochs=1, x_max=10, random_state=0).fit(pairs)
    start, found = model._start(pairs.vocabulary), pairs.matrix.tocoo()
    w, c = start["input"][found.row].astype(float), start["output"][found.col]
    error = (w * c).sum(axis=1) - np.log(found.data)
    error += start["input_bias"][found.row] + start["output_bias"][found.col]
    weight = np.minimum(1, (found.data / 10) ** 0.75)
    assert model.history_[0]["loss"] == pytest.approx((weight * error**2).mean() / 2, rel=1e-5)
    assert model.history_[0]["records"] == 60


def test_start_is_uniform_over_dim() -> None:
    model = GloVe(dim=50, epochs=1, learning_rate=1e-12, random_state=0).fit(PAIRS)
    for matrix in (model.vectors_.input, model.vectors_.output):
        assert matrix is not None
        assert np.abs(matrix).max() <= 0.5 / 50
        assert matrix.std() == pytest.approx(1 / np.sqrt(12) / 50, rel=0.02)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("n_threads", [2, 4])
def test_threads_do_not_change_a_bit(tied: bool, n_threads: int) -> None:
    one = GloVe(**SETTINGS, tied=tied, n_threads=1).fit(PAIRS)
    many = GloVe(**SETTINGS, tied=tied, n_threads=n_threads).fit(PAIRS)
    assert same_bits(one, many)
    losses = [[record["loss"] for record in model.history_] for model in (one, many)]
    assert losses[0] == losses[1]


@pytest.mark.parametrize("stripes", [1, 5, 9])
@pytest.mark.parametrize("tied", [False, True])
def test_rounds_hold_each_tile_once_and_threads_share_no_row(stripes: int, tied: bool) -> None:
    tiles = Tiles.of(PAIRS.matrix, stripes, 0, 1.0, 1)
    seen: list[int] = []
    for number in range(stripes):
        parts = tiles.shared_out(number, tied, 3)
        touched = []
        for part in parts:
            rows, columns = set((part // stripes).tolist()), set((part % stripes).tolist())
            touched.append((rows | columns, rows | columns) if tied else (rows, columns))
            seen += part.tolist()
        for one in range(len(parts)):
            for other in range(one):
                assert not touched[one][0] & touched[other][0]
                assert not touched[one][1] & touched[other][1]
    assert sorted(seen) == list(range(stripes**2))


@pytest.mark.parametrize(("n_terms", "dim"), [(2, 1), (500, 100), (70_000, 100), (3_000_000, 300)])
def test_stripes_are_odd_and_few_enough(n_terms: int, dim: int) -> None:
    stripes = n_stripes(n_terms, dim)
    assert stripes % 2 == 1
    assert stripes <= 1023
    assert n_terms / stripes < 2**16


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_records_in_a_file_and_in_blocks_are_the_same(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Tiles.of(PAIRS.matrix, 5, 0, 1.0, 1)
    monkeypatch.setattr(glove_records, "_BLOCK", block)
    filed = Tiles.of(PAIRS.matrix, 5, 0, 1e-9, 2)
    assert len(held) == len(filed) == PAIRS.matrix.nnz
    for tiles in (np.arange(25), np.array([13, 2, 3])):
        for a, b in zip(held.records(tiles)[:4], filed.records(tiles)[:4], strict=True):
            np.testing.assert_array_equal(a, b)
    found = held.records(np.array([7]))
    rows, columns = found.rows * 5 + 7 // 5, found.columns * 5 + 7 % 5
    values = PAIRS.matrix[rows.astype(int), columns.astype(int)]
    np.testing.assert_allclose(np.exp(found.logs), np.asarray(values).ravel(), rtol=1e-5)


def test_a_matrix_in_its_file_trains_to_the_same_bits(tmp_path: Path) -> None:
    folder = PAIRS.save(tmp_path / "pairs")
    read, mapped = (GloVe(**SETTINGS).fit(Cooccurrence.load(folder, mapped=m)) for m in (0, 1))
    np.testing.assert_array_equal(read.vectors_.input, mapped.vectors_.input)
    assert not Cooccurrence.load(folder, mapped=True).matrix.data.flags.writeable


@pytest.mark.parametrize("name", ["data", "indices"])
def test_a_mapped_matrix_that_is_altered_is_refused(name: str, tmp_path: Path) -> None:
    folder = PAIRS.save(tmp_path / "pairs")
    array = getattr(PAIRS.matrix, name)
    (file,) = folder.glob("*.safetensors")
    content = file.read_bytes()
    at = content.index(array.tobytes()) + array.nbytes - 4
    file.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
    with pytest.raises(CheckpointError, match="is no sound matrix"):
        Cooccurrence.load(folder, mapped=True)


@pytest.mark.parametrize("source", ["pairs", "text"])
def test_two_epochs_and_two_more_from_a_file_are_four(source: str, tmp_path: Path) -> None:
    given: Any = PAIRS if source == "pairs" else TEXT
    whole = GloVe(**SETTINGS, min_count=1).fit(given)
    half = GloVe(**{**SETTINGS, "epochs": 2}, min_count=1).fit(given)
    half.save(tmp_path / "half")
    back = pt.load(tmp_path / "half")
    assert same_bits(half, back)
    back.partial_fit(given, epochs=2)
    assert same_bits(whole, back)
    assert back.n_epochs_ == 4
    assert [r["loss"] for r in back.history_] == [r["loss"] for r in whole.history_]


def test_new_words_get_rows_after_the_old_ones() -> None:
    model = GloVe(**SETTINGS, min_count=1).fit(TEXT)
    before = model.vectors_
    model.partial_fit([["new", TERMS[0], "newer"]] * 20)
    assert model.vocabulary_.terms == [*before.vocabulary.terms, "new", "newer"]
    assert len(model.vectors_.input) == len(before.input) + 2
    absent = before.vocabulary.index(TERMS[100])
    np.testing.assert_array_equal(model.vectors_.input[absent], before.input[absent])
    near = before.vocabulary.index(TERMS[0])
    assert not np.array_equal(model.vectors_.input[near], before.input[near])


def test_an_interrupted_run_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = GloVe(**SETTINGS).fit(PAIRS)
    model = GloVe(**SETTINGS, checkpoint=tmp_path / "run")
    rounds, run_round = [0], glove_training.Run._run_round

    def interrupted(self: glove_training.Run, number: int) -> None:
        run_round(self, number)
        rounds[0] += 1
        if rounds[0] == 7:
            self.round += 1
            raise KeyboardInterrupt

    monkeypatch.setattr(glove_training.Run, "_run_round", interrupted)
    with pytest.warns(InterruptedFitWarning, match="from the checkpoint"):
        model.fit(PAIRS)
    monkeypatch.undo()
    assert not same_bits(whole, model)
    again = GloVe(**SETTINGS, checkpoint=tmp_path / "run").fit(PAIRS)
    assert same_bits(whole, again)
    with pytest.raises(CheckpointError, match="x_max differ"):
        GloVe(**{**SETTINGS, "x_max": 5.0}, checkpoint=tmp_path / "run").fit(PAIRS)


def test_ctrl_c_ends_after_a_whole_round() -> None:
    model = GloVe(**{**SETTINGS, "epochs": 100_000})
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.warns(InterruptedFitWarning):
        model.fit(PAIRS)
    assert np.isfinite(model.vectors_.input).all()
    assert model.n_epochs_ == len(model.history_) < 100_000


def test_a_rate_too_high_is_told() -> None:
    with pytest.raises(InputError, match=r"learning_rate: training diverged .*\(now 1e\+30\)"):
        GloVe(**{**SETTINGS, "learning_rate": 1e30}).fit(PAIRS)


def test_trackers_get_each_epoch() -> None:
    class Tracker:
        steps: list[tuple[int, float]] = []  # noqa: RUF012

        def log(self, values: dict[str, float], step: int) -> None:
            if "epoch" in values:
                self.steps.append((step, values["loss"]))

    model = GloVe(**SETTINGS, trackers=[Tracker()]).fit(PAIRS)
    rounds = Tracker.steps[0][0]
    assert Tracker.steps == [(rounds * (i + 1), r["loss"]) for i, r in enumerate(model.history_)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x_max": 0}, "x_max: 0 cannot be used by GloVe. It must be a finite number above 0"),
        ({"x_max": -1.0}, "x_max"),
        ({"alpha": float("nan")}, "alpha"),
        ({"memory": -4}, "memory: -4"),
        ({"memory": 1e-7}, "memory: 1e-07 GB is less than the rows"),
        ({"weighting": "none"}, "weighting"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"dim": 0}, "dim"),
    ],
)
def test_parameters_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        GloVe(**options).fit(TEXT[:50])


def test_sources_that_hold_too_little() -> None:
    with pytest.raises(InputError, match="Pass more"):
        GloVe().fit([])
    with pytest.raises(InputError, match="no two words of the vocabulary are neighbours"):
        GloVe().fit([["a"], ["b"]])
    with pytest.raises(InputError, match="no two words"):
        GloVe().fit(Cooccurrence(sparse.csr_matrix((2, 2)), ["a", "b"]))
