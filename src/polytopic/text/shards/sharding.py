"""``shard``: from files of any size to a corpus in shards, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from polytopic import io
from polytopic.cluster import Crew, opened, remove_left
from polytopic.errors import CheckpointError, InputError
from polytopic.io.records import in_one_line
from polytopic.machine import hand_back_memory, resolve_threads
from polytopic.progress import progress_bar
from polytopic.text.cleaning import DROP_DUPLICATES
from polytopic.text.dropped import Dropped, Tally
from polytopic.text.options import TextOptions
from polytopic.text.shards.appending import Appended, write_later
from polytopic.text.shards.choosing import Chosen
from polytopic.text.shards.cluster_sharding import (
    ADVICE,
    WORK,
    ClusterChosen,
    append_batches,
    spool_words,
)
from polytopic.text.shards.layout import (
    INDEX,
    PLAN,
    Index,
    owned,
    read_index,
    write_index,
    write_json,
)
from polytopic.text.shards.source import DOCUMENTS, Job, batches, fingerprint, matching
from polytopic.text.shards.spool import Spool, added, words_file
from polytopic.text.tables import Account, Wanted

__all__ = ["append_shards", "make_shards"]


def make_shards(
    source: str | Path | Sequence[str | Path],
    output: Path,
    wanted: Wanted,
    reading: dict[str, Any],
    *,
    documents: int = DOCUMENTS,
    keep_texts: bool = False,
    verbose: bool = False,
    cluster: Any = None,
    **options: Any,
) -> None:
    """The work of :func:`polytopic.shard`."""
    chosen = TextOptions(**options)
    _refuse_whole(chosen)
    files = matching(source)
    io.refuse_foreign(output, owned, "Name a new folder.")
    if (output / INDEX).is_dir():
        raise InputError(
            f"{output}: holds a sharded corpus. Name a new folder, or add to it with append."
        )
    plan = {
        "files": fingerprint(files), "wanted": wanted.named(), "reading": reading,
        "documents": documents, "texts": keep_texts,
        "options": {n: repr(v) for n, v in options.items() if n != "n_threads"},
    }  # fmt: skip
    job = Job(files, wanted, reading, documents, keep_texts, chosen, output)
    with ExitStack() as ending:
        crew = None
        if cluster is not None:
            crew = ending.enter_context(opened(cluster, output / WORK, advice=ADVICE))
        made = _make(output)
        ending.callback(io.remove_empty, made)
        try:
            with io.claimed(output):
                _make_claimed(job, plan, crew, verbose=verbose)
            hand_back_memory()  # of the words that were counted: a fit may follow
        except OSError as error:
            raise InputError(
                f"{output}: cannot be written ({error.strerror or error}). Free some space, and "
                "start again: it goes on from here."
            ) from None


def _make_claimed(job: Job, plan: dict[str, Any], crew: Crew | None, *, verbose: bool) -> None:
    remove_left(job.output / WORK)  # of a run that was killed, in workers' midst
    with ExitStack() as ending:
        shared = None if crew is None else ending.enter_context(crew.sharing())
        _begin(job.output, plan)
        advance = ending.enter_context(progress_bar("sharding", 2.0, shown=verbose))
        try:
            index = _learned(job, advance, crew, shared)
        except InputError:
            if not words_file(job.output, 0).is_file():  # nothing was read: there is no going on
                (job.output / PLAN).unlink()
            raise
    write_index(job.output, replace(index, roles=job.wanted.named(), texts=job.texts))
    (job.output / PLAN).unlink()


def append_shards(
    folder: Path,
    source: str | Path | Sequence[str | Path],
    reading: dict[str, Any],
    *,
    documents: int = DOCUMENTS,
    cluster: Any = None,
    **options: Any,
) -> Dropped:
    """Add documents of files as new shards, the vocabulary kept; what of them was left out.

    Raises
    ------
    FileMissingError, CheckpointError, InputError
        If the files or the folder cannot be used; the corpus is then as it was.
    """
    files = matching(source)
    with ExitStack() as ending:
        crew = None
        if cluster is not None:
            crew = ending.enter_context(opened(cluster, folder / WORK, advice=ADVICE))
        try:
            ending.enter_context(io.claimed(folder))
            index = read_index(folder)
            wanted = _wanted(index.roles)
            job = Job(files, wanted, reading, documents, index.texts, TextOptions(), folder)
            remove_left(folder / WORK)
            later = sorted(_later(job, index, options, crew), key=lambda one: one.number)
            if not later:
                raise InputError("source: holds no documents. Give files with at least one.")
            new = reduce(joined, (one.dropped for one in later))
            rows = (*index.shards, *(one.row for one in later))
            whole = joined(index.dropped, new)
            write_index(folder, replace(index, shards=rows, dropped=whole))
        except OSError as error:
            raise InputError(
                f"{folder}: cannot be written ({error.strerror or error}). Free some space; the "
                "corpus is as it was."
            ) from None
    return new


def _later(
    job: Job, index: Index, options: dict[str, Any], crew: Crew | None
) -> Iterator[Appended]:
    """The shards of later documents, as they are written, here or by workers."""
    account, first = Account(), len(index.shards)
    if crew is not None:
        with crew.sharing() as shared:
            yield from append_batches(crew, shared, job, first, options, account)
        return
    stream = batches(job.files, job.wanted, job.reading, account, job.documents)
    for number, batch in enumerate(stream, first):
        yield write_later(job.output, number, batch, index.vocabulary, options, texts=index.texts)


def joined(left: Dropped, right: Dropped) -> Dropped:
    """Two accounts as one. Terms that both left out are counted once where one of them did."""
    sums = ("documents", "empty_documents", "documents_without_terms", "tokens", "tokens_kept",
            "emptied")  # fmt: skip
    tallies = ("stop_words", "below_min_df", "above_max_df", "beyond_max_terms", "unseen",
               "no_words")  # fmt: skip
    examples: dict[str, int] = {}
    for term, number in (*left.unseen_examples, *right.unseen_examples):
        examples[term] = examples.get(term, 0) + number
    most = sorted(examples.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    added_up: dict[str, Any] = {n: getattr(left, n) + getattr(right, n) for n in sums}
    added_up |= {n: _both(getattr(left, n), getattr(right, n)) for n in tallies}
    return replace(
        left,
        **added_up,
        unseen_examples=tuple(most),
        cleaned=added(left.cleaned, right.cleaned),
        notes=tuple(dict.fromkeys((*left.notes, *right.notes))),
    )


def _both(left: Tally, right: Tally) -> Tally:
    return Tally(max(left.terms, right.terms), left.tokens + right.tokens)


def _refuse_whole(options: TextOptions) -> None:
    """Refuse what needs all words at once."""
    rule = options.word_rule()
    for name, there in {
        "vocabulary": options.vocabulary is not None,
        "ngrams": options.ngrams is not None,
        "tokenizer": options.tokenizer is not None,
        "token_pattern": options.tokenizer is None and options.splitter(rule) is not None,
        'clean="drop_duplicates"': DROP_DUPLICATES in options.cleaning()[0],
    }.items():
        if there:
            raise InputError(
                f"{name}: is not for shards, which are read a part at a time. Leave it out, or "
                "read the whole with pt.read."
            )


def _make(output: Path) -> list[Path]:
    try:
        return io.make_folder(output)
    except OSError as error:
        raise InputError(
            f"{output}: cannot be made ({error.strerror or error}). Name another folder."
        ) from None


def _begin(output: Path, plan: dict[str, Any]) -> None:
    """Say what the folder is made from, or find it said."""
    file = output / PLAN
    if file.is_file():
        try:
            same = json.loads(file.read_text(encoding="utf-8")) == json.loads(json.dumps(plan))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{file}: {in_one_line(error)}. Remove the folder.") from None
        if not same:
            raise InputError(
                f"{output}: is half written, from other files or with other options. Start it as "
                "before, or name a new folder."
            )
        return
    write_json(file, plan)


def _learned(job: Job, advance: Any, crew: Crew | None, shared: Path | None) -> Index:
    """Both passes: words of all batches, then the vocabulary and the shards."""
    rule, steps = job.options.word_rule(), job.options.cleaning()[0]
    spool, account = Spool(job.output, rule, steps), Account()
    chosen: Chosen
    if crew is None or shared is None:
        n_threads = resolve_threads(job.options.n_threads)
        _spool_words(job, spool, account, advance, n_threads)
        chosen = Chosen(spool, job.options, n_threads)
    else:
        for done, _ in enumerate(spool_words(crew, shared, job, spool, account), len(spool) + 1):
            advance(1.0 - 0.5**done, f"words of {done:,} shards found")
        spool = Spool(job.output, rule, steps)
        chosen = ClusterChosen(spool, job.options, crew, shared)
    for place, _ in enumerate(chosen.write(job.output), 1):
        advance(1.0 + place / len(spool), f"{place:,} of {len(spool):,} shards")
    dropped = chosen.dropped()
    told = replace(dropped, notes=(*account.told(), *dropped.notes))
    spool.clear()
    return Index(chosen.selection.vocabulary, told, chosen.rows(), {}, job.texts)


def _spool_words(job: Job, spool: Spool, account: Account, advance: Any, n_threads: int) -> None:
    done = len(spool)
    stream = batches(job.files, job.wanted, job.reading, account, job.documents)
    for number, batch in enumerate(stream):
        if number >= done:
            spool.add(batch, texts=job.texts, n_threads=n_threads)
            advance(1.0 - 0.5 ** len(spool), f"{spool.n_documents:,} documents read")


def _wanted(roles: Any) -> Wanted:
    named: dict[str, list[str]] = {}
    for role, name in roles.items():
        named.setdefault(role.partition(" +")[0], []).append(name)
    single = {role: names[0] for role, names in named.items() if role in ("id", "date")}
    return Wanted(named.get("text"), named.get("label"), **single)
