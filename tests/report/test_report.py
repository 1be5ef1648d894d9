"""The whole page: what it holds, that nothing in it is markup, and how writing it can fail."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import FileMissingError, InputError, MissingExtraError
from polytopic.report import assets, render, write_report
from polytopic.report.content import representative
from polytopic.report.facts import number
from polytopic.report.health import judge
from polytopic.report.training import training_curves
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

Make = Callable[..., TopicResult]
ATTACK = """</script><script>window.hacked=1</script><img src=x "onerror="window.hacked=1">&amp;'"""


def data_of(page: str) -> dict[str, Any]:
    """The data embedded in a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    loaded: dict[str, Any] = json.loads(found.group(1))
    return loaded


class Elements(HTMLParser):
    """Counts elements and gathers text, outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self._inside = tag
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.text += data


def test_the_page_says_what_it_is(make: Make) -> None:
    text = " ".join(Elements(render(make())).text.split())
    assert "Topics of small" in text
    assert "12 documents speak of 3 topics. The largest are" in text
    assert "Healthy" in text
    assert "No dead topics" in text
    assert "learning rate 0.002" in text
    assert "stop words 12" in text
    assert "perplexity" not in text


def test_topic_records(make: Make) -> None:
    data = data_of(render(make()))
    first = data["topics"][0]
    words = [data["terms"][word] for word, _ in first["words"]]
    assert words[:3] == ["gene", "cell", "protein"]
    assert first["words"][0][1] == pytest.approx(0.4 / first_row_sum(), rel=1e-3)
    assert first["leads"] == 4
    assert first["labels"][0]["shares"][0][0] == "biology"
    assert len(first["trend"]) == len(first["error"]) == len(data["time"]["periods"])
    assert sum(topic["share"] for topic in data["topics"]) == pytest.approx(1.0, abs=1e-3)
    chosen = {document["id"] for document in first["documents"][:4]}
    assert chosen == {"d0", "d3", "d6", "d9"}
    assert ["gene", 0] in first["documents"][0]["pieces"]


def first_row_sum() -> float:
    return 0.4 + 0.3 + 0.18 + 6 * 0.02


def test_collapse_is_told_and_flagged(make: Make) -> None:
    rows = make().topic_word.copy()
    rows[1] = rows[0]
    page = render(make(topic_word=rows))
    assert "2 of 3 topics" in page or "Collapsed" in page
    assert "topics share most of their words" in page
    flags = [topic["flags"] for topic in data_of(page)["topics"]]
    assert page.count('<bdi class="flag">like ') == 2
    assert flags[0] == ["like 1"] and flags[1] == ["like 0"] and flags[2] == []


def test_incoherent_topics_are_told() -> None:
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(np.eye(40, dtype=np.int32)[rng.integers(40, size=200)])
    result = TopicResult(
        topic_word=rng.dirichlet(np.full(40, 0.2), 4).astype(np.float32),
        doc_topic=rng.dirichlet(np.full(4, 0.2), 200).astype(np.float32),
        vocabulary=Vocabulary([f"t{term}" for term in range(40)]),
        counts=counts,
    )
    judged = judge(result)
    assert judged.state == "warn"
    assert "4 topics have words that seldom stand in one document" in judged.summary


def test_text_never_becomes_markup(make: Make) -> None:
    plain = Elements(render(make(), title="T"))
    terms = [*make().vocabulary.terms[:-1], ATTACK]
    attacked = make(
        vocabulary=Vocabulary(terms),
        texts=[ATTACK] * 12,
        labels=np.array([ATTACK, "b", "c"] * 4, dtype=object),
        ids=np.array([ATTACK] * 12),
        parameters={ATTACK: ATTACK, "n": 3},
        notes={ATTACK: [ATTACK, ATTACK], "corpus": ATTACK, "seconds": 1.5},
        model=ATTACK,
        history=[{"epoch": 1, f"loss{ATTACK}": 3.0, "held_out": 2.0}],
    )
    found = Elements(render(attacked, title=ATTACK))
    assert found.tags.count("script") == plain.tags.count("script") == 2
    assert "img" not in found.tags
    assert not [name for name in found.attributes if name.startswith("on")]
    assert ATTACK in found.text
    assert ATTACK in "".join(
        piece if isinstance(piece, str) else piece[0]
        for piece in data_of(render(attacked))["topics"][0]["documents"][0]["pieces"]
    )


def test_the_page_names_no_address_to_load(make: Make) -> None:
    page = render(make())
    outside_scripts = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)\s*=\s*"(?!#|data:,)""", outside_scripts)
    assert "url(" not in outside_scripts
    assert "@import" not in outside_scripts


@pytest.mark.parametrize(
    "changes",
    [
        {"texts": None, "labels": None, "ids": None, "dates": None, "history": ()},
        {"counts": sparse.csr_matrix((12, 9), dtype=np.int32)},
        {"texts": [""] * 12},
        {"texts": ["\ud800 gene"] * 12, "notes": {"corpus": "\ud800"}},
        {"labels": np.array([None] * 12), "dates": np.array([None] * 12)},
        {"history": [{"epoch": 1, "loss": float("nan")}, {"epoch": 2, "loss": float("inf")}]},
        {"doc_topic": np.tile(np.float32([0.5, 0.5, 0.0]), (12, 1))},
        {"doc_topic": np.tile(np.float32([1.0, 0.0, 0.0]), (12, 1))},
        {"notes": {"seconds": {"fit": 2.0, "total": 7.0}, "dropped": "a\nb", "none": None}},
        {"metrics": {"npmi": float("nan"), "per_topic": [0.1, 0.2, 0.3], "nested": {"a": [1]}}},
    ],
)
def test_poor_results_still_give_a_page(make: Make, changes: dict[str, Any], page: Path) -> None:
    write_report(make(**changes), page)
    data = data_of(page.read_text(encoding="utf-8"))
    assert len(data["topics"]) == 3


@pytest.mark.parametrize(("n_topics", "n_terms", "n_documents"), [(1, 1, 1), (2, 1, 3), (9, 4, 2)])
def test_tiny_sizes(n_topics: int, n_terms: int, n_documents: int) -> None:
    rng = np.random.default_rng(0)
    result = TopicResult(
        topic_word=rng.dirichlet(np.ones(n_terms), n_topics).astype(np.float32),
        doc_topic=rng.dirichlet(np.ones(n_topics), n_documents).astype(np.float32),
        vocabulary=Vocabulary([f"t{term}" for term in range(n_terms)]),
        counts=sparse.csr_matrix(np.ones((n_documents, n_terms), dtype=np.int32)),
    )
    assert len(data_of(render(result))["topics"]) == n_topics


def test_many_topics_stay_small(page: Path) -> None:
    rng = np.random.default_rng(0)
    n_topics, n_terms, n_documents = 500, 1000, 600
    texts = ["本文讨论了主题模型的各种方法" * 60] * n_documents
    result = TopicResult(
        topic_word=rng.dirichlet(np.full(n_terms, 0.05), n_topics).astype(np.float32),
        doc_topic=rng.dirichlet(np.full(n_topics, 0.05), n_documents).astype(np.float32),
        vocabulary=Vocabulary([f"术语{term}" for term in range(n_terms)]),
        counts=sparse.random(n_documents, n_terms, density=0.02, format="csr", random_state=0)
        .ceil()
        .astype(np.int32),
        texts=[f"{row} {text}" for row, text in enumerate(texts)],
    )
    assert write_report(result, page).stat().st_size < 6e6


def test_short_and_repeated_documents_do_not_stand_for_a_topic() -> None:
    shares = np.array([1.0, 0.9, 0.9, 0.7, 0.0])
    lengths = np.array([1.0, 50.0, 50.0, 60.0, 0.0])
    texts = ["a", "same text", "Same  text", "other", ""]
    assert representative(shares, lengths, 4, texts) == [1, 3, 0]


def test_training_panels_hold_one_unit_each() -> None:
    history = [
        {"epoch": e, "loss": 2.0, "bound": 3.0, "held_out": 1.0, "seconds": 9.0, "kl_weight": 0.5}
        for e in (1, 2)
    ]
    curves = training_curves(history)
    assert [curve["title"] for curve in curves] == [
        "Held-out documents (nats a token)",
        "Training documents (nats a document)",
    ]
    assert training_curves([]) == []


def test_numbers() -> None:
    assert [number(v) for v in (0.5, -0.25, 12.34, 1234.5, 3.0, float("nan"))] == [
        "0.500", "−0.250", "12.3", "1,234", "3", "not defined",
    ]  # fmt: skip


def test_a_folder_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder\. Name a file"):
        write_report(make(), tmp_path)


def test_a_missing_folder_is_named(make: Make, tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="there is no folder"):
        write_report(make(), tmp_path / "absent" / "report.html")


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_page(
    make: Make, page: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    page.write_text("old")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if failing == "fsync" else Path, failing, full)
    with pytest.raises(
        InputError, match=r"cannot be written \(No space left on device\)"
    ) as caught:
        write_report(make(), page)
    assert "\n" not in str(caught.value)
    assert [path.name for path in page.parent.iterdir()] == [page.name]
    assert page.read_text() == "old"


def test_an_unwritable_folder(make: Make, page: Path) -> None:
    page.parent.chmod(0o500)
    try:
        if os.access(page.parent, os.W_OK):
            pytest.skip("this user may write anywhere")
        with pytest.raises(InputError, match="Permission denied"):
            write_report(make(), page)
    finally:
        page.parent.chmod(0o700)


def test_a_source_tree_without_scripts_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets.resources, "files", lambda _: tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    assets.vega_script.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match=r"pip install 'polytopic\[figures\]'"):
            assets.vega_script()
    finally:
        assets.vega_script.cache_clear()


def test_the_build_hook_bundles_the_same_scripts() -> None:
    hook = Path(__file__).parents[2] / "hatch_build.py"
    assert f'SNIPPET = "{assets.SNIPPET}"' in hook.read_text(encoding="utf-8")
