"""A template of a plugin: the row of its model; reading it loads nothing else."""

from polytopic.registry import Entry

WORD_MIXTURE = Entry(
    name="word-mixture",
    class_name="WordMixture",
    module="polytopic_example.mixture",
    family="topics",
    summary="each document of one topic: a mixture of unigrams",
    source="Nigam, McCallum, Thrun & Mitchell, Machine Learning 39, 2000",
)
