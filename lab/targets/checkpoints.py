"""Checkpoints of every training: a run goes on from them, or refuses them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target, folder_content
from lab.targets.models import compile_something, entries, material
from lab.targets.sealing import sealed

_FAMILIES = ("topics", "autoencoders", "sentences", "vectors")
_KINDS = {
    "lda": {"n_topics": 3, "iterations": 6},
    "online": {"n_topics": 3, "iterations": 3, "method": "online", "batch_size": 6},
    "ntm": {"n_topics": 3, "dim": 3, "epochs": 2},
    "supervised-ntm": {"n_topics": 3, "dim": 3, "epochs": 2},
    "prodlda": {"n_topics": 3, "hidden": 4, "epochs": 2, "batch_size": 8},
    "vae": {"dim": 3, "hidden": 4, "epochs": 2, "batch_size": 8},
    "sentence-vae": {"dim": 2, "hidden": 4, "word_dim": 3, "epochs": 2},
    "skipgram": {"dim": 3, "epochs": 2},
    "glove": {"dim": 3, "epochs": 2},
}
_COUNTERS = ("epoch", "iteration")


def _fit(name: str, folder: Path) -> Any:
    from polytopic import registry

    entry = next(e for e in entries(*_FAMILIES) if e.name == ("lda" if name == "online" else name))
    kind = registry.load_class(entry)
    shared = {"n_threads": 1, "random_state": 0, "checkpoint": folder}
    return kind(**_KINDS[name], **shared).fit(material(entry))


def _seeds(name: str, folder: Path) -> list[Content]:
    """The checkpoint of a whole run, and the same one pass earlier, so that kernels go on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit(name, folder / "run")
    whole = folder_content(folder / "run")
    header = json.loads(whole["about.json"])
    for counter in _COUNTERS:
        if counter in header["about"]:
            header["about"][counter] -= 1
    return [whole, {**whole, "about.json": json.dumps(header).encode()}]


def _read(name: str, path: Path) -> Any:
    import numpy as np

    from polytopic import simplex

    model = _fit(name, sealed(path))
    if hasattr(model, "topic_word_"):
        assert simplex.is_distribution(model.topic_word_), "topics leave the simplex"
    elif hasattr(model, "vectors_"):
        assert np.isfinite(model.vectors_.input).all()
    return model


def _warm() -> None:
    import torch

    from polytopic.training.adam import RowwiseAdam

    torch.set_num_threads(1)
    list(entries(*_FAMILIES))
    compile_something()
    RowwiseAdam([torch.zeros(1, requires_grad=True)], lr=0.1)


def _target(name: str) -> Target:
    return Target(
        f"checkpoint-{name}",
        lambda folder: _seeds(name, folder),
        lambda path: _read(name, path),
        _warm,
    )


TARGETS = [_target(name) for name in _KINDS]
