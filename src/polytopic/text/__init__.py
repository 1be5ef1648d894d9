"""Text to counts: readers, tokens, n-gram terms, vocabulary, corpus."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from polytopic.text.dropped import Dropped, Tally
from polytopic.text.tokens import SKLEARN_PATTERN
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.text.corpus import Corpus as Corpus
    from polytopic.text.phrases import Collocations as Collocations
    from polytopic.text.reading import Documents as Documents
    from polytopic.text.reading import read as read
    from polytopic.text.reading import read_documents as read_documents
    from polytopic.text.sharded import ShardedCorpus as ShardedCorpus
    from polytopic.text.sharded import shard as shard

_LATER = {
    "Corpus": "polytopic.text.corpus",
    "Collocations": "polytopic.text.phrases",
    "Documents": "polytopic.text.reading",
    "read": "polytopic.text.reading",
    "read_documents": "polytopic.text.reading",
    "ShardedCorpus": "polytopic.text.sharded",
    "shard": "polytopic.text.sharded",
}

__all__ = ["SKLEARN_PATTERN", "Dropped", "Tally", "Vocabulary", *_LATER]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'polytopic.text' has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)
