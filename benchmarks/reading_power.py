"""How the default model's topics are read: which power of the normalisation its words are led by.

    python benchmarks/reading_power.py --corpus 20ng-5k            # nyt-10k, snippets, yelp, arxiv
    python benchmarks/reading_power.py --corpus 20newsgroups       # raw posts, split by date

One fit a seed of `DirichletVAE` (K = 50), of which only the reading differs: topic_word_ with each
power in place of that of training, .25. theta, purity, NMI and perplexity are the same for all.
npmi, held_out, td: as in `topics.py`; wiki: NPMI on wiki100m of pairs whose words it knows. Of
snippets and yelp a fifth is the test part, of arxiv 20,000 abstracts are drawn.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import cleaning
import numpy as np
from _corpora import DATA, Split, load_split
from _quality import DOCUMENT_WORDS, wiki
from document_embeddings import load_corpus

POWERS = (0.25, 0.2, 0.15, 0.1, 0.0)
COLUMNS = ("npmi", "held_out", "wiki", "td")
_MOST, _TERMS = 20_000, 10_000


def split_of(name: str, data: Path) -> Split:
    if name in ("20ng-5k", "nyt-10k"):
        return load_split(name, data)
    if name == "20newsgroups":
        return _posts(data)
    return load_corpus(name, data, _MOST)[0]


def _posts(data: Path) -> Split:
    """Raw posts as `cleaning.py` reads them: cleaned in training, the test as it is."""
    import polytopic as pt

    texts, rest, labels = cleaning.split("20newsgroups", data)
    train = pt.Corpus.from_texts(texts, clean="auto", max_terms=_TERMS)
    test = pt.Corpus.from_texts(rest, clean=None, vocabulary=train.vocabulary)
    codes = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return Split(train.counts, test.counts, codes[:0], codes, list(train.vocabulary.terms))


def readings(split: Split, seed: int, data: Path) -> dict[float, dict[str, float]]:
    """The figures of one fit, read with each power."""
    import torch

    import polytopic as pt
    from polytopic import metrics

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = pt.DirichletVAE(n_topics=50, random_state=seed).fit(split.train, terms=split.terms)
        outside = wiki(data, split.terms)
        reference = outside.counts(DOCUMENT_WORDS)
        found: dict[float, dict[str, float]] = {}
        decoder: Any = model.module_.decoder
        for power in POWERS:
            decoder.reading_power = power
            with torch.no_grad():
                order = np.argsort(-decoder.topic_word().numpy(), axis=1, kind="stable")
            words = [[split.terms[term] for term in row[:25]] for row in order]
            found[power] = {
                "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
                "held_out": metrics.npmi(words, split.test, vocabulary=split.terms),
                "wiki": metrics.npmi(words, reference, vocabulary=split.terms, pairs="known"),
                "td": metrics.diversity(words, n=25),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default="20ng-5k")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    split = split_of(arguments.corpus, arguments.data)
    runs = [readings(split, seed, arguments.data) for seed in range(arguments.seeds)]
    print(f"{arguments.corpus}, K = 50, medians of {len(runs)} seeds")
    for power in POWERS:
        medians = (np.median([run[power][column] for run in runs]) for column in COLUMNS)
        told = (f"{c} {m:.3f}" for c, m in zip(COLUMNS, medians, strict=True))
        print(f"power {power:<5}", *told, flush=True)


if __name__ == "__main__":
    main()
