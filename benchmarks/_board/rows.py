"""The rows of the board: what is run, of what, with which seeds. A new benchmark is an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

__all__ = ["POOLS", "ROWS", "Row", "chosen"]

POOLS = ("first", "later", "last", "raw", "again")
"""Of topics that a reader has marked; their files: ``blind_ratings.py``."""

SEEDS = (0, 1, 2)
"""Of each row: the fewest of which a median is not one of the ends."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing to measure, by a script of this folder.

    ``name``: where it stands on the board, ``board/table/what``. ``options``: what the script is
    given beside its seed, which comes after ``seed_option``. The script prints a line ``RESULT ``
    with a JSON object, which becomes ``measured``. ``corpora``: names for ``fetch.py`` of what it
    reads; ``depends``: packages without which it cannot run, and whose other version would be
    another measurement. ``about``: what tables say of it.
    """

    name: str
    script: str
    options: tuple[str, ...]
    seeds: tuple[int, ...] | tuple[None] = SEEDS
    seed_option: str = "--seed"
    corpora: tuple[str, ...] = ()
    depends: tuple[str, ...] = ("polytopic",)
    about: dict[str, Any] = field(default_factory=dict)

    def arguments(self, seed: int | None) -> list[str]:
        """What the script is given."""
        return [*self.options, *([] if seed is None else [self.seed_option, str(seed)])]

    def command(self, seed: int | None) -> str:
        """As a reader would type it, from the clone."""
        return " ".join(["python", f"benchmarks/{self.script}", *self.arguments(seed)])


QUALITY_MODELS = (
    "dirichlet-vae", "prodlda", "lda", "nvdm", "gsm", "neural-lda", "weibull-vae", "etm", "ecrtm",
    "combined-tm", "zero-shot-tm", "lda-asymmetric", "lda-held", "nmf", "nmf-divergence",
    "tomotopy-lda", "topmost-prodlda", "topmost-etm", "topmost-ecrtm",
)  # fmt: skip
"""Names of ``topics.py``: the default first."""

MANY_TOPICS_MODELS = (
    "dirichlet-vae", "prodlda", "neural-lda", "weibull-vae", "etm", "ecrtm", "combined-tm",
    "zero-shot-tm", "nvdm", "gsm",
)  # fmt: skip

LDA_PAIRS = (
    ("20ng-5k", 50, 1, 1.5), ("20ng-5k", 50, 2, 1.5), ("20ng-5k", 200, 1, 2.0),
    ("20ng-5k", 200, 2, 2.0), ("20ng-5k", 1000, 1, 4.0), ("20ng-5k", 1000, 2, 4.0),
    ("arxiv200k", 500, 2, 1.0),
)  # fmt: skip
"""Corpus, topics, threads, and how many times as fast as tomotopy was wanted."""


def quality() -> Iterator[Row]:
    """Topic models and peers on two corpora; the autoencoders with more topics."""
    wanted = [(corpus, 50, QUALITY_MODELS) for corpus in ("20ng-5k", "nyt-10k")]
    wanted += [("20ng-5k", k, MANY_TOPICS_MODELS) for k in (100, 200)]
    for corpus, k, models in wanted:
        for model in models:
            peer = model.partition("-")[0] if model.startswith(("topmost", "tomotopy")) else None
            yield Row(
                name=f"quality/{corpus}{'' if k == 50 else f'-k{k}'}/{model}",
                script="topics.py",
                options=("--models", model, "--corpus", corpus, "-k", str(k)),
                seed_option="--one",
                corpora=(corpus, "wiki"),
                depends=(peer or "polytopic",),
                about={"model": model, "corpus": corpus, "k": k},
            )


def lda() -> Iterator[Row]:
    """Pairs with tomotopy: seconds to the same likelihood."""
    for corpus, k, threads, floor in LDA_PAIRS:
        yield Row(
            name=f"speed/lda/{corpus}-{k}-{threads}",
            script="lda.py",
            options=("--corpus", corpus, "-k", str(k), "--threads", str(threads), "--pairs", "1"),
            seeds=(1, 2, 3),
            corpora=(corpus.removesuffix("200k"),),
            depends=("polytopic", "tomotopy"),
            about={"corpus": corpus, "k": k, "threads": threads, "wanted": floor,
                   "peer": "tomotopy"},
        )  # fmt: skip


def word_vectors() -> Iterator[Row]:
    """Pairs with gensim: words a second and what the vectors know."""
    for model, dim, free in (
        ("skipgram", 100, False), ("skipgram", 100, True), ("skipgram", 300, False),
        ("cbow", 100, False), ("cbow", 100, True),
    ):  # fmt: skip
        name = {"skipgram": "SkipGram", "cbow": "CBOW"}[model]
        yield Row(
            name=f"speed/word-vectors/{model}-{dim}{'-free' if free else ''}",
            script="word_vectors.py",
            options=("--model", model, "--dim", str(dim), "--pairs", "1",
                     *(["--free"] if free else [])),
            seeds=(1, 2, 3),
            corpora=("wiki", "words"),
            depends=("polytopic", "gensim"),
            about={"model": f"{name}(deterministic=False)" if free else name, "dim": dim,
                   "threads": 2, "peer": "gensim"},
        )  # fmt: skip


def epochs() -> Iterator[Row]:
    """Pairs with TopMost: seconds an epoch of autoencoders."""
    arxiv, few = ("--corpus", "arxiv", "--documents"), ("prodlda", "etm")
    for name, corpus, more, terms, models in (
        ("20ng-5k", "20ng-5k", (), 5_000, few),
        ("arxiv-20k", "arxiv", (*arxiv, "20000", "--steps", "30"), 30_000, few),
        ("arxiv-100k", "arxiv", (*arxiv, "100000", "--steps", "10"), 30_000, few[:1]),
    ):
        for model in models:
            yield Row(
                name=f"speed/epochs/{name}-{model}",
                script="vae_speed.py",
                options=("--models", model, "--pairs", "1", *more),
                corpora=(corpus,),
                depends=("polytopic", "topmost"),
                about={"model": {"prodlda": "ProdLDA", "etm": "ETM"}[model], "corpus": name,
                       "terms": terms, "peer": "TopMost"},
            )  # fmt: skip


def ratings() -> Iterator[Row]:
    """Marks that a reader gave to topics without their models; the ratings are kept beside."""
    for pool in POOLS:
        yield Row(
            name=f"ratings/{pool}",
            script="blind_ratings.py",
            options=(pool,),
            seeds=(None,),
            depends=(),
            about={"pool": pool},
        )


ROWS: dict[str, Row] = {
    row.name: row for make in (quality, lda, word_vectors, epochs, ratings) for row in make()
}
"""All rows by name."""


def chosen(patterns: Iterable[str]) -> list[Row]:
    """Rows whose names match one of the patterns (``*`` stands for anything), in their order.

    Raises SystemExit if a pattern matches none.
    """
    found: set[str] = set()
    for pattern in patterns:
        matching = {name for name in ROWS if fnmatchcase(name, pattern)}
        if not matching:
            raise SystemExit(f"--rows {pattern}: no such row; python benchmarks/board.py --list")
        found |= matching
    return [row for name, row in ROWS.items() if name in found]
