"""``--tracker`` of every command that trains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Call, write_documents

TOLD: list[dict[str, Any]] = []


class Own:
    """As a program would register it with Accelerate."""

    name = "own"
    requires_logging_directory = False

    def __init__(self, project: str) -> None:
        self.project = project

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        TOLD.append(values)

    def log(self, values: dict[str, Any], step: int) -> None:
        TOLD.append(values)

    def finish(self) -> None:
        TOLD.append({"finished": self.project})


@pytest.fixture
def own() -> Iterator[None]:
    for package in ("torch", "accelerate"):
        pytest.importorskip(package, reason="the neural extra is not installed")
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS as classes

    classes["own"] = Own
    TOLD.clear()
    yield
    del classes["own"]


COMMANDS = {
    "topics": ("topics {file} --text body --model lda -k 3 --epochs 4", "LDA"),
    "embed": ("embed {file} --text body --epochs 1 --dim 4 --sample 0", "SkipGram"),
    "classify": (
        "classify train {file} --text body --label theme --dim 4 --epochs 2",
        "FastTextClassifier",
    ),
    "sentences": ("sentences train {lines} --dim 2 --hidden 4 --epochs 1", "SentenceVAE"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_told_and_nothing_of_it_is_saved(
    command: str, own: None, tmp_path: Path, call: Call
) -> None:
    words, model = COMMANDS[command]
    files = {"file": write_documents(tmp_path / "d.csv"), "lines": tmp_path / "lines.txt"}
    files["lines"].write_text("a b c d\nb c e f\nd e f a\n" * 20)
    output = tmp_path / ("vectors" if command == "embed" else "out")
    done = call(*words.format(**files).split(), "-o", output, "--tracker", "own")
    assert done.code == 0, done.err
    assert TOLD[0]["model"] == model
    assert TOLD[-1] == {"finished": "polytopic"}
    assert sum("model" in values for values in TOLD) == 1
    assert any("epoch" in values or "iteration" in values for values in TOLD)
    for saved in output.rglob("about.json"):
        assert json.loads(saved.read_text()).get("parameters", {}).get("trackers") is None


@pytest.mark.parametrize("command", COMMANDS)
def test_one_that_is_not_there_is_told_before_anything_is_written(
    command: str, tmp_path: Path, call: Call
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    files = {"file": write_documents(tmp_path / "d.csv"), "lines": tmp_path / "d.csv"}
    output = tmp_path / ("vectors" if command == "embed" else "out")
    done = call(
        *COMMANDS[command][0].format(**files).split(), "-o", output, "--tracker", "tensorbord"
    )
    assert done.code == 1
    assert done.err.startswith('polytopic: trackers: there is no tracker "tensorbord". Choose of ')
    assert done.err.count("\n") == 1
    assert not (output / "model").exists()


def test_clusters_have_none_to_tell(tmp_path: Path, call: Call) -> None:
    file = write_documents(tmp_path / "d.csv")
    words = f"topics {file} --text body --model cluster-tm -k 3 --tracker wandb"
    done = call(*words.split(), "-o", tmp_path / "run")
    assert done.code == 1
    assert "--tracker: ClusterTM has no such parameter" in done.err
