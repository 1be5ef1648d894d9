"""Text to counts: readers, tokens, n-gram terms, vocabulary, corpus."""

from __future__ import annotations

from polytopic.text.corpus import Corpus
from polytopic.text.dropped import Dropped, Tally
from polytopic.text.phrases import Collocations
from polytopic.text.tokens import SKLEARN_PATTERN
from polytopic.text.vocabulary import Vocabulary

__all__ = ["SKLEARN_PATTERN", "Collocations", "Corpus", "Dropped", "Tally", "Vocabulary"]
