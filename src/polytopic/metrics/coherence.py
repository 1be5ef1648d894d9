"""Topic coherence: do the top words of a topic occur together in a reference text?

Notation, for a topic with words w_1 .. w_n: p(w) is the share of the reference's documents (or
sliding windows) that hold w, p(w, v) the share that hold both. All measures are averaged over the
pairs of a topic, then over topics.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.metrics.probabilities import Probabilities, probabilities

__all__ = ["c_v", "npmi", "npmi_of_pairs", "uci", "umass", "unseen_pairs"]

EPSILON = 1e-12
"""What gensim adds to a joint probability before its logarithm."""


def npmi(
    topics: Any,
    reference: Any,
    *,
    n: int = 10,
    window: int | None = None,
    vocabulary: Any = None,
    exact: bool = False,
    pairs: Literal["all", "known", "seen"] = "all",
    per_topic: bool = False,
    cluster: Any = None,
) -> Any:
    """Normalised pointwise mutual information of the top words; the package's headline figure.

    By default over documents (``window=None``)::

        npmi(w, v) = ln[p(w, v) / (p(w) p(v))] / -ln p(w, v)
        npmi(w, v) = -1 where no document holds both, 1 where every document does

    With ``window=10`` it is gensim's ``c_npmi``: p over Boolean sliding windows, and EPSILON =
    1e-12 added to p(w, v) instead of the two exceptions.

    Parameters
    ----------
    topics : K lists of words, array of shape (K, V), or TopicResult or fitted model
        An array (or lists of column numbers) takes its terms from ``vocabulary``.
    reference : Corpus, counts of shape (D, V), or iterable of lists of tokens
        Counts can be dense or CSR; they know documents only, no windows. The windows of a Corpus
        run over the tokens it kept, so stop words that it dropped take no place in them. Empty
        documents count in D.
    n : int
        Top words of a topic that are used.
    window : int or None
        Tokens in a sliding window; a shorter document is one window. None: whole documents.
    vocabulary : Vocabulary or sequence of V str, optional
        Terms in column order: of an array of topics, and of a reference given as counts. A Corpus
        brings its own.
    exact : bool
        gensim takes a word for gone as soon as one occurrence of it leaves the window, even while
        another one is still inside. False counts so too, to agree with published figures; True
        counts a word for as long as the window holds it. Documents are the same either way.
    pairs : {"all", "known", "seen"}
        Which pairs a topic's mean is of: ``"known"`` leaves out pairs with a word that the
        reference lacks, of which it can say nothing; ``"seen"`` also those that stand together
        nowhere in it, which a small reference has many of. :func:`unseen_pairs` counts both.
    per_topic : bool
        Return one value a topic; NaN where ``pairs`` leaves a topic none.
    cluster : None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client
        Where the reference is counted: the same value, to the last bit. Workers read the shards of
        a ShardedCorpus themselves, in its folder, which they see at the same path; other
        references are sent to them. None: threads.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [-1, 1]: -1 never together, 0 independent, 1 always together. A pair with a word that
        the reference lacks counts -1.

    Raises
    ------
    InputError
        If the reference is empty or holds no word of the topics, a topic has fewer than n words, or
        ``pairs`` leaves none of any topic.

    Warns
    -----
    UnseenTermsWarning
        If the reference lacks some of the words.

    Notes
    -----
    Bouma (GSCL 2009); as a coherence of topics Aletras & Stevenson (IWCS 2013) and Lau,
    Newman & Baldwin (EACL 2014).

    >>> texts = [["cell", "gene"], ["cell", "gene"], ["star"], ["star", "moon"]]
    >>> npmi([["cell", "gene"], ["star", "gene"]], texts, n=2, per_topic=True).tolist()
    [1.0, -1.0]
    """
    if pairs not in ("all", "known", "seen"):
        raise InputError(f'pairs: is {pairs!r:.40}. Pass "all", "known" or "seen".')
    found = probabilities(
        topics, reference, n, window, vocabulary, exact, cluster=cluster, told=pairs == "all"
    )
    values = _npmi(found) if window is not None else npmi_of_pairs(found)
    if pairs == "all":
        return _returned(found.mean(values), per_topic)
    judged = found.mean(values, of=found.seen if pairs == "known" else found.pairs > 0)
    if np.isnan(judged).all():
        where = "knows both words of" if pairs == "known" else "holds together"
        raise InputError(
            f"reference: {where} no pair of any topic, so it can judge none. Pass more text of the "
            "same language and subject, tokenised and lower-cased as the training text was."
        )
    return judged if per_topic else float(np.nanmean(judged))


def unseen_pairs(
    topics: Any,
    reference: Any,
    *,
    n: int = 10,
    window: int | None = None,
    vocabulary: Any = None,
    cluster: Any = None,
) -> dict[str, int]:
    """How many pairs of top words a reference can say little of.

    Parameters
    ----------
    topics, reference, n, window, vocabulary, cluster
        As in :func:`npmi`.

    Returns
    -------
    dict
        ``"pairs"``: K n (n - 1) / 2; ``"unknown"``: with a word that the reference lacks;
        ``"never_together"``: of known words that no document (or window) holds together.

    Raises
    ------
    InputError
        As :func:`npmi`.

    Notes
    -----
    A bookkeeping of the NPMI of Bouma (GSCL 2009), which is -1 for both kinds of pairs.

    >>> texts = [["cell", "gene"], ["star"]]
    >>> unseen_pairs([["cell", "gene", "star", "quark"]], texts, n=4)
    {'pairs': 6, 'unknown': 3, 'never_together': 2}
    """
    found = probabilities(
        topics, reference, n, window, vocabulary, False, cluster=cluster, told=False
    )
    upper, lower = np.triu_indices(found.topics.shape[1], 1)
    places = found.of_topics[:, upper, lower]
    known, together = found.seen[places], found.pairs[places] > 0
    unknown, apart = int((~known).sum()), int((known & ~together).sum())
    return {"pairs": int(places.size), "unknown": unknown, "never_together": apart}


def uci(
    topics: Any,
    reference: Any,
    *,
    n: int = 10,
    window: int | None = 10,
    vocabulary: Any = None,
    exact: bool = False,
    per_topic: bool = False,
    cluster: Any = None,
) -> Any:
    """Pointwise mutual information of the top words: gensim's ``c_uci``.

    ``pmi(w, v) = ln[(p(w, v) + 1e-12) / (p(w) p(v))]`` over Boolean sliding windows of 10 tokens.

    Parameters
    ----------
    topics, reference, n, window, vocabulary, exact, per_topic, cluster
        As in :func:`npmi`; here ``window=None`` counts documents with the same formula.

    Returns
    -------
    float, or float64 array of shape (K,)
        Natural logarithm; 0 is independence. A pair with a word that the reference lacks counts
        ln 1e-12 = -27.6, the least the formula can give.

    Raises
    ------
    InputError
        As :func:`npmi`; also if windows are asked of a reference that holds counts.

    Notes
    -----
    Newman, Lau, Grieser & Baldwin (NAACL 2010). The value hangs on EPSILON wherever words never
    meet: read NPMI first.

    >>> texts = [["cell", "gene"], ["cell", "gene"], ["star"], ["star"]]
    >>> round(uci([["cell", "gene"]], texts, n=2), 4)  # ln(1/2 / (1/2 * 1/2))
    0.6931
    """
    found = probabilities(topics, reference, n, window, vocabulary, exact, cluster=cluster)
    values = np.full(found.pairs.size, np.log(EPSILON))
    np.divide(found.pairs + EPSILON, found.product, out=values, where=found.seen)
    np.log(values, out=values, where=found.seen)
    return _returned(found.mean(values), per_topic)


def umass(
    topics: Any,
    reference: Any,
    *,
    n: int = 10,
    vocabulary: Any = None,
    per_topic: bool = False,
    cluster: Any = None,
) -> Any:
    """Log conditional probability of each top word given one above it: gensim's ``u_mass``.

    ``ln[(p(w_j, w_i) + 1e-12) / p(w_i)]`` for i < j, so the order of the words matters; always
    over documents.

    Parameters
    ----------
    topics, reference, n, vocabulary, per_topic, cluster
        As in :func:`npmi`. The measure is meant for the documents the model was trained on.

    Returns
    -------
    float, or float64 array of shape (K,)
        At most 0. A pair whose upper word the reference lacks counts ln 1e-12 = -27.6, the least
        the formula can give (gensim counts 0 there, which is its best value).

    Raises
    ------
    InputError
        As :func:`npmi`.

    Notes
    -----
    Mimno, Wallach, Talley, Leenders & McCallum (EMNLP 2011), eq. 1, which adds 1 to the number of
    documents where gensim adds 1e-12 to their share.

    >>> texts = [["cell", "gene"], ["cell", "gene"], ["cell"], ["cell"]]
    >>> round(umass([["cell", "gene"]], texts, n=2), 4)  # ln(2/4 / 4/4)
    -0.6931
    """
    found = probabilities(topics, reference, n, None, vocabulary, False, cluster=cluster)
    upper, lower = np.triu_indices(found.topics.shape[1], 1)
    together = found.pairs[found.of_topics[:, upper, lower]] + EPSILON
    alone = found.words[found.topics[:, upper]]
    values = np.divide(together, alone, out=np.full(together.shape, EPSILON), where=alone > 0)
    return _returned(np.minimum(np.log(values), 0.0).mean(axis=1), per_topic)


def c_v(
    topics: Any,
    reference: Any,
    *,
    n: int = 10,
    window: int | None = 110,
    gamma: int = 1,
    vocabulary: Any = None,
    exact: bool = False,
    per_topic: bool = False,
    cluster: Any = None,
) -> Any:
    """C_V, the indirect cosine measure of Roeder, Both & Hinneburg (WSDM 2015): gensim's ``c_v``.

    Each word gets the vector of its NPMI (windows of 110 tokens, EPSILON 1e-12) with all n words
    of its topic, itself included; C_V is the mean cosine between a word's vector and the sum of
    the topic's vectors.

    **Its own author advises against it**: in Palmetto's documentation M. Roeder asks not to use
    C_V any more, since it behaves oddly, above all with random words. It also rewards topics
    whose words are alike in what they avoid. Give it for comparison with published figures, and
    report :func:`npmi` first.

    Parameters
    ----------
    topics, reference, n, window, vocabulary, exact, per_topic, cluster
        As in :func:`npmi`; here ``window=None`` counts documents with the same formula.
    gamma : int
        The power that each NPMI is raised to, at least 1. The paper's C_V, gensim, and the sources
        of Palmetto today take 1; the jar of Palmetto that many figures were made with is reported
        to take 2, which loses the sign: to compare with those pass ``gamma=2``. Figures of the two
        are not comparable.

    Returns
    -------
    float, or float64 array of shape (K,)
        In [-1, 1]. A word that the reference lacks has the zero vector, and 0 as its cosine.

    Raises
    ------
    InputError
        As :func:`npmi`; also if windows are asked of a reference that holds counts, or gamma is no
        whole number from 1 on.

    >>> texts = [["cell", "gene"], ["cell", "gene"], ["star"], ["star"]]
    >>> round(c_v([["cell", "gene"]], texts, n=2), 6)
    1.0
    """
    if isinstance(gamma, bool) or gamma != int(gamma) or gamma < 1:
        raise InputError(f"gamma: is {gamma!r}. Pass 1, or 2 to compare with Palmetto's jar.")
    found = probabilities(topics, reference, n, window, vocabulary, exact, cluster=cluster)
    pairs = np.where(found.seen, _npmi(found), 0.0)
    alone = found.words[found.topics]
    matrix = pairs[found.of_topics]
    places = np.arange(found.topics.shape[1])
    matrix[:, places, places] = np.where(alone > 0, _npmi_of(alone, alone * alone), 0.0)
    matrix **= int(gamma)
    whole = matrix.sum(axis=1)
    dot = np.einsum("kij,kj->ki", matrix, whole)
    length = np.linalg.norm(matrix, axis=2) * np.linalg.norm(whole, axis=1)[:, None]
    cosine = np.divide(dot, length, out=np.zeros_like(dot), where=length > 0)
    return _returned(cosine.mean(axis=1), per_topic)


def npmi_of_pairs(found: Probabilities) -> NDArray[np.float64]:
    """NPMI of each pair over documents: -1 where none holds both, 1 where every one does; (P,)."""
    together = (found.pairs > 0) & (found.pairs < 1)
    values = np.where(found.pairs > 0, 1.0, -1.0)
    joint, product = found.pairs[together], found.product[together]
    values[together] = np.log(joint / product) / -np.log(joint)
    return np.clip(values, -1.0, 1.0)


def _npmi(found: Probabilities) -> NDArray[np.float64]:
    return np.where(found.seen, _npmi_of(found.pairs, found.product), -1.0)


def _npmi_of(joint: NDArray[np.float64], product: NDArray[np.float64]) -> NDArray[np.float64]:
    """gensim's normalised log ratio, kept within [-1, 1], which EPSILON can leave by a hair."""
    ratio = (joint + EPSILON) / np.where(product > 0, product, 1.0)
    return np.clip(np.log(ratio) / -np.log(joint + EPSILON), -1.0, 1.0)


def _returned(values: NDArray[np.float64], per_topic: bool) -> Any:
    return values if per_topic else float(values.mean())
