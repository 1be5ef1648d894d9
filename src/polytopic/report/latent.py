"""Figures of a latent space: its documents on a plane, and what moving through it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.report.breakdown import shown_names
from polytopic.report.writing import write_figure
from polytopic.text.columns import held
from polytopic.text.values import as_column, missing

if TYPE_CHECKING:
    import altair as alt


__all__ = ["LatentMap", "LatentTraversal", "latent_map", "latent_traversal"]

Method = Literal["auto", "pca", "tsne"]

_MOST_LABELS = 20
"""Colours that can be told apart at all; the rest goes together."""

_FLOOR = 1e-12
"""A share of 0 has a logarithm, and one of float32 is never that small and above 0."""

_UNKNOWN = "no label"


@dataclass(frozen=True)
class LatentMap:
    """D documents on a plane, coloured by label.

    Attributes
    ----------
    points : float64 array of shape (D, 2)
        Without a unit, unless the latent space itself is the plane.
    labels : list of D str, or None
    method : str
        ``"latent"`` (two dimensions, shown as they are), ``"pca"`` or ``"tsne"``.
    explained : float or None
        With PCA, the share of the variance that the plane keeps, 0 to 1.
    """

    points: NDArray[np.float64]
    labels: list[str] | None
    method: str
    explained: float | None = None

    def figure(self, *, width: int = 560, height: int = 460) -> alt.Chart:
        """An altair chart; the mouse zooms, moves and shows the label."""
        import altair as alt

        named = self.labels or [""] * len(self.points)
        values = [
            {"document": row, "label": label, "x": round(float(x), 5), "y": round(float(y), 5)}
            for row, ((x, y), label) in enumerate(zip(self.points, named, strict=True))
        ]
        shown = self.method == "latent"
        places = [
            channel(
                f"{name}:Q",
                title=f"dimension {number}" if shown else None,
                axis=alt.Axis() if shown else None,
                scale=alt.Scale(zero=False, padding=12),
            )
            for number, (channel, name) in enumerate(((alt.X, "x"), (alt.Y, "y")))
        ]
        tooltip = [alt.Tooltip("document:Q", title="Document")]
        encoded: list[Any] = [*places]
        if self.labels is not None:
            tooltip.append(alt.Tooltip("label:N", title="Label"))
            scale = alt.Scale(scheme=_scheme(self.labels))
            encoded.append(alt.Color("label:N", title=None, scale=scale))
        chart: alt.Chart = (
            alt.Chart(alt.InlineData(values=values), title=self._title())
            .mark_circle(size=18, opacity=0.6)
            .encode(*encoded, tooltip=tooltip)
            .properties(width=width, height=height)
            .interactive()
        )
        return chart

    def write(self, path: str | Path, *, width: int = 560, height: int = 460) -> Path:
        """Write the figure: .html (one page that works offline), .png or .svg.

        Raises
        ------
        InputError, FileMissingError, MissingExtraError
            If the file cannot be written as its name says.
        """
        return write_figure(self.figure(width=width, height=height).to_dict(), path, self._title())

    def _repr_mimebundle_(self, *args: Any, **keywords: Any) -> Any:
        return self.figure()._repr_mimebundle_(*args, **keywords)

    def _title(self) -> str:
        how = {"latent": "the latent space itself", "tsne": "t-SNE of the latent space"}
        text = how.get(self.method, f"PCA of the latent space ({self.explained or 0:.0%})")
        return f"{len(self.points)} documents, {text}"


def latent_map(
    latent: Any,
    X: Any = None,
    *,
    labels: Sequence[Any] | None = None,
    method: Method = "auto",
    perplexity: float = 30.0,
    random_state: int = 0,
) -> LatentMap:
    """Put documents on a plane by their latent vectors.

    Parameters
    ----------
    latent : fitted model, or array of shape (D, E)
        A model's ``transform(X)`` is what is shown: an autoencoder's posterior means, a topic
        model's theta.
    X : Corpus, sparse matrix or array, optional
        The documents, with a model.
    labels : sequence of D values, optional
        By default those of the Corpus; beyond twenty, the rarest become "other".
    method : {"auto", "pca", "tsne"}
        "auto" shows two dimensions as they are and more by PCA.
    perplexity : float
        Of t-SNE: about how many neighbours a document has; lowered for few documents.
    random_state : int

    Raises
    ------
    InputError
        If there are fewer than three documents, the vectors are not finite, or the labels do not
        fit.
    """
    if method not in ("auto", "pca", "tsne"):
        raise InputError(f'method: {method!r} is unknown. Pick "auto", "pca" or "tsne".')
    if hasattr(latent, "transform"):
        if X is None:
            raise InputError("X: missing. Pass the documents to show: latent_map(model, X).")
        labels = held(X, "labels") if labels is None else labels
        latent = latent.transform(X)
    rows = np.asarray(latent, dtype=np.float64)
    if rows.ndim != 2 or len(rows) < 3 or rows.shape[1] < 1 or not np.isfinite(rows).all():
        raise InputError(
            f"latent: an array of shape {rows.shape}, or one that is not finite. Pass a model and "
            "its documents, or at least three vectors of finite numbers, one a row."
        )
    names = None if labels is None else _names(labels, len(rows))
    if method == "auto" and rows.shape[1] == 2:
        return LatentMap(rows, names, "latent")
    if method == "tsne" and len(rows) > 3:
        from sklearn.manifold import TSNE

        fitting = min(perplexity, (len(rows) - 1) / 3)
        start = "pca" if rows.shape[1] > 1 else "random"
        tsne = TSNE(perplexity=fitting, init=start, random_state=random_state)
        return LatentMap(np.asarray(tsne.fit_transform(rows), np.float64), names, "tsne")
    return _by_pca(rows, names)


def _by_pca(rows: NDArray[np.float64], names: list[str] | None) -> LatentMap:
    from sklearn.utils.extmath import svd_flip

    centred = rows - rows.mean(axis=0)
    total = float(np.square(centred).sum())
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    left, _ = svd_flip(left, right)  # a plane is not mirrored on another machine
    points = np.zeros((len(rows), 2))
    found = (left * singular)[:, :2]
    points[:, : found.shape[1]] = found
    kept = float(np.square(singular[:2]).sum()) / total if total > 0 else 1.0
    return LatentMap(points, names, "pca", kept)


def _scheme(labels: Sequence[str]) -> Literal["tableau10", "tableau20"]:
    return "tableau20" if len(set(labels)) > 10 else "tableau10"


def _names(labels: Any, n_rows: int) -> list[str]:
    given = as_column(labels, "labels")
    if len(given) != n_rows:
        raise InputError(f"labels: {len(given)} for {n_rows} documents. Pass one a document.")
    absent = missing(given).tolist()
    whole = [_UNKNOWN if gone else str(v) for gone, v in zip(absent, given.tolist(), strict=True)]
    common = sorted(Counter(whole).items(), key=lambda item: (-item[1], item[0]))
    few = len(common) <= _MOST_LABELS
    kept = [name for name, _ in (common if few else common[: _MOST_LABELS - 1])]
    shown = dict(zip(kept, shown_names(kept), strict=True))
    return [shown.get(name, "other") for name in whole]


@dataclass(frozen=True)
class LatentTraversal:
    """What a decoder says along each of some latent dimensions, the others held still.

    Attributes
    ----------
    dimensions : list of int
    values : float64 array of shape (S,)
        Where the dimension stands.
    terms : list of lists of str
        Of each dimension, the columns that change most, from falling to rising.
    levels : list of float64 arrays, each of shape (S, number of its terms)
        Of p(term | h) log2 of the ratio to the middle; of real numbers the difference to it.
    ratios : bool
    """

    dimensions: list[int]
    values: NDArray[np.float64]
    terms: list[list[str]]
    levels: list[NDArray[np.float64]]
    ratios: bool

    def figure(self, *, width: int = 200, columns: int = 3) -> alt.Chart:
        """An altair chart: a panel a dimension, a row a term, coloured by its level."""
        import altair as alt

        top = max(float(np.abs(level).max(initial=0.0)) for level in self.levels) or 1.0
        scale = alt.Scale(scheme="redblue", domain=[-top, top], reverse=True)
        title = "times the middle (log2)" if self.ratios else "above the middle"
        panels = []
        for dimension, terms, level in zip(self.dimensions, self.terms, self.levels, strict=True):
            cells = [
                {"h": f"{h:.1f}", "term": term, "level": round(float(level[s, t]), 4)}
                for s, h in enumerate(self.values)
                for t, term in enumerate(terms)
            ]
            panels.append(
                alt.Chart(alt.InlineData(values=cells), title=f"dimension {dimension}")
                .mark_rect()
                .encode(
                    x=alt.X("h:O", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
                    y=alt.Y("term:N", sort=None, title=None),
                    color=alt.Color("level:Q", scale=scale, title=title),
                    tooltip=["term:N", "h:O", "level:Q"],
                )
                .properties(width=width, height=18 * len(terms))
            )
        chart: alt.Chart = alt.concat(*panels, columns=columns)
        return chart

    def write(self, path: str | Path, *, width: int = 200, columns: int = 3) -> Path:
        """Write the figure: .html, .png or .svg, as :meth:`LatentMap.write`."""
        spec = self.figure(width=width, columns=columns).to_dict()
        return write_figure(spec, path, "Latent traversal")

    def _repr_mimebundle_(self, *args: Any, **keywords: Any) -> Any:
        return self.figure()._repr_mimebundle_(*args, **keywords)


def latent_traversal(
    model: Any,
    *,
    dimensions: Sequence[int] | None = None,
    start: Any = None,
    reach: float = 3.0,
    steps: int = 7,
    n_terms: int = 8,
) -> LatentTraversal:
    """Move through an autoencoder's latent space one dimension at a time.

    Parameters
    ----------
    model : fitted autoencoder
        Anything with ``inverse_transform``, ``dim`` and ``terms_``.
    dimensions : sequence of int, optional
        From 0; by default the six along which the decoder's answer changes most.
    start : array of shape (E,), optional
        Where to move from; by default the origin, a VAE's prior mean.
    reach, steps : float, int
        Each dimension goes in ``steps`` equal steps from ``start`` - reach to ``start`` + reach.
    n_terms : int
        Terms shown of each dimension.

    Raises
    ------
    InputError
        If the model has no decoder of vectors, or an argument does not fit it.
    """
    if not all(hasattr(model, name) for name in ("inverse_transform", "dim", "terms_")):
        raise InputError(
            f"model: {type(model).__name__} cannot be traversed. Pass a fitted Autoencoder, "
            "DenoisingAutoencoder or VAE."
        )
    dim = int(model.dim)
    middle = np.zeros(dim) if start is None else np.asarray(start, dtype=np.float64)
    wanted = list(range(dim)) if dimensions is None else [int(d) for d in dimensions]
    if middle.shape != (dim,) or not wanted or not all(0 <= d < dim for d in wanted):
        raise InputError(f"dimensions, start: do not fit a latent space of {dim} dimensions.")
    if steps < 3 or n_terms < 1 or not reach > 0:
        raise InputError("steps, n_terms, reach: give at least 3, at least 1, and above 0.")
    values = np.linspace(-reach, reach, steps)
    ratios = getattr(model, "likelihood", "") == "categorical"
    still = _said(model, middle[None], ratios)
    changes = {d: _said(model, middle + np.outer(values, np.eye(dim)[d]), ratios) - still
               for d in wanted}  # fmt: skip
    if dimensions is None:
        extent = {d: float(np.square(change).sum()) for d, change in changes.items()}
        wanted = sorted(wanted, key=lambda d: -extent[d])[:6]
    terms, levels = [], []
    for d in wanted:
        rise = changes[d][-1] - changes[d][0]
        chosen = np.argsort(-np.abs(rise), kind="stable")[:n_terms]
        chosen = chosen[np.argsort(rise[chosen], kind="stable")]
        terms.append([str(model.terms_[v]) for v in chosen])
        levels.append(changes[d][:, chosen])
    return LatentTraversal(wanted, values, terms, levels, ratios)


def _said(model: Any, h: NDArray[np.float64], ratios: bool) -> NDArray[np.float64]:
    rows = np.asarray(model.inverse_transform(h), dtype=np.float64)
    return np.log2(np.maximum(rows, _FLOOR)) if ratios else rows
