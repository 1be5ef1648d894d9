"""Two collapses of autoencoder topic models, made on purpose, and what cures them.

    python benchmarks/collapse.py --out collapse.json          # both corpora, 50 and 20 topics
    python benchmarks/collapse.py --corpora yelp --seeds 3 --out collapse.json

Collapses, both of GSM as its paper has it: no normalisation, random start, no usage floor, no
diversity, no background, the map L of its softmax learning as fast as the rest:

- ``component`` at a learning rate of .4: a few topics take all documents, the others are copies of
  one another (what Srivastava & Sutton, ICLR 2017, section 3.3, and Burkhardt & Kramer, JMLR 2019,
  fight);
- ``extreme`` with a KL that weighs 4 from the first step: the posterior is the prior.

Each remedy changes one thing of a collapse (those with a comma two) and leaves the rest as it is;
``as built in`` is the model with its defaults. The normalisations (ShiftBatchNorm in the encoder,
that of a product decoder) and the rate of L (``slow map``: a tenth) are no parameters: they are
changed here.

Corpora: 20ng-5k, topics over its training documents, purity over its test documents; Yelp reviews
of ``--data``, purity over their stars. Columns: ``winning``, ``kl``, ``active`` and ``evenness`` of
the last epoch's record in ``history_``; ``dead``, ``copies`` (share of near-duplicates) and
``even`` (share of documents that belong to all topics alike) of ``diagnose()``; NPMI of the top 10
words on the training documents, TD of the top 25, purity. Medians of the seeds, and what symptoms
are left: ``dead`` above a tenth of the topics, ``copies`` above a tenth, ``silent`` with a KL below
one nat, ``even`` above half of the documents. Records already in ``--out`` are not measured again.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file, load_split

from polytopic.figures.collapse_runs import COLLAPSES, Texts, measure, remedies

COLUMNS = (
    "winning", "kl", "active", "evenness", "dead", "copies", "even", "npmi", "td", "purity",
    "seconds",
)  # fmt: skip


def load(name: str, data: Path) -> Texts:
    import polytopic as pt

    if name == "yelp":
        corpus = pt.read(corpus_file(data, "yelp", "reviews.csv"), text="text", label="stars")
        terms = list(corpus.vocabulary.terms)
        return Texts(corpus.counts, terms, corpus.counts, np.asarray(corpus.labels), 20)
    split = load_split(name, data)
    return Texts(split.train, split.terms, split.test, split.test_labels, 50)


def symptoms(found: dict[str, Any], n_topics: int) -> str:
    """What is left of a collapse."""
    left = {
        "dead": found["dead"] > 0.1 * n_topics,
        "copies": found["copies"] > 0.1,
        "silent": found["kl"] < 1.0,
        "even": found["even"] > 0.5,
    }
    return ", ".join(name for name, there in left.items() if there) or "-"


def medians(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each column over the seeds that did not diverge."""
    kept = [record["found"] for record in records if "diverged" not in record["found"]]
    rows = {c: [f[c] for f in kept if f[c] is not None] for c in COLUMNS}
    return {c: statistics.median(values) for c, values in rows.items() if values}


def table(records: list[dict[str, Any]]) -> None:
    """Medians, one line a setting."""
    cases = dict.fromkeys((r["corpus"], r["collapse"], r["remedy"]) for r in records)
    shown = ("", "")
    for corpus, collapse, remedy in cases:
        here = [r for r in records if (r["corpus"], r["collapse"], r["remedy"])
                == (corpus, collapse, remedy)]  # fmt: skip
        n_topics, found = here[0]["n_topics"], medians(here)
        if (corpus, collapse) != shown:
            print(f"\n{corpus}, K = {n_topics}, {collapse} collapse, {len(here)} seed(s)")
            print(f"{'remedy':24}" + "".join(f"{c:>9}" for c in COLUMNS) + "  left")
            shown = corpus, collapse
        if not found:
            print(f"{remedy:24}  training diverged")
            continue
        line = "".join(f"{found[c]:9.3g}" if c in found else f"{'':>9}" for c in COLUMNS)
        print(f"{remedy:24}{line}  {symptoms(found, n_topics)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--corpora", nargs="+", default=["20ng-5k", "yelp"])
    parser.add_argument("--collapses", nargs="+", default=list(COLLAPSES))
    parser.add_argument("--remedies", nargs="+", help="these alone")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=Path("collapse.json"))
    arguments = parser.parse_args()
    out: Path = arguments.out
    records = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    keys = ("corpus", "collapse", "remedy", "seed")
    done = {tuple(record[key] for key in keys) for record in records}
    for seed in range(arguments.seeds):
        for corpus in arguments.corpora:
            texts = load(corpus, arguments.data)
            for collapse in arguments.collapses:
                for remedy, setting in remedies(collapse).items():
                    case = (corpus, collapse, remedy, seed)
                    if case in done or remedy not in (arguments.remedies or [remedy]):
                        continue
                    found = measure(setting, texts, seed)
                    record = dict(zip(keys, case, strict=True))
                    records.append(record | {"n_topics": texts.n_topics, "found": found})
                    out.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    table(records)


if __name__ == "__main__":
    main()
