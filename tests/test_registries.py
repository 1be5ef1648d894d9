"""What the package has in a registry has its row in the tests, its line in the docs, its source.

A registry that is asked for what it holds, tables of the tests, pages of the docs: what stands in
the first and in none of the others is named, and so is a row of something that is gone.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from polytopic import cli, metrics, registry
from polytopic.errors import InputError
from polytopic.text import formats

torch_is_there = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the neural extra is missing"
)

ROOT = Path(__file__).parent.parent
YEAR = re.compile(r"\b(?:19|20)\d\d\b|arXiv:\d{4}\.\d")
PARTS_OF_OTHERS = {
    "degree_baseline", "evaluate", "link_prediction", "mixture_log_likelihood", "non_edges",
    "split_edges",
}  # fmt: skip
"""Functions of the metrics that are no measure somebody published: they make or gather such."""


def table(path: str, name: str = "ROWS") -> Any:
    """A table of the tests, by its file."""
    file = ROOT / "tests" / path
    sys.path.insert(0, str(file.parent))
    try:
        return runpy.run_path(str(file))[name]
    finally:
        sys.path.remove(str(file.parent))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Register:
    """What there is of one kind, and where each of it has to stand.

    ``held`` gives name to object, ``tested`` the names in the tests' table at ``rows``, ``line``
    what stands in ``docs`` of a name. ``sourced``: names without a source to cite, or None where
    nothing of the kind has one.
    """

    kind: str
    held: Callable[[], dict[str, Any]]
    rows: str
    tested: Callable[[], set[str]]
    docs: str
    line: Callable[[str], str]
    own: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.kind

    def missing(self) -> Iterator[str]:
        held, tested, text = self.held(), self.tested(), page(self.docs)
        for name in held:
            if name not in tested:
                yield f"{self.kind} {name}: no row in tests/{self.rows}"
            if self.line(name) not in text:
                yield f"{self.kind} {name}: no {self.line(name)!r} in docs/{self.docs}"
            cited = YEAR.search(inspect.getdoc(held[name]) or "")
            if self.own is not None and name not in self.own and not cited:
                yield f"{self.kind} {name}: its docstring names no source"
        for name in sorted(tested - set(held)):
            yield f"{self.kind} {name}: a row in tests/{self.rows}, and there is none"


# ---- what there is -----------------------------------------------------------------------------


def models() -> dict[str, Any]:
    return {entry.name: registry.load_class(entry) for entry in registry.MODELS}


def topics() -> dict[str, Any]:
    return {name: kind for name, kind in models().items() if registry.find(name).family == "topics"}


def posteriors() -> dict[str, Any]:
    from polytopic.latent import GRADIENTS

    models()  # a model's file may bring a family of its own
    return {family.__name__: family for family, _ in GRADIENTS}


def gradients() -> dict[str, Any]:
    from polytopic.latent import GRADIENTS

    models()
    return {f"{f.__name__} {name}": type(gradient) for (f, name), gradient in GRADIENTS.items()}


def gradients_of_rows() -> set[str]:
    rows = table("latent/rows.py")
    return {
        f"{row.family.__name__} {row.gradient}" for row in rows if isinstance(row.gradient, str)
    }


def decoders() -> dict[str, Any]:
    from polytopic.nets import DECODERS

    return dict(DECODERS)


def penalties() -> dict[str, Any]:
    from polytopic.nets import REGULARIZERS

    return dict(REGULARIZERS)


def measures() -> dict[str, Any]:
    found = {name: getattr(metrics, name) for name in metrics.__all__}
    return {name: value for name, value in found.items() if not inspect.isclass(value)}


def readers() -> dict[str, Any]:
    return {form.endings[0]: form.read for form in formats.FORMATS}


def files_of_vectors() -> dict[str, Any]:
    from polytopic.embeddings.files import formats as files

    return {**files.READABLE, **files.WRITABLE}


def losses() -> set[str]:
    return set(json.loads((ROOT / "tests/golden/losses.json").read_text(encoding="utf-8")))


TORCH = [
    Register("model", models, "estimators/examples.py",
             lambda: set(table("estimators/examples.py", "NAMES")), "models.md",
             "](models/{}.md)".format, frozenset()),
    Register("topic model", topics, "golden/losses.json", losses, "models.md",
             "](models/{}.md)".format, frozenset()),
    Register("posterior", posteriors, "latent/rows.py",
             lambda: {row.family.__name__ for row in table("latent/rows.py")}, "models.md",
             "| `{}` |".format, frozenset()),
    Register("gradient", gradients, "latent/rows.py", gradients_of_rows, "models.md",
             lambda name: f"| `{name.partition(' ')[2]}` |", frozenset()),
    Register("decoder", decoders, "nets/making.py", lambda: set(table("nets/making.py", "KINDS")),
             "models.md", "| `{}` |".format, frozenset()),
    Register("penalty", penalties, "nets/test_penalties.py",
             lambda: set(table("nets/test_penalties.py")), "models.md", "| `{}` |".format,
             frozenset()),
]  # fmt: skip
LIGHT = [
    Register("metric", measures, "metrics/metric_rows.py",
             lambda: set(table("metrics/metric_rows.py")), "metrics.md", "`{}".format,
             frozenset(PARTS_OF_OTHERS)),
    Register("reader", readers, "text/formats/format_rows.py",
             lambda: set(table("text/formats/format_rows.py")), "reading-your-files.md",
             "| `{}`".format),
    Register("file of vectors", files_of_vectors, "embeddings/files/file_rows.py",
             lambda: set(table("embeddings/files/file_rows.py")), "vectors.md", "| `{}` |".format),
    Register("command", lambda: dict.fromkeys(cli.COMMANDS), "cli/command_rows.py",
             lambda: set(table("cli/command_rows.py")), "cli.md", "## polytopic {}\n".format),
]  # fmt: skip


@torch_is_there
@pytest.mark.parametrize("register", TORCH, ids=str)
def test_all_of_a_kind_is_tested_documented_and_sourced(register: Register) -> None:
    assert list(register.missing()) == []


@pytest.mark.parametrize("register", LIGHT, ids=str)
def test_all_of_a_light_kind_is_tested_documented_and_sourced(register: Register) -> None:
    assert list(register.missing()) == []


def test_the_lines_of_the_docs_name_the_commands_as_the_command_line_does() -> None:
    """What typer has is what the table says."""
    named = {command.name for command in cli.app.registered_commands}
    named |= {group.name for group in cli.app.registered_groups}
    assert named == set(cli.COMMANDS)


# ---- leaving one out fails ---------------------------------------------------------------------


def made_up() -> None:
    """Something of which nobody wrote a test, a line or a source."""


@torch_is_there
@pytest.mark.parametrize("kind", ["posterior", "gradient", "decoder", "penalty"])
def test_a_part_of_a_model_that_is_made_up_is_named(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic import latent, nets

    class MadeUp:
        """Of nobody."""

    if kind == "posterior":
        monkeypatch.setitem(latent.GRADIENTS, (MadeUp, "pathwise"), MadeUp())
    elif kind == "gradient":
        monkeypatch.setitem(latent.GRADIENTS, (latent.Dirichlet, "made-up"), MadeUp())
    else:
        where = nets.DECODERS if kind == "decoder" else nets.REGULARIZERS
        monkeypatch.setitem(where, "made-up", MadeUp)
    register = next(r for r in TORCH if r.kind == kind)
    told = "\n".join(register.missing())
    missing = ["no row in tests/", "in docs/models.md", "names no source"]
    if kind == "decoder":
        missing = missing[1:]  # the tests of decoders go over the registry itself
    assert all(part in told for part in missing), told


@pytest.mark.parametrize("kind", ["metric", "reader", "file of vectors", "command"])
def test_what_is_made_up_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.embeddings.files import formats as files

    if kind == "metric":
        monkeypatch.setattr(metrics, "made_up", made_up, raising=False)
        monkeypatch.setattr(metrics, "__all__", [*metrics.__all__, "made_up"])
    elif kind == "reader":
        form = formats.FORMATS[0].__class__((".made-up",), "a line", made_up)  # type: ignore[arg-type]
        monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, form))
    elif kind == "command":
        monkeypatch.setattr(cli, "COMMANDS", (*cli.COMMANDS, "made-up"))
    else:
        monkeypatch.setitem(files.READABLE, "made-up", made_up)
    register = next(r for r in LIGHT if r.kind == kind)
    told = "\n".join(register.missing())
    assert "no row in tests/" in told and f"in docs/{register.docs}" in told
    assert ("names no source" in told) is (kind == "metric")


def test_a_row_of_something_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "COMMANDS", cli.COMMANDS[1:])
    register = next(r for r in LIGHT if r.kind == "command")
    assert "command demo: a row in tests/cli/command_rows.py" in "\n".join(register.missing())


# ---- names -------------------------------------------------------------------------------------


def test_models_are_found_by_whole_names() -> None:
    """In any case, by name or class, and of the family asked for alone."""
    for entry in registry.MODELS:
        for name in (entry.name, entry.class_name, entry.class_name.upper()):
            assert registry.find(name) is registry.find(name, entry.family) is entry
    for name, family in (("prod", None), ("lda-", None), ("glove", "topics"), ("lda", "vectors")):
        with pytest.raises(InputError, match=f'there is no model "{name}". Choose one of: '):
            registry.find(name, family)
