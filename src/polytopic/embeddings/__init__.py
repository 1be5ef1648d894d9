"""Word vectors: real-valued rows, one a term. They are not distributions."""

from polytopic.embeddings.ppmi import ppmi_vectors
from polytopic.embeddings.vectors import WordVectors

__all__ = ["WordVectors", "ppmi_vectors"]
