"""Text encoders: whatever makes a matrix of numbers of a list of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, MissingExtraError
from polytopic.extras import require
from polytopic.io.records import in_one_line
from polytopic.kernels.arrays import checked_rows
from polytopic.parameters import NONE, AnyOf, Custom

__all__ = ["ENCODER", "checked_embeddings", "encode", "name_of"]


def _is_encoder(value: Any) -> bool:
    if isinstance(value, str | Path):
        return str(value).strip() != ""
    return callable(value) or callable(getattr(value, "encode", None))


ENCODER = AnyOf(
    NONE,
    Custom(
        'a function from a list of texts to an array, an object with "encode", or a name',
        _is_encoder,
    ),
)
"""What the parameter ``encoder`` accepts."""

_STATIC = "model2vec:"
_STATIC_PUBLISHER = "minishlab/"
"""Names of model2vec's own models begin so; other names are sentence-transformers'."""

_NAME_SHOWN = 80
"""Characters of a name that is kept."""


def encode(encoder: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Texts as rows of numbers, float32 of shape (n, E).

    Parameters
    ----------
    encoder : callable, object or str
        A function from a list of n str to an array of shape (n, E); an object with such an
        ``encode``, as a ``SentenceTransformer`` or model2vec's ``StaticModel``; or the name or the
        folder of one of these: ``"all-MiniLM-L6-v2"``, ``"model2vec:minishlab/potion-base-8M"``.
    texts : sequence of n str

    Raises
    ------
    InputError
        If it fails, or gives anything but a finite matrix with a row a text; names the encoder.
    MissingExtraError
        If the library of a name is not installed.

    >>> encode(lambda texts: [[len(text), 1.0] for text in texts], ["ab", "c"]).tolist()
    [[2.0, 1.0], [1.0, 1.0]]
    """
    name = name_of(encoder)
    listed = [str(text) for text in texts]
    try:
        found = _function(encoder)(listed)
    except (InputError, MissingExtraError):
        raise
    except Exception as error:
        raise InputError(
            f"encoder: {name} failed on {len(listed):,} texts ({type(error).__name__}: "
            f"{in_one_line(error)}). Mend it, or pass embeddings=."
        ) from error
    if hasattr(found, "detach"):  # a tensor, which may ask for gradients or be on a device
        found = found.detach().cpu()
    return checked_embeddings(f"encoder: the answer of {name}", found, len(listed))


def checked_embeddings(name: str, rows: Any, n_documents: int) -> NDArray[np.float32]:
    """Embeddings as finite float32 numbers, a row a document, (D, E) with E at least 1.

    Raises
    ------
    InputError
        If they are something else, or a row has no finite length; ``name`` is what they are called.
    """
    matrix = checked_rows(name, rows, n_documents)
    if not matrix.shape[1]:
        raise InputError(f"{name}: rows hold no numbers. Pass at least one column.")
    endless = ~np.isfinite(np.einsum("de,de->d", matrix, matrix))
    if endless.any():
        row = int(endless.argmax())
        raise InputError(
            f"{name}: row {row} holds numbers up to {np.abs(matrix[row]).max():.3g}, too large to "
            "be squared. Divide all by the largest."
        )
    return matrix


def name_of(encoder: Any) -> str:
    """What an encoder is called, for messages and saved models: a name, or that of its class.

    >>> name_of("all-MiniLM-L6-v2"), name_of(len)
    ('all-MiniLM-L6-v2', 'len')
    """
    if isinstance(encoder, str | Path):
        name = str(encoder)
    else:
        card = getattr(encoder, "model_card_data", None)
        known = getattr(card, "base_model", None) or getattr(encoder, "base_model_name", None)
        plain = getattr(encoder, "__name__", type(encoder).__name__)
        name = known if isinstance(known, str) else str(plain)
    return " ".join(name.split())[:_NAME_SHOWN]


def _function(encoder: Any) -> Callable[[list[str]], Any]:
    if isinstance(encoder, str | Path):
        encoder = _named(str(encoder))
    method = getattr(encoder, "encode", None)
    return method if callable(method) else encoder  # type: ignore[no-any-return]


def _named(name: str) -> Any:
    """The encoder of a name, loaded."""
    purpose = f'The encoder "{name_of(name)}"'
    static = name.startswith((_STATIC, _STATIC_PUBLISHER))
    library = require("model2vec" if static else "sentence_transformers", purpose)
    try:
        if static:
            return library.StaticModel.from_pretrained(name.removeprefix(_STATIC))
        return library.SentenceTransformer(name)
    except Exception as error:
        raise InputError(
            f'encoder: "{name_of(name)}" cannot be loaded ({type(error).__name__}: '
            f"{in_one_line(error)}). Give the name of a model of {library.__name__}, the folder of "
            "one, or the loaded model itself."
        ) from error
