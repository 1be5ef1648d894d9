"""How each measure of a topic, and the verdict's score, agree with blind ratings.

    python benchmarks/verdict_pool.py fit OUT    # and --pool later, --pool last
    python benchmarks/verdict_agreement.py OUT

``ratings/topics.json`` holds the topics as they were rated: ten words, the corpus, a mark from 5
(every word belongs to one subject) over 3 (mixed) and 2 (vague) to 1 (junk), and the rating: good
(5, 4), fair (3, 2) or junk. ``ratings/key.json`` says of which model each is; the reader saw it
only afterwards. The form and weights of the score were chosen on the pools ``first`` and ``later``;
the pool ``last`` was rated before its scores were seen, and chose nothing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

FOLDER = Path(__file__).parent / "ratings"
RANKS = {"good": 2, "fair": 1, "junk": 0}
MEASURES = ("corpus", "held_out", "vectors", "recited", "specific", "apart")


def rated(out: Path, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Corpus to the marks and every measure of its rated topics."""
    import polytopic as pt
    from polytopic.metrics.verdict_evidence import gather
    from polytopic.metrics.verdicts import scores, verdicts

    topics = json.loads((FOLDER / f"{prefix}topics.json").read_text())
    key = json.loads((FOLDER / f"{prefix}key.json").read_text())
    found: dict[str, Any] = {}
    rows: dict[str, dict[str, list[float]]] = {}
    for topic, origin in zip(topics, key, strict=True):
        name = f"{topic['corpus']}-{origin['model']}"
        if name not in found:
            result = pt.load_result(out / name)
            beside = (result.topic_word, result.doc_topic, result.counts, result.vocabulary.terms)
            evidence = gather(*beside)
            ratings = [RANKS[verdict.rating] for verdict in verdicts(*beside)]
            found[name] = (evidence, scores(evidence), ratings, result.top_words(10))
        evidence, score, ratings, words = found[name]
        k = origin["topic"]
        if words[k] != topic["words"]:
            raise SystemExit(f"{name}: topic {k} is another than the one that was rated")
        held = rows.setdefault(topic["corpus"], {})
        for measure in MEASURES:
            held.setdefault(measure, []).append(float(getattr(evidence, measure)[k]))
        held.setdefault("documents", []).append(float(np.log1p(evidence.documents[k])))
        held.setdefault("score", []).append(float(score[k]))
        held.setdefault("rating", []).append(ratings[k])
        held.setdefault("mark", []).append(float(topic["mark"]))
    return {c: {n: np.array(v) for n, v in held.items()} for c, held in rows.items()}


def left_out(rows: dict[str, dict[str, Any]], test: str) -> Any:
    """The verdict's three terms for one corpus, with weights that the others give.

    Each of the others has an intercept of its own.
    """
    from sklearn.linear_model import LogisticRegression

    train = [name for name in rows if name != test]
    terms = {name: np.stack(_terms(held), axis=1) for name, held in rows.items()}
    every = np.concatenate([terms[name] for name in train])
    good = np.concatenate([rows[name]["mark"] > 3 for name in train])
    own = np.repeat(np.eye(len(train)), [len(terms[name]) for name in train], axis=0)
    scale = every.std(axis=0) + 1e-9
    model = LogisticRegression(fit_intercept=False, max_iter=2000)
    model.fit(np.hstack([every / scale, 5.0 * own]), good)
    return terms[test] @ (model.coef_[0][: every.shape[1]] / scale)


def _terms(held: dict[str, Any]) -> tuple[Any, Any, Any]:
    from polytopic.metrics.verdicts import COHERENT, RECITED, SPECIFIC

    return (
        np.minimum(held["corpus"], COHERENT[1]),
        np.maximum(held["recited"] - RECITED[1], 0.0),
        np.log(np.clip(held["specific"], SPECIFIC[2], SPECIFIC[1])),
    )


def agreement(values: Any, marks: Any) -> str:
    spearman, tau = stats.spearmanr(values, marks)[0], stats.kendalltau(values, marks)[0]
    rng = np.random.default_rng(0)
    drawn = [rng.integers(len(marks), size=len(marks)) for _ in range(1000)]
    low, high = np.quantile(
        [stats.spearmanr(values[d], marks[d])[0] for d in drawn], [0.025, 0.975]
    )
    return f"{spearman:.2f} ({low:.2f} to {high:.2f}) | {tau:.2f}"


def _tables(out: Path) -> None:
    chose = rated(out) | rated(out, "later_")
    last = rated(out, "last_")
    every = chose | last
    print("| corpus | measure | Spearman (95 %) | Kendall |\n|---|---|---|---|")
    for corpus, held in every.items():
        for name in (*MEASURES, "documents", "score"):
            print(f"| {corpus} | {name} | {agreement(held[name], held['mark'])} |")
        if corpus in chose:
            told = agreement(left_out(chose, corpus), held["mark"])
            print(f"| {corpus} | score, weights of the other three | {told} |")
    for name, sets in (("wiki and snippets", last), ("all six", every)):
        for measure in ("corpus", "score"):
            values, marks = (
                np.concatenate([h[m] for h in sets.values()]) for m in (measure, "mark")
            )
            print(f"| {name} | {measure} | {agreement(values, marks)} |")
    marks, verdict = (np.concatenate([h[m] for h in every.values()]) for m in ("mark", "rating"))
    read = np.where(marks > 3, 2, np.where(marks > 1, 1, 0))
    print("\n| rated | verdict good | fair | junk |\n|---|---|---|---|")
    for name, rank in RANKS.items():
        counted = [int(((read == rank) & (verdict == other)).sum()) for other in (2, 1, 0)]
        print(f"| {name} | " + " | ".join(map(str, counted)) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    _tables(parser.parse_args().out)
