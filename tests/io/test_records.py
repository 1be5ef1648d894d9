"""JSON of saved folders: one object that fits its schema, or one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save
from scipy import sparse

import polytopic as pt
from polytopic.errors import CheckpointError, PolytopicError
from polytopic.io.records import read_record
from polytopic.io.schemas import (
    HISTORY,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Array,
    ListOf,
    Record,
    check_arrays,
    check_record,
    history_of,
    like,
)
from polytopic.parameters import Integer

ODD = {
    "empty": b"",
    "cut": b'{"a": 1',
    "a list": b"[1, 2]",
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a name twice": b'{"a": 1, "b": {"c": 1, "c": 2}}',
    "not UTF-8": b'{"a": "\xff"}',
    "half a pair": b'{"a": "\\ud800"}',
    "nested deeply": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "many digits": b'{"a": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "about.json"
    file.write_bytes(content)
    with pytest.raises(CheckpointError) as found:
        read_record(file)
    message = str(found.value)
    assert message.startswith(str(file))
    assert "\n" not in message
    assert len(message) < 500


def test_a_folder_and_nothing_are_no_records(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot be read \(Is a directory\)"):
        read_record(tmp_path)
    with pytest.raises(CheckpointError, match="is missing"):
        read_record(tmp_path / "absent")
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_record(tmp_path / ("x" * 300))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = {"a": [1, 2.5, None], "b": {"c": "\U0001f600 \\ud800"}}
    file = tmp_path / "about.json"
    for ascii_only in (True, False):
        file.write_text(json.dumps(record, ensure_ascii=ascii_only), encoding="utf-8")
        assert read_record(file) == record


SCHEMA = Record(
    {"n": Integer(1, 9), "names": TEXTS, "pairs": ListOf(ListOf(NUMBER, 2)), "history": HISTORY},
    later=frozenset({"history"}),
)
SOUND: dict[str, Any] = {"n": 3, "names": ["a"], "pairs": [[1, 0.5]]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"n": 10}, "entry n is 10, expected an integer"),
        ({"n": 3.0}, "entry n is 3.0"),
        ({"n": True}, "entry n is True"),
        ({"n": 10**400}, "entry n is a number of many digits"),
        ({"names": "abc"}, "entry names is 'abc', expected a list"),
        ({"names": ["a", 1]}, r"entry names\[1\] is 1, expected a string"),
        ({"pairs": [[1, 2], [1]]}, r"entry pairs\[1\] is a list of 1, expected a list of 2"),
        ({"pairs": [[1, float("inf")]]}, r"entry pairs\[0\]\[1\] is inf"),
        ({"history": [{"loss": [1]}]}, r"entry history\[0\].loss is a list of 1"),
        ({"names": None}, "entry names is missing"),
    ],
)
def test_the_entry_that_is_wrong_is_named(change: dict[str, Any], place: str) -> None:
    check_record(SOUND, SCHEMA, "file")
    with pytest.raises(CheckpointError, match=f"^file: {place}"):
        check_record(SOUND | change, SCHEMA, "file")


def test_entries_of_later_versions_are_left_alone() -> None:
    check_record(SOUND | {"unheard": {"of": 1}, "history": []}, SCHEMA, "file")
    with pytest.raises(CheckpointError, match="entry n is missing"):
        check_record({name: SOUND[name] for name in ("names", "pairs")}, SCHEMA, "file")
    with pytest.raises(CheckpointError, match="the record is a list of 0"):
        check_record([], Record({"a": TEXT}), "file")


def test_records_of_a_history_all_hold_what_is_read_of_them() -> None:
    history = history_of("epoch", "loss")
    assert history.accepts([{"epoch": 1.0, "loss": 2, "note": None}])
    for wrong in ({"epoch": 1.0}, {"epoch": 1, "loss": None}, {"epoch": 1, "loss": 2, "x": []}):
        assert not history.accepts([{"epoch": 1.0, "loss": 2.0}, wrong])


def test_long_lists_are_held_to_the_same_bounds() -> None:
    whole = ListOf(WHOLE)
    assert whole.accepts(list(range(1000)))
    assert not whole.accepts([*range(1000), -1])
    assert not whole.accepts([*range(1000), True])
    assert not whole.accepts([*range(1000), 2**63])
    assert TEXTS.accepts(["a"] * 1000)
    assert not TEXTS.accepts(["a"] * 1000 + [None])


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("x", np.zeros((2, 4), np.float32), r"array x has shape \(2, 4\), expected \(2, 3\)"),
        ("x", np.zeros((2, 3), np.int32), "array x is of type int32"),
        ("x", np.full((2, 3), -1.0), "array x holds -1.0, out of bounds"),
        ("x", np.full((2, 3), np.nan), "array x holds NaN"),
        ("y", np.zeros((3, 1), np.int64), r"array y has shape \(3, 1\), expected \(3\)"),
        ("y", np.array([0, 1, 9]), "array y holds 9, out of bounds"),
        ("extra", np.array([np.inf]), "array extra holds NaN or infinity"),
        ("y", None, "holds no array y"),
    ],
)
def test_arrays_fit_their_table(name: str, array: Any, message: str) -> None:
    table = {"x": Array("K", "V", low=0), "y": Array("V", kind="i", low=0, high=3)}
    sound = {"x": np.ones((2, 3)), "y": np.array([0, 1, 3]), "extra": np.ones(1)}
    assert check_arrays(sound, table, "file", K=2) == {"K": 2, "V": 3}
    spoilt = {n: a for n, a in {**sound, name: array}.items() if a is not None}
    with pytest.raises(CheckpointError, match=f"^file: {message}"):
        check_arrays(spoilt, table, "file", K=2, V=3)
    check_arrays(sound, like(sound), "file")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 0.0], "array x holds 0.0, out of bounds"),
        ([1.0, -1e-30], "array x holds -1e-30, out of bounds"),
        ([1.0, np.nan], "array x holds NaN or infinity"),
        ([np.inf, 1.0], "array x holds NaN or infinity"),
    ],
)
def test_one_number_out_of_bounds_is_enough(values: list[float], message: str) -> None:
    table = {"x": Array(2, positive=True)}
    check_arrays({"x": np.array([1.0, 1e-300])}, table, "file")
    with pytest.raises(CheckpointError, match=message):
        check_arrays({"x": np.array(values)}, table, "file")


# ---- whole folders: what a well-meant edit, or another, may leave -------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, corpus_counts: sparse.csr_matrix) -> Path:
    model = pt.LDA(n_topics=4, iterations=5, random_state=0).fit(corpus_counts)
    return model.save(tmp_path_factory.mktemp("models") / "lda")


def edit(
    source: Path,
    target: Path,
    record: Callable[[dict[str, Any]], Any] = lambda record: None,
    arrays: Callable[[dict[str, Any]], Any] = lambda arrays: None,
) -> Path:
    """A copy with another record and other arrays, whose checksum fits."""
    header = json.loads((source / "about.json").read_text(encoding="utf-8"))
    held = dict(load((source / header["arrays"]).read_bytes()))
    record(header["about"])
    arrays(held)
    payload = save(held)
    header["sha256"] = hashlib.sha256(payload).hexdigest()
    target.mkdir()
    (target / header["arrays"]).write_bytes(payload)
    (target / "about.json").write_text(json.dumps(header), encoding="utf-8")
    return target


def parameter(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda record: record["parameters"].__setitem__(name, value)


def fitted(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda record: record["fitted"].__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (parameter("n_topics", 2**31), r"topic_word has shape \(4, 32\), expected \(2147483648"),
        (parameter("alpha", -1), "alpha: -1 cannot be used by LDA"),
        (parameter("method", "magic"), "method: 'magic' cannot be used"),
        (parameter("unheard", 1), "unheard: is no parameter of LDA"),
        (parameter("random_state", [1]), "random_state: .* cannot be used"),
        (fitted("n_features_in_", 31), "n_features_in_ is 31 for 32 terms"),
        (fitted("history_", [[1]]), r"entry history_\[0\] is a list"),
        (fitted("interrupted_", 1), "entry interrupted_ is 1"),
        (fitted("vocabulary", {"terms": ["a"]}), "entry vocabulary.counts is missing"),
        (fitted("diagnosis", {"n_topics": 4, "dead": "no"}), "entry diagnosis.dead is 'no'"),
        (lambda record: record.update({"class": "os.system"}), "does not hold a whole model"),
        (lambda record: record.pop("fitted"), "entry fitted is missing"),
    ],
)
def test_models_with_other_records_are_refused(
    saved: Path, tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    folder = edit(saved, tmp_path / "edited", record=change)
    with pytest.raises(CheckpointError, match=message) as found:
        pt.load(folder)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("alpha", lambda a: np.full_like(a, np.nan), "holds NaN"),
        ("alpha", lambda a: -a, "out of bounds"),
        ("alpha", lambda a: a[:2], r"shape \(2,\), expected \(4\)"),
        ("topic_word", lambda a: 2 * a, "row 0 sums to 2"),
        ("topic_word", lambda a: a.T.copy(), r"shape \(32, 4\)"),
        ("eta", lambda a: np.ones(7), r"eta: float64 of shape \(7,\)"),
    ],
)
def test_models_with_other_arrays_are_refused(
    saved: Path, tmp_path: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    folder = edit(saved, tmp_path / "edited", arrays=lambda a: a.update({name: change(a[name])}))
    with pytest.raises(CheckpointError, match=message):
        pt.load(folder)


def test_an_edit_that_says_the_same_is_read(saved: Path, tmp_path: Path) -> None:
    assert pt.load(edit(saved, tmp_path / "copy")).n_topics == 4


def test_layers_that_no_array_holds_take_no_memory(
    tmp_path: Path, corpus_counts: sparse.csr_matrix
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    prodlda = pt.ProdLDA(n_topics=4, hidden=8, epochs=1, n_threads=1).fit(corpus_counts)
    rows = pt.Autoencoder(dim=2, hidden=8, epochs=1, n_threads=1).fit(corpus_counts)
    for model in (prodlda, rows):
        whole = model.save(tmp_path / type(model).__name__)
        for number in (10**6, 2**40):
            name = f"{type(model).__name__}{number}"
            folder = edit(whole, tmp_path / name, record=parameter("hidden", number))
            with pytest.raises(CheckpointError, match="do not fit the|cannot be used"):
                pt.load(folder)


@pytest.mark.parametrize("value", [1e30, -1e12])
def test_weights_whose_layers_overflow_are_refused(
    tmp_path: Path, corpus_counts: sparse.csr_matrix, value: float
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    rows = pt.Autoencoder(dim=2, hidden=8, epochs=1, n_threads=1).fit(corpus_counts)
    whole = rows.save(tmp_path / "whole")

    def spoil(arrays: dict[str, Any]) -> None:
        next(a for n, a in arrays.items() if n.startswith("module/")).flat[0] = value

    with pytest.raises(CheckpointError, match="array module/.* holds"):
        pt.load(edit(whole, tmp_path / "spoilt", arrays=spoil))


@pytest.mark.parametrize(
    ("entry", "value"),
    [("loss", None), ("kl_weight", None), ("kl_weight", [0.5]), ("epoch", "1")],
)
def test_an_epoch_that_is_none_is_refused(
    tmp_path: Path, corpus_counts: sparse.csr_matrix, entry: str, value: Any
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    options = {"dim": 2, "hidden": 8, "epochs": 2, "n_threads": 1, "random_state": 0}
    whole = tmp_path / "whole"
    pt.VAE(checkpoint=whole, **options).fit(corpus_counts)

    def spoil(record: dict[str, Any]) -> None:
        record["history"][0][entry] = value
        if value is None:
            del record["history"][0][entry]

    folder = edit(whole, tmp_path / "spoilt", record=spoil)
    with pytest.raises(CheckpointError, match=rf"history\[0\]\.{entry} is"):
        pt.VAE(checkpoint=folder, **options).fit(corpus_counts)


@pytest.mark.parametrize("name", ["step", "exp_avg", "exp_avg_sq"])
def test_half_an_optimiser_is_refused(
    tmp_path: Path, corpus_counts: sparse.csr_matrix, name: str
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    options = {"dim": 2, "hidden": 8, "epochs": 2, "n_threads": 1, "random_state": 0}
    whole = tmp_path / "whole"
    pt.Autoencoder(checkpoint=whole, **options).fit(corpus_counts)
    folder = edit(whole, tmp_path / "half", arrays=lambda a: a.pop(f"optimizer/0/{name}"))
    with pytest.raises(CheckpointError, match="half an optimiser"):
        pt.Autoencoder(checkpoint=folder, **options).fit(corpus_counts)
    folder = edit(whole, tmp_path / "more", arrays=lambda a: a.update({"x": np.ones(1)}))
    with pytest.raises(CheckpointError, match="holds an array x"):
        pt.Autoencoder(checkpoint=folder, **options).fit(corpus_counts)


def test_lda_checkpoints_that_do_not_fit_are_refused(
    tmp_path: Path, corpus_counts: sparse.csr_matrix
) -> None:
    """Topics of another corpus, or beyond K, would be written outside the tables of counts."""
    options = {"n_topics": 4, "iterations": 6, "random_state": 0, "n_threads": 1}
    whole = tmp_path / "whole"
    pt.LDA(checkpoint=whole, **options).fit(corpus_counts)
    for number, (name, change) in enumerate(
        [
            ("topics", lambda a: a[:-5]),
            ("topics", lambda a: np.full_like(a, 4)),
            ("topics", lambda a: np.full_like(a, 60_000)),
            ("sums", lambda a: a[:, :-1]),
            ("sums", lambda a: a - 10**6),
        ]
    ):
        folder = edit(
            whole, tmp_path / f"{number}", arrays=lambda a, n=name, c=change: a.update({n: c(a[n])})
        )
        with pytest.raises(CheckpointError, match=f"array {name}"):
            pt.LDA(checkpoint=folder, **options).fit(corpus_counts)


@pytest.mark.parametrize(
    "name", ["tokens", "offsets", "counts/indices", "counts/indptr", "counts/data"]
)
def test_corpora_whose_numbers_point_outside_are_refused(tmp_path: Path, name: str) -> None:
    corpus = pt.Corpus.from_texts(["cells divide and grow", "a cell divides"], min_df=1)
    whole = corpus.save(tmp_path / "corpus")
    for number, value in enumerate((10**6, -1)):
        folder = edit(
            whole, tmp_path / f"{number}", arrays=lambda a, v=value: a[name].__setitem__(1, v)
        )
        if name == "counts/data" and value > 0:
            assert pt.Corpus.load(folder).counts.data[1] == value
            continue
        with pytest.raises(PolytopicError) as found:
            pt.Corpus.load(folder)
        assert isinstance(found.value, CheckpointError)
