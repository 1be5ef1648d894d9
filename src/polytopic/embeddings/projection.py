"""Word vectors on a plane: t-SNE or PCA, as a figure that is a page, a PNG or an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.neighbours import nearest_rows, unit_rows
from polytopic.errors import InputError
from polytopic.late import late

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Method", "Projection", "place_words"]

Method = Literal["tsne", "pca"]

_NEIGHBOURS = 5
"""Neighbours shown with a word of the plane, as in the other tables."""

_FEW_WORDS = 2000
"""Below that the threads of t-SNE wait for each other longer than they work."""


@dataclass(frozen=True)
class Projection:
    """N words on a plane.

    Attributes
    ----------
    words : list of N str
    points : float64 array of shape (N, 2)
        No unit; only which words are near each other says something.
    neighbours : list of N lists of str
        The nearest of these words by cosine, before the projection.
    counts : int64 array of shape (N,)
        Zero where unknown.
    method : str
        ``"tsne"`` or ``"pca"``.
    explained : float or None
        With PCA, the share of the variance that the plane keeps, 0 to 1.
    """

    words: list[str]
    points: NDArray[np.float64]
    neighbours: list[list[str]]
    counts: NDArray[np.int64]
    method: Method
    explained: float | None = None

    def figure(self, *, width: int = 760, height: int = 600) -> alt.Chart:
        """An altair chart; the mouse zooms, moves, and shows the nearest words."""
        import altair as alt

        values = [
            {
                "word": word,
                "x": round(float(point[0]), 5),
                "y": round(float(point[1]), 5),
                "near": ", ".join(near),
                "count": int(count),
            }
            for word, point, near, count in zip(
                self.words, self.points, self.neighbours, self.counts, strict=True
            )
        ]
        tooltip = [
            alt.Tooltip("word:N", title="Word"),
            alt.Tooltip("near:N", title="Nearest here"),
        ]
        if self.counts.any():
            tooltip.append(alt.Tooltip("count:Q", title="Count", format=","))
        scale = alt.Scale(zero=False, padding=12)
        base = alt.Chart(alt.InlineData(values=values), title=self._title()).encode(
            x=alt.X("x:Q", axis=None, scale=scale),
            y=alt.Y("y:Q", axis=None, scale=scale),
            tooltip=tooltip,
        )
        dots = base.mark_circle(size=16, opacity=0.5)
        names = base.mark_text(fontSize=11, dy=-7).encode(text="word:N")
        chart: alt.Chart = (
            alt.layer(dots, names).properties(width=width, height=height).interactive()
        )
        return chart

    def write(self, path: str | Path, *, width: int = 760, height: int = 600) -> Path:
        """Write the figure: .html (one page that works offline), .png or .svg.

        Raises
        ------
        InputError, FileMissingError
            If the name ends otherwise, the folder is missing, or the file cannot be written.
        MissingExtraError
            For .png and .svg without vl-convert.
        """
        spec = self.figure(width=width, height=height).to_dict()
        return write_figure(spec, path, self._title())

    def _repr_mimebundle_(self, *args: Any, **keywords: Any) -> Any:
        return self.figure()._repr_mimebundle_(*args, **keywords)

    def _title(self) -> str:
        if self.explained is None:
            return f"{len(self.words)} words, t-SNE of their cosines"
        return f"{len(self.words)} words, PCA ({self.explained:.0%} of the variance)"


@late
def write_figure(spec: dict[str, Any], path: str | Path, title: str) -> Path:
    """Write a Vega-Lite specification: .html, .png or .svg."""
    raise NotImplementedError


def place_words(
    words: Sequence[str],
    counts: NDArray[np.int64],
    vectors: NDArray[np.float32],
    method: Method,
    *,
    perplexity: float,
    random_state: int,
) -> Projection:
    """Put words on a plane by their unit vectors.

    Parameters
    ----------
    words : N str
    counts : int64 array of shape (N,)
    vectors : float32 array of shape (N, E)
    method : str
        ``"tsne"`` (van der Maaten & Hinton, JMLR 2008) or ``"pca"``.
    perplexity : float
        Of t-SNE: about how many neighbours a word has; lowered for few words.
    random_state : int

    Raises
    ------
    InputError
        If there are fewer than three words, or ``method`` is unknown.
    """
    if method not in ("tsne", "pca"):
        raise InputError(f'method: {method!r} is unknown. Pick "tsne" or "pca".')
    if len(words) < 3:
        raise InputError(f"words: {len(words)} given, and a plane needs at least 3. Name more.")
    if not perplexity > 0.0:
        raise InputError(f"perplexity: is {perplexity}. Give a number above zero, such as 30.")
    unit = unit_rows(vectors)
    found = nearest_rows(unit, unit, _NEIGHBOURS, [[row] for row in range(len(words))])
    near = [[words[row] for row in rows] for rows, _ in found]
    points, explained = _plane(unit, method, perplexity, random_state)
    return Projection(list(words), points, near, counts, method, explained)


def _plane(
    unit: NDArray[np.float32], method: Method, perplexity: float, random_state: int
) -> tuple[NDArray[np.float64], float | None]:
    from sklearn.decomposition import PCA

    wide = unit.astype(np.float64)
    if method == "tsne" and len(wide) > 3 and np.ptp(wide, axis=0).any():
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        fitting = min(perplexity, (len(wide) - 1) / 3)
        start = "pca" if wide.shape[1] > 1 else "random"
        tsne = TSNE(perplexity=fitting, init=start, random_state=random_state)
        with threadpool_limits(1 if len(wide) < _FEW_WORDS else None):
            return np.asarray(tsne.fit_transform(wide), dtype=np.float64), None
    points = np.zeros((len(wide), 2))
    total = float(wide.var(axis=0, ddof=1).sum())
    pca = PCA(min(2, wide.shape[1]), svd_solver="full")
    if total == 0.0:
        return points, 1.0
    found = pca.fit_transform(wide)
    points[:, : found.shape[1]] = found
    return points, min(float(pca.explained_variance_.sum()) / total, 1.0)
