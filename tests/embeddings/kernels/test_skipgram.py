"""Skip-gram with negative sampling against a plain NumPy twin, finite differences and scipy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from polytopic.embeddings.kernels.arguments import (
    Chosen,
    Matrices,
    Noise,
    Sampling,
    Table,
    Windows,
)
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.skipgram import skipgram_negative

USUAL = Sampling(outside=False, learns=True, noise_inputs=np.zeros((0, 1), np.float32))
INPUTS = 0xBB67AE8584CAA73B
"""Mixed into the key of the noise words in place of contexts."""

WINDOWS = ("window", "shrink", "left", "right")
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(value: int) -> int:
    z = value & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Case(NamedTuple):
    """What the kernel reads: tokens, sentence bounds, the noise table and three matrices."""

    ids: NDArray[np.int32]
    where: NDArray[np.int64]
    sentences: NDArray[np.int64]
    table: Table
    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    noise: NDArray[np.float32]


def case(dim: int, n: int = 60, n_words: int = 12, scale: float = 0.5, kind: str = "two") -> Case:
    rng = np.random.default_rng(dim)
    matrices = [
        (scale * rng.standard_normal((n_words, dim)) / np.sqrt(dim)).astype(np.float32)
        for _ in range(3)
    ]
    inputs, outputs, noise = matrices
    if kind == "tied":
        outputs = noise = inputs
    elif kind == "two":
        noise = outputs
    sentences = np.array([0, n // 3, n // 3, n - 1, n], dtype=np.int64)
    where = np.cumsum(rng.integers(1, 4, n)) + (1 << 40)
    ids = rng.integers(0, n_words, n).astype(np.int32)
    table = alias_table(rng.integers(1, 100, n_words), 0.75)
    return Case(ids, where.astype(np.int64), sentences, table, inputs, outputs, noise)


def copy(c: Case) -> Case:
    """The same with matrices of its own, shared where they were shared."""
    new = {id(m): m.copy() for m in (c.inputs, c.outputs, c.noise)}
    return c._replace(inputs=new[id(c.inputs)], outputs=new[id(c.outputs)], noise=new[id(c.noise)])


def train(
    c: Case, *, low: int = 0, high: int | None = None, **options: object
) -> NDArray[np.float64]:
    settings = {"window": 3, "shrink": True, "left": True, "right": True, "negative": 5}
    settings |= {"rate": 0.05, "key": 7, "sampling": USUAL} | options
    totals = np.zeros(2)
    high = len(c.ids) if high is None else high
    skipgram_negative(
        Chosen(c.ids, c.where, c.sentences, len(c.sentences) - 1, low, high),
        np.uint64(settings["key"]), Windows(*(settings[name] for name in WINDOWS)),
        Noise(settings["negative"], c.table), Matrices(c.inputs, c.outputs, c.noise),
        np.float32(settings["rate"]), totals, settings["sampling"],
    )  # fmt: skip
    return totals


def plan(c: Case, i: int, **options: object) -> tuple[list[int], list[int]]:
    """Context words and noise words of the centre at ``i``, drawn in plain Python."""
    settings = {"window": 3, "shrink": True, "left": True, "right": True, "negative": 5, "key": 7}
    settings |= {"sampling": USUAL} | options
    state = mix(int(settings["key"]) ^ mix(int(c.where[i]) * GOLDEN + GOLDEN))
    reach = settings["window"]
    if settings["shrink"]:
        state = (state + GOLDEN) & MASK
        reach = 1 + ((mix(state) >> 32) * settings["window"] >> 32)
    words, _ = drawn(c, state, settings["negative"])
    sentence = int(np.searchsorted(c.sentences, i, side="right")) - 1
    begin = max(i - reach, c.sentences[sentence]) if settings["left"] else i
    end = min(i + reach + 1, c.sentences[sentence + 1]) if settings["right"] else i + 1
    contexts = [int(c.ids[j]) for j in range(begin, end) if j != i]
    barred = {int(c.ids[i])} | (set(contexts) if settings["sampling"].outside else set())
    return contexts, [word for word in words if word not in barred]


def drawn(c: Case, state: int, n: int) -> tuple[list[int], int]:
    """``n`` noise words, and the state to go on from."""
    words = []
    for _ in range(n):
        state = (state + GOLDEN) & MASK
        bits = mix(state)
        column = (bits >> 32) * len(c.table[0]) >> 32
        kept = (bits & 0xFFFFFFFF) < int(c.table[2][column])
        words.append(int(c.table[0 if kept else 1][column]))
    return words, state


def in_place_of(
    c: Case, i: int, contexts: list[int], sampling: Sampling, negative: int = 5
) -> list[int]:
    """Noise words in place of the contexts of the centre at ``i``."""
    state = mix((7 ^ INPUTS) ^ mix(int(c.where[i]) * GOLDEN + GOLDEN))
    found = []
    for context in contexts:
        words, state = drawn(c, state, negative)
        barred = {*contexts, int(c.ids[i])} if sampling.outside else {context}
        found += [word for word in words if word not in barred]
    return found


def groups(n_rows: int) -> list[list[int]]:
    """Output rows are taken six at a time, the rest one by one."""
    full = n_rows // 6 * 6
    return [list(range(k, k + 6)) for k in range(0, full, 6)] + [[k] for k in range(full, n_rows)]


def twin(c: Case, rate: float = 0.05, **options: object) -> NDArray[np.float64]:
    """The kernel in plain NumPy: slopes from the rows as they were before the centre."""
    sampling = options.get("sampling", USUAL)
    loss, pairs = 0.0, 0
    for i in range(len(c.ids)):
        contexts, negatives = plan(c, i, **options)
        rows = [(c.outputs, int(c.ids[i])), *((c.noise, word) for word in negatives)]
        before = np.array([matrix[word] for matrix, word in rows], dtype=np.float64)
        z = c.inputs[contexts].astype(np.float64) @ before.T
        sign = np.where(np.arange(len(rows)) == 0, -1.0, 1.0)
        loss += np.logaddexp(0.0, sign * z).sum()
        pairs += len(contexts)
        steps = -rate * sign * expit(sign * z)
        for group in groups(len(rows)):
            o = np.array([rows[r][0][rows[r][1]] for r in group], dtype=np.float64)
            back = np.zeros_like(o)
            for word, line in zip(contexts, steps[:, group], strict=True):
                back += np.outer(line, c.inputs[word])
                c.inputs[word] += (line @ o).astype(np.float32)
            for r, move in zip(group, back, strict=True):
                if sampling.learns:
                    rows[r][0][rows[r][1]] += move.astype(np.float32)
        if len(sampling.noise_inputs):
            ms = in_place_of(c, i, contexts, sampling)
            before = c.outputs[c.ids[i]].astype(np.float64)
            z = sampling.noise_inputs[ms].astype(np.float64) @ before
            loss += np.logaddexp(0.0, z).sum()
            for word, step in zip(ms, -rate * expit(z), strict=True):
                c.outputs[c.ids[i]] += (step * sampling.noise_inputs[word]).astype(np.float32)
                sampling.noise_inputs[word] += (step * before).astype(np.float32)
    return np.array([loss, pairs])


def check(c: Case, **options: object) -> None:
    """The kernel leaves the matrices and the loss that the twin leaves."""
    expected = copy(c)
    sampling = options.get("sampling", USUAL)
    other = sampling._replace(noise_inputs=sampling.noise_inputs.copy())
    loss = twin(expected, **(options | {"sampling": other}))
    totals = train(c, **options)
    np.testing.assert_allclose(sampling.noise_inputs, other.noise_inputs, rtol=0, atol=3e-6)
    for got, want in zip(c[4:], expected[4:], strict=True):
        np.testing.assert_allclose(got, want, rtol=0, atol=3e-6)
    assert totals[1] == loss[1] > 0
    assert totals[0] == pytest.approx(loss[0], rel=1e-6)


@pytest.mark.parametrize("dim", [1, 7, 16, 100, 300])
def test_equals_the_twin(dim: int) -> None:
    check(case(dim))


@pytest.mark.parametrize("kind", ["two", "tied", "separate"])
@pytest.mark.parametrize("negative", [0, 1, 4, 5, 13])
def test_equals_the_twin_of_any_number_of_negatives(kind: str, negative: int) -> None:
    check(case(19, kind=kind), negative=negative)


@pytest.mark.parametrize("kind", ["two", "tied"])
def test_equals_the_twin_where_words_repeat(kind: str) -> None:
    """Two or three words: rows stand several times among the contexts and the negatives."""
    check(case(33, n_words=3, kind=kind))
    check(case(33, n_words=2, kind=kind), window=8)


def fourth(dim: int, outside: bool = False) -> Sampling:
    """Rows of noise words in place of contexts."""
    rng = np.random.default_rng(dim + 1)
    rows = (0.5 * rng.standard_normal((12, dim)) / np.sqrt(dim)).astype(np.float32)
    return Sampling(outside, True, rows)


@pytest.mark.parametrize("kind", ["two", "tied", "separate"])
def test_noise_words_outside_of_the_window(kind: str) -> None:
    sampling = USUAL._replace(outside=True)
    c = case(19, kind=kind)
    fewer = [len(plan(c, i, sampling=sampling)[1]) < len(plan(c, i)[1]) for i in range(60)]
    assert sum(fewer) > 20
    check(c, sampling=sampling)


@pytest.mark.parametrize("kind", ["two", "tied"])
@pytest.mark.parametrize("negative", [0, 4, 13])
def test_input_rows_alone_learn(kind: str, negative: int) -> None:
    c = case(19, kind=kind)
    before = copy(c)
    check(c, sampling=USUAL._replace(learns=False), negative=negative)
    assert not np.array_equal(c.inputs, before.inputs)
    assert np.array_equal(c.outputs, before.outputs) == (kind == "two")


@pytest.mark.parametrize("dim", [7, 100])
@pytest.mark.parametrize("outside", [False, True])
def test_a_fourth_matrix_of_noise_in_place_of_contexts(dim: int, outside: bool) -> None:
    sampling = fourth(dim, outside)
    before = sampling.noise_inputs.copy()
    check(case(dim, kind="separate"), sampling=sampling)
    assert not np.array_equal(sampling.noise_inputs, before)


def test_a_vocabulary_of_one_word_has_no_negatives() -> None:
    c = case(5, n_words=1)
    _, negatives = plan(c, 3)
    assert negatives == []
    check(c)


@pytest.mark.parametrize("shrink", [True, False])
@pytest.mark.parametrize(("left", "right"), [(True, False), (False, True), (True, True)])
def test_sides_of_the_window(left: bool, right: bool, shrink: bool) -> None:
    check(case(7), left=left, right=right, shrink=shrink, window=4)


def test_window_without_contexts_changes_nothing() -> None:
    c = case(7)
    c = c._replace(sentences=np.arange(len(c.ids) + 1))
    before = copy(c)
    assert train(c).tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(c.inputs, before.inputs)
    np.testing.assert_array_equal(c.outputs, before.outputs)


def test_padded_and_unaligned_rows_give_the_same() -> None:
    """Columns of zeros stay zero, and rows may start anywhere."""
    plain = case(20)
    padded, raw = copy(plain), np.zeros(12 * 21 + 3, dtype=np.float32)
    wide = [np.pad(matrix, ((0, 0), (0, 12))) for matrix in (plain.inputs, plain.outputs)]
    padded = plain._replace(inputs=wide[0], outputs=wide[1], noise=wide[1])
    moved = raw[3:].reshape(12, 21)[:, :20]
    moved[:] = plain.inputs
    unaligned = copy(plain)._replace(inputs=moved)
    losses = [train(c)[0] for c in (plain, padded, unaligned)]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-7)
    np.testing.assert_allclose(padded.inputs[:, :20], plain.inputs, atol=1e-6)
    np.testing.assert_allclose(moved, plain.inputs, atol=1e-6)
    assert not padded.inputs[:, 20:].any() and not padded.outputs[:, 20:].any()
    assert not raw[:3].any()


def loss_of(c: Case, i: int, **options: object) -> float:
    contexts, negatives = plan(c, i, **options)
    o = np.array([c.outputs[c.ids[i]], *(c.noise[word] for word in negatives)], dtype=np.float64)
    z = c.inputs[contexts].astype(np.float64) @ o.T
    return float(np.logaddexp(0.0, -z[:, 0]).sum() + np.logaddexp(0.0, z[:, 1:]).sum())


@pytest.mark.parametrize("kind", ["two", "tied", "separate"])
@pytest.mark.parametrize("window", [1, 3])
def test_step_is_the_gradient(kind: str, window: int) -> None:
    """One centre, a small rate: the move over the rate against central differences of the loss."""
    c = case(6, kind=kind, n_words=30)
    i, rate, width = 9, 2.0**-9, 1e-4
    exact = {id(m): m.astype(np.float64) for m in c[4:]}
    smooth = c._replace(
        inputs=exact[id(c.inputs)], outputs=exact[id(c.outputs)], noise=exact[id(c.noise)]
    )
    moved = copy(c)
    train(moved, low=i, high=i + 1, rate=rate, window=window)
    for before, after, name in zip(c[4:], moved[4:], ("inputs", "outputs", "noise"), strict=True):
        slope = np.zeros(before.shape)
        matrix = getattr(smooth, name)
        for place in np.ndindex(*before.shape):
            ends = []
            for side in (1.0, -1.0):
                matrix[place] += side * width
                ends.append(loss_of(smooth, i, window=window))
                matrix[place] -= side * width
            slope[place] = (ends[0] - ends[1]) / (2 * width)
        assert np.abs(slope).max() > 0.05
        move = (before.astype(np.float64) - after) / rate
        np.testing.assert_allclose(move, slope, rtol=0, atol=2e-3)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 8.0, 40.0])
def test_loss_is_exact_at_any_size_of_the_dot(scale: float) -> None:
    """Also beyond |z| = 6, where word2vec clips, and beyond 88, where exp overflows."""
    c = case(16, scale=scale)
    i = 9
    expected = loss_of(c, i)
    totals = train(c, low=i, high=i + 1)
    assert totals[0] == pytest.approx(expected, rel=1e-6)


def test_loss_of_many_pairs_is_summed_in_double() -> None:
    """With zero rows each pair costs 6 log 2: 4 million pairs, exact to 1e-9."""
    c = case(1, n=400_000, n_words=500)
    bounds = np.array([0, len(c.ids)])
    flat = np.zeros_like(c.inputs)
    c = c._replace(sentences=bounds, inputs=flat, outputs=flat.copy())
    c = c._replace(noise=c.outputs)
    totals = train(c, shrink=False, window=5, negative=0, rate=0.0)
    assert totals[1] == 10 * len(c.ids) - 30
    assert totals[0] / totals[1] == pytest.approx(np.log(2.0), rel=1e-9)


def test_loss_of_centres_with_very_many_pairs() -> None:
    """A product of so many factors would overflow in one piece."""
    c = case(1, n=3000, n_words=500)
    flat = np.zeros_like(c.inputs)
    c = c._replace(sentences=np.array([0, 3000]), inputs=flat, outputs=flat.copy())
    c = c._replace(noise=c.outputs)
    totals = train(c, shrink=False, window=1500, negative=20, rate=0.0, low=1400, high=1500)
    n_rows = [1 + len(plan(c, i, negative=20, shrink=False)[1]) for i in range(1400, 1500)]
    contexts = [min(i + 1500, 2999) - max(i - 1500, 0) for i in range(1400, 1500)]
    assert totals[1] == sum(contexts)
    assert totals[0] == pytest.approx(np.log(2.0) * np.dot(n_rows, contexts), rel=1e-9)


def test_vectors_that_diverged_show_in_the_loss() -> None:
    for value in (np.nan, np.inf):
        c = case(16)
        c.inputs[:] = value
        assert not np.isfinite(train(c)[0])


def test_same_key_same_bits_and_centres_may_be_cut_anywhere() -> None:
    whole, parts, other = case(20), case(20), case(20)
    train(whole)
    for low, high in ((0, 1), (1, 23), (23, 60)):
        train(parts, low=low, high=high)
    train(other, key=8)
    np.testing.assert_array_equal(whole.inputs, parts.inputs)
    np.testing.assert_array_equal(whole.outputs, parts.outputs)
    assert not np.array_equal(whole.inputs, other.inputs)
