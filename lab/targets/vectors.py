"""Readers of word vectors, of graphs, and of the lists that vectors are judged by."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab.fuzzing.target import Content, Target, folder_content

TERMS = ["the", "café", "new_york", "日本", "z"]
NUMBERS = (
    b" ",
    b"\n",
    b"\t",
    b"nan",
    b"1e39",
    b"-0",
    b"1_0",
    b"\xff\xfe",
    b"\0",
    b"99999999999 300\n",
)


def _matrix(dim: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(dim).normal(size=(len(TERMS), dim)).astype(np.float32)


def _written(format: str, name: str, dims: tuple[int, ...]) -> Callable[[Path], list[Content]]:
    """Seeds: vectors of each length, written in a format."""

    def seeds(folder: Path) -> list[Content]:
        import polytopic as pt

        found: list[Content] = []
        for dim in dims:
            path = pt.WordVectors(TERMS, _matrix(dim), _matrix(dim)).write(
                folder / f"{dim}-{name}", format
            )
            found.append(folder_content(path) if path.is_dir() else {name: path.read_bytes()})
        return found

    return seeds


def _read_vectors(format: str | None = None, **options: Any) -> Callable[[Path], None]:
    """Read by what the file tells and, where it is named, as a format; with each way of mending."""

    def read(path: Path) -> None:
        import polytopic as pt
        from polytopic.errors import PolytopicError

        vectors = None
        for how in ("skip", "refuse", "replace"):
            try:
                vectors = pt.WordVectors.read(path, format, errors=how, **options)
            except PolytopicError:
                if how == "replace":
                    raise
        assert vectors is not None
        _check(vectors)

    return read


def _check(vectors: Any) -> None:
    assert vectors.input.shape == (len(vectors), vectors.dim)
    assert np.isfinite(vectors.input).all()
    assert len(set(vectors)) == len(vectors) > 0
    assert vectors.output is None or np.isfinite(vectors.output).all()
    first = vectors.vocabulary.terms[0]
    if vectors[first].any():
        vectors.most_similar(first, n=3)


def _warm_vectors() -> None:
    """Load the kernels too: each case would compile them anew."""
    from polytopic.embeddings.files.subwords import word_means
    from polytopic.kernels.parsing import join_terms, parse_rows

    row, zero, end = np.frombuffer(b"a 1", np.uint8), np.zeros(1, np.int64), np.full(1, 3)
    matrix = np.empty((1, 1), np.float32)
    parse_rows(row, zero, end, 0, 1, matrix, end.copy())
    join_terms(row, zero, end, np.empty(4, np.uint8))
    rows = np.zeros((2, 1), np.float32)
    rows.flags.writeable = False  # as the map of a file is: another type for the compiler
    word_means(row, zero, end, -1, 1, 1, 1, rows, matrix)


def _binaries(folder: Path) -> list[Content]:
    """Numbers of four bytes, and of eight."""
    rows = [
        t.encode() + b" " + r.astype("<f8").tobytes()
        for t, r in zip(TERMS, _matrix(3), strict=True)
    ]
    written = _written("word2vec-binary", "v.bin", (1, 2, 7))(folder)
    return [*written, {"v.bin": b"5 3\n" + b"\n".join(rows)}]


def _fasttext(folder: Path) -> list[Content]:
    """Models of versions 11 and 12, with and without n-grams, labels and an output matrix."""
    return [
        {"m.bin": _fasttext_model(12, bucket=20)},
        {"m.bin": _fasttext_model(11, bucket=20, model=3, labels=2)},
        {"m.bin": _fasttext_model(12, bucket=0, loss=1)},
    ]


def _fasttext_model(
    version: int, *, bucket: int, model: int = 2, loss: int = 2, labels: int = 0
) -> bytes:
    dim, rng = 3, np.random.default_rng(1)
    head = struct.pack(
        "<2i12id", 793712314, version, dim, 5, 1, 1, 5, 1, loss, model, bucket, 3, 4, 100, 1e-4
    )
    head += struct.pack("<3i2q", len(TERMS) + labels, len(TERMS), labels, 99, -1)
    for row, word in enumerate([*TERMS, *(f"__label__{k}" for k in range(labels))]):
        head += word.encode() + b"\0" + struct.pack("<qb", 50 - row, row >= len(TERMS))
    for n_rows in (len(TERMS) + bucket, labels or len(TERMS)):
        numbers = rng.normal(size=(n_rows, dim)).astype("<f4")
        head += struct.pack("<?2q", False, n_rows, dim) + numbers.tobytes()
    return head


def _glove_binary(folder: Path) -> list[Content]:
    numbers = np.random.default_rng(2).normal(size=(2 * len(TERMS), 4)).astype("<f8")
    vocabulary = "".join(f"{term} {90 - row}\n" for row, term in enumerate(TERMS)).encode()
    return [{"vectors.bin": numbers.tobytes(), "vocab.txt": vocabulary}]


def _read_glove_binary(path: Path) -> None:
    import polytopic as pt

    _check(pt.WordVectors.read(path / "vectors.bin", vocabulary=path / "vocab.txt"))


def _others(folder: Path) -> list[Content]:
    """Files that are no vectors: what they look like is told."""
    import pickle

    return [
        {"w2v.model": pickle.dumps({"vectors": [1.0, 2.0], "words": TERMS})},
        {"vocab.txt": b"the 100\nof 60\ncat 2\n"},
        {"classes.txt": b"the 0\nof 3\ncat 12\n"},
        {
            "old.bin": struct.pack("<12id", 100, 5, 5, 5, 5, 1, 2, 2, 99, 3, 6, 100, 1e-4)
            + bytes(99)
        },
        {"v.txt": "2 2\na 1 2\nb 3 4\n".encode("utf-16")},
        {"v.json": b'{"the": [1, 2], "of": [2, 3]}'},
        {"v.h5": b"\x89HDF\r\n\x1a\n" + bytes(50)},
    ]


def _read_others(path: Path) -> None:
    from polytopic.errors import InputError

    try:
        _read_vectors()(path)
    except InputError as error:  # a valid seed too is refused, and so named
        if "looks like" not in str(error):
            raise


def _saved(folder: Path) -> list[Content]:
    import polytopic as pt

    vectors = pt.WordVectors(pt.Vocabulary(TERMS, [5, 4, 3, 2, 1]), _matrix(3), _matrix(3))
    return [folder_content(vectors.save(folder / "vectors"))]


def _read_saved(path: Path) -> None:
    import polytopic as pt
    from polytopic.errors import PolytopicError

    try:
        mapped = pt.WordVectors.load(path, memory_map=True)
        mapped.similarity(*mapped.vocabulary.terms[:2])
    except PolytopicError:
        pass
    _check(pt.WordVectors.load(path))


# ---- graphs --------------------------------------------------------------------------------


def _edge_lists(folder: Path) -> list[Content]:
    return [
        {"g.txt": b"# c\n1 2\n2 3\n3 1\n"},
        {"g.txt": b"a b {'weight': 3}\nb c {}\n"},
        {"g.csv": b"Source,Target,Type,Id,Label,Weight\n1,2,Directed,0,,2\n2,3,Undirected,1,,1\n"},
        {"g.csv": '"a, x";"b ""c""";2\nb;é;1e-3\n'.encode()},
        {"g.tsv": b"1\t2\t2020-01-01\n2\t3\t2020-02-01\n"},
        {"g.txt": b"from to\nx y\n"},
    ]


def _matrix_market(folder: Path) -> list[Content]:
    from scipy import sparse
    from scipy.io import mmwrite

    dense = np.array([[0, 2, 0], [2, 0, 1], [0, 1, 0]])
    found: list[Content] = []
    for field in ("real", "integer", "pattern"):
        stream = io.BytesIO()
        mmwrite(stream, sparse.coo_matrix(dense), field=field, comment="by hand")
        found.append({"g.mtx": stream.getvalue()})
    stream = io.BytesIO()
    mmwrite(stream, dense.astype(float))
    return [*found, {"g.mtx": stream.getvalue()}]


def _archives(folder: Path) -> list[Content]:
    from scipy import sparse

    matrix = sparse.csr_matrix(np.array([[0, 2.0, 0], [2, 0, 1], [0, 1, 0]]))
    found: list[Content] = []
    for packed in (False, True):
        sparse.save_npz(folder / "g.npz", matrix, compressed=packed)
        found.append({"g.npz": (folder / "g.npz").read_bytes()})
    parts = {f"adj_matrix.{n}": getattr(matrix, n) for n in ("data", "indices", "indptr", "shape")}
    np.savez(folder / "h.npz", **parts, node_names=np.array(["a", "b", "ç"]))
    return [*found, {"g.npz": (folder / "h.npz").read_bytes()}]


def _read_graph(path: Path) -> None:
    from polytopic.errors import PolytopicError
    from polytopic.graphs.graph import Graph

    graph = None
    for weights in (True, False):
        try:
            graph = Graph.read(path, weights=weights)
        except PolytopicError:
            if not weights and graph is None:
                raise
    assert graph is not None
    assert graph.adjacency.shape == (graph.n_nodes, graph.n_nodes)
    assert len(set(graph.nodes)) == graph.n_nodes
    assert (graph.adjacency.data > 0).all()
    assert np.isfinite(graph.adjacency.data.sum())
    graph.transpose()


def _warm_graphs() -> None:
    import scipy.io  # noqa: F401


# ---- lists of judgements -------------------------------------------------------------------


def _pairs(folder: Path) -> list[Content]:
    return [
        {"p.txt": b"Word 1,Word 2,Human (mean)\nthe,z,7.5\nz,new_york,1\n"},
        {"p.txt": "# c\nthe\tcafé\t5\nz\tthe\t3\n".encode()},
        {"p.txt": b'"the";"z";7.5\n"z";"new_york";1\n'},
    ]


def _analogies(folder: Path) -> list[Content]:
    return [{"q.txt": "// c\n: x\nthe café z new_york\n: gram1\nz the café 日本\n".encode()}]


def _judge(name: str) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        import polytopic as pt

        vectors = pt.WordVectors(TERMS, _matrix(3))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            record = getattr(pt.metrics, name)(vectors, path).to_dict()
        assert isinstance(record, Mapping)
        value = record.get("spearman")
        assert value is None or -1.0 - 1e-9 <= value <= 1.0 + 1e-9

    return read


def _warm_judging() -> None:
    import scipy.stats

    import polytopic.metrics

    _warm_vectors()
    assert polytopic.metrics is not None
    assert scipy.stats is not None


TARGETS = [
    Target(
        "word2vec-text", _written("word2vec", "v.txt", (1, 2, 7)), _read_vectors(), _warm_vectors,
        words=NUMBERS,
    ),
    Target(
        "word2vec-binary", _binaries, _read_vectors(), _warm_vectors, words=NUMBERS,
    ),
    Target(
        "word2vec-sniffed", _written("word2vec-binary", "v", (1, 2, 17)), _read_vectors(),
        _warm_vectors, words=NUMBERS,
    ),
    Target(
        "glove-text", _written("glove", "v.txt", (2, 3)), _read_vectors(), _warm_vectors,
        words=NUMBERS,
    ),
    Target(
        "glove-all", _written("glove", "v.txt", (6, 8)), _read_vectors("glove-all"), _warm_vectors,
        words=NUMBERS,
    ),
    Target("glove-binary", _glove_binary, _read_glove_binary, _warm_vectors, words=NUMBERS),
    Target("fasttext", _fasttext, _read_vectors(), _warm_vectors),
    Target("model2vec", _written("model2vec", "m", (3,)), _read_vectors(), _warm_vectors),
    Target("no-vectors", _others, _read_others, _warm_vectors, words=NUMBERS),
    Target("vectors", _saved, _read_saved, _warm_vectors),
    Target("edges", _edge_lists, _read_graph, _warm_graphs, words=(b'"', b"{", b"}", b",", b"\t")),
    Target("matrix-market", _matrix_market, _read_graph, _warm_graphs, words=NUMBERS),
    Target("npz", _archives, _read_graph, _warm_graphs),
    Target("pairs", _pairs, _judge("word_similarity"), _warm_judging, words=NUMBERS),
    Target("analogies", _analogies, _judge("word_analogies"), _warm_judging, words=NUMBERS),
]  # fmt: skip
