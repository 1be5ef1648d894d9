from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate.tracking import GeneralTracker
from scipy import sparse

import polytopic as pt
from polytopic.errors import CheckpointError, InputError, InterruptedFitWarning
from polytopic.nets import CountsBatch, SparseCounts
from polytopic.training import loop
from polytopic.training.monitor import CollapseMonitor
from polytopic.training.processes import Processes
from polytopic.training.schedules import one_cycle

SMALL: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "epochs": 6, "batch_size": 50, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip


def weights(model: Any) -> dict[str, torch.Tensor]:
    return dict(model.module_.state_dict())


def same(a: Any, b: Any) -> bool:
    return all(torch.equal(value, weights(b)[name]) for name, value in weights(a).items())


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_the_loss_falls_and_is_recorded(corpus_counts: sparse.csr_matrix) -> None:
    model = pt.ProdLDA(**SMALL | {"start": "random", "epochs": 20}).fit(corpus_counts)
    losses = [record["loss"] for record in model.history_]
    assert [record["epoch"] for record in model.history_] == list(range(1, 21))
    assert losses[-1] < losses[0] - 5
    assert all(record["seconds"] > 0 for record in model.history_)


class Constant(torch.nn.Module):
    """A module whose loss is the mean number of a batch's tokens a document, whatever it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.monitor = CollapseMonitor(2)

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        return [{"params": [self.weight], "peak": learning_rate}]

    def forward(self, batch: CountsBatch, *rest: Any) -> tuple[torch.Tensor, torch.Tensor]:
        loss = batch.totals.mean() + 0.0 * self.weight.sum()
        return loss, 2.0 * loss


def test_the_loss_of_an_epoch_is_the_mean_of_its_documents() -> None:
    """Batches of another size than the others weigh by their documents."""
    counts = sparse.csr_matrix(np.array([[1.0], [2.0], [4.0], [8.0], [16.0]], dtype=np.float32))
    documents = SparseCounts(counts, torch.device("cpu"))
    trainer = loop.Trainer(epochs=3, batch_size=3, learning_rate=0.1)
    history = trainer.fit(Constant(), documents, None, Processes("cpu")).history
    assert [record["loss"] for record in history] == pytest.approx([31 / 5] * 3)
    assert [record["bound"] for record in history] == pytest.approx([62 / 5] * 3)


def test_same_seed_same_bits_another_seed_other_bits(corpus_counts: sparse.csr_matrix) -> None:
    first, second = (pt.ProdLDA(**SMALL).fit(corpus_counts) for _ in range(2))
    other = pt.ProdLDA(**SMALL | {"random_state": 1}).fit(corpus_counts)
    assert same(first, second)
    assert not same(first, other)


class Stop(Exception):
    """Stands for a kill: nothing catches it."""


def _stop_after(epochs: int, error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise in the first batch after ``epochs`` whole epochs."""
    real = loop._Run._train_epoch

    def train(self: Any, advance: Any) -> Any:
        if self.epoch == epochs:
            raise error
        return real(self, advance)

    monkeypatch.setattr(loop._Run, "_train_epoch", train)


def test_a_killed_run_goes_on_to_the_same_bits(
    corpus_counts: sparse.csr_matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SMALL | {"checkpoint": tmp_path / "run", "held_out": 0.1}
    whole = pt.ProdLDA(**SMALL | {"held_out": 0.1}).fit(corpus_counts)
    with monkeypatch.context() as patch:
        _stop_after(3, Stop, patch)
        with pytest.raises(Stop):
            pt.ProdLDA(**settings).fit(corpus_counts)
    resumed = pt.ProdLDA(**settings).fit(corpus_counts)
    assert same(whole, resumed)
    kept = ("epoch", "loss", "held_out")
    strip = lambda history: [{k: r[k] for k in kept} for r in history]  # noqa: E731
    assert strip(resumed.history_) == strip(whole.history_)


def test_a_checkpoint_of_another_run_is_refused(
    corpus_counts: sparse.csr_matrix, tmp_path: Path
) -> None:
    settings = SMALL | {"checkpoint": tmp_path / "run", "epochs": 1}
    pt.ProdLDA(**settings).fit(corpus_counts)
    with pytest.raises(CheckpointError, match=r"other settings \(dropout differ\)"):
        pt.ProdLDA(**settings | {"dropout": 0.5}).fit(corpus_counts)
    with pytest.raises(CheckpointError, match=r"\(corpus differ\)"):
        pt.ProdLDA(**settings).fit(corpus_counts[:150])


def test_an_altered_checkpoint_is_refused(corpus_counts: sparse.csr_matrix, tmp_path: Path) -> None:
    settings = SMALL | {"checkpoint": tmp_path / "run", "epochs": 1}
    pt.ProdLDA(**settings).fit(corpus_counts)
    (arrays,) = (tmp_path / "run").glob("*.safetensors")
    arrays.write_bytes(arrays.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        pt.ProdLDA(**settings).fit(corpus_counts)


def test_ctrl_c_leaves_a_usable_model_and_the_run_can_go_on(
    corpus_counts: sparse.csr_matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SMALL | {"checkpoint": tmp_path / "run"}
    with monkeypatch.context() as patch:
        _stop_after(2, KeyboardInterrupt, patch)
        with pytest.warns(InterruptedFitWarning, match="interrupted after 2 of 6 epochs"):
            model = pt.ProdLDA(**settings).fit(corpus_counts)
    assert model.interrupted_
    assert len(model.history_) == 2
    assert np.allclose(model.transform(corpus_counts).sum(1), 1)
    resumed = pt.ProdLDA(**settings).fit(corpus_counts)
    assert not resumed.interrupted_
    assert same(resumed, pt.ProdLDA(**SMALL).fit(corpus_counts))


def test_early_stopping_keeps_the_best_weights(corpus_counts: sparse.csr_matrix) -> None:
    settings = SMALL | {"held_out": 0.2, "patience": 2, "epochs": 60, "learning_rate": 0.3}
    model = pt.ProdLDA(**settings).fit(corpus_counts)
    bounds = [record["held_out"] for record in model.history_]
    assert len(bounds) < 60
    assert len(bounds) == int(np.argmin(bounds)) + 1 + 2
    longer = pt.ProdLDA(**settings | {"patience": None, "epochs": 60})
    assert len(longer.fit(corpus_counts).history_) == 60


def test_divergence_is_told(corpus_counts: sparse.csr_matrix) -> None:
    with pytest.raises(InputError, match=r"learning_rate: training diverged in epoch \d+"):
        pt.ProdLDA(**SMALL | {"learning_rate": 1e18, "epochs": 20}).fit(corpus_counts)


def test_one_cycle_rises_to_one_and_falls_to_its_end() -> None:
    values = [one_cycle(x) for x in np.linspace(0, 1, 101)]
    assert values[0] == pytest.approx(0.04)
    assert max(values) == pytest.approx(1.0)
    assert int(np.argmax(values)) == 30
    assert values[-1] == pytest.approx(1e-3)
    assert (np.diff(values[:31]) > 0).all()
    assert (np.diff(values[30:]) < 0).all()


def test_every_document_is_seen_once_an_epoch_in_batches_of_two_or_more() -> None:
    for n, size in ((2, 500), (5, 2), (1001, 500), (7, 3)):
        batches = loop._batches(n, size, seed=0, epoch=3)
        assert sorted(np.concatenate(batches)) == list(range(n))
        assert min(len(batch) for batch in batches) >= 2
        assert max(len(batch) for batch in batches) <= size + 1
    assert loop._batches(9, 3, 0, 1)[0].tolist() != loop._batches(9, 3, 0, 2)[0].tolist()


class Lines(GeneralTracker):
    """A tracker that writes JSON lines."""

    name = "lines"
    requires_logging_directory = False

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    @property
    def tracker(self) -> Path:
        return self.path

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        self.log(values, None)

    def log(self, values: dict[str, Any], step: int | None, **_: Any) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")


def test_trackers_get_parameters_and_every_epoch(
    corpus_counts: sparse.csr_matrix, tmp_path: Path
) -> None:
    file = tmp_path / "log.jsonl"
    model = pt.ProdLDA(**SMALL | {"trackers": [Lines(file)]}).fit(corpus_counts)
    first, *told = [json.loads(line) for line in file.read_text().splitlines()]
    assert first["n_topics"] == 4
    assert first["model"] == "ProdLDA"
    steps = [r for r in told if "epoch" not in r]
    records = [r for r in told if "epoch" in r]
    each = len(steps) // 6
    assert [r["step"] for r in records] == [each * (epoch + 1) for epoch in range(6)]
    assert [r["loss"] for r in records] == [r["loss"] for r in model.history_]
    assert [r["step"] for r in steps] == [*range(1, 6 * each + 1)]


def test_an_unknown_device_is_told(corpus_counts: sparse.csr_matrix) -> None:
    with pytest.raises(InputError, match=r'device: "quantum" cannot be used here'):
        pt.ProdLDA(**SMALL | {"device": "quantum"}).fit(corpus_counts)


def test_the_number_of_threads_is_given_back(corpus_counts: sparse.csr_matrix) -> None:
    before = torch.get_num_threads()
    pt.ProdLDA(**SMALL | {"epochs": 1}).fit(corpus_counts)
    assert torch.get_num_threads() == before
