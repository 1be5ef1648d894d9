"""``polytopic embed --from-model``: no option is left unheeded."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import pytest
from cli_runs import Call

import polytopic as pt


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("text") / "text.txt"
    file.write_text("the cat sat on the mat\nthe dog ran in the park\n" * 30, encoding="ascii")
    return file


@pytest.fixture(scope="module")
def models(text: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    quick = {"dim": 6, "epochs": 1, "n_threads": 1, "random_state": 3}
    return {
        name: made(**quick).fit(text).save(folder / name)
        for name, made in (("skipgram", pt.SkipGram), ("glove", pt.GloVe))
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dim", 50], "--dim: is 50, and this SkipGram was fitted with 6"),
        (["--seed", 9], "--seed: is 9, and this SkipGram was fitted with 3"),
        (["--seed", 0], "--seed: is 0, and this SkipGram was fitted with 3"),
        (["--method", "glove"], "--method: is GloVe, and .* holds a SkipGram"),
        (["--loss", "softmax"], "--loss: is 'softmax', and this SkipGram was fitted with 'negati"),
        (["--negative", 9], "--negative: is 9, and this SkipGram was fitted with 5"),
    ],
)
def test_options_that_a_model_was_not_trained_with_are_refused(
    options: list[str | int], message: str, text: Path, models: dict[str, Path], tmp_path: Path,
    call: Call,
) -> None:  # fmt: skip
    output = tmp_path / "v.txt"
    done = call("embed", text, "-o", output, "--from-model", models["skipgram"], *options)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert re.search(message, done.err), done.err
    assert not output.exists()


def test_options_that_fit_the_model_are_heeded(
    text: Path, models: dict[str, Path], tmp_path: Path, call: Call
) -> None:
    same = ["--dim", 6, "--seed", 3, "--method", "skipgram", "--epochs", 2, "--window", 3]
    output, model = tmp_path / "v.txt", tmp_path / "model"
    from_model = ["--from-model", models["skipgram"], "--save-model", model]
    done = call("embed", text, "-o", output, *from_model, *same)
    assert done.code == 0, done.err
    again = pt.load(model)
    assert (again.n_epochs_, again.window, again.dim) == (3, 3, 6)
    assert call("embed", text, "-o", tmp_path / "w.txt", *from_model[:2]).code == 0


def test_vectors_of_glove_are_summed_as_in_a_first_training(
    text: Path, models: dict[str, Path], tmp_path: Path, call: Call
) -> None:
    output, model = tmp_path / "v.txt", tmp_path / "model"
    done = call("embed", text, "-o", output, "--from-model", models["glove"], "--save-model", model)
    assert done.code == 0, done.err
    written = pt.WordVectors.read(output)
    assert written.input.tobytes() == pt.load(model).vectors_.combine("sum").tobytes()


def test_a_model_of_nodes_does_not_go_on(text: Path, tmp_path: Path, call: Call) -> None:
    nodes = pt.NodeEmbedding(dim=2, epochs=1, random_state=0).fit(nx.DiGraph([("a", "b")]))
    folder = nodes.save(tmp_path / "nodes")
    done = call("embed", text, "-o", tmp_path / "v.txt", "--from-model", folder)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "holds no model of word vectors" in done.err
