"""Every table of the board by its name, made of the lines that count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

from _quality import COLUMNS

from polytopic.figures.making import Table

from .figures import ABSENT, Counting, Figure, figure, marked, number, shown, under
from .naming import title
from .ratings import again, agreement, by_model, rated, raw, verdicts
from .rows import ROWS

__all__ = [
    "CORPORA",
    "HEADS",
    "ROWS",
    "TABLES",
    "figure",
    "job",
    "memory_ratios",
    "rated",
    "stabilities",
    "title",
    "under",
]

HEADS = {
    "npmi": "NPMI", "held_out": "held out", "wiki": "wiki", "c_v": "C_V", "td": "TD",
    "once": "once", "i_rbo": "I-RBO", "purity": "purity", "nmi": "NMI",
    "perplexity": "perplexity", "dead": "dead", "duplicates": "near-duplicates",
}  # fmt: skip
"""Columns of quality, as readers know them."""

BESIDE = ("npmi", "held_out", "wiki", "td", "purity", "nmi", "perplexity")
"""Those in which a model is held against the peer's."""

LOWER_IS_BETTER = {"perplexity"}

PEERS_OF = {
    "prodlda": "topmost-prodlda", "etm": "topmost-etm", "ecrtm": "topmost-ecrtm",
    "lda": "tomotopy-lda", "lda-asymmetric": "tomotopy-lda", "lda-held": "tomotopy-lda",
}  # fmt: skip
"""A model to a peer's of the same kind."""


def quality(counting: Counting, table: str) -> Table:
    """Models down, figures across; those that were not run are not there."""
    rows = []
    for name, lines in under(counting, f"quality/{table}/").items():
        figures = {column: figure(lines, column) for column in HEADS}
        seeds = max(found.of for found in figures.values())
        cells = [shown(found, COLUMNS[column]) for column, found in figures.items()]
        rows.append([marked(title(ROWS[name].about["model"]), lines), seeds, *cells])
    return Table(["model", "seeds", *HEADS.values()], rows)


def beside(counting: Counting, table: str) -> Table:
    """Yes where the median of ours is at least as good as the peer's, as the table shows both."""
    rows = []
    for ours, theirs in PEERS_OF.items():
        pair = [counting.get(f"quality/{table}/{model}", ()) for model in (ours, theirs)]
        if not all(pair):
            continue
        cells = [_at_least(*(figure(lines, c) for lines in pair), c) for c in BESIDE]
        rows.append([title(ours), title(theirs), *cells])
    return Table(["ours", "the peer's", *(HEADS[column] for column in BESIDE)], rows)


def _at_least(ours: Figure, theirs: Figure, column: str) -> str:
    if ours.value is None or theirs.value is None:
        return ABSENT
    own, other = (round(found.value or 0.0, 3) for found in (ours, theirs))
    better = own <= other if column in LOWER_IS_BETTER else own >= other
    return "yes" if better else "**no**"


def lda(counting: Counting) -> Table:
    """Seconds to the log-likelihood that tomotopy has after 200 passes."""
    rows = []
    for name, lines in under(counting, "speed/lda/").items():
        about, ratio = ROWS[name].about, figure(lines, "ratio")
        seconds = [shown(figure(lines, of, "seconds"), ",.1f") for of in ("peer", "ours")]
        memory = shown(figure(lines, "memory_ratio"), ".2f")
        wanted = f"{about['wanted']:g}"
        corpus = marked(about["corpus"], lines)
        rows.append([corpus, f"{about['k']:,}", about["threads"], ratio.of, *seconds,
                     shown(ratio, ".2f"), wanted, memory])  # fmt: skip
    return Table(
        ["corpus", "K", "threads", "pairs", "tomotopy, s", "polytopic, s", "ratio", "wanted",
         "peak memory, polytopic / tomotopy"],
        rows,
    )  # fmt: skip


VECTORS = {
    "words_per_second": ("words/s", ",.0f"), "train": ("train s", ".1f"),
    "whole": ("whole s", ".1f"), "megabytes": ("peak MB", ",.0f"), "WS-353": ("WS-353", ".3f"),
    "SimLex-999": ("SimLex-999", ".3f"), "analogies": ("analogies", ".3f"),
}  # fmt: skip
"""What is told of word vectors, and how."""


def word_vectors(counting: Counting) -> Table:
    """Two rows a pair: gensim's and ours."""
    rows: list[list[object]] = []
    for name, lines in under(counting, "speed/word-vectors/").items():
        about = ROWS[name].about
        for program, of in (("gensim", "peer"), (f"`{about['model']}`", "ours")):
            found = {column: figure(lines, of, column) for column in VECTORS}
            if all(one.value is None for one in found.values()):
                continue
            ratio = shown(figure(lines, "ratio"), ".2f") if of == "ours" else ""
            cells = [shown(one, VECTORS[column][1]) for column, one in found.items()]
            kind = "CBOW" if "CBOW" in about["model"] else "skip-gram"
            what = marked(f"{kind}, {about['dim']} d", lines)
            rows.append([what, program, found["train"].of, *cells, ratio])
    heads = [head for head, _ in VECTORS.values()]
    return Table(["vectors", "program", "runs", *heads, "ratio of words/s"], rows)


def epochs(counting: Counting) -> Table:
    """Seconds an epoch and peak memory of autoencoders."""
    rows = []
    for name, lines in under(counting, "speed/epochs/").items():
        about, ratio = ROWS[name].about, figure(lines, "ratio")
        seconds = [shown(figure(lines, of, "seconds"), ".2f") for of in ("peer", "ours")]
        memory = [shown(figure(lines, of, "peak_mb"), ",.0f") for of in ("peer", "ours")]
        corpus = marked(f"{about['corpus']}, V = {about['terms']:,}", lines)
        rows.append([corpus, f"`{about['model']}`", ratio.of,
                     *seconds, shown(ratio, ".2f"), *memory])  # fmt: skip
    return Table(
        ["corpus", "model", "pairs", "TopMost, s", "polytopic, s", "ratio", "TopMost, MB",
         "polytopic, MB"],
        rows,
    )  # fmt: skip


def memory(counting: Counting) -> Table:
    """Peak memory of processes that do the same job."""
    rows = [
        [what, peer, ratio.of, *(shown(peak, ",.0f") for peak in peaks), shown(ratio, ".2f")]
        for what, peer, ratio, peaks in memory_ratios(counting)
    ]
    return Table(["job", "peer", "pairs", "peer, MB", "polytopic, MB", "polytopic / peer"], rows)


def memory_ratios(counting: Counting) -> Iterator[tuple[str, str, Figure, list[Figure]]]:
    """Job, peer, ours by the peer's, and both peaks in megabytes, where a pair has been run."""
    for name, lines in under(counting, "speed/").items():
        column = "megabytes" if "word-vectors" in name else "peak_mb"
        peaks = [figure(lines, of, column) for of in ("peer", "ours")]
        ratio = figure(lines, "memory_ratio")
        peer, ours = (peak.value for peak in peaks)
        if ratio.value is None and peer is not None and ours is not None:
            ratio = Figure(ours / peer, of=peaks[0].of)
        if ratio.value is not None:
            yield job(name), str(ROWS[name].about["peer"]), ratio, peaks


def job(name: str) -> str:
    """What a pair of programs did."""
    about = ROWS[name].about
    if "dim" in about:
        return f"`{about['model']}`, {about['dim']} d"
    if "k" in about:
        return f"`LDA`, {about['corpus']}, K = {about['k']:,}, threads: {about['threads']}"
    return f"`{about['model']}`, {about['corpus']}, V = {about['terms']:,}"


def memory_of_topics(counting: Counting, table: str) -> Table:
    """Peak memory of a fit with theta of all documents."""
    rows = []
    for name, lines in under(counting, f"quality/{table}/").items():
        peak = figure(lines, "peak_mb")
        if peak.value is not None:
            model = marked(title(ROWS[name].about["model"]), lines)
            rows.append([model, peak.of, shown(peak, ",.0f")])
    return Table(["model", "seeds", "peak MB"], rows)


def stabilities(counting: Counting, table: str) -> dict[str, Figure]:
    """Model to the agreement of each pair of its seeds' topics (``metrics.stability``)."""
    from polytopic.metrics import stability

    found = {}
    for name, lines in under(counting, f"quality/{table}/").items():
        runs = [[topic.split(" ") for topic in line["measured"].get("topics", ())]
                for line in lines]  # fmt: skip
        if len(runs) > 1 and all(runs):
            each = sorted(stability(pair) for pair in combinations(runs, 2))
            found[ROWS[name].about["model"]] = Figure(stability(runs), each[0], each[-1], len(runs))
    return found


def stability(counting: Counting, table: str) -> Table:
    """How alike the topics of seeds are, and how far their figures are apart."""
    columns = ("npmi", "held_out", "td", "purity", "nmi")
    rows = []
    for model, found in stabilities(counting, table).items():
        lines = counting[f"quality/{table}/{model}"]
        spreads = [figure(lines, column) for column in columns]
        cells = [number((s.high or 0.0) - (s.low or 0.0), ".3f") for s in spreads]
        rows.append([title(model), found.of, shown(found, ".3f"), *cells])
    heads = [f"range of {HEADS[column]}" for column in columns]
    return Table(["model", "seeds", "agreement of topics", *heads], rows)


CORPORA = ("20ng-5k", "nyt-10k")

TABLES: dict[str, Callable[[Counting], Table]] = {
    **{f"quality {table}": partial(quality, table=table)
       for table in (*CORPORA, "20ng-5k-k100", "20ng-5k-k200")},
    **{f"beside peers {table}": partial(beside, table=table) for table in CORPORA},
    "speed lda": lda,
    "speed word vectors": word_vectors,
    "speed epochs": epochs,
    "memory of pairs": memory,
    **{f"memory {table}": partial(memory_of_topics, table=table) for table in CORPORA},
    **{f"stability {table}": partial(stability, table=table) for table in CORPORA},
    "ratings by model": by_model,
    "ratings raw": raw,
    "ratings again": again,
    "ratings agreement": agreement,
    "ratings verdicts": verdicts,
}  # fmt: skip
"""Name, as RESULTS.md marks it, to what makes the table."""
