"""Own folders of corpora, word vectors, counts of pairs and runs."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target, folder_content
from lab.targets.sealing import sealed

_TEXTS = ["Cells divide and grow.", "A cell divides; new cells grow.", "An engine burns fuel.", ""]


def _corpora(folder: Path) -> list[Content]:
    import polytopic as pt

    plain = pt.Corpus.from_texts(_TEXTS, min_df=1)
    rich = pt.Corpus.from_texts(
        _TEXTS, min_df=1, labels=["a", "a", "b", "b"], ids=[1, 2, 3, 4],
        dates=["2020-01-01", "2020-02-01", "2021-01-01", "2021-05-05"],
    )  # fmt: skip
    counted = pt.Corpus.from_counts([[1, 0, 2], [0, 3, 0]], ["a", "b", "c"])
    made = enumerate((plain, rich, counted))
    return [folder_content(corpus.save(folder / str(number))) for number, corpus in made]


def _read_corpus(path: Path) -> Any:
    import polytopic as pt

    corpus = pt.Corpus.load(sealed(path))
    assert corpus.counts.shape == (len(corpus), len(corpus.vocabulary))
    assert corpus.counts.nnz == 0 or corpus.counts.data.min() > 0
    corpus.dropped.describe()
    terms = corpus.vocabulary.terms
    if len(terms) > 1:
        windows = [None] if corpus.tokens is None else [None, 2]
        for window in windows:
            pt.metrics.npmi([terms[:2]], corpus, n=2, window=window)
    if corpus.tokens is not None and len(corpus.tokens):
        pt.Cooccurrence.count(corpus, window=2, n_threads=1)
    corpus[:1]
    return corpus


def _vectors(folder: Path) -> list[Content]:
    import numpy as np

    import polytopic as pt

    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(4, 3)) for _ in range(3)]
    words = ["king", "queen", "größe", "日本"]
    one = pt.WordVectors(words, rows[0]).save(folder / "one")
    three = pt.WordVectors(words, rows[0], rows[1], negative=rows[2]).save(folder / "three")
    return [folder_content(one), folder_content(three)]


def _read_vectors(path: Path) -> Any:
    import numpy as np

    import polytopic as pt

    sealed(path)
    pt.WordVectors.load(path, memory_map=True)
    vectors = pt.load(path)
    assert np.isfinite(vectors.input).all()
    vectors.most_similar(vectors.vocabulary.terms[0], n=1)
    return vectors


def _pairs(folder: Path) -> list[Content]:
    import polytopic as pt

    pairs = pt.Cooccurrence.count([text.split() for text in _TEXTS], window=2, n_threads=1)
    return [folder_content(pairs.save(folder / "pairs"))]


def _read_pairs(path: Path) -> Any:
    import polytopic as pt

    pairs = pt.Cooccurrence.load(sealed(path))
    assert pairs.matrix.shape == (len(pairs.vocabulary),) * 2
    pt.GloVe(dim=2, epochs=1, n_threads=1, random_state=0).fit(pairs)
    return pairs


def _runs(folder: Path) -> list[Content]:
    from polytopic.cli import app

    table = folder / "table.csv"
    table.write_text("text,label\n" + "".join(f'"{text}",x\n' for text in _TEXTS[:3] * 4))
    run = folder / "run"
    app(
        ["topics", str(table), "--model", "lda", "-k", "2", "-o", str(run), "-q"],
        standalone_mode=False,
    )
    content = folder_content(run)
    kept = ("run.json", "metrics.json", "model/")
    return [{name: data for name, data in content.items() if name.startswith(kept)}]


def _read_run(path: Path) -> Any:
    """What ``infer`` and ``evaluate`` do with a run; any exit code of theirs will do."""
    from polytopic.cli import app

    sealed(path / "model")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "new.csv"
        file.write_text("text\ncells grow\n")
        run = Path(place) / "run"
        shutil.copytree(path, run)
        app(
            ["infer", str(run), str(file), "-o", str(Path(place) / "out.csv"), "-q"],
            standalone_mode=False,
        )
        app(["evaluate", str(run), "--reference", str(file)], standalone_mode=False)


def _warm() -> None:
    import polytopic.cli.evaluate
    import polytopic.cli.infer
    import polytopic.embeddings.glove
    import polytopic.metrics
    import polytopic.text.storage
    import polytopic.topics.lda.lda  # noqa: F401


TARGETS = [
    Target("folder-corpus", _corpora, _read_corpus, _warm),
    Target("folder-vectors", _vectors, _read_vectors, _warm),
    Target("folder-pairs", _pairs, _read_pairs, _warm),
    Target("folder-run", _runs, _read_run, _warm),
]
