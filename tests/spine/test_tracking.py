"""Trackers: what is taken, what is told, and what becomes of those that are absent or fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import polytopic as pt
from polytopic import tracking
from polytopic.errors import InputError, MissingExtraError
from polytopic.tracking import STEPS_TOLD, TRACKERS, Tracking

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e", "f"], ["d", "e", "f", "a"]] * 20


def model(**changes: Any) -> pt.SkipGram:
    return pt.SkipGram(dim=4, epochs=2, sample=0, n_threads=1, random_state=0, **changes)


class Kept:
    """Anything with ``log``."""

    def __init__(self) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []

    def log(self, values: dict[str, Any], step: int) -> None:
        self.told.append((step, values))


class Whole(Kept):
    """What Accelerate could use."""

    name = "whole"

    def __init__(self, failing: str = "") -> None:
        super().__init__()
        self.failing, self.calls = failing, list[str]()
        self.parameters: dict[str, Any] = {}

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name == self.failing:
            raise RuntimeError("api key absent\nlog in")

    def start(self) -> None:
        self._called("start")

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        self._called("store")
        self.parameters = values

    def finish(self) -> None:
        self._called("finish")


def test_one_or_several_objects_with_log_are_taken() -> None:
    one, two = Kept(), Kept()
    fitted = model(trackers=one).fit(SENTENCES)
    model(trackers=(one, two)).fit(SENTENCES)
    epochs = [values for _, values in two.told if "epoch" in values]
    assert [values["loss"] for values in epochs] == [r["loss"] for r in fitted.history_]
    assert one.told[: len(two.told)] != []
    assert len(one.told) == 2 * len(two.told)


@pytest.mark.parametrize("value", [1, object(), ["tensorboard", 3], {"log": 1}, [None]])
def test_what_is_no_tracker_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^trackers: .* It must be a name of a tracker"):
        model(trackers=value).fit(SENTENCES)


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r'no tracker "tensorbord"\. Choose of aim, .*wandb') as e:
        model(trackers="tensorbord").fit(SENTENCES)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("name", "absent", "line"),
    [
        ("wandb", {"wandb"}, "'polytopic[wandb]'"),
        ("tensorboard", {"tensorboard"}, "'polytopic[tensorboard]'"),
        ("comet_ml", {"comet_ml"}, "'polytopic[neural]' comet-ml"),
        ("mlflow", {"accelerate"}, "'polytopic[neural]' mlflow"),
        ("all", set(tracking.NAMES), "'polytopic[tensorboard]'"),
    ],
)
def test_one_that_is_not_installed_gets_its_install_line(
    name: str, absent: set[str], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "_installed", lambda package: package not in absent)
    with pytest.raises(MissingExtraError, match=r"which is not installed\. Run: pip install") as e:
        model(trackers=[Kept(), name]).fit("no/such/file.txt")  # before the text is looked for
    assert str(e.value).endswith(f"pip install {line}")


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_accelerates_own_kind_is_started_told_the_parameters_and_finished() -> None:
    whole = Whole()
    pt.LDA(n_topics=2, iterations=2, seed_words=None, random_state=0, trackers=whole).fit(
        pt.Corpus.from_tokens(SENTENCES)
    )
    assert whole.calls == ["start", "store", "finish"]
    assert whole.parameters["model"] == "LDA"
    assert whole.parameters["n_topics"] == 2
    assert "trackers" not in whole.parameters
    assert all(v is None or isinstance(v, (int, float, str)) for v in whole.parameters.values())


@pytest.mark.parametrize("where", ["start", "store"])
def test_one_that_cannot_be_started_ends_the_run_before_it_begins(where: str) -> None:
    whole = Whole(where)
    with pytest.raises(
        InputError, match=r"trackers: whole cannot be started \(RuntimeError: api key absent\)"
    ):
        model(trackers=whole).fit(SENTENCES)
    assert whole.told == []


def test_one_that_cannot_be_finished_loses_nothing() -> None:
    whole, plain = Whole("finish"), model().fit(SENTENCES)
    with pytest.warns(pt.TrackerWarning, match=r"whole failed at the end \(RuntimeError"):
        fitted = model(trackers=whole).fit(SENTENCES)
    assert (fitted.vectors_.input == plain.vectors_.input).all()


def test_one_is_finished_when_training_fails() -> None:
    whole = Whole()
    with pytest.raises(InputError, match="diverged"):
        model(trackers=whole, learning_rate=1e9).fit(SENTENCES)
    assert whole.calls[-1] == "finish"


def test_many_steps_are_told_by_their_means() -> None:
    kept = Kept()
    run = Tracking(kept, "M", {})
    with run.opened():
        for number in range(1, 3 * STEPS_TOLD + 1):
            run.step(float(number), number, of=3 * STEPS_TOLD)
    assert len(kept.told) == STEPS_TOLD
    assert kept.told[0] == (3, {"step_loss": 2.0})
    run.step(1.0, 1)  # closed: nobody is told
    assert len(kept.told) == STEPS_TOLD


def test_objects_need_no_torch(tmp_path: Path) -> None:
    program = """
import sys
import polytopic as pt
class Kept:
    told = 0
    def log(self, values, step):
        Kept.told += 1
pt.SkipGram(dim=4, epochs=2, sample=0, trackers=Kept()).fit([["a", "b", "c"]] * 20)
assert Kept.told > 2
assert not {"torch", "accelerate", "wandb"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


def test_a_run_reaches_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("torch", "accelerate", "tensorboard"):
        pytest.importorskip(package, reason="the tensorboard extra is not installed")
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    monkeypatch.chdir(tmp_path)
    fitted = model(trackers="tensorboard").fit(SENTENCES)
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("SkipGram-")
    events = reading.EventAccumulator(str(folder)).Reload()
    assert {"loss", "step_loss", "learning_rate"} <= set(events.Tags()["scalars"])
    losses = [event.value for event in events.Scalars("loss")]
    assert losses == pytest.approx([record["loss"] for record in fitted.history_])


def test_a_run_reaches_wandb_offline(tmp_path: Path) -> None:
    for package in ("torch", "accelerate", "wandb"):
        pytest.importorskip(package, reason="the wandb extra is not installed")
    program = """
import polytopic as pt
sentences = [["a", "b", "c", "d"], ["b", "c", "e", "f"], ["d", "e", "f", "a"]] * 20
pt.SkipGram(dim=4, epochs=2, sample=0, trackers="wandb").fit(sentences)
import wandb
with wandb.init(mode="offline") as run:  # its runs have log, too
    pt.GloVe(dim=4, epochs=2, trackers=run).fit(sentences)
    assert run.summary["loss"] > 0, run.summary
"""
    environment = {
        "WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path), "WANDB_SILENT": "true",
        "HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(pt.__file__).parent.parent),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment)
    runs = sorted((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    assert len(runs) == 2
    written = [run.read_bytes() for run in runs]  # of one second they stand in no order
    assert any(b"step_loss" in one and b"negative" in one for one in written)  # the parameters


def test_the_check_takes_what_a_program_registered() -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    kinds = pytest.importorskip("accelerate.tracking").LOGGER_TYPE_TO_CLASS
    kinds["own"] = Whole
    try:
        assert TRACKERS.accepts("own")
    finally:
        del kinds["own"]
