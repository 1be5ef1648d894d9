"""Why two matrices? CBOW, skip-gram and GloVe with one to four, by similarity and analogies.

    python benchmarks/matrices.py [--words 500000] [--models skipgram cbow glove ppmi] [--seeds 10]

The first words of wiki100m, otherwise the settings of word_vectors.py. "one": one matrix serves a
word as input and as output. "two": the usual ones. "three": noise words have a matrix of their own.
"four": noise words stand in place of neighbours too, with a fourth. GloVe has no noise words. Then
noise words outside of the window or of the block, and input rows that are moved alone. "ppmi":
``ppmi_vectors`` of pieces of ten words. Mean over the seeds and the half width of its 95 % interval
by Student's t (none for a single seed); ``loss`` of the last epoch.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA
from _wiki import QUALITY, quality, sentence_file
from scipy import stats

Ways = dict[str, tuple[dict[str, Any], tuple[str, ...]]]
Fitted = Iterator[tuple[str, Any, float]]

WINDOWED: Ways = {
    "one": ({"tied": True}, ("input",)),
    "two": ({}, ("input", "output", "sum", "concat")),
    "three": ({"negatives": "separate"}, ("input", "output")),
    "four": ({"negatives": "both"}, ("input", "output")),
    "two, outside of the window": ({"exclude": "window"}, ("input",)),
    "two, outside of the block": ({"exclude": "block"}, ("input",)),
    "one, outside of the window": ({"tied": True, "exclude": "window"}, ("input",)),
    "one, input rows alone": ({"tied": True, "train": "input"}, ("input",)),
    "two, input rows alone": ({"train": "input"}, ("input",)),
}
COUNTED: Ways = {"one": ({"tied": True}, ("input",)), "two": ({}, ("input", "sum"))}
PIECE = 10
"""Words of a piece whose words stand together, of ``ppmi``: a window to each side."""


def of_windows(name: str) -> Callable[[argparse.Namespace, Path, int], Fitted]:
    def fitted(arguments: argparse.Namespace, text: Path, seed: int) -> Fitted:
        import polytopic as pt

        make = {"skipgram": pt.SkipGram, "cbow": pt.CBOW}[name]
        for kind, (changes, combinations) in WINDOWED.items():
            if arguments.kinds and kind not in arguments.kinds:
                continue
            model = make(
                dim=arguments.dim, epochs=arguments.epochs, n_threads=arguments.threads,
                min_count=5, random_state=seed, **changes,
            ).fit(text)  # fmt: skip
            for which in combinations:
                yield f"{kind}|{which}", (model.vectors_, which), model.history_[-1]["loss"]

    return fitted


def of_glove(arguments: argparse.Namespace, text: Path, seed: int) -> Fitted:
    import polytopic as pt

    counted = pt.Cooccurrence.count(text, min_count=5, n_threads=arguments.threads)
    for kind, (changes, combinations) in COUNTED.items():
        model = pt.GloVe(
            dim=arguments.dim, epochs=arguments.glove_epochs, n_threads=arguments.threads,
            random_state=seed, **changes,
        ).fit(counted)  # fmt: skip
        for which in combinations:
            yield f"{kind}|{which}", (model.vectors_, which), model.history_[-1]["loss"]


def of_ppmi(arguments: argparse.Namespace, text: Path, seed: int) -> Fitted:
    import polytopic as pt

    words = text.read_text(encoding="utf-8").split()
    pieces = [words[start : start + PIECE] for start in range(0, len(words), PIECE)]
    corpus = pt.Corpus.from_tokens(pieces, min_df=5)
    rows = pt.ppmi_vectors(
        corpus.counts, arguments.dim, max_documents=len(pieces), random_state=seed
    )
    yield "none|", (pt.WordVectors(corpus.vocabulary, rows), "input"), float("nan")


MODELS: dict[str, Callable[[argparse.Namespace, Path, int], Fitted]] = {
    "skipgram": of_windows("skipgram"), "cbow": of_windows("cbow"), "glove": of_glove,
    "ppmi": of_ppmi,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--kinds", nargs="+", choices=list(WINDOWED), default=[])
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--glove-epochs", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=None, help="first words only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(arguments, sentence_file(arguments.data, Path(folder), arguments.words))


def compare(arguments: argparse.Namespace, text: Path) -> None:
    """Train each kind with each seed and print the table."""
    print("| model | matrices | vectors | " + " | ".join(QUALITY) + " | loss |")
    print("|---" * (len(QUALITY) + 4) + "|")
    for name in arguments.models:
        started, rows = time.process_time(), {}
        for seed in range(1, arguments.seeds + 1):
            for kind, (vectors, which), loss in MODELS[name](arguments, text, seed):
                figures = quality(vectors, arguments.data, which)
                rows.setdefault(kind, []).append([*figures.values(), loss])
        for kind, found in rows.items():
            matrices, which = kind.split("|")
            *figures, loss = np.array(found).T
            cells = " | ".join(map(interval, figures))
            print(f"| {name} | {matrices} | {which} | {cells} | {loss.mean():.3f} |", flush=True)
        print(f"{name}: {time.process_time() - started:.0f} s of processor time", flush=True)


def interval(values: Any) -> str:
    """Mean, and the half width of its 95 % interval."""
    mean = f"{values.mean():.3f}"
    if len(values) < 2:
        return mean
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{mean} +- {half:.3f}"


if __name__ == "__main__":
    main()
