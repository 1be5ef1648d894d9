"""The plugin does what it says, and is found by polytopic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from polytopic_example.mixture import WordMixture
from polytopic_example.rare_words import rare_words

import polytopic as pt
from polytopic import registry

TWO = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))


def test_the_model_finds_two_planted_topics() -> None:
    model = WordMixture(n_topics=2, iterations=20, random_state=0).fit(TWO, terms=list("abcdwxyz"))
    assert sorted("".join(sorted(words)) for words in model.top_words(4)) == ["abcd", "wxyz"]
    assert pt.simplex.is_distribution(model.transform(TWO))


def test_what_is_saved_answers_alike(tmp_path: Path) -> None:
    model = WordMixture(n_topics=2, iterations=5, random_state=0).fit(TWO)
    model.save(tmp_path / "model")
    assert np.array_equal(pt.load(tmp_path / "model").transform(TWO), model.transform(TWO))


def test_nbib_is_read(tmp_path: Path) -> None:
    file = tmp_path / "two.nbib"
    file.write_text(
        "PMID- 11\nTI  - Engines\nTA  - J Eng\nAB  - An engine burns\n      fuel.\n\n"
        "PMID- 12\nTI  - Cells\nTA  - Cell\nAB  - Cells divide.\n"
    )
    corpus = pt.read(file, text="abstract", label="journal", id="id", min_df=1, max_df=1.0)
    assert list(corpus.texts) == ["An engine burns fuel.", "Cells divide."]
    assert list(corpus.labels) == ["J Eng", "Cell"]


def test_rare_words_are_counted() -> None:
    from scipy import sparse

    topics = np.eye(2, 12) + np.linspace(0.5, 0.1, 12)
    counts = sparse.csr_matrix(np.tri(6, 12, 6, dtype=int))  # terms 7 on: in fewer and fewer
    held = (counts.toarray() > 0).sum(0)
    leading = np.argsort(-topics, axis=1)[:, :10]
    assert np.allclose(rare_words(topics, counts), (held[leading] < 5).mean(1))


def test_polytopic_finds_all_three() -> None:
    assert registry.find("word-mixture").class_name == "WordMixture"
    result = pt.explore([f"w{i % 2} v{i % 2} u{i}" for i in range(40)], model="word-mixture",
                        n_topics=2, random_state=0)  # fmt: skip
    assert 0 <= result.metrics["rare_words"] <= 1
