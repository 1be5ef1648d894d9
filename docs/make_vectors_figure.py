"""Draws docs/images/vectors-to-topics.svg, which docs/negative-values.md shows.

python docs/make_vectors_figure.py                         # needs polytopic[figures]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

import polytopic as pt

TARGET = Path(__file__).parent / "images" / "vectors-to-topics.svg"
TEXTS = [
    "pizza with cheese and bread", "bread cheese and wine", "the waiter brings wine and pizza",
    "car with a quiet engine", "engine and brakes of the car", "the road wears brakes and tyres",
]  # fmt: skip


def panel(words: list[str], values: NDArray[Any], title: str, columns: str) -> Any:
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


def main() -> None:
    corpus = pt.Corpus.from_texts(TEXTS * 30, max_df=1.0)
    words = list(corpus.vocabulary.terms)
    vectors = pt.SkipGram(dim=4, epochs=10, sample=0, random_state=0).fit(corpus).vectors_
    topics = pt.simplex.from_vectors(vectors, 2, vocabulary=corpus)
    share = np.asarray(corpus.counts.sum(axis=0), dtype=float).ravel()
    share /= share.sum()
    joint = topics * np.linalg.lstsq(topics.T, share, rcond=None)[0][:, None]
    of_word = (joint / joint.sum(axis=0)).T
    chart = alt.hconcat(
        panel(words, vectors.input, "word vectors", "dim"),
        panel(words, of_word, "p(topic | word)", "topic"),
        panel(words, topics.T, "p(word | topic)", "topic"),
    )
    chart.save(str(TARGET))


if __name__ == "__main__":
    main()
