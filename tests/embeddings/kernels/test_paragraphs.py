"""Paragraph vectors: one pass against a plain twin, inference document by document."""

from __future__ import annotations

import numpy as np
import pytest

from polytopic.embeddings.kernels.arguments import Chosen, Matrices, Noise, Windows
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.paragraphs import (
    TOGETHER,
    Paragraph,
    infer_documents,
    paragraph_negative,
)
from polytopic.embeddings.kernels.subsampling import keep_thresholds

V, E = 12, 10


def drawn(key: int, where: int, windows: Windows, table: object, n: int) -> tuple[int, list[int]]:
    """The reach and the noise words of a centre, by the functions that draw them."""
    from polytopic.embeddings.kernels.contexts import reach_of
    from polytopic.embeddings.kernels.negatives import draw
    from polytopic.kernels.random import mix, step, stream

    reach, state = 0, np.uint64(stream(np.uint64(key), where))
    if windows.reach:
        reach, state = reach_of(state, windows.reach, windows.shrink)
    words = []
    for _ in range(n):
        state = np.uint64(step(np.uint64(state)))
        words.append(int(draw(np.uint64(mix(state)), table)))
    return int(reach), words


def targets(word: int, noise: list[int]) -> list[tuple[int, float]]:
    return [(word, 1.0)] + [(other, 0.0) for other in noise if other != word]


def twin(
    chosen: Chosen, key: int, windows: Windows, noise: Noise, matrices: Matrices, rate: float,
    documents: np.ndarray, how: Paragraph,
) -> float:  # fmt: skip
    """In float64, as the equations have it: amid neighbours centre by centre."""
    loss = 0.0
    for s in range(chosen.n_sentences):
        low, high = int(chosen.sentences[s]), int(chosen.sentences[s + 1])
        for i in range(low, high):
            where = int(chosen.where[i])
            reach, words = drawn(key, where, windows, noise.table, noise.negative)
            near = [j for j in range(max(i - reach, low), min(i + reach + 1, high)) if j != i]
            parts = [documents[s], *(matrices.inputs[chosen.ids[j]] for j in near)]
            h = np.mean(parts, axis=0)
            steps, gradient = [], np.zeros(E)
            for word, target in targets(chosen.ids[i], words):
                chance = 1 / (1 + np.exp(-matrices.outputs[word] @ h))
                loss -= np.log(chance if target else 1 - chance)
                steps.append((word, rate * (target - chance)))
                gradient += steps[-1][1] * matrices.outputs[word]
            if how.learns:
                for word, size in steps:
                    matrices.outputs[word] += size * h
                for j in near:
                    matrices.inputs[chosen.ids[j]] += gradient
            documents[s] += gradient
    return loss


def twin_alone(
    chosen: Chosen, key: int, noise: Noise, outputs: np.ndarray, rate: float,
    documents: np.ndarray, learns: bool,
) -> float:  # fmt: skip
    """Four centres at a time from the row as it was; then it moves with six rows, or one."""
    loss = 0.0
    for s in range(chosen.n_sentences):
        low, high = int(chosen.sentences[s]), int(chosen.sentences[s + 1])
        for first in range(low, high, TOGETHER):
            pairs = []
            for i in range(first, min(first + TOGETHER, high)):
                place = int(chosen.where[i])
                _, words = drawn(
                    key, place, Windows(0, False, True, True), noise.table, noise.negative
                )
                pairs += targets(chosen.ids[i], words)
            chances = [1 / (1 + np.exp(-outputs[word] @ documents[s])) for word, _ in pairs]
            loss -= sum(np.log(c if t else 1 - c) for c, (_, t) in zip(chances, pairs, strict=True))
            full = len(pairs) - len(pairs) % 6
            groups = [range(p, p + 6) for p in range(0, full, 6)]
            for group in groups + [range(p, p + 1) for p in range(full, len(pairs))]:
                old, row = documents[s].copy(), outputs.copy()
                for p in group:
                    word, target = pairs[p]
                    documents[s] += rate * (target - chances[p]) * row[word]
                    outputs[word] += learns * rate * (target - chances[p]) * old
    return loss


@pytest.mark.parametrize("neighbours", [False, True])
@pytest.mark.parametrize("learns", [False, True])
def test_a_pass_is_that_of_the_twin(neighbours: bool, learns: bool) -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, V, 130).astype(np.int32)
    chosen = Chosen(ids, np.arange(100, 230), np.array([0, 9, 9, 52, 130]), 4, 0, 130)
    windows = Windows(3, shrink=True, left=True, right=True)
    noise = Noise(4, alias_table(np.arange(1, V + 1), 0.75))
    start = [rng.normal(size=(n, E)).astype(np.float32) / 3 for n in (V, V, 4)]
    how = Paragraph(neighbours, learns)
    found, wide = [a.copy() for a in start], [a.astype(np.float64) for a in start]
    totals = np.zeros(2)
    paragraph_negative(
        chosen, np.uint64(7), windows, noise, Matrices(found[0], found[1], found[1]),
        np.float32(0.1), totals, found[2], how,
    )  # fmt: skip
    if neighbours:
        outs = Matrices(wide[0], wide[1], wide[1])
        loss = twin(chosen, 7, windows, noise, outs, 0.1, wide[2], how)
    else:
        loss = twin_alone(chosen, 7, noise, wide[1], 0.1, wide[2], learns)
    for one, two in zip(found, wide, strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)
    np.testing.assert_allclose(totals, [loss, 130], rtol=1e-5)
    assert (found[2][1] == start[2][1]).all(), "an empty document stays"
    assert (found[1] == start[1]).all() == (not learns)
    assert (found[0] == start[0]).all() == (not (learns and neighbours))


def test_inferred_documents_do_not_depend_on_their_place() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(V, E)).astype(np.float32)
    noise = Noise(3, alias_table(np.arange(1, V + 1), 0.75))
    own = [rng.integers(-1, V, n).astype(np.int32) for n in (5, 0, 40, 5)]
    keys = np.arange(6, dtype=np.uint64).reshape(3, 2)
    rates, keep = np.array([0.1, 0.05, 0.02]), keep_thresholds(np.arange(1, V + 1), 0.1)
    prediction = (
        Windows(3, True, True, True), noise, Matrices(rows, rows, rows), Paragraph(True, False)
    )  # fmt: skip

    def infer(documents: list[np.ndarray]) -> np.ndarray:
        bounds = np.cumsum([0, *map(len, documents)])
        found = np.full((len(documents), E), 9, np.float32)
        infer_documents(
            np.concatenate(documents), bounds, 0, len(documents), keep, keys, prediction, rates,
            found,
        )  # fmt: skip
        return found

    together = infer(own)
    for place, document in enumerate(own):
        np.testing.assert_array_equal(infer([document])[0], together[place])
    assert not together[1].any()
    assert together[0].any()
