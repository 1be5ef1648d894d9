"""scikit-learn's datasets: a Bunch of texts or counts with their targets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.text.columns import as_list, matrix_shape
from polytopic.text.corpus import Corpus
from polytopic.text.values import as_column

__all__ = ["is_bunch", "read_bunch"]


def is_bunch(values: Any) -> bool:
    """Whether it is a dataset of scikit-learn: a dict of data and the names of targets."""
    return isinstance(values, Mapping) and {"data", "target", "target_names"} <= set(values)


def read_bunch(bunch: Any, **options: Any) -> Corpus:
    """The work of :meth:`Corpus.from_bunch`."""
    if not isinstance(bunch, Mapping) or "data" not in bunch:
        raise InputError(
            f"bunch: is of type {type(bunch).__name__}, without data. Pass what a function of "
            "sklearn.datasets gives, such as fetch_20newsgroups()."
        )
    data = bunch["data"]
    columns = {"labels": _labels(bunch), "ids": _ids(bunch)}
    if hasattr(type(data), "tocsr") or matrix_shape(data) is not None:
        if bunch.get("feature_names") is None:
            raise InputError(
                "bunch: holds counts without feature_names. Use Corpus.from_counts(bunch.data, "
                "terms)."
            )
        return Corpus.from_counts(data, bunch["feature_names"], **columns, **options)
    texts = as_list(data, "bunch.data")
    if texts and isinstance(texts[0], bytes):
        raise InputError(
            "bunch: its data are bytes, not str. Give the encoding where it is loaded: "
            'load_files(folder, encoding="utf-8").'
        )
    return Corpus.from_texts(texts, **columns, **options)


def _labels(bunch: Mapping[str, Any]) -> Any:
    """The names of the targets, where they have names."""
    if bunch.get("target") is None or bunch.get("target_names") is None:
        return bunch.get("target")
    target = as_column(bunch["target"], "bunch.target")
    names = as_list(bunch["target_names"], "bunch.target_names")
    if target.dtype.kind not in "iu" or (target.size and not 0 <= target.max() < len(names)):
        return target
    return np.array(names, dtype=object)[target]


def _ids(bunch: Mapping[str, Any]) -> list[str] | None:
    """Folder and name of each file."""
    names = bunch.get("filenames")
    if names is None:
        return None
    return ["/".join(Path(str(name)).parts[-2:]) for name in as_list(names, "bunch.filenames")]
