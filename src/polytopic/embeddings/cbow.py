"""CBOW: the neighbours of a word, taken together, predict it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from polytopic.embeddings.kernels.arguments import Bag
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.hierarchical import cbow_hierarchical
from polytopic.embeddings.kernels.softmax import cbow_softmax
from polytopic.embeddings.window_model import WindowModel
from polytopic.parameters import FLAG, Choice, parameter

__all__ = ["CBOW"]


class CBOW(WindowModel):
    """Word vectors by the continuous bag of words (Mikolov et al., ICLR 2013, arXiv:1301.3781).

    For each centre w with neighbours C, h = mean (or sum) of the rows x_c of ``input``, c in C, and
    the mean over all centres of

    - ``loss="negative"``: -log s(h . u_w) - sum_{i=1..n} log s(-h . u_{w_i}), w_i ~ counts^a;
    - ``loss="softmax"``: -log softmax(U h)_w, exact over all V words;
    - ``loss="hierarchical"``: minus the log-probability of w's path in a Huffman tree

    is lowered, with u_w a row of ``output``.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 200
    >>> model = CBOW(dim=8, epochs=5, sample=0, n_threads=1, random_state=0).fit(sentences)
    >>> model.vectors_.output.shape
    (5, 8)
    """

    learning_rate: float = parameter(default=0.075)
    context: str = parameter(
        Choice(("mean", "sum")), "What h is of its neighbours.", default="mean"
    )
    divide_gradient: bool = parameter(
        FLAG,
        "Whether the gradient of h that goes back to each neighbour is divided by their "
        "number: with the mean, that is the derivative; word2vec.c and fastText leave it "
        "undivided, which is as if the neighbours' learning rate were higher (Irsoy et al., "
        '"Corrected CBOW performs as well as skip-gram", 2021).',
        default=False,
    )

    _kernels: ClassVar[Mapping[str, Callable[..., None]]] = {
        "negative": cbow_negative,
        "softmax": cbow_softmax,
        "hierarchical": cbow_hierarchical,
    }

    def _kernel_options(self) -> tuple[Any, ...]:
        return (Bag(average=self.context == "mean", divide=self.divide_gradient),)
