"""Why two matrices? Skip-gram with one, two and three, by word similarity and analogies.

    python benchmarks/matrices.py [--dim 100] [--epochs 3] [--seeds 3] [--threads 2] [--words N]

On wiki100m, otherwise the settings of word_vectors.py. "tied": one matrix serves a word as input
and as output. "two": the usual ones. "three": noise words have a matrix of their own. Each is
evaluated by its input rows, and those with an output matrix also by it, their sum and both joined.
Medians over the seeds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from _wiki import QUALITY, quality, sentence_file

KINDS = {
    "tied": ({"tied": True}, ("input",)),
    "two": ({}, ("input", "output", "sum", "concat")),
    "three": ({"negatives": "separate"}, ("input", "output", "sum", "concat")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=None, help="first words only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(arguments, sentence_file(arguments.data, Path(folder), arguments.words))


def compare(arguments: argparse.Namespace, text: Path) -> None:
    """Train each kind with each seed and print the table."""
    import polytopic as pt

    print(f"{'matrices':9} {'vectors':8} {'words/s':>11} {'loss':>7}", end="")
    print("".join(f" {name:>10}" for name in QUALITY))
    for kind, (changes, combinations) in KINDS.items():
        rows: dict[str, list[dict[str, float]]] = {which: [] for which in combinations}
        for seed in range(1, arguments.seeds + 1):
            model = pt.SkipGram(
                dim=arguments.dim, epochs=arguments.epochs, n_threads=arguments.threads,
                min_count=5, random_state=seed, **changes,
            ).fit(text)  # fmt: skip
            last = model.history_[-1]
            for which in combinations:
                figures = quality(model.vectors_, arguments.data, which)
                speed = {"words/s": last["words_per_second"], "loss": last["loss"]}
                rows[which].append(figures | speed)
        for which in combinations:
            row = {k: statistics.median(r[k] for r in rows[which]) for k in rows[which][0]}
            print(f"{kind:9} {which:8} {row['words/s']:11,.0f} {row['loss']:7.4f}", end="")
            print("".join(f" {row[name]:10.3f}" for name in QUALITY), flush=True)


if __name__ == "__main__":
    main()
