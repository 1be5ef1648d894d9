"""Graphs in files as other programs write them: no edge is lost, none is made up."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import sparse
from scipy.io import mmwrite

from polytopic.errors import InputError, ReadingWarning
from polytopic.graphs.graph import Graph

Edges = dict[tuple[Any, Any], float]


def as_dict(graph: Graph) -> Edges:
    entries = sparse.coo_matrix(graph.adjacency)
    return {
        (graph.nodes[u], graph.nodes[v]): float(w)
        for u, v, w in zip(entries.row, entries.col, entries.data, strict=True)
    }


def read(text: str, folder: Path, name: str = "graph.txt", *, weights: bool = True) -> Edges:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return as_dict(Graph.read(file, weights=weights))


@pytest.fixture
def quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "third",
    [
        ("2020-01-01", "2021-01-01"),
        ("+", "-"),
        ("likes", "hates"),
        ("{}", "{}"),
        ("{'c': 1}", "{}"),
    ],
)
@pytest.mark.parametrize("apart", [" ", "\t", ",", ";"])
def test_the_first_edge_is_kept_whatever_the_third_column(
    third: tuple[str, str], apart: str, tmp_path: Path
) -> None:
    rows = [("1", "2", third[0]), ("2", "3", third[1])]
    text = "\n".join(apart.join(row) for row in rows)
    assert read(text, tmp_path, weights=False) == {(1, 2): 1, (2, 3): 1}
    named = text.replace("1", "a").replace("2", "b").replace("3", "c")
    assert ("a", "b") in read(named, tmp_path, weights=False)
    if "{" not in third[0]:
        with pytest.raises(InputError, match=r"row 1 has weight .*weights=False"):
            read(text, tmp_path)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("data", [True, False, ["weight", "c"]])
@pytest.mark.parametrize("delimiter", [" ", "\t", ","])
def test_edge_lists_of_networkx(data: Any, delimiter: str, tmp_path: Path) -> None:
    graph = nx.DiGraph()
    graph.add_edge("a", "b", weight=3, c="x")
    graph.add_edge("b", "c", weight=0.5, c="z")
    file = tmp_path / "graph.edgelist"
    nx.write_edgelist(graph, file, data=data, delimiter=delimiter)
    if data == ["weight", "c"]:
        assert as_dict(Graph.read(file, weights=False)) == {("a", "b"): 1, ("b", "c"): 1}
        return
    assert as_dict(Graph.read(file)) == {
        ("a", "b"): 3 if data else 1, ("b", "c"): 0.5 if data else 1,
    }  # fmt: skip
    plain = tmp_path / "plain.edgelist"
    nx.write_edgelist(nx.DiGraph([("a", "b"), ("b", "c")]), plain, delimiter=delimiter)
    assert as_dict(Graph.read(plain)) == {("a", "b"): 1, ("b", "c"): 1}


@pytest.mark.usefixtures("quiet")
def test_headings_tell_the_columns(tmp_path: Path) -> None:
    gephi = "Source,Target,Type,Id,Label,Weight\n1,2,Directed,0,,2.0\n2,3,Undirected,1,,1\n"
    assert read(gephi, tmp_path) == {(1, 2): 2, (2, 3): 1, (3, 2): 1}
    assert read("target;source\na;b\n", tmp_path) == {("b", "a"): 1}
    assert read('"id","from","to"\n7,a,b\n', tmp_path) == {("a", "b"): 1}
    assert read("id,from,to,weight\n0,a,b,4\n", tmp_path) == {("a", "b"): 4}
    assert read("source,target,rating\na,b,4\n", tmp_path) == {("a", "b"): 4}
    for more in ("rating,time\n1,2,3,4\n", "time\n1,2,1700000000\n"):
        with pytest.raises(InputError, match=r"names source, target, .* and no weight"):
            read(f"source,target,{more}", tmp_path)
    assert read("source,target,rating,time\n1,2,3,4\n", tmp_path, weights=False) == {(1, 2): 1}
    with pytest.raises(InputError, match="row 3 has 2 columns. The heading has 3"):
        read("source,target,weight\na,b,1\nb,c\n", tmp_path)


def test_a_heading_that_was_guessed_is_told(tmp_path: Path) -> None:
    for text in ("paper_a paper_b\n1 2\n", "paper_a,paper_b,weight\n1,2,1\n"):
        with pytest.warns(ReadingWarning, match="row 1 .* names of the columns"):
            assert read(text, tmp_path) == {(1, 2): 1}
    with pytest.warns(ReadingWarning, match="row 1 .u, v. was read as the names"):
        assert read("u v\na b\n", tmp_path) == {("a", "b"): 1}
    assert read("alice bob\ncarol 2\n", tmp_path) == {("alice", "bob"): 1, ("carol", "2"): 1}
    assert read("1 bob n\n1 2 m\n", tmp_path, weights=False) == {("1", "bob"): 1, ("1", "2"): 1}


@pytest.mark.usefixtures("quiet")
def test_quotes_are_taken_off(tmp_path: Path) -> None:
    assert read('"a, x",b\nb,"say ""c"""\n', tmp_path) == {("a, x", "b"): 1, ("b", 'say "c"'): 1}
    assert read('"a b" c 2\n', tmp_path) == {("a b", "c"): 2}
    assert read('5" screen,b\n', tmp_path) == {('5" screen', "b"): 1}
    for apart in (" ", "\t"):  # a token of a text, not the beginning of a name
        assert read(f'"{apart}he\nhe{apart}"\n', tmp_path) == {('"', "he"): 1, ("he", '"'): 1}
    with pytest.raises(InputError, match="row 2 has quotes that do not match"):
        read('a,b\n"c,d\n', tmp_path)


@pytest.mark.usefixtures("quiet")
def test_names_may_hold_other_white_space(tmp_path: Path) -> None:
    assert read("new\xa0york\tparis\n\x85 x\u2028y\n".replace(" ", "\t"), tmp_path) == {
        ("new\xa0york", "paris"): 1,
        ("\x85", "x\u2028y"): 1,
    }
    assert read("new\xa0york paris\n", tmp_path) == {("new\xa0york", "paris"): 1}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("field", ["real", "integer", "pattern"])
@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
def test_matrix_market_is_read_with_its_own_numbers(
    field: str, symmetry: str, tmp_path: Path
) -> None:
    dense = np.array([[0, 2, 0], [2 if symmetry == "symmetric" else 0, 0, 1], [0, 1, 0]])
    file = tmp_path / "graph.mtx"
    mmwrite(file, sparse.coo_matrix(dense), comment="by hand", field=field, symmetry=symmetry)
    graph = Graph.read(file)
    assert graph.nodes == [1, 2, 3]
    np.testing.assert_array_equal(
        graph.adjacency.toarray(), dense > 0 if field == "pattern" else dense
    )
    assert set(Graph.read(file, weights=False).adjacency.data) == {1.0}
    mmwrite(tmp_path / "dense.mtx", dense, field="real", symmetry=symmetry)
    np.testing.assert_array_equal(Graph.read(tmp_path / "dense.mtx").adjacency.toarray(), dense)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%%MatrixMarket matrix coordinate real general\n3 2 1\n1 2 1\n", "is 3 x 2, but"),
        (
            "%%MatrixMarket matrix coordinate real general\n2 2 999999\n1 2 1\n",
            "999,999 entries in",
        ),
        ("%%MatrixMarket matrix coordinate real general\n9999999 9999999 1\n1 2 1\n", "too many"),
        ("%%MatrixMarket matrix array real general\n99999 99999\n1\n", "too many for"),
        ("%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 2 1 1\n", "is complex and"),
        ("%%MatrixMarket matrix coordinate real hermitian\n2 2 1\n2 1 1\n", "real and hermitian"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 9 1\n", "outside of its 2 rows"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 0 1\n", "outside of its 2 rows"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1.5 1\n", "outside of its 2"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 1\n1 1\n", "not 6 numbers"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 x\n", "not 3 numbers"),
        ("%%MatrixMarket matrix array real symmetric\n%\n3 3\n0\n2\n0\0\n0\n1\n0\n", "not 6 num"),
        ("%%MatrixMarket matrix coordinate real general\n% only\n", "no line of 3 sizes"),
        ("%%MatrixMarket vector\n2\n", "row 1 says no matrix"),
        ("3 3 2\n1 2 1\n2 3 1\n", "lacks the first line of MatrixMarket"),
    ],
)
def test_bad_matrix_market_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(text, tmp_path, "graph.mtx")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*Vertices 3\n1 a\n", "Pajek file.*networkx.read_pajek"),
        ("graph [\n  node [\n", "GML file"),
        ('<?xml version="1.0"?>\n', "GraphML or GEXF"),
        ('{"nodes": []}\n', "JSON file"),
        ("digraph {\n", "DOT file"),
    ],
)
def test_other_files_of_graphs_are_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read(text, tmp_path)


def test_weights_that_no_sum_can_hold_are_refused(tmp_path: Path) -> None:
    for weight in ("1e308", "1e-320"):
        with pytest.raises(InputError, match=r"row 2 has weight .* between 1e-100 and 1e100"):
            read(f"a b 1\nb c {weight}\n", tmp_path)
        with pytest.raises(InputError, match=r"entry 0 has weight .* between"):
            Graph.from_edges([("a", "b")], [float(weight)])


# ---- npz ---------------------------------------------------------------------------------


def npz(folder: Path, arrays: dict[str, bytes | np.ndarray[Any, Any]], packed: bool = True) -> Path:
    file = folder / "graph.npz"
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, value in arrays.items():
            if not isinstance(value, bytes):
                stream = io.BytesIO()
                np.lib.format.write_array(stream, value, allow_pickle=True)
                value = stream.getvalue()
            archive.writestr(f"{name}.npy", value)
    return file


def parts() -> dict[str, Any]:
    return {
        "data": np.ones(2), "indices": np.array([1, 0]), "indptr": np.array([0, 1, 2]),
        "shape": np.array([2, 2]),
    }  # fmt: skip


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = (
        f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode().ljust(117)
        + b"\n"
    )
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data", header("(99999999999,)")),
        ("data", header("(10**10,)")),
        ("data", header("(2,", "'<f8'")),
        ("data", header("(2,)", "'|O'") + b"\x80\x04K\x01."),
        ("data", header("(2,)", "[('a', '<f8')]") + bytes(16)),
        ("data", b"\x93NUMPY\x03\x00" + header("(2,)")[8:]),
        ("data", b"\x93NUMPY"),
        ("data", b"no array"),
        ("data", np.array(["x", "y"])),
        ("indices", np.array([0.5, 1.0])),
        ("indices", np.array([1, 10**9])),
        ("indptr", np.array([0, 10**6, 2])),
        ("indptr", np.array([2, 1, 0])),
        ("shape", np.array([2])),
        ("shape", np.array(2)),
        ("shape", np.array([-2, 2])),
        ("shape", np.array([2, 2, 2])),
        ("shape", np.array([2**62, 2**62])),
        ("node_names", np.array([object(), None])),
        ("node_names", np.array([b"\xff", b"a"])),
        ("node_names", np.array(["a"])),
        ("format", np.array([1, 2])),
    ],
)
def test_arrays_that_are_not_what_they_say_are_refused(
    name: str, value: Any, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="graph.npz: |nodes: 1 names") as caught:
        Graph.read(npz(tmp_path, parts() | {name: value}))
    assert "\n" not in str(caught.value)


def test_an_archive_that_inflates_beyond_reason_is_refused_before(tmp_path: Path) -> None:
    many = header("(12000000,)") + bytes(96_000_000)
    file = npz(tmp_path, parts() | {"data": many})
    assert file.stat().st_size < 200_000
    with pytest.raises(InputError, match=r"unpack to 96,000,.*compressed=False"):
        Graph.read(file)


def test_names_in_bytes_and_of_older_archives_are_read(tmp_path: Path) -> None:
    named = parts() | {"node_names": np.array(["é".encode(), b"b"])}
    assert as_dict(Graph.read(npz(tmp_path, named))) == {("é", "b"): 1, ("b", "é"): 1}
    older = {f"adj_{name}": value for name, value in parts().items()}
    assert as_dict(Graph.read(npz(tmp_path, older))) == {(0, 1): 1, (1, 0): 1}


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".npz", "no\0name"])
def test_names_that_no_disk_holds_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Graph.read(tmp_path / name)
