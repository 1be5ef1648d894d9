"""The options of ``polytopic topics``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "Clean",
    "Cluster",
    "Device",
    "Epochs",
    "Files",
    "Language",
    "MaxDf",
    "MaxTerms",
    "MinDf",
    "Model",
    "Naming",
    "Ngrams",
    "Output",
    "Seed",
    "StopWords",
    "Threads",
    "TopTopics",
    "Topics",
]

WORDS = "What counts as a term"
MODEL = "The model"

Files = Annotated[
    list[Path],
    typer.Argument(
        help="Texts: .txt (a document a line), .csv, .tsv, .jsonl, .json, .parquet, .xlsx, "
        ".eml, .mbox, packed or not, or a folder of .txt files or mails. Several are one corpus, "
        "in their order.",
        metavar="FILE...",
        show_default=False,
    ),
]
TopTopics = Annotated[
    int | None,
    typer.Option(
        "--top-topics",
        min=1,
        help="Keep so many topics of each document in the tables of documents.",
        show_default="all",
    ),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder of the run.", show_default=False)
]
AUTO = "auto"


def topic_number(given: Any) -> Any:
    """A whole number, or "auto"."""
    if str(given) == AUTO:
        return AUTO
    try:
        return int(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is neither a whole number nor auto.") from None


Topics = Annotated[
    Any,
    typer.Option(
        "--topics",
        "-k",
        parser=topic_number,
        metavar="INTEGER|auto",
        help="Number of topics; auto tries several.",
        rich_help_panel=MODEL,
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", help='Name; "polytopic models" lists them.', rich_help_panel=MODEL),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all randomness.", rich_help_panel=MODEL)]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", help="Passes over the documents.", rich_help_panel=MODEL),
]
Device = Annotated[
    str | None,
    typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.", rich_help_panel=MODEL),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        help="Threads; the topics are the same for any number.",
        show_default="one a processor",
        rich_help_panel=MODEL,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Where LDA's work is done: processes:2, dask://host:port, ray://host:port or ray; "
        "the same topics.",
        show_default="threads",
        rich_help_panel=MODEL,
    ),
]
Language = Annotated[
    str, typer.Option("--language", help="Language of the texts.", rich_help_panel=WORDS)
]
StopWords = Annotated[
    str,
    typer.Option(
        "--stop-words",
        help="A language, a file with a word or phrase a line, or none.",
        show_default="those of the language",
        rich_help_panel=WORDS,
    ),
]
MinDf = Annotated[
    str | None,
    typer.Option(
        "--min-df",
        help="Fewest documents a term stands in (5), or their share (0.01).",
        rich_help_panel=WORDS,
    ),
]
MaxDf = Annotated[
    str | None,
    typer.Option("--max-df", help="Most documents, or their share.", rich_help_panel=WORDS),
]
MaxTerms = Annotated[
    int, typer.Option("--max-terms", help="Size of the vocabulary.", rich_help_panel=WORDS)
]
Ngrams = Annotated[
    int | None,
    typer.Option(
        "--ngrams",
        help="Join collocations of up to so many words (new_york).",
        rich_help_panel=WORDS,
    ),
]
Clean = Annotated[
    str,
    typer.Option(
        "--clean",
        help="What to drop first: auto, none, or steps with commas (html,urls,quotes).",
        rich_help_panel=WORDS,
    ),
]
Naming = Annotated[
    str | None,
    typer.Option(
        "--name-topics",
        help="Give topics names: words, c-tf-idf or vectors.",
        rich_help_panel=MODEL,
    ),
]
