"""From raw texts to a measured result in one call."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic import registry
from polytopic.errors import CollapseWarning, EmptyDocumentsWarning, InputError

if TYPE_CHECKING:
    from polytopic.result import TopicResult
    from polytopic.text import Corpus

__all__ = ["MAX_TERMS", "explore", "measured"]

MAX_TERMS = 10_000
"""Terms that ``explore`` and the command line keep: rarer ones cost time and blur the topics."""


def explore(
    texts: Iterable[str] | Corpus | str | Path,
    *,
    model: str | None = None,
    n_topics: Any = 50,
    labels: Any = None,
    embeddings: Any = None,
    random_state: Any = 0,
    verbose: bool = False,
    reference: Any = None,
    **options: Any,
) -> TopicResult:
    """Find topics in raw texts, and measure them.

    Parameters
    ----------
    texts : iterable of D str, data frame, Corpus, ShardedCorpus, or path
        The documents. A path, ``"reviews.csv"``, is read by :func:`polytopic.read`, a frame of
        pandas, polars or pyarrow by :meth:`Corpus.from_frame`, a dataset of scikit-learn by
        :meth:`Corpus.from_bunch`; their columns are named by options:
        ``text="body"``, ``label=["stars", "city"]``.
    model : str, optional
        Name in the registry (``polytopic models`` lists them); by default the registry's.
    n_topics : int, or what :func:`polytopic.choose_topics` found
        K; of the latter its ``best``, and the report shows the choice.
    labels : sequence of D entries, optional
        Labels of the documents, for purity, NMI and the report.
    embeddings : array of shape (D, M), optional
        A row a document from any text encoder, for the models that read them (``"combined-tm"``,
        ``"zero-shot-tm"``).
    random_state : int, None, RandomState or Generator
    verbose : bool
        Show progress.
    reference : Corpus or lists of tokens, optional
        Another text to judge the coherence by.
    **options
        Options of :meth:`Corpus.from_texts` (``language``, ``min_df``, ``ngrams``, ...) and of the
        model (``epochs``, ``learning_rate``, ...), by name. ``max_terms`` is 10,000 here.

    Returns
    -------
    TopicResult
        With every metric of :func:`polytopic.metrics.evaluate` that can be computed.

    Raises
    ------
    InputError
        If an option is unknown or an input cannot be used; the message says what to do.
    MissingExtraError
        If the model needs an optional dependency that is not installed.

    Notes
    -----
    ``polytopic.explore(texts, n_topics=20).report("report.html")`` is the shortest way from texts
    to a page to read.
    """
    from polytopic.base import refuse_embeddings
    from polytopic.metrics.topic_numbers import HOW_MANY

    loaded = registry.load_class(registry.find(model or registry.DEFAULT_TOPIC_MODEL, "topics"))
    reading, modelling = _split_options(texts, options, loaded)
    if isinstance(n_topics, str):
        raise InputError(
            f"n_topics: is {n_topics!r:.40}. Give a number, or let the corpus choose: "
            "n_topics=pt.choose_topics(corpus)."
        )
    notes = {HOW_MANY: n_topics.to_dict()} if hasattr(n_topics, "best") else {}
    number = getattr(n_topics, "best", n_topics)
    estimator = loaded(n_topics=number, random_state=random_state, **modelling)
    beside = {} if embeddings is None else {"embeddings": embeddings}
    if beside:
        refuse_embeddings(estimator, "embeddings")
    corpus = _as_corpus(texts, labels, reading)
    if "verbose" in estimator.get_params():
        estimator.set_params(verbose=verbose)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)  # the result's metrics tell it
        warnings.simplefilter("ignore", EmptyDocumentsWarning)  # as its notes on the text do
        result = estimator.fit_result(corpus, **beside)
    return measured(result, corpus, reference=reference, **notes)


def measured(
    result: TopicResult, corpus: Corpus, *, reference: Any = None, **notes: Any
) -> TopicResult:
    """A model's result on its training corpus, with every metric that can be computed.

    ``notes`` are added to the result's notes; what was dropped from the text is told there too.
    """
    from dataclasses import replace

    from polytopic import metrics

    found = metrics.evaluate(result, corpus, reference=reference)
    told: dict[str, Any] = {**result.notes, "dropped": corpus.dropped.describe()}
    if result.without_topic:
        told["without_topic"] = result.without_topic
    told |= notes
    return replace(result, metrics=found, notes=told)


def _split_options(
    texts: Any, options: Mapping[str, Any], model: type
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the text and those of the model; one that both have (n_threads) is both's."""
    from polytopic.text import Corpus, ShardedCorpus, read
    from polytopic.text.columns import column_names
    from polytopic.text.counted.bunches import is_bunch

    own = set(inspect.signature(explore).parameters)
    of_model = set(inspect.signature(model).parameters) - own
    of_text: set[str] = set()
    if isinstance(texts, str | Path):
        of_text |= _keywords(read)
    if column_names(texts) is not None and not is_bunch(texts):
        of_text |= _keywords(Corpus.from_frame)
    if not isinstance(texts, Corpus | ShardedCorpus):
        of_text |= _keywords(Corpus.from_texts)
    of_text -= own
    unknown = sorted(set(options) - of_text - of_model)
    if unknown:
        close = difflib.get_close_matches(unknown[0], sorted(of_text | of_model), n=3, cutoff=0.5)
        hint = f"Close to it: {', '.join(close)}. " if close else ""
        others = registry.models_with(unknown[0])
        if others:
            hint = f"Models that have it: {', '.join(others)}. "
        raise InputError(
            f'options: there is no option "{unknown[0]}". {hint}Options are those of '
            f"Corpus.from_texts and of {model.__name__}."
        )
    reading = {name: value for name, value in options.items() if name in of_text}
    return reading, {name: value for name, value in options.items() if name in of_model}


def _keywords(function: Any) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def _as_corpus(texts: Any, labels: Any, options: dict[str, Any]) -> Any:
    from polytopic.text import Corpus, ShardedCorpus, read
    from polytopic.text.columns import column_names
    from polytopic.text.counted.bunches import is_bunch
    from polytopic.text.shards.layout import is_sharded

    if isinstance(texts, str | Path) and is_sharded(Path(texts)):
        texts = ShardedCorpus(texts)
    if not isinstance(texts, Corpus | ShardedCorpus):
        options = {"max_terms": MAX_TERMS, **options}
    if isinstance(texts, str | Path):
        corpus = read(texts, **options)
    elif isinstance(texts, ShardedCorpus):
        if labels is not None:
            raise InputError("labels: a corpus in shards has its own. Leave them out.")
        return texts
    elif isinstance(texts, Corpus):
        corpus = texts
    elif is_bunch(texts):
        corpus = Corpus.from_bunch(texts, **options)
    elif column_names(texts) is not None:
        corpus = Corpus.from_frame(texts, **options)
    else:
        return Corpus.from_texts(texts, labels=labels, **options)
    return corpus if labels is None else corpus.with_columns(labels=labels)
