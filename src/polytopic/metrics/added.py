"""Metrics of other packages, by the entry point ``polytopic.metrics``, among those of ``evaluate``.

A metric is a function; the names of its arguments say what it is given:

=============== ==================================================================================
``topic_word``  topics, shape (K, V), rows on the simplex
``doc_topic``   theta, shape (D, K), rows on the simplex
``terms``       list of V strings, in the order of the columns
``counts``      CSR of shape (D, V): the training documents
``held_out``    CSR: documents held out
``reference``   the Corpus, or lists of tokens, that was given as a reference
``labels``      array of D labels
``vectors``     the word vectors that were given
=============== ==================================================================================

It gives a number, or an array of shape (K,), one a topic, whose mean is the figure. Where one of
its arguments is not at hand the figure is None, as it is of our own; an argument with a default may
be left out. What raises is told in a ``PluginWarning``, and its figure is None.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from polytopic import plugins
from polytopic.errors import PluginWarning, named_in_one_line
from polytopic.metrics.intervals import Sample

__all__ = ["GIVEN", "added_figures"]

GIVEN = (
    "topic_word", "doc_topic", "terms", "counts", "held_out", "reference", "labels", "vectors",
)  # fmt: skip
"""What a metric may ask for."""


def added_figures(
    at_hand: Callable[[], Mapping[str, Any]], own: Collection[str]
) -> dict[str, Sample | None]:
    """The figures of the metrics that other packages add, by the names of their entry points.

    Parameters
    ----------
    at_hand : callable
        Gives what there is by the names of :data:`GIVEN`, None for what is not; called only where
        a package adds metrics.
    own : collection of str
        Names that are taken: a plugin's metric of such a name is left out and told.
    """
    kind: Any = Callable  # what can be called: no type that a checker has a name for
    metrics = plugins.added(plugins.METRICS, kind, own, lambda plugin, metric: [plugin.name])
    given = at_hand() if metrics else {}
    return {plugin.name: _figure(plugin, metric, given) for plugin, metric in metrics}


def _figure(
    plugin: plugins.Plugin, metric: Callable[..., Any], given: Mapping[str, Any]
) -> Sample | None:
    try:
        asked = inspect.signature(metric).parameters
        unknown = sorted(asked.keys() - set(GIVEN))
        if unknown:
            raise TypeError(f"asks for {unknown[0]}, which is none of {', '.join(GIVEN)}")
        needed = {name for name, one in asked.items() if one.default is inspect.Parameter.empty}
        if any(given.get(name) is None for name in needed):
            return None
        found = metric(**{n: given[n] for n in asked if given.get(n) is not None})
        values = np.asarray(found, dtype=np.float64)
        if values.ndim > 1:
            raise TypeError(f"gives an array of shape {values.shape}, no number and none a topic")
    except Exception as error:  # noqa: BLE001 (code of others may raise whatever it likes)
        told = named_in_one_line(error)
        warnings.warn(
            f"metric {plugin.name} of {plugin.package}: {told:.300}. Its figure is left out: "
            "update that package.",
            PluginWarning,
            stacklevel=3,
        )
        return None
    return Sample(float(values)) if values.ndim == 0 else Sample.mean(values)
