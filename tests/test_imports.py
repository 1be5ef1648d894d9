"""Imports run one way, importing the package is light, and the registry and the names are whole."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import polytopic
from polytopic import registry

SOURCE = Path(polytopic.__file__).parent
DOCS = Path(__file__).parent.parent / "docs"

MODELS = {"latent", "nets", "topics", "training", "embeddings", "graphs", "autoencoders"}
READERS = {
    "report", "cli", "exploring", "runs", "demo", "bridges", "comparing", "updating", "warming",
    "judging", "viewing", "ensembles", "figures",
}  # fmt: skip

FORBIDDEN = {
    "late": {*MODELS, *READERS, "kernels", "text", "metrics", "result", "io", "simplex", "base"},
    "plugins": {*MODELS, *READERS, "kernels", "text", "metrics", "result", "io", "simplex", "base"},
    "entries": {*MODELS, *READERS, "kernels", "text", "metrics", "result", "io", "simplex", "base"},
    "told": {*MODELS, *READERS, "kernels", "text", "metrics", "result", "io", "simplex", "base"},
    "kernels": {*MODELS, *READERS, "text", "metrics", "result", "io", "simplex", "base", "counts"},
    "text": {*MODELS, *READERS, "metrics", "result"},
    "latent": {*READERS, "text", "embeddings", "topics", "training", "metrics", "result", "nets"},
    "nets": {*READERS, "text", "embeddings", "topics", "training", "metrics", "result"},
    "training": {*READERS, "text", "embeddings", "topics", "metrics", "result"},
    "embeddings": {*READERS, "latent", "nets", "topics", "training", "result"},
    "graphs": {*READERS, "latent", "nets", "topics", "training", "result"},
    "simplex": {*MODELS, *READERS, "text", "metrics", "result", "io"},
    "metrics": {*READERS, *MODELS, "result"},
    "topics": READERS,
    "autoencoders": {*READERS, "metrics", "result"},
    "result": {*READERS, *MODELS},
    "report": {*MODELS, "cli", "exploring", "runs", "demo", "viewing"},
    "runs": {*MODELS, "cli", "exploring", "demo", "viewing"},
    "viewing": {*MODELS, "cli", "exploring", "demo"},
    "exploring": {*MODELS, "cli", "runs", "report", "demo"},
    "updating": {*MODELS, "cli", "runs", "report", "demo", "exploring"},
    "refitting": {*MODELS, "cli", "runs", "report", "demo", "exploring"},
    "doctoring": {*MODELS, *READERS, "text", "metrics", "result"},
    "warming": {*MODELS, "cli", "runs", "report", "demo", "exploring"},
    "demo": {*MODELS, "cli", "exploring", "runs", "report", "text", "metrics", "result"},
    "bridges": {*MODELS, *READERS - {"bridges"}, "result"},
    "ensembles": {*MODELS, "cli", "runs", "demo", "bridges", "exploring", "comparing"},
    "judging": {*MODELS, "cli", "runs", "demo", "bridges", "exploring", "comparing"},
    "comparing": {*MODELS, "cli", "runs", "demo", "bridges"},
    "figures": {"cli", "exploring", "runs", "demo", "bridges", "comparing", "updating", "viewing"},
    "io": {*MODELS, *READERS, "text", "metrics", "result", "cluster"},
    "cluster": {*MODELS, *READERS, "text", "metrics", "result", "simplex", "base"},
    "whole_batch": {*MODELS, *READERS, "text", "metrics", "result", "simplex", "io", "base"},
}
"""Package to what it may not import, neither at module level nor in a function."""

OPENED = {("embeddings", "training.run"), ("graphs", "training.run")}
"""Rooms open to packages that are shut out of the rest: the frame of a run needs no torch."""


def imports_of(source: str, module: str) -> Iterator[tuple[str, bool]]:
    """(polytopic's part imported, whether inside a function), for type checkers alone too."""
    yield from _walk(ast.parse(source), module, lazily=False)


def _walk(node: ast.AST, module: str, *, lazily: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            names = [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}: relative import; write the whole name"
            whole = child.module == "polytopic"
            names = (
                [place_of(alias.name) for alias in child.names] if whole else [str(child.module)]
            )
        else:
            inside = lazily or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _walk(child, module, lazily=inside)
            continue
        for name in names:
            if name.startswith("polytopic."):
                part, _, room = name.removeprefix("polytopic.").partition(".")
                yield (f"{part}.{room}" if (part, room) == ("training", "run") else part), lazily


def place_of(name: str) -> str:
    """The module of a public name of the package, or a part of it."""
    models = {entry.class_name: entry.module for entry in registry.MODELS}
    return models.get(name) or polytopic._NAMES.get(name) or f"polytopic.{name}"


def breaches(source: str, part: str) -> list[str]:
    """What a module of ``part`` imports against the arrows."""
    return [
        f"{part} imports {imported}{' in a function' if lazily else ''}"
        for imported, lazily in imports_of(source, part)
        if imported.partition(".")[0] in FORBIDDEN.get(part, ()) and (part, imported) not in OPENED
    ]


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.name))
def test_imports_run_one_way(file: Path) -> None:
    part = file.relative_to(SOURCE).with_suffix("").parts[0]
    assert breaches(file.read_text(encoding="utf-8"), part) == []


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        ("text", "from polytopic import metrics", 1),
        ("text", "def f():\n    import polytopic.topics.vae.prodlda", 1),
        ("topics", "from polytopic.report import write_report", 1),
        ("topics", "def f():\n    from polytopic import explore", 1),
        ("result", "from polytopic.report import write_report", 1),
        ("result", "def f():\n    from polytopic.report import write_report", 1),
        ("embeddings", "def f():\n    from polytopic.report.writing import write_figure", 1),
        ("simplex", "def f():\n    from polytopic.topics import from_vectors", 1),
        ("text", "if TYPE_CHECKING:\n    from polytopic.result import TopicResult", 1),
        ("topics", "from polytopic.latent import kl", 0),
        ("embeddings", "from polytopic.training.run import Checkpoint", 0),
        ("embeddings", "from polytopic.training.loop import Trainer", 1),
        ("embeddings", "from polytopic.training import run", 1),
        ("graphs", "import polytopic.training.loop", 1),
    ],
)
def test_a_breach_is_seen(part: str, source: str, wrong: int) -> None:
    assert len(breaches(source, part)) == wrong


def test_no_circle_ties_parts_together() -> None:
    """Whatever a part imports, in a function or for type checkers, never comes back to it."""
    imported: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        part = file.relative_to(SOURCE).with_suffix("").parts[0]
        names = imports_of(file.read_text(encoding="utf-8"), part)
        imported.setdefault(part, set()).update(name.partition(".")[0] for name, _ in names)
    of_all = {"__init__", "__main__"}
    graph = {part: names - {part} for part, names in imported.items() if part not in of_all}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


def test_every_part_has_its_rules_or_may_import_all() -> None:
    parts = {p.stem if p.is_file() else p.name for p in SOURCE.iterdir() if p.suffix in ("", ".py")}
    free = {
        "__init__",
        "__main__",
        "__pycache__",
        "cli",
        "errors",
        "processes",
        "extras",
        "forking",
        "base",
        "parameters",
        "counts",
        "mapped_counts",
        "scratch",
        "machine",
        "progress",
        "tracking",
    }
    assert parts - set(FORBIDDEN) - free - {"registry", "persistence"} == set()


def loaded_by(statement: str) -> set[str]:
    """Top-level packages in a new process after ``statement``."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


HEAVY = {"torch", "numba", "sklearn", "altair", "polars", "scipy", "numpy", "accelerate", "gensim"}


@pytest.mark.parametrize(
    "statement", ["import polytopic", "import polytopic.cli", "from polytopic import registry"]
)
def test_importing_is_light(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_text_and_metrics_need_no_torch() -> None:
    loaded = loaded_by(
        "import polytopic as pt\n"
        "c = pt.Corpus.from_texts(['cells divide and grow', 'cells grow'], min_df=1)\n"
        "pt.metrics.npmi([['cells', 'grow']], c, n=2)"
    )
    assert "scipy" in loaded
    assert loaded & {"torch", "altair", "accelerate"} == set()


def test_the_frame_of_a_run_needs_no_torch() -> None:
    assert loaded_by("import polytopic.training.run") & {"torch", "numba", "sklearn"} == set()


@pytest.mark.parametrize("name", polytopic.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    entry = registry_classes().get(name)
    if entry is not None and entry.extra is not None:
        pytest.importorskip(entry.extra, reason="the extra is not installed")
    value = getattr(polytopic, name)
    assert name == "__version__" or (value.__doc__ or "").strip()
    assert name in dir(polytopic)


def test_no_submodule_hides_a_public_name() -> None:
    """Importing ``polytopic.x`` puts the module in place of a function ``polytopic.x``."""
    named = {*polytopic._NAMES, *polytopic._MODELS}
    assert not named & {entry.stem for entry in SOURCE.iterdir()}


def registry_classes() -> dict[str, registry.Entry]:
    return {entry.class_name: entry for entry in registry.MODELS}


@pytest.mark.parametrize("entry", registry.MODELS, ids=lambda e: e.name)
def test_every_model_has_its_source_and_its_page(entry: registry.Entry) -> None:
    assert any(c.isdigit() for c in entry.source), "a citation names a year"
    assert entry.summary
    page = DOCS / "models" / f"{entry.name}.md"
    text = page.read_text(encoding="utf-8")
    assert entry.class_name in text
    generative = entry.family == "topics"
    first = (
        ("## Generative process", "## Inference") if generative else ("## Objective", "## Training")
    )
    for part in (*first, "## Limits", "## Source"):
        assert part in text, f"{page.name} has no part {part}"
    assert entry.name in (DOCS / "models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", registry.MODELS, ids=lambda e: e.name)
def test_every_model_imports(entry: registry.Entry) -> None:
    if entry.extra is not None:
        pytest.importorskip(entry.extra, reason="the extra is not installed")
    loaded = registry.load_class(entry)
    assert loaded.__name__ == entry.class_name
    assert loaded.__module__ == entry.module
    assert entry.source.partition(",")[0].split()[0] in (loaded.__doc__ or "")
    assert getattr(polytopic, entry.class_name) is loaded


def test_registry_names_are_unique_and_hold_the_default() -> None:
    names = [entry.name for entry in registry.MODELS]
    assert len(set(names)) == len(names)
    assert registry.find(registry.DEFAULT_TOPIC_MODEL).family == "topics"


def test_models_are_public_names() -> None:
    assert set(registry_classes()) <= set(polytopic.__all__)
    importlib.import_module("polytopic.cli")
