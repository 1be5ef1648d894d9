"""The options of ``polytopic embed``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Bucket",
    "Checkpoint",
    "Cluster",
    "Combine",
    "Dim",
    "Epochs",
    "File",
    "Free",
    "FromModel",
    "Language",
    "LearningRate",
    "Loss",
    "MaxN",
    "Method",
    "MinCount",
    "MinN",
    "Negative",
    "Output",
    "Sample",
    "SaveModel",
    "Seed",
    "Spaces",
    "Threads",
    "Window",
]

WORDS = "What counts as a word"
MODEL = "The model"
GOING_ON = "Going on"

File = Annotated[
    Path,
    typer.Argument(
        help="Text with a sentence a line (.txt or any ending, also .gz and .zst), which is "
        "streamed; or .csv, .tsv, .jsonl, .parquet, .mbox, or a folder of .txt files or mails.",
        show_default=False,
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        help="Vectors: .txt, .vec or .bin (word2vec; fasttext's own .bin), also packed (.txt.gz), "
        "or a folder (both matrices, n-grams).",
        show_default=False,
    ),
]
Method = Annotated[
    str, typer.Option("--method", help="skipgram, cbow, glove or fasttext.", rich_help_panel=MODEL)
]
Dim = Annotated[int, typer.Option("--dim", "-d", help="Length of a vector.", rich_help_panel=MODEL)]
Window = Annotated[
    int | None,
    typer.Option("--window", help="Neighbours on each side.", rich_help_panel=MODEL),
]
Epochs = Annotated[
    int | None, typer.Option("--epochs", help="Passes over the text.", rich_help_panel=MODEL)
]
Negative = Annotated[
    int | None,
    typer.Option("--negative", help="Noise words a centre.", rich_help_panel=MODEL),
]
Sample = Annotated[
    float | None,
    typer.Option(
        "--sample",
        help="Thin out words of a higher share of the text (0: none, for small texts).",
        show_default="0.001; glove: none",
        rich_help_panel=MODEL,
    ),
]
Loss = Annotated[
    str | None,
    typer.Option("--loss", help="negative, hierarchical or softmax.", rich_help_panel=MODEL),
]
MinN = Annotated[
    int | None,
    typer.Option(
        "--min-n", help="fasttext: characters of the shortest n-grams.", rich_help_panel=MODEL
    ),
]
MaxN = Annotated[
    int | None,
    typer.Option("--max-n", help="fasttext: of long n-grams.", rich_help_panel=MODEL),
]
Bucket = Annotated[
    int | None,
    typer.Option("--bucket", help="fasttext: rows that n-grams share.", rich_help_panel=MODEL),
]
LearningRate = Annotated[
    float | None,
    typer.Option("--learning-rate", help="At the beginning.", rich_help_panel=MODEL),
]
Combine = Annotated[
    str | None,
    typer.Option(
        "--combine",
        help="Which vectors a word2vec file gets: input, output, sum, mean, concat.",
        show_default="input; sum for glove",
        rich_help_panel=MODEL,
    ),
]
Free = Annotated[
    bool,
    typer.Option(
        "--free",
        help="Threads need not repeat themselves: more than four of them have work.",
        rich_help_panel=MODEL,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", help="Threads.", show_default="one a processor", rich_help_panel=MODEL
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Who trains slices of the text (glove: who counts): processes:2, dask://host:port, "
        "ray://host:port or ray.",
        show_default="threads",
        rich_help_panel=MODEL,
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all randomness.", rich_help_panel=MODEL)]
MinCount = Annotated[
    int | None,
    typer.Option(
        "--min-count",
        help="Leave rarer words out.",
        show_default="5; 1 in texts under 10,000 words",
        rich_help_panel=WORDS,
    ),
]
Spaces = Annotated[
    bool,
    typer.Option(
        "--spaces",
        help="Words are what white space divides, as it is written; else runs of letters, "
        "lower-cased.",
        rich_help_panel=WORDS,
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        help="Of the text: zh, ja and th are segmented into words.",
        show_default="en",
        rich_help_panel=WORDS,
    ),
]
SaveModel = Annotated[
    Path | None,
    typer.Option(
        "--save-model",
        help="Folder for the model, to go on from later.",
        rich_help_panel=GOING_ON,
    ),
]
FromModel = Annotated[
    Path | None,
    typer.Option(
        "--from-model",
        help="Go on from a saved model with this text; new words are added. Options that the "
        "model was not trained with are refused.",
        rich_help_panel=GOING_ON,
    ),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        help="Folder to go on from after an interruption, by the same command.",
        rich_help_panel=GOING_ON,
    ),
]
