"""Skip-gram: a word and each of its neighbours predict one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from polytopic.embeddings.kernels.hierarchical import skipgram_hierarchical
from polytopic.embeddings.kernels.skipgram import skipgram_negative
from polytopic.embeddings.kernels.softmax import skipgram_softmax
from polytopic.embeddings.window_model import WindowModel

__all__ = ["SkipGram"]


class SkipGram(WindowModel):
    """Word vectors by skip-gram (Mikolov et al., ICLR 2013, arXiv:1301.3781; NeurIPS 2013).

    For each centre w and each neighbour c within the window, with x_c a row of ``input`` and u_w a
    row of ``output``, both in R^E, the mean over all pairs of

    - ``loss="negative"``: -log s(x_c . u_w) - sum_{i=1..n} log s(-x_c . u_{w_i}), w_i ~ counts^a
      (NeurIPS 2013, equation 4; the n noise words of a centre serve all its neighbours);
    - ``loss="softmax"``: -log softmax(U x_c)_w, exact over all V words;
    - ``loss="hierarchical"``: minus the log-probability of w's path in a Huffman tree (equation 3)

    is lowered by plain stochastic gradient steps, with a learning rate that falls evenly.

    Attributes
    ----------
    vectors_ : WordVectors
        ``input`` and ``output``, float32, shape (V, E).
    vocabulary_ : Vocabulary
    history_ : list of dict
        For each epoch the mean ``loss`` a pair in nats (summed in float64), ``pairs``, ``seconds``
        and ``words_per_second``.
    n_epochs_ : int

    Raises
    ------
    InputError
        From ``fit``, if a parameter or the text cannot be used, or the loss diverges.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 200
    >>> model = SkipGram(dim=8, epochs=5, sample=0, n_threads=1, random_state=0).fit(sentences)
    >>> model.vectors_.input.shape
    (5, 8)
    """

    _kernels: ClassVar[Mapping[str, Callable[..., None]]] = {
        "negative": skipgram_negative,
        "softmax": skipgram_softmax,
        "hierarchical": skipgram_hierarchical,
    }
