"""Encoders and decoders: modules over sparse batches of counts; nothing here knows of text."""

from polytopic.nets.batch import (
    UNKNOWN,
    CountsBatch,
    MappedDocuments,
    SparseCounts,
    checked_csr,
    checked_rows,
    given_out,
)
from polytopic.nets.decoders import Decoder, DecoderStart, Mixture, Product
from polytopic.nets.embedding_decoders import DECODERS, Distance, Embedding
from polytopic.nets.encoder import CombinedEncoder, CountsEncoder, EmbeddingsEncoder, Encoder
from polytopic.nets.layers import ShiftBatchNorm, dropout
from polytopic.nets.likelihood import (
    mixture_log_likelihood,
    softmax_log_likelihood,
    topic_softmax_log_likelihood,
    weighted_bag,
)
from polytopic.nets.log_linear import LogLinear
from polytopic.nets.metadata import LabelHead, MetadataEncoder, MetadataProduct
from polytopic.nets.objective import Objective
from polytopic.nets.regularizers import REGULARIZERS, embedding_clustering, topic_overlap
from polytopic.nets.usage_floor import UsageFloor

__all__ = [
    "DECODERS",
    "REGULARIZERS",
    "UNKNOWN",
    "CombinedEncoder",
    "CountsBatch",
    "CountsEncoder",
    "Decoder",
    "DecoderStart",
    "Distance",
    "Embedding",
    "EmbeddingsEncoder",
    "Encoder",
    "LabelHead",
    "LogLinear",
    "MappedDocuments",
    "MetadataEncoder",
    "MetadataProduct",
    "Mixture",
    "Objective",
    "Product",
    "ShiftBatchNorm",
    "SparseCounts",
    "UsageFloor",
    "checked_csr",
    "checked_rows",
    "dropout",
    "embedding_clustering",
    "given_out",
    "mixture_log_likelihood",
    "softmax_log_likelihood",
    "topic_overlap",
    "topic_softmax_log_likelihood",
    "weighted_bag",
]
