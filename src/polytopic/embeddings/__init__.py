"""Word vectors: real-valued rows, one a term. They are not distributions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polytopic.embeddings.ppmi import ppmi_vectors as ppmi_vectors
    from polytopic.embeddings.raw_text import RawText as RawText
    from polytopic.embeddings.tokens import open_tokens as open_tokens
    from polytopic.embeddings.vectors import WordVectors as WordVectors

_LATER = {
    "RawText": "polytopic.embeddings.raw_text",
    "WordVectors": "polytopic.embeddings.vectors",
    "open_tokens": "polytopic.embeddings.tokens",
    "ppmi_vectors": "polytopic.embeddings.ppmi",
}

__all__ = [*_LATER]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'polytopic.embeddings' has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)
