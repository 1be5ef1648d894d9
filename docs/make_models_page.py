"""Writes docs/models.md from the registries: python docs/make_models_page.py"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from polytopic import registry
from polytopic.extras import EXTRAS

PAGE = Path(__file__).parent / "models.md"

HEAD = """# Models

Made from the registries by `python docs/make_models_page.py`; `polytopic models` prints the same
list, `polytopic figures models -o models.md` writes it.

"""

AXES = """
## The axes of the variational models

A variational model of topics is a row of choices: `ProdLDA(decoder="mixture", gradient="score")`
changes one of them. Formulas and sources stand with each class in `polytopic.latent` and
`polytopic.nets`; [adding one](adding.md) takes a file, a row and a line.
"""


def page() -> str:
    """The page as the registries have it now."""
    return HEAD + models() + AXES + axes()


def models() -> str:
    """A row a model."""
    rows = []
    for entry in registry.MODELS:
        needs = f"`polytopic[{EXTRAS[entry.extra]}]`" if entry.extra else "nothing else"
        default = " (default)" if entry.name == registry.DEFAULT_TOPIC_MODEL else ""
        link = f"[{entry.name}](models/{entry.name}.md){default}"
        rows.append([link, f"`{entry.class_name}`", entry.summary, entry.source, needs])
    return table(["name", "class", "what it is", "source", "needs"], rows)


def axes() -> str:
    """Tables of the posterior families, gradients, decoders and penalties."""
    from polytopic.latent import GRADIENTS
    from polytopic.nets import DECODERS, REGULARIZERS

    for entry in registry.MODELS:
        registry.load_class(entry)  # a model's file may bring a family of its own
    of_family: dict[type, list[str]] = {}
    of_name: dict[str, list[tuple[type, object]]] = {}
    for (family, name), gradient in GRADIENTS.items():
        of_family.setdefault(family, []).append(f"`{name}`")
        of_name.setdefault(name, []).append((family, gradient))
    parts = {
        ("posterior", "gradients"): [(f.__name__, f, ", ".join(n)) for f, n in of_family.items()],
        ("gradient", "of"): [
            (name, type(of[0][1]), ", ".join(family.__name__ for family, _ in of))
            for name, of in of_name.items()
        ],
        ("decoder", "class"): [(name, d, f"`{d.__name__}`") for name, d in DECODERS.items()],
        ("penalty", ""): [(name, penalty, "") for name, penalty in REGULARIZERS.items()],
    }
    made = []
    for (heading, last), rows in parts.items():
        cells = [[f"`{name}`", first_line(kind), more] for name, kind, more in rows]
        made.append("\n" + table([heading, "what it is", last], cells))
    return "".join(made)


def first_line(kind: Any) -> str:
    """How a docstring begins."""
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")


def table(heads: list[str], rows: Iterable[list[str]]) -> str:
    """A table; the last column is left out where it has no head."""
    width = len(heads) if heads[-1] else len(heads) - 1
    lines = [heads, ["---"] * width, *([c.replace("|", "\\|") for c in row] for row in rows)]
    return "".join(
        "|" + "|".join(c if c == "---" else f" {c} " for c in line[:width]) + "|\n"
        for line in lines
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
