"""The figures and tables of the docs, each by its name, and what makes it.

The rows hold text only: listing them loads no library.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polytopic.errors import InputError

__all__ = ["FIGURES", "Figure", "find", "maker_of"]

_NEWSGROUPS = (
    "a folder of counts with vocab.txt, as 20ng-5k of github.com/BobXWu/ECRTM (data/20NG), or any "
    "file or folder that polytopic.read takes"
)
_RUN = "the folder of a run of polytopic topics, with "


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure or table of the docs.

    ``name`` is what the command line takes, and the stem of its image in docs/images; ``page``
    where it stands; ``maker`` the function that makes it, ``module:function``, or a
    table of functions by name; ``kind`` "figure",
    "table" or "picture" (of the report, by Chromium); ``data`` what ``--data`` takes, "" if it is
    drawn from formulas alone; ``needs`` the module it cannot do without; ``command`` the benchmark
    of the repository that measures it in full.
    """

    name: str
    title: str
    page: str
    maker: str
    kind: str = "figure"
    data: str = ""
    needs: str | None = None
    command: str = ""


def _picture(name: str, title: str, data: str) -> Figure:
    return Figure(
        name=name, title=title, page="report.md", kind="picture", data=_RUN + data,
        maker="polytopic.figures.report_pictures:PICTURES", needs="selenium",
    )  # fmt: skip


FIGURES: tuple[Figure, ...] = (
    Figure(
        name="vectors-to-topics",
        title="word vectors, p(topic | word) and p(word | topic) of six sentences",
        page="negative-values.md",
        maker="polytopic.figures.vectors_to_topics:vectors_to_topics",
    ),
    Figure(
        name="vector-prior",
        title="coherence and stability of LDA against the strength of a prior of word vectors",
        page="negative-values.md",
        maker="polytopic.figures.vector_prior:vector_prior",
        data=f"records.json of benchmarks/vector_prior.py, or {_NEWSGROUPS}",
        command="python benchmarks/vector_prior.py",
    ),
    Figure(
        name="latent-planes",
        title="documents of four themes in the latent planes of three autoencoders",
        page="from-autoencoder-to-topic-model.md",
        maker="polytopic.figures.planes:latent_planes",
        needs="torch",
    ),
    Figure(
        name="latent-traversal",
        title="terms that rise and fall along the dimensions of a VAE",
        page="from-autoencoder-to-topic-model.md",
        maker="polytopic.figures.planes:latent_traversal",
        needs="torch",
    ),
    Figure(
        name="kl-directions",
        title="two bumps, and the Gaussian nearest to them in either direction of the KL",
        page="from-autoencoder-to-topic-model.md",
        maker="polytopic.figures.inference:kl_directions",
        needs="torch",
    ),
    Figure(
        name="gradient-variance",
        title="variance of the pathwise gradient and the score function by dimension",
        page="from-autoencoder-to-topic-model.md",
        maker="polytopic.figures.inference:gradient_variance",
        needs="torch",
        command="python benchmarks/gradient_variance.py",
    ),
    Figure(
        name="dirichlet-simplex",
        title="draws of three topics at concentrations .01, 1, 100 and (5, 50, 100)",
        page="from-autoencoder-to-topic-model.md",
        maker="polytopic.figures.priors:dirichlet_simplex",
    ),
    Figure(
        name="stick-breaking",
        title="atoms of draws of a Dirichlet process at alpha 1, 10 and 100",
        page="foundations.md",
        maker="polytopic.figures.priors:stick_breaking",
    ),
    Figure(
        name="collapse-watched",
        title="winning topics, KL and evenness by epoch: two collapses, and the model as built in",
        page="collapse.md",
        maker="polytopic.figures.collapse:collapse_watched",
        data=f"what benchmarks/collapse.py wrote (.json), or {_NEWSGROUPS}",
        needs="torch",
        command="python benchmarks/collapse.py --out collapse.json",
    ),
    Figure(
        name="collapse-remedies",
        title="dead topics, KL and purity by remedy",
        page="collapse.md",
        maker="polytopic.figures.collapse:collapse_remedies",
        data=f"what benchmarks/collapse.py wrote (.json), or {_NEWSGROUPS}",
        needs="torch",
        command="python benchmarks/collapse.py --out collapse.json",
    ),
    Figure(
        name="ntm-collapse",
        title="what was ever tried against the collapse of NTM, each put into the paper's recipe",
        page="ntm-collapse.md",
        maker="polytopic.figures.ntm_collapse:ntm_collapse",
        kind="table",
        data=_NEWSGROUPS,
        command="python benchmarks/ntm_remedies.py",
    ),
    Figure(
        name="matrices",
        title="one to four matrices of word vectors: loss, and which words are near",
        page="two-matrices.md",
        maker="polytopic.figures.matrices:matrices",
        kind="table",
        data="a folder with text.txt, a sentence a line, and pairs.txt, two words and a rating a "
        "line (as WordSim-353 of github.com/mfaruqui/eval-word-vectors)",
        command="python benchmarks/matrices.py",
    ),
    Figure(
        name="models",
        title="the models, what each is and where it comes from",
        page="models.md",
        maker="polytopic.figures.models:models",
        kind="table",
    ),
    Figure(
        name="imports",
        title="which part of the package imports which",
        page="design.md",
        maker="polytopic.figures.imports:imports",
    ),
    _picture("report", "the first screen of the report", "dates"),
    _picture("report-dark", "the same in the dark", "dates"),
    _picture("report-time", "topics over time", "dates"),
    _picture("report-labels", "topics by label", "labels"),
    _picture("report-documents", "the map of the documents after a search", "documents"),
    _picture("report-analyst", "what an analyst asks", "documents"),
    _picture("report-topic", "the page of a topic", "labels"),
    _picture("report-groups", "groups of topics, one of them closed", "ten topics or more"),
    _picture("report-typed", "a typed text, its words in the colours of their topics", "documents"),
    _picture("report-edits", "two topics merged and one named in the page", "documents"),
    _picture("report-phone", "the page on a telephone", "dates"),
    _picture("report-print", "the first sheets of a print (needs pdftoppm)", "dates"),
    _picture("report-view", "documents of a topic that hold a word, served", "documents"),
)


def find(name: str) -> Figure:
    """The figure of a name.

    Raises
    ------
    InputError
        If there is none; the message names near ones.

    >>> find("kl-directions").page
    'from-autoencoder-to-topic-model.md'
    """
    for figure in FIGURES:
        if figure.name == name:
            return figure
    import difflib

    names = [figure.name for figure in FIGURES]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names
    raise InputError(
        f'figure: there is none named "{name:.60}". Near it: {", ".join(near)}; '
        '"polytopic figures" lists them all.'
    )


def maker_of(figure: Figure) -> Callable[[Path | None], Any]:
    """The function that makes it, of what ``--data`` names."""
    module, _, function = figure.maker.partition(":")
    found: Any = getattr(importlib.import_module(module), function)
    made: Callable[[Path | None], Any] = found[figure.name] if isinstance(found, dict) else found
    return made
