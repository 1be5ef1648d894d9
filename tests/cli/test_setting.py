"""``--set name=value``, for any parameter of a model, and ``polytopic models NAME``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Call

from polytopic import registry
from polytopic.cli._setting import OWN_OPTIONS, read_settings
from polytopic.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("method=online", "online"),
        ("alpha=0.05", 0.05),
        ("alpha=symmetric", "symmetric"),
        ("alpha=[0.1, 0.2]", [0.1, 0.2]),
        ("samples=3", 3),
        ("batch-size = 64", 64),
        ("seeds_exclusive=true", True),
        ("locked_topics=none", None),
    ],
)
def test_a_value_is_what_the_parameter_accepts(text: str, value: Any) -> None:
    (found,) = read_settings([text], "lda").values()
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["alpha"], '"alpha" is not name=value'),
        (["=3"], '"=3" is not name=value'),
        (["samples=0"], 'samples: "0" cannot be used by LDA. It must be an integer of at least 1'),
        (["samples=2.5"], 'samples: "2.5" cannot be used'),
        (["method=variational"], "It must be one of 'gibbs', 'online'"),
        (["metod=online"], "Did you mean method?"),
        (["samples=2", "samples=3"], "samples is given twice"),
        (["n_topics=3"], "has an option of its own. Use --topics"),
        (["checkpoint=here"], "is not set by hand"),
    ],
)
def test_what_cannot_be_set_is_told(given: list[str], told: str) -> None:
    with pytest.raises(InputError) as error:
        read_settings(given, "lda")
    assert told in str(error.value)


def test_every_option_that_stands_for_a_parameter_is_one() -> None:
    known = {
        name
        for entry in registry.MODELS
        if entry.family == "topics" and entry.extra is None
        for name in registry.parameters_of(entry)
    }
    assert set(OWN_OPTIONS) - {"epochs", "device"} <= known


def test_a_run_is_made_with_them(documents: Path, tmp_path: Path, call: Call) -> None:
    run = tmp_path / "run"
    words = f"topics {documents} --text body -k 3 --model lda --epochs 3 -o {run} --quiet"
    done = call(*words.split(), "--set", "method=online", "--set", "alpha=0.5")
    assert done.code == 0, done.err
    kept = json.loads((run / "model" / "about.json").read_text(encoding="utf-8"))["about"]
    assert kept["parameters"]["method"] == "online" and kept["parameters"]["alpha"] == 0.5


def test_a_model_shows_what_its_parameters_accept(call: Call) -> None:
    done = call("models", "lda")
    told = " ".join(done.out.split())
    assert done.code == 0
    for name in registry.parameters_of(registry.find("lda")):
        assert name in told
    assert "'online'" in told and "(--topics)" in told
    wrong = call("models", "lsa")
    assert wrong.code == 1 and 'there is no model "lsa"' in wrong.err
