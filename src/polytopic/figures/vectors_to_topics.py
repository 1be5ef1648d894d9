"""From word vectors to topics, as three tables of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from polytopic import simplex
from polytopic.embeddings.skipgram import SkipGram
from polytopic.figures.making import Drawing
from polytopic.text import Corpus

__all__ = ["vectors_to_topics"]

TEXTS = [
    "pizza with cheese and bread", "bread cheese and wine", "the waiter brings wine and pizza",
    "car with a quiet engine", "engine and brakes of the car", "the road wears brakes and tyres",
]  # fmt: skip


def vectors_to_topics(data: Path | None = None) -> Drawing:
    """Word vectors, p(topic | word) and p(word | topic) of two themes, with their sums."""
    corpus = Corpus.from_texts(TEXTS * 30, max_df=1.0)
    words = list(corpus.vocabulary.terms)
    vectors = SkipGram(dim=4, epochs=10, sample=0, random_state=0).fit(corpus).vectors_
    topics = simplex.from_vectors(vectors, 2, vocabulary=corpus)
    share = np.asarray(corpus.counts.sum(axis=0), dtype=float).ravel()
    share /= share.sum()
    joint = topics * np.linalg.lstsq(topics.T, share, rcond=None)[0][:, None]
    of_word = (joint / joint.sum(axis=0)).T
    chart = alt.hconcat(
        _panel(words, vectors.input, "word vectors", "dim"),
        _panel(words, of_word, "p(topic | word)", "topic"),
        _panel(words, topics.T, "p(word | topic)", "topic"),
    )
    lowest = float(vectors.input.min())
    return Drawing(chart.to_dict(), [f"lowest entry of the vectors: {lowest:.2f}"])


def _panel(words: list[str], values: NDArray[Any], title: str, columns: str) -> Any:
    """A table of numbers, coloured; below it the sum of each column, beside it that of each row."""
    cells = [
        {"word": word, "column": f"{columns} {k + 1}", "value": float(values[row, k])}
        for row, word in enumerate(words)
        for k in range(values.shape[1])
    ]
    sums = [
        {"word": "sum", "column": f"{columns} {k + 1}", "value": float(values[:, k].sum())}
        for k in range(values.shape[1])
    ]
    sums += [
        {"word": word, "column": "sum", "value": float(values[row].sum())}
        for row, word in enumerate(words)
    ]
    x = alt.X("column:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=0))
    y = alt.Y("word:N", sort=[*words, "sum"], title=None)
    colour = alt.Color(
        "value:Q", legend=None, scale=alt.Scale(scheme="redblue", domain=[-2.5, 2.5], clamp=True)
    )
    number = alt.Text("value:Q", format=".2f")
    drawn = alt.layer(
        alt.Chart(alt.Data(values=cells)).mark_rect().encode(x=x, y=y, color=colour),
        alt.Chart(alt.Data(values=[*cells])).mark_text(fontSize=10).encode(x=x, y=y, text=number),
        alt.Chart(alt.Data(values=sums))
        .mark_text(fontSize=10, fontWeight="bold", color="#555")
        .encode(x=x, y=y, text=number),
    )
    return drawn.properties(title=title, width=55 * (values.shape[1] + 1), height=280)
