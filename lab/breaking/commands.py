"""The training commands on tiny made data, each with what it leaves."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["TRAINING", "WRITERS", "Command", "write_data"]

_THEMES = (
    "engine motor wheel brake fuel road driver gear clutch tyre seat garage",
    "cell gene protein tissue enzyme organ blood tumour nerve virus embryo lung",
    "bank loan market price stock bond trade profit budget tax wage fund",
)
_DOCUMENTS, _WORDS = 60, 12


@dataclass(frozen=True)
class Command:
    """``act()`` is done in a folder with the data.

    ``done``: what a command says, exit code 1, when it is started again after it had ended.
    ``before``: what has been done before in the folder, for a command that needs or replaces it.
    """

    name: str
    act: Callable[[], None]
    done: str = "holds a finished run"
    before: Callable[[], None] | None = None


def write_data(folder: Path) -> None:
    """``docs.csv`` and ``lines.txt``: documents of three themes."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(_DOCUMENTS):
        words = random.choice(_THEMES[number % 3].split(), _WORDS).tolist()
        rows.append((f"d{number}", f"theme{number % 3}", " ".join(words)))
    with (folder / "docs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "theme", "body"), *rows])
    (folder / "lines.txt").write_text("\n".join(row[2] for row in rows) + "\n", encoding="utf-8")


def _cli(*words: str) -> Callable[[], None]:
    def act() -> None:
        from polytopic.cli import main

        main([*words, "--quiet"])

    return act


def _topics(*words: str) -> Callable[[], None]:
    return _cli(
        "topics", "docs.csv", "--text", "body", "--label", "theme", "--id", "name",
        "-k", "3", "-o", "run", *words,
    )  # fmt: skip


def _embed(method: str) -> Callable[[], None]:
    return _cli(
        "embed", "lines.txt", "--method", method, "--dim", "8", "--epochs", "3", "--threads", "1",
        "--checkpoint", "checkpoint", "--save-model", "model", "-o", "vectors.txt",
    )  # fmt: skip


def _fit(make: Callable[[], object]) -> Callable[[], None]:
    """A model without a command of its own: fitted with a checkpoint, and saved."""

    def act() -> None:
        from polytopic.cli._ending import ends_in_one_line
        from polytopic.errors import PolytopicError

        with ends_in_one_line():
            try:
                _fit_and_save(make())
            except PolytopicError as error:  # raised on purpose, as in a program of a user
                print(f"polytopic: {error}", file=sys.stderr)
                sys.exit(1)

    return act


def _fit_and_save(model: Any) -> None:
    from polytopic.text import read

    model.fit(read("docs.csv", text="body", label="theme"))
    if model.interrupted_:
        raise SystemExit(130)
    model.set_params(checkpoint=None)
    model.save("run/model")


def _online() -> object:
    from polytopic import LDA

    return LDA(
        n_topics=3, method="online", iterations=4, batch_size=20, n_threads=1, random_state=0,
        checkpoint="run/checkpoint",
    )  # fmt: skip


def _supervised() -> object:
    from polytopic import SupervisedNTM

    return SupervisedNTM(
        n_topics=3, epochs=4, n_threads=1, random_state=0, checkpoint="run/checkpoint"
    )


_EARLIER = _topics("--model", "lda", "--epochs", "3")

TRAINING = [
    Command("autoencoder", _topics("--epochs", "4", "--device", "cpu")),
    Command("lda-gibbs", _topics("--model", "lda", "--epochs", "6")),
    Command("lda-online", _fit(_online)),
    Command("ntm", _topics("--model", "ntm", "--epochs", "4")),
    Command("supervised-ntm", _fit(_supervised)),
    Command(
        "sentences",
        _cli(
            "sentences", "train", "lines.txt", "-o", "run", "--epochs", "3", "--dim", "4",
            "--hidden", "8", "--word-dim", "6", "--threads", "1",
        ),
    ),
    Command("skipgram", _embed("skipgram"), "is there already"),
    Command("glove", _embed("glove"), "is there already"),
    Command("topics-force", _topics("--model", "lda", "--epochs", "4", "--force"), before=_EARLIER),
]  # fmt: skip
"""Commands that can be interrupted and go on; the last over an earlier run."""


WRITERS = [
    *TRAINING,
    Command(
        "infer", _cli("infer", "run", "docs.csv", "-o", "new.csv"), "is there already", _EARLIER
    ),
    Command(
        "evaluate",
        _cli("evaluate", "run", "--test", "docs.csv", "-o", "found.json"),
        "is there already",
        _EARLIER,
    ),
    Command(
        "embed-folder",
        _cli("embed", "lines.txt", "--dim", "8", "--epochs", "2", "--threads", "1", "-o", "run"),
        "is there already",
    ),
]
"""All commands that write: those that train, and the others."""
