"""Corpora larger than memory: a folder of shards, made in two passes, read as it is looked at."""
