"""The sentence VAE on Penn Treebank sentences, and its walks between Yelp sentences.

    python benchmarks/sentence_vae.py ptb                      # two threads, within half an hour
    python benchmarks/sentence_vae.py ptb --plain --epochs 4   # no spread: the decoder alone
    python benchmarks/sentence_vae.py yelp --train 20000

``ptb``: perplexity of the test sentences, exp(-sum of the bounds / words), where each sentence's
end counts as a word, as Bowman et al. (2016) count. ``weighted``: the importance-weighted bound of
``--samples`` draws (Burda et al. 2016); ``elbo``: the plain one. KL, mutual information and active
dimensions on the test sentences. The corpus's <unk> and N stay, 10,000 words with the end; the
validation sentences decide which epoch's weights are kept. Bowman et al. give a bound of 119 with a
KL of 2 for their VAE and 116 for their language model.

``yelp``: pairs of sentences that were not trained on, of 5 to 15 words each, five steps by greedy
decoding or ``--method``. Of the three steps between: the share that ends before the limit of words;
whose perplexity under the model's own bound lies between those of both ends, or below the greater;
whose edit distance, in words, to each end is at most the ends' own; the share of paths that move
away from the first end and towards the last at every step. Pairs that are said alike at both ends
are left out and counted.

``--checkpoint``: a folder; a run that was stopped goes on from there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file

import polytopic as pt

STEPS = 5
PAIRS = 100
PTB: dict[str, Any] = {
    "dim": 16, "hidden": 256, "word_dim": 256, "epochs": 12, "batch_size": 64,
    "learning_rate": 0.003, "dropout": 0.35, "spread": 0.65, "max_length": 100,
}  # fmt: skip
YELP: dict[str, Any] = {
    **PTB, "dim": 32, "hidden": 256, "word_dim": 128, "epochs": 6, "learning_rate": 0.005,
    "dropout": 0.2, "spread": 0.8, "max_length": 20, "min_count": 2,
}  # fmt: skip
PLAIN: dict[str, Any] = {"spread": None, "free_bits": 0.0}


def lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def trained(settings: dict[str, Any], texts: list[str], held_out: list[str]) -> pt.SentenceVAE:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return pt.SentenceVAE(random_state=0, verbose=True, **settings).fit(
            texts, held_out=held_out
        )


def penn(arguments: argparse.Namespace, settings: dict[str, Any]) -> dict[str, Any]:
    """The row of the table of perplexities."""
    parts = {
        part: lines(corpus_file(arguments.data, "ptb", f"ptb.{part}.txt.gz"))
        for part in ("train", "valid", "test")
    }
    model = trained(settings, parts["train"][: arguments.train], parts["valid"])
    test = parts["test"][: arguments.test]
    started = time.perf_counter()
    n_words = sum(len(text.split()) + 1 for text in test)
    bounds = {
        name: float(np.exp(-model.score_samples(test, samples=samples, bound=name).sum() / n_words))
        for name, samples in (("weighted", arguments.samples), ("elbo", 4))
    }
    use = model.diagnose(test)
    return {
        **bounds,
        "kl": use.kl,
        "mutual_information": use.mutual_information,
        "active": use.active_units,
        "words": len(model.vocabulary_) + 1,
        "epochs": len(model.history_),
        "train_minutes": model.notes_["seconds"] / 60,
        "test_minutes": (time.perf_counter() - started) / 60,
    }


def edits(a: list[str], b: list[str]) -> int:
    """Levenshtein's distance in words."""
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def perplexities(model: pt.SentenceVAE, texts: list[str]) -> list[float]:
    found = model.score_samples(texts, samples=16)
    return [
        float(np.exp(-score / (len(text.split()) + 1)))
        for score, text in zip(found, texts, strict=True)
    ]


def judged(model: pt.SentenceVAE, path: list[str], limit: int) -> dict[str, float]:
    """Shares of one path's steps between its ends."""
    words = [text.split() for text in path]
    scores = perplexities(model, path)
    low, high = sorted((scores[0], scores[-1]))
    whole = edits(words[0], words[-1])
    away = [edits(words[0], step) for step in words]
    towards = [edits(words[-1], step) for step in words]
    between = range(1, len(path) - 1)
    return {
        "ended": float(np.mean([len(words[i]) < limit for i in between])),
        "perplexity between": float(np.mean([low <= scores[i] <= high for i in between])),
        "perplexity below the greater": float(np.mean([scores[i] <= high for i in between])),
        "near both": float(np.mean([max(away[i], towards[i]) <= whole for i in between])),
        "monotone": float(
            all(np.diff(away) >= 0) and all(np.diff(towards) <= 0) and len(set(path)) > 2
        ),
        "distinct": len(set(path)) / len(path),
    }


def walks(arguments: argparse.Namespace, settings: dict[str, Any]) -> dict[str, Any]:
    """Shares over pairs, and the first paths."""
    texts = lines(corpus_file(arguments.data, "yelp", "sentences.txt.gz"))
    order = np.random.default_rng(0).permutation(len(texts))
    apart, rest = [texts[i] for i in order[:4000]], [texts[i] for i in order[4000:]]
    model = trained(settings, rest[: arguments.train], apart[:1000])
    known = set(model.vocabulary_.terms)
    ends = [
        text for text in apart[1000:] if 5 <= len(text.split()) <= 15 and set(text.split()) <= known
    ][: 2 * arguments.pairs]
    paths = [
        [a, b, *model.interpolate(a, b, STEPS, method=arguments.method, unknown=False)]
        for a, b in zip(ends[::2], ends[1::2], strict=True)
    ]
    usable = [path for path in paths if path[2] != path[-1] and all(path)]
    rows = [judged(model, path[2:], model.max_length) for path in usable]
    test = [text for text in apart[1000:] if set(text.split()) <= known][: arguments.test]
    use = model.diagnose(test)
    return {
        **{name: float(np.mean([row[name] for row in rows])) for name in (rows[0] if rows else ())},
        "pairs": len(rows),
        "pairs said alike": len(paths) - len(usable),
        "perplexity": model.perplexity(test, samples=16),
        "kl": use.kl,
        "mutual_information": use.mutual_information,
        "train_minutes": model.notes_["seconds"] / 60,
        "paths": usable[:8],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("what", choices=("ptb", "yelp"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--train", type=int, help="sentences, the first ones")
    parser.add_argument("--test", type=int, help="test sentences, the first ones")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--method", default="greedy", choices=("greedy", "beam"))
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plain", action="store_true", help="nothing against collapse")
    parser.add_argument("--set", default="{}", help="other parameters, as JSON")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--out", type=Path, help="JSON lines, added to")
    arguments = parser.parse_args()
    settings = {
        **(PTB if arguments.what == "ptb" else YELP),
        **(PLAIN if arguments.plain else {}),
        **({"epochs": arguments.epochs} if arguments.epochs else {}),
        **json.loads(arguments.set),
        "n_threads": arguments.threads,
        "checkpoint": arguments.checkpoint,
    }
    record = (penn if arguments.what == "ptb" else walks)(arguments, settings)
    named = {name: value for name, value in settings.items() if name != "checkpoint"}
    record = {"what": arguments.what, "settings": named, **record}
    print(json.dumps(record, indent=1))
    if arguments.out is not None:
        with arguments.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
