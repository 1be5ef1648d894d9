"""Text to counts: readers, tokens, n-gram terms, vocabulary, corpus."""

from __future__ import annotations

from polytopic.text.vocabulary import Vocabulary

__all__ = ["Vocabulary"]
