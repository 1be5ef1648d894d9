"""What each model makes of made-up texts of four themes (``polytopic.figures.stand_in``), drawn.

A topic model its topics, word vectors the words on a plane, an autoencoder or document vectors the
documents on a plane, node embeddings the nodes, a classifier its labels' words.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["of_model"]

_TEXTS, _TOPICS, _WORDS = 300, 4, 6
"""Documents, topics (there are four themes) and words of a topic that are drawn."""

_SMALL: dict[str, Any] = {
    "dim": 16, "min_count": 1, "bucket": 2_000, "random_state": 0, "n_threads": 1,
}  # fmt: skip
"""Of vectors: as much as fifty words need."""

_SIDE = 300
"""Pixels of a plane."""


def of_model(name: str) -> tuple[str, Any]:
    """What the picture of a model of the registry shows, in words, and its chart."""
    from polytopic import registry

    entry = registry.find(name)
    kind = registry.load_class(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told, chart = _FAMILIES[entry.family](kind)
    return f"What {entry.class_name} makes of {told}", chart


def _set(kind: Any, **wanted: Any) -> Any:
    """The model with those of the wanted parameters that it has."""
    has = kind().get_params()
    return kind(**{name: value for name, value in wanted.items() if name in has})


def _topics(kind: Any) -> tuple[str, Any]:
    import altair as alt

    from polytopic.figures.stand_in import themed

    model = _set(kind, n_topics=_TOPICS, random_state=0, n_threads=1)
    model.fit(themed(_TEXTS))
    beta = np.asarray(model.topic_word_)[:_TOPICS]
    words = model.top_words(_WORDS)[:_TOPICS]
    columns = {term: column for column, term in enumerate(model.vocabulary_.terms)}
    panels = []
    for number, (row, listed) in enumerate(zip(beta, words, strict=True)):
        values = [{"word": word, "share": float(row[columns[word]])} for word in listed]
        panels.append(
            alt.Chart(alt.InlineData(values=values))
            .mark_bar()
            .encode(
                alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=3)),
                alt.Y("word:N", sort=None, title=None),
            )
            .properties(width=110, height=20 * _WORDS, title=f"topic {number}")
        )
    told = "; ".join(" ".join(listed) for listed in words)
    return f"{_TEXTS} made-up texts of four themes: its topics' first words {told}", alt.hconcat(
        *panels
    )


def _plane(points: Any, labels: list[str], names: list[str] | None = None) -> Any:
    """Points coloured by label, or their names in place of points."""
    import altair as alt
    from sklearn.decomposition import PCA

    rows = np.asarray(points, dtype=np.float64)
    if rows.shape[1] > 2:
        rows = PCA(2, random_state=0).fit_transform(rows)
    values = [
        {"x": round(float(x), 3), "y": round(float(y), 3), "label": label,
         "name": names[n] if names else ""}
        for n, ((x, y), label) in enumerate(zip(rows, labels, strict=True))
    ]  # fmt: skip
    chart = alt.Chart(alt.InlineData(values=values))
    mark = chart.mark_text(fontSize=11) if names else chart.mark_circle(size=30, opacity=0.75)
    encoded = mark.encode(
        alt.X("x:Q", axis=None, scale=alt.Scale(zero=False, padding=20)),
        alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, padding=12)),
        alt.Color("label:N", title=None, legend=alt.Legend(orient="right")),
    )
    return (encoded.encode(text="name:N") if names else encoded).properties(
        width=int(1.6 * _SIDE), height=_SIDE
    )


def _vectors(kind: Any) -> tuple[str, Any]:
    from polytopic.figures.stand_in import THEMES, documents

    texts = [text.split() for text in documents(2000)[0]]
    vectors = _set(kind, **_SMALL, epochs=10).fit(texts).vectors_
    themes = {word: theme for theme, words in THEMES.items() for word in words.split()}
    words = [word for word in vectors.vocabulary.terms if word in themes]
    rows = vectors.combine("input")[[vectors.vocabulary.index(word) for word in words]]
    chart = _plane(rows, [themes[word] for word in words], words)
    return (
        "2,000 made-up texts: the words of four themes on a plane, by PCA of their vectors",
        chart,
    )


def _documents(kind: Any) -> tuple[str, Any]:
    from polytopic.figures.stand_in import documents

    texts, labels = documents(_TEXTS)
    words = [text.split() for text in texts]
    model = _set(kind, **_SMALL, epochs=20, hidden=32, word_dim=16)
    chart = _plane(model.fit(words).transform(words), labels)
    return f"{_TEXTS} made-up texts of four themes: their vectors on a plane, by PCA", chart


def _rows(kind: Any) -> tuple[str, Any]:
    from polytopic.figures.stand_in import themed

    corpus = themed(_TEXTS)
    model = _set(kind, dim=2, hidden=50, epochs=60, batch_size=50, random_state=0, n_threads=1)
    chart = _plane(model.fit(corpus).transform(corpus), list(corpus.labels))
    return f"{_TEXTS} made-up texts of four themes: their places in a latent plane", chart


def _classes(kind: Any) -> tuple[str, Any]:
    import altair as alt

    from polytopic.figures.stand_in import THEMES, documents

    texts, labels = documents(_TEXTS)
    model = _set(kind, **_SMALL, epochs=20).fit(texts, labels)
    asked = {theme: " ".join(words.split()[:3]) for theme, words in THEMES.items()}
    chances = model.predict_proba(list(asked.values()))
    values = [
        {"text": text, "label": str(label), "chance": float(chance)}
        for text, row in zip(asked.values(), chances, strict=True)
        for label, chance in zip(model.classes_, row, strict=True)
    ]
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            alt.X("chance:Q", title="probability of each label"),
            alt.Y("text:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            alt.Color("label:N", title=None, legend=alt.Legend(orient="bottom")),
        )
        .properties(width=int(1.2 * _SIDE), height=120)
    )
    return f"{_TEXTS} made-up texts of four themes: labels of four new ones", chart


def _nodes(kind: Any) -> tuple[str, Any]:
    import polytopic as pt

    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(4), 12)
    edges = [
        (f"{one}", f"{other}")
        for one in range(len(groups))
        for other in range(len(groups))
        if one != other and rng.random() < (0.35 if groups[one] == groups[other] else 0.01)
    ]
    graph = pt.Graph.from_edges(edges)
    model = _set(kind, **_SMALL, epochs=20).fit(graph)
    vectors = model.vectors_
    named = list(vectors.vocabulary.terms)
    labels = [f"group {groups[int(name)]}" for name in named]
    chart = _plane(vectors.combine("input"), labels)
    return f"a made-up graph of {len(named)} nodes in four groups, on a plane, by PCA", chart


_FAMILIES: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "topics": _topics,
    "vectors": _vectors,
    "documents": _documents,
    "autoencoders": _rows,
    "sentences": _documents,
    "classifiers": _classes,
    "nodes": _nodes,
}
"""Family of the registry to what is drawn of it."""
