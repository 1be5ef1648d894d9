"""Word similarity: do cosines rank pairs of words as people do?"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from polytopic.metrics.word_files import Vectors, frequent_first, read_pairs, word_rows

__all__ = ["WordSimilarity", "word_similarity"]


@dataclass(frozen=True)
class WordSimilarity:
    """Agreement of cosines with a list of rated pairs.

    Attributes
    ----------
    name : str
        Of the file.
    spearman, pearson : float or None
        Correlations over the pairs found, -1 to 1; None if fewer than two were, or all are equal.
    n_pairs, n_found : int
        Pairs in the file, and those whose words both have vectors.
    missing : tuple of str
        Words without a vector.
    """

    name: str
    spearman: float | None
    pearson: float | None
    n_pairs: int
    n_found: int
    missing: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON holds it."""
        return asdict(self)


def word_similarity(
    vectors: Vectors, path: str | Path, *, which: str = "input", fold_case: bool = True
) -> WordSimilarity:
    """Compare cosines with human ratings of pairs, by rank (Spearman) and by value (Pearson).

    Parameters
    ----------
    vectors : WordVectors
    path : str or Path
        Rows of two words and a rating: WordSim-353 (Finkelstein et al. 2002), SimLex-999 (Hill et
        al. 2015), RG-65 (Rubenstein & Goodenough 1965), MEN and others; with or without a header.
    which : str
        The vectors to compare: a name of ``WordVectors.combine``.
    fold_case : bool
        Take words that differ in case for the same; the more frequent one's vector counts.

    Returns
    -------
    WordSimilarity

    Raises
    ------
    FileMissingError, InputError
        If the file is missing or a row is no rated pair; the message names the row.

    >>> import tempfile, pathlib, polytopic as pt
    >>> vectors = pt.WordVectors(["cat", "dog", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "pairs.txt")
    ...     _ = file.write_text("cat dog 9\\ndog car 2\\ncat car 1\\ncat cow 5\\n")
    ...     found = word_similarity(vectors, file)
    >>> round(found.spearman, 6), found.n_found, found.n_pairs, found.missing
    (1.0, 3, 4, ('cow',))
    """
    pairs = read_pairs(path)
    order = frequent_first(vectors.vocabulary, None)
    rows = word_rows(vectors.vocabulary.terms, order, fold_case=fold_case)
    ratings: list[float] = []
    places: list[tuple[int, int]] = []
    missing: dict[str, None] = {}
    for first, second, rating in pairs:
        found = [rows.get(word.casefold() if fold_case else word) for word in (first, second)]
        if found[0] is not None and found[1] is not None:
            places.append((found[0][0], found[1][0]))
            ratings.append(rating)
        missing |= {w: None for w, r in zip((first, second), found, strict=True) if r is None}
    spearman = pearson = None
    if len(places) > 1:
        chosen = np.array(places)
        unit = vectors.unit(which)
        left, right = unit[chosen[:, 0]].astype(float), unit[chosen[:, 1]].astype(float)
        cosines = np.einsum("ij,ij->i", left, right)
        spearman, pearson = _correlations(np.array(ratings), cosines)
    return WordSimilarity(
        Path(path).name, spearman, pearson, len(pairs), len(places), tuple(missing)
    )


def _correlations(ratings: Any, cosines: Any) -> tuple[float | None, float | None]:
    from scipy import stats

    if np.ptp(ratings) == 0.0 or np.ptp(cosines) == 0.0:
        return None, None
    ratings = ratings / np.abs(ratings).max()  # squares of any finite ratings stay finite
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.NearConstantInputWarning)
        found = stats.spearmanr(ratings, cosines)[0], stats.pearsonr(ratings, cosines)[0]
    return float(found[0]), float(found[1])
