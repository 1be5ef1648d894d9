"""The options of ``polytopic evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._vectors import VECTORS_PANEL

__all__ = [
    "Analogies",
    "AsJson",
    "CaseSensitive",
    "Cluster",
    "Intervals",
    "Output",
    "Reference",
    "Restrict",
    "Run",
    "Similarity",
    "Test",
    "TestEmbeddings",
    "Vectors",
]

Run = Annotated[
    Path,
    typer.Argument(help="Folder that polytopic topics wrote, or word vectors.", show_default=False),
]
Reference = Annotated[
    Path | None,
    typer.Option("--reference", help="Other texts to judge the coherence by."),
]
Test = Annotated[
    Path | None,
    typer.Option("--test", help="Texts the model was not trained on."),
]
TestEmbeddings = Annotated[
    Path | None,
    typer.Option(
        "--test-embeddings",
        help="A .npy file with a row a document of --test, for models that read embeddings.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Where words and pairs are counted: processes:2, dask://host:port, ray://host:port or "
        "ray; the same figures.",
        show_default="threads",
    ),
]
Similarity = Annotated[
    list[Path] | None,
    typer.Option(
        "--similarity", help="File of rated pairs of words.", rich_help_panel=VECTORS_PANEL
    ),
]
Analogies = Annotated[
    list[Path] | None,
    typer.Option("--analogies", help="File of analogies.", rich_help_panel=VECTORS_PANEL),
]
Restrict = Annotated[
    int,
    typer.Option(
        "--restrict",
        help="Answer analogies among that many of the most frequent words.",
        rich_help_panel=VECTORS_PANEL,
    ),
]
CaseSensitive = Annotated[
    bool,
    typer.Option(
        "--case-sensitive", help="Take Apple and apple for two.", rich_help_panel=VECTORS_PANEL
    ),
]
Vectors = Annotated[
    Path | None,
    typer.Option("--vectors", help="Word vectors from elsewhere to judge the topics by."),
]
Intervals = Annotated[
    bool,
    typer.Option("--intervals", help="Bootstrap intervals (95 %) of all figures that have one."),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write a JSON file too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
