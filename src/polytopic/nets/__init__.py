"""Encoders and decoders: modules over sparse batches of counts; nothing here knows of text."""

from polytopic.nets.balance import UsageFloor
from polytopic.nets.batch import CountsBatch, SparseCounts
from polytopic.nets.decoders import DECODERS, Decoder, Mixture, Product
from polytopic.nets.encoder import CountsEncoder
from polytopic.nets.layers import ShiftBatchNorm, dropout
from polytopic.nets.likelihood import mixture_log_likelihood, softmax_log_likelihood
from polytopic.nets.regularizers import topic_overlap

__all__ = [
    "DECODERS",
    "CountsBatch",
    "CountsEncoder",
    "Decoder",
    "Mixture",
    "Product",
    "ShiftBatchNorm",
    "SparseCounts",
    "UsageFloor",
    "dropout",
    "mixture_log_likelihood",
    "softmax_log_likelihood",
    "topic_overlap",
]
