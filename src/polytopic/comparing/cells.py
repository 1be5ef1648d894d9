"""One cell of a comparison: a model with a seed on a corpus, fitted, measured, kept as a file."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from polytopic import __version__, registry
from polytopic.errors import CheckpointError, InputError, PolytopicError
from polytopic.io import replacing
from polytopic.io.records import read_record
from polytopic.io.schemas import ANYTHING, NUMBER, TEXT, WHOLE, MapOf, Record, check_record
from polytopic.parameters import FLAG, NONE, AnyOf
from polytopic.persistence import json_parameters
from polytopic.text import Corpus

__all__ = ["Cell", "Done", "Documents", "digest_of", "read_done", "run_cell", "write_done"]

_REMEDY = "Remove the file and start again: that cell is computed anew."
_RECORD = Record(
    {
        "identity": MapOf(ANYTHING),
        "model": TEXT,
        "corpus": TEXT,
        "seed": WHOLE,
        "metrics": MapOf(AnyOf(NUMBER, FLAG, NONE)),
        "seconds": NUMBER,
    }
)
_DIGITS = 16
"""Hexadecimal digits of a digest in the name of a cell's file."""

_NAME = 40
"""Characters of the names of model and corpus in it."""


@dataclass(frozen=True)
class Documents:
    """A corpus of a comparison: what models are fitted to, and what they are judged on besides."""

    train: Corpus
    test: Corpus | None
    reference: Any = None


@dataclass(frozen=True, eq=False)
class Cell:
    """What is to be computed: names as the tables show them, the class, its parameters, the seed.

    ``documents`` is the digest of the corpus, its test part and the reference.
    """

    model: str
    corpus: str
    seed: int
    class_name: str
    parameters: Mapping[str, Any]
    documents: str

    def estimator(self, n_threads: int | None = None) -> Any:
        """The model, not fitted; its parameters are checked.

        Raises
        ------
        InputError
            If there is no such model or parameter, or a value cannot be used.
        """
        model = registry.load_class(registry.find(self.class_name, "topics"))()
        known = sorted(model.get_params())
        for name in self.parameters:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                meant = f' Did you mean "{close[0]}"?' if close else ""
                raise InputError(
                    f"{name:.60}: is no parameter of {self.class_name}.{meant} It has: "
                    f"{', '.join(known)}."
                )
        model.set_params(**self.parameters)
        model.set_params(random_state=self.seed)
        if n_threads is not None and model.n_threads is None:
            model.set_params(n_threads=n_threads)
        model.check_parameters()
        return model

    def identity(self) -> dict[str, Any]:
        """What decides the figures of the cell, JSON-ready."""
        model = self.estimator()
        decided = {n: v for n, v in json_parameters(model).items() if n not in _OF_THE_MACHINE}
        given = {name: getattr(v, "input", v) for name, v in self.parameters.items()}
        arrays = {
            name: hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()[:_DIGITS]
            for name, value in given.items()
            if isinstance(value, np.ndarray)
        }
        about = {"class": self.class_name, "documents": self.documents, "version": __version__}
        return {**about, "parameters": decided | arrays}

    def file(self, folder: Path) -> Path:
        """The file of the cell: other parameters, or other documents, have another name."""
        digest = hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode()).hexdigest()
        names = [re.sub(r"[^\w.=-]+", "-", name)[:_NAME] for name in (self.model, self.corpus)]
        return folder / f"{'-'.join(names)}-{self.seed}-{digest[:_DIGITS]}.json"


_OF_THE_TEST = ("_held_out", "perplexity")
"""Ends of the names of what is measured on the documents of the test part."""

_OF_THE_MACHINE = ("cluster", "n_threads", "verbose", "checkpoint", "device", "trackers")


@dataclass(frozen=True)
class Done:
    """A cell that was computed: its metrics by name and the seconds of the fit, or why there are
    none."""

    model: str
    corpus: str
    seed: int
    metrics: Mapping[str, Any]
    seconds: float | None = None
    told: str = ""


def digest_of(documents: Documents) -> str:
    """What makes documents other documents: counts, order, terms and labels of all parts."""
    digest = hashlib.sha256()
    for part in (documents.train, documents.test, documents.reference):
        if not isinstance(part, Corpus):
            digest.update(repr(part).encode())
            continue
        for array in (part.counts.indptr, part.counts.indices, part.counts.data, part.tokens):
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
        digest.update("\n".join(part.vocabulary.terms).encode())
        digest.update(repr(None if part.labels is None else part.labels.tolist()).encode())
    return digest.hexdigest()[:_DIGITS]


def run_cell(cell: Cell, documents: Documents, n_threads: int | None = None) -> Done | None:
    """Fit and measure; None if Ctrl-C ended the fit before time.

    What cannot be fitted (more topics than terms, say) is told in ``told``.
    """
    from polytopic import metrics

    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they tell is among the metrics
        try:
            model = cell.estimator(n_threads)
            result = model.fit_result(documents.train)
            if getattr(model, "interrupted_", False):
                return None
            seconds = round(time.perf_counter() - started, 3)
            found = metrics.evaluate(
                result, documents.train, reference=documents.reference, random_state=0
            )
            if documents.test is not None:
                judged = metrics.evaluate(model, held_out=documents.test, random_state=0)
                found |= {n: v for n, v in judged.items() if n.endswith(_OF_THE_TEST)}
        except PolytopicError as error:
            return Done(cell.model, cell.corpus, cell.seed, {}, told=str(error))
    return Done(cell.model, cell.corpus, cell.seed, found, seconds)


def write_done(done: Done, cell: Cell, folder: Path) -> None:
    """Keep a cell, whole or not at all.

    Raises
    ------
    OSError
        If the system refuses.
    """
    record = {
        "identity": cell.identity(),
        "model": done.model,
        "corpus": done.corpus,
        "seed": done.seed,
        "metrics": dict(done.metrics),
        "seconds": done.seconds,
    }
    with replacing(cell.file(folder)) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_done(cell: Cell, folder: Path) -> Done | None:
    """What was computed of a cell before; None if nothing was.

    Raises
    ------
    CheckpointError
        If its file is cut short, altered, or of another cell.
    """
    file = cell.file(folder)
    if not file.exists():
        return None
    record = read_record(file, _REMEDY)
    check_record(record, _RECORD, str(file))
    if record["identity"] != json.loads(json.dumps(cell.identity())):
        raise CheckpointError(f"{file}: holds another cell, or is altered. {_REMEDY}")
    return Done(cell.model, cell.corpus, cell.seed, record["metrics"], record["seconds"])
