"""Word vectors: real-valued rows, one a term. They are not distributions."""

from polytopic.embeddings.ppmi import ppmi_vectors

__all__ = ["ppmi_vectors"]
