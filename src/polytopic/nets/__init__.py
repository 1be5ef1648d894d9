"""Encoders and decoders: modules over sparse batches of counts; nothing here knows of text."""

from polytopic.nets.batch import CountsBatch, SparseCounts
from polytopic.nets.decoders import Decoder, Mixture, Product
from polytopic.nets.encoder import CountsEncoder
from polytopic.nets.layers import ShiftBatchNorm, SparseLinear, dropout

__all__ = [
    "CountsBatch",
    "CountsEncoder",
    "Decoder",
    "Mixture",
    "Product",
    "ShiftBatchNorm",
    "SparseCounts",
    "SparseLinear",
    "dropout",
]
