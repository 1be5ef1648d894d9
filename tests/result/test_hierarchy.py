"""The tree of topics: how they are joined, cut and shown; theta of every level sums to one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from result_examples import small
from scipy.cluster import hierarchy as scipy_hierarchy
from scipy.spatial.distance import pdist, squareform

from polytopic import simplex
from polytopic.errors import InputError
from polytopic.result import TopicResult, hierarchy
from polytopic.result.hierarchy import correlated_of, ward_of


def weighted_ward(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return ward_of(squareform(pdist(points, "sqeuclidean")), sizes)


def test_equal_sizes_give_the_tree_of_scipy() -> None:
    points = np.random.default_rng(0).random((30, 5))
    np.testing.assert_allclose(
        weighted_ward(points, np.ones(30)), scipy_hierarchy.ward(points), rtol=1e-9
    )


def test_a_point_of_size_three_is_three_points() -> None:
    rng = np.random.default_rng(1)
    points = rng.random((12, 4))
    sizes = rng.integers(1, 4, 12)
    copies = np.repeat(points, sizes, axis=0)
    many = scipy_hierarchy.ward(copies)
    few = weighted_ward(points, sizes)
    np.testing.assert_allclose(few[:, 2], many[-11:, 2], rtol=1e-9)
    assert (np.diff(few[:, 2]) >= 0).all()


def test_topics_are_joined_by_the_documents_they_stand_in() -> None:
    theta = np.array([[4, 4, 1, 1], [4, 4, 1, 1], [1, 1, 4, 4], [1, 1, 5, 3]]) / 10
    made = dataclasses.replace(
        small(),
        topic_word=np.full((4, 3), 1 / 3, dtype=np.float32),
        doc_topic=theta.astype(np.float32),
        quality=None,
    )
    tree = made.hierarchy()
    assert sorted(tree.cut(2)) == [[0, 1], [2, 3]]
    np.testing.assert_allclose(tree.linkage, correlated_of(theta[made.has_topic]), atol=1e-5)


def test_groups_are_joined_by_the_correlation_of_their_sums() -> None:
    theta = np.random.default_rng(4).dirichlet(np.full(9, 0.3), 200)
    groups = {leaf: [leaf] for leaf in range(9)}
    highest = 0.0
    for step, (one, other, height, leaves) in enumerate(correlated_of(theta)):
        roots = {g: np.sqrt(theta[:, topics].sum(axis=1)) for g, topics in groups.items()}
        found = {
            (a, b): np.corrcoef(roots[a], roots[b])[0, 1] for a in roots for b in roots if a < b
        }
        best = max(found, key=lambda pair: found[pair])
        assert (int(one), int(other)) == best
        highest = max(highest, 1.0 - found[best])
        assert height == pytest.approx(highest)
        groups[9 + step] = groups.pop(best[0]) + groups.pop(best[1])
        assert leaves == len(groups[9 + step])


def test_shares_without_any_variation_still_make_a_tree() -> None:
    tree = correlated_of(np.full((20, 4), 0.25, dtype=np.float32))
    assert scipy_hierarchy.is_valid_linkage(tree)
    assert (tree[:, 2] == 1.0).all()
    assert correlated_of(np.ones((3, 1))).shape == (0, 4)
    assert scipy_hierarchy.is_valid_linkage(correlated_of(np.ones((0, 3))))  # no document has one


def test_of_many_documents_evenly_spaced_ones_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hierarchy, "_MOST_DOCUMENTS", 2)
    theta = np.array([[4, 4, 1, 1], [1, 4, 4, 1], [1, 1, 4, 4], [4, 1, 1, 4]]) / 10
    made = dataclasses.replace(
        small(),
        topic_word=np.full((4, 3), 1 / 3, dtype=np.float32),
        doc_topic=theta.astype(np.float32),
        quality=None,
    )
    rows = np.flatnonzero(made.has_topic)
    read = rows[:: -(-len(rows) // 2)]
    expected = correlated_of(made.doc_topic[read])
    np.testing.assert_array_equal(made.hierarchy().linkage, expected)


def test_every_level_of_every_model_is_a_result(result: TopicResult) -> None:
    tree = result.hierarchy()
    assert tree.linkage.shape == (3, 4) and tree.linkage[-1, 3] == 4
    assert scipy_hierarchy.is_valid_linkage(tree.linkage)
    for n in (4, 3, 2):
        groups = tree.cut(n)
        assert sorted(k for group in groups for k in group) == [0, 1, 2, 3] and len(groups) == n
        level = result.reduce(n)
        assert level.n_topics == n
        assert simplex.is_distribution(level.doc_topic)
        assert simplex.is_distribution(level.topic_word)
        sums = [result.doc_topic[:, group].sum(axis=1) for group in sorted(groups, key=min)]
        np.testing.assert_allclose(level.doc_topic, np.stack(sums, axis=1), atol=1e-6)
    text = tree.to_text().splitlines()
    assert len(text) == 7 and text[0].endswith("(4)")
    assert all(any(f" {k} " in line for line in text) for k in range(4))


def test_like_topics_are_joined_first_and_hidden_ones_stay_out() -> None:
    words = np.array([[8, 1, 1], [7, 2, 1], [1, 1, 8], [1, 2, 7], [1, 8, 1]]) / 10
    made = dataclasses.replace(
        small(),
        topic_word=words.astype(np.float32),
        doc_topic=np.full((4, 5), 0.2, dtype=np.float32),
        names=["a", "b", "c", "d", "<e>\n"],
        quality=None,
    )
    assert made.hierarchy("words").cut(3) == [[0, 1], [2, 3], [4]]
    reduced = made.hide([4]).reduce(2, "words")
    with pytest.raises(InputError, match="^by: is 'topics'"):
        made.hierarchy("topics")
    assert reduced.n_topics == 3 and reduced.hidden == (2,)
    assert "4 <e>" not in made.hide([4]).hierarchy().to_text()
    assert "4 <e>  20.0%" in made.hierarchy().to_text()
    assert made.reduce(5) is made


@pytest.mark.parametrize("n", [0, 3, True, 1.5, "2"])
def test_a_cut_that_cannot_be_is_told(n: object) -> None:
    with pytest.raises(InputError, match="there are 2 topics"):
        small().hierarchy().cut(n)  # type: ignore[arg-type]
