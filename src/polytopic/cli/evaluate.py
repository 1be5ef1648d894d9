"""``polytopic evaluate``: every metric of an earlier run, or word vectors against judgements."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.cli._beside import Encoder, loaded, read_beside
from polytopic.cli._columns import (
    Encoding,
    Label,
    NoHeader,
    Separator,
    Sheet,
    Text,
    reading_options,
)
from polytopic.cli._evaluate_options import (
    Analogies,
    AsJson,
    CaseSensitive,
    Cluster,
    Intervals,
    Output,
    Reference,
    Restrict,
    Run,
    Similarity,
    Test,
    TestEmbeddings,
    Vectors,
)
from polytopic.cli._judging import judge_vectors, refuse_nothing_found, show_judged
from polytopic.cli._shared import (
    Force,
    Quiet,
    Voice,
    show_metric,
)
from polytopic.cli._vectors import (
    Errors,
    Format,
    GloveVocabulary,
    HowToRead,
    Which,
    read_word_vectors,
)
from polytopic.errors import InputError

if TYPE_CHECKING:
    from polytopic.text import Corpus, ShardedCorpus

__all__ = ["evaluate"]

PASSAGE = 200
"""Words of a passage, where a reference is one long text."""

FEW_DOCUMENTS = 100
"""A reference of fewer documents is cut into passages."""

MEANINGS = {
    "n_topics": "number of topics",
    "npmi": "coherence of the top 10 words in the training documents, -1 to 1",
    "npmi_held_out": "the same in the documents of --test: the honest one",
    "npmi_reference": "the same in the reference",
    "c_v": "C_V coherence, 0 to 1",
    "c_v_reference": "the same in the reference",
    "uci": "UCI coherence",
    "uci_reference": "the same in the reference",
    "umass": "UMass coherence, 0 at best",
    "npmi_reference_known": "in the reference, of pairs of words that it has",
    "npmi_reference_seen": "in the reference, of pairs that it holds together",
    "unknown_pairs_reference": "pairs of top words one of which the reference lacks",
    "unseen_pairs_reference": "pairs of top words that the reference holds nowhere together",
    "unseen_terms_held_out": "top words that the documents of --test lack",
    "unseen_terms_reference": "top words that the reference lacks",
    "diversity": "different words among the top 25 of all topics, 0 to 1",
    "diversity_once": "words that are in one topic's top 15 only, 0 to 1",
    "inverted_rbo": "difference of the topics' rankings, 0 to 1",
    "embedding_coherence": "mean cosine of a topic's top 10 words in --vectors, -1 to 1",
    "embedding_diversity": "one less the mean cosine of topics in --vectors, 0 to 2",
    "purity": "agreement of the largest topic with the labels, 0 to 1; grows with K",
    "nmi": "normalised mutual information with the labels, 0 to 1",
    "ami": "the same above chance, which does not grow with K; 1 at best",
    "v_measure": "harmonic mean of homogeneity and completeness, 0 to 1",
    "fowlkes_mallows": "pairs of documents with one topic and one label, 0 to 1",
    "purity_held_out": "the same in the documents of --test",
    "nmi_held_out": "the same in the documents of --test",
    "ami_held_out": "the same in the documents of --test",
    "v_measure_held_out": "the same in the documents of --test",
    "fowlkes_mallows_held_out": "the same in the documents of --test",
    "perplexity": "of the second half of each --test document, given the first",
    "dead_topics": "topics that are the largest of no document",
    "duplicate_pairs": "pairs of topics with nearly the same words",
    "share_duplicates": "topics that are nearly another's double, 0 to 1",
    "stop_word_topics": "topics made of words that stand everywhere",
    "background_topics": "topics no different from the corpus as a whole",
    "placeholder_topics": "topics made of [UNK], __num__ and the like",
    "foreign_topics": "topics of another language or script than the documents'",
    "effective_topics": "how many equally large topics would be as uneven",
    "share_uniform": "documents that belong to all topics alike, 0 to 1",
    "collapse_ok": "none of the faults above",
}


def evaluate(
    run: Run,
    reference: Reference = None,
    test: Test = None,
    test_embeddings: TestEmbeddings = None,
    encoder: Encoder = None,
    vectors: Vectors = None,
    intervals: Intervals = False,
    cluster: Cluster = None,
    text: Text = None,
    label: Label = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    similarity: Similarity = None,
    analogies: Analogies = None,
    which: Which = "input",
    restrict: Restrict = 300_000,
    case_sensitive: CaseSensitive = False,
    format: Format = None,
    vocabulary: GloveVocabulary = None,
    errors: Errors = "replace",
    output: Output = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print every metric of a run; --text and --label name columns of the --test file.

    Word vectors are judged with --similarity and --analogies, each as often as there are files.
    """
    from polytopic.cli.outputs import Outputs

    voice, how = Voice(quiet=quiet), HowToRead(format, vocabulary, errors)
    files = (similarity or [], analogies or [])
    outputs = Outputs(
        [run, reference, test, test_embeddings, vectors, *files[0], *files[1], vocabulary], force
    )
    outputs.file(output, (".json",))
    if any(files) or run.is_file():
        beside_test = test or test_embeddings or encoder or text or label
        _refuse_options_of_topics(beside_test or reference or vectors or intervals or cluster)
        if not any(files):
            raise InputError(f"{run}: is a file. Judge vectors with --similarity, --analogies.")
        options = {"which": which, "restrict": restrict, "fold_case": not case_sensitive}
        with outputs.reserved():
            judged = judge_vectors(run, *files, options, how, voice)
            record: Any = {n: [r.to_dict() for r in records] for n, records in judged.items()}
            if not _print(record, output, as_json=as_json):
                show_judged(judged, voice)
        refuse_nothing_found(judged, run)
        return
    if test is None and (text or label or test_embeddings or encoder):
        raise InputError(
            "--text, --label, --test-embeddings, --encoder: are of the --test file. Give --test."
        )
    columns = reading_options(text, encoding, separator, no_header, sheet, label=label)
    with outputs.reserved():
        beside = Beside(reference, test, vectors, how, columns, test_embeddings, encoder)
        merged = _judge_run(run, beside, intervals, cluster, voice)
        if not _print(merged, output, as_json=as_json):
            _show(merged, voice)


def _refuse_options_of_topics(given: Any) -> None:
    if given:
        raise InputError(
            "--reference, --test and what goes with it, --vectors, --intervals, --cluster: are for "
            "topics. "
            "Word vectors are judged with --similarity and --analogies."
        )


def _print(record: Any, output: Path | None, *, as_json: bool) -> bool:
    """Write the record to a file and to stdout, where asked for; whether it was printed."""
    if output is not None:
        from polytopic.io.opening import writing

        with writing(output) as stream:
            text = json.dumps(record, indent=1, ensure_ascii=False)
            stream.write(text.encode("utf-8", "backslashreplace"))
    if as_json:
        from polytopic.io.leaving import printable_json

        print(printable_json(record, sys.stdout))
    return as_json


@dataclass(frozen=True)
class Beside:
    """The files that topics are judged by, and how those are read."""

    reference: Path | None
    test: Path | None
    vectors: Path | None
    how: HowToRead
    columns: dict[str, Any]
    embeddings: Path | None
    encoder: str | None


def _judge_run(
    run: Path, beside: Beside, intervals: bool, cluster: str | None, voice: Voice
) -> dict[str, Any]:
    from polytopic import runs

    folder = runs.open_run(run)
    before = folder.read_json(runs.METRICS).get("metrics", {})
    with voice.busy("evaluating"):
        found = _measure(folder, beside, intervals, cluster, voice)
    return {**before, **{name: value for name, value in found.items() if value is not None}}


def _measure(
    folder: Any, beside: Beside, intervals: bool, cluster: str | None, voice: Voice
) -> dict[str, Any]:
    """What the files tell, and with ``intervals`` what the kept training documents do."""
    from polytopic import load_result, metrics
    from polytopic.metrics.intervals import RESAMPLES
    from polytopic.runs import read_like
    from polytopic.text.counted.folders import read_counted_test

    found: dict[str, Any] = {}
    options: dict[str, Any] = {"intervals": RESAMPLES if intervals else 0, "cluster": cluster}
    if intervals and folder.result.is_dir():
        found |= metrics.evaluate(load_result(folder.path), **options)
    if not (beside.reference or beside.test or beside.vectors):
        return found
    model = loaded(folder.model, beside.encoder)
    if beside.test is not None:
        counted = read_counted_test(beside.test)
        read = read_like(folder, model, beside.test, beside.columns) if counted is None else counted
        options["held_out"] = read
        given = read_beside(model, len(read), beside.embeddings, "--test-embeddings")
        options |= {f"held_out_{name}": rows for name, rows in given.items()}
        for line in options["held_out"].dropped.describe().splitlines():
            voice.say(f"{beside.test}: {line}")
    if beside.reference is not None:
        options["reference"] = _reference(beside.reference, folder, voice)
    if beside.vectors is not None:
        options["vectors"] = read_word_vectors(beside.vectors, beside.how, voice)
    judged = metrics.evaluate(model, **options)
    unjudged = (
        "stop_word_topics", "background_topics", "placeholder_topics", "foreign_topics",
        "share_duplicates", "collapse_ok",
    )  # fmt: skip
    return found | {n: v for n, v in judged.items() if n not in unjudged and v is not None}


def _reference(file: Path, folder: Any, voice: Voice) -> Corpus | ShardedCorpus:
    """All words of the reference in their order; one long text is cut into passages.

    A folder of shards is taken as it is.
    """
    from polytopic.text import Corpus, ShardedCorpus, read_documents
    from polytopic.text.shards.layout import is_sharded

    if is_sharded(file):
        return ShardedCorpus(file)
    documents = read_documents(file)
    for note in documents.notes:
        voice.say(note)
    texts: Any = documents.texts
    if len(texts) < FEW_DOCUMENTS:
        words = [word for text in texts for word in text.split()]
        texts = [" ".join(words[i : i + PASSAGE]) for i in range(0, len(words), PASSAGE)]
        voice.say(f"{file}: read as {len(texts):,} passages of {PASSAGE} words.")
    language = folder.settings.get("terms", {}).get("language", "en")
    read = Corpus.from_texts(
        texts,
        language=language,
        stop_words=None,
        min_df=1,
        max_df=1.0,
        max_terms=None,
        keep_texts=False,
    )
    for note in read.dropped.notes:
        voice.say(f"{file}: {note}")
    return read


def _show(found: dict[str, Any], voice: Voice) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("metric", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("what it says", overflow="fold")
    edges = {f"{name}{end}" for name in found for end in ("_low", "_high")} & set(found)
    names = [*MEANINGS, *sorted(set(found) - set(MEANINGS) - edges)]
    for name in names:
        if found.get(name) is not None:
            shown = show_metric(found[name])
            if found.get(f"{name}_low") is not None:
                low, high = (show_metric(found[f"{name}{end}"]) for end in ("_low", "_high"))
                shown += f" ({low} to {high})"
            table.add_row(name, shown, MEANINGS.get(name, ""))
    voice.out.print(table)
