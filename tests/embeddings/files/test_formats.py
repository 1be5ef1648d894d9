"""Files of word vectors: what is written is read to the last bit, and peers agree."""

from __future__ import annotations

import gzip
import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import MATRIX, TERMS

import polytopic as pt
from polytopic.embeddings.files.model2vec import write_model2vec
from polytopic.embeddings.files.sniffing import sniff
from polytopic.embeddings.files.text import read_text
from polytopic.embeddings.files.word2vec import read_word2vec_binary
from polytopic.errors import InputError


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    return pt.WordVectors(TERMS, MATRIX, MATRIX[::-1])


@pytest.mark.parametrize(
    ("name", "format", "sniffed"),
    [
        ("v.txt", None, "word2vec"),
        ("v.bin", None, "word2vec-binary"),
        ("v.vec", "fasttext", "fasttext"),
        ("v.txt.gz", None, "word2vec"),
        ("v", "word2vec-binary", "word2vec-binary"),
        ("v.txt", "glove", "glove"),
        ("v.model", "model2vec", "model2vec"),
    ],
)
def test_what_is_written_is_read_to_the_last_bit(
    vectors: pt.WordVectors, tmp_path: Path, name: str, format: str | None, sniffed: str
) -> None:
    for which in ("input", "output", "concat"):
        path = vectors.write(tmp_path / f"{which}-{name}", format, which=which)
        assert sniff(path) == sniffed
        for given_format in (None, sniffed):
            back = pt.WordVectors.read(path, given_format)
            assert back.vocabulary.terms == TERMS
            wanted = vectors.combine(which)
            assert back.input.tobytes() == wanted.tobytes()


def test_a_binary_file_may_be_packed(vectors: pt.WordVectors, tmp_path: Path) -> None:
    plain = vectors.write(tmp_path / "v.bin").read_bytes()
    (tmp_path / "v.bin.gz").write_bytes(gzip.compress(plain))
    assert pt.WordVectors.read(tmp_path / "v.bin.gz").input.tobytes() == MATRIX.tobytes()


def test_gensim_reads_and_writes_the_same(vectors: pt.WordVectors, tmp_path: Path) -> None:
    keyed = pytest.importorskip("gensim.models").KeyedVectors
    for binary, name in ((False, "v.txt"), (True, "v.bin")):
        ours = vectors.write(tmp_path / name)
        theirs = keyed.load_word2vec_format(str(ours), binary=binary)
        assert theirs.index_to_key == TERMS
        assert theirs.vectors.tobytes() == MATRIX.tobytes()
        again = tmp_path / f"gensim-{name}"
        theirs.save_word2vec_format(str(again), binary=binary)
        back = pt.WordVectors.read(again)
        assert back.vocabulary.terms == TERMS
        assert back.input.tobytes() == MATRIX.tobytes()


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_binary_rows_with_and_without_line_feeds(tmp_path: Path, ending: bytes) -> None:
    rows = [t.encode() + b" " + r.tobytes() + ending for t, r in zip(TERMS, MATRIX, strict=True)]
    file = tmp_path / "v.bin"
    file.write_bytes(b"10 7\n" + b"".join(rows))
    terms, matrix = read_word2vec_binary(file)
    assert terms == TERMS
    assert matrix.tobytes() == MATRIX.tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "2 3\na 1 2 3\nb 4 5 6\n",
        "2 3\na 1 2 3\nb 4 5 6",
        "2 3\r\na 1 2 3\r\nb 4 5 6\r\n",
        "2 3 \na 1 2 3 \nb 4 5 6 \n\n",
        "2\t3\na\t1\t2\t3\nb\t4\t5\t6\n",
        "2 3\na  +1 2.  3e0\nb 4 .5e1 0.06E+2\n",
        "a 1 2 3\nb 4 5 6\n",
        "\ufeffa 1 2 3\nb 4 5 6\n",
        "\ufeff2 3\na 1 2 3\nb 4 5 6\n",
    ],
)
def test_text_in_its_many_spellings(tmp_path: Path, text: str) -> None:
    file = tmp_path / "v.txt"
    file.write_bytes(text.encode("utf-8"))
    terms, matrix = read_text(file)
    assert terms == ["a", "b"]
    assert matrix.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_words_of_glove_may_hold_spaces(tmp_path: Path) -> None:
    """As ". . ." and "at name@domain.com" in the published vectors of Common Crawl."""
    file = tmp_path / "g.txt"
    file.write_text("the 1 2\n. . . 3 4\nat name@x.com 5 6\n7 8 9\n", encoding="utf-8")
    terms, matrix = read_text(file)
    assert terms == ["the", ". . .", "at name@x.com", "7"]
    assert matrix.tolist() == [[1, 2], [3, 4], [5, 6], [8, 9]]


def test_glove_leaves_the_unknown_word_out_of_its_count(tmp_path: Path) -> None:
    """As with its option -write-header 1."""
    file = tmp_path / "g.txt"
    file.write_text("2 2\na 1 2\nb 3 4\n<unk> 5 6\n", encoding="ascii")
    for header in (None, True):
        terms, matrix = read_text(file, header=header)
        assert terms == ["a", "b", "<unk>"]
        assert matrix.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_chunks_meet_within_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.embeddings.files import text as vector_text
    from polytopic.embeddings.files import word2vec

    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(500, 3)).astype(np.float32)
    words = pt.WordVectors([f"w{i}" for i in range(500)], matrix)
    for name in ("v.txt", "v.bin"):
        words.write(tmp_path / name)
    for size in (7, 64, 1000):
        monkeypatch.setattr(vector_text, "_CHUNK", size)
        monkeypatch.setattr(word2vec, "_CHUNK", size)
        for name in ("v.txt", "v.bin"):
            back = pt.WordVectors.read(tmp_path / name)
            assert back.vocabulary.terms == words.vocabulary.terms
            assert back.input.tobytes() == matrix.tobytes()


FLOATS = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.floats(allow_nan=False, allow_infinity=False, max_value=3e38, min_value=-3e38).map(repr),
    st.floats(-1e38, 1e38).map(lambda value: halfway(value)),
    st.from_regex(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?(e[+-]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"[+-]?0?\.0{0,30}[0-9]{1,30}([eE]-?[0-4]?[0-9])?", fullmatch=True),
)


def halfway(value: float) -> str:
    """The middle of a float32 and the next, and what is just above it, in full."""
    number = np.float32(value)
    middle = (float(number) + float(np.nextafter(number, np.float32(np.inf)))) / 2
    return repr(float(np.nextafter(middle, np.inf))) if value > 0.5 else repr(middle)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(numbers=st.lists(FLOATS, min_size=1, max_size=20))
def test_numbers_are_rounded_as_python_rounds_them(tmp_path: Path, numbers: list[str]) -> None:
    with np.errstate(over="ignore"):
        wanted = [np.float32(float(number)) for number in numbers]
    file = tmp_path / "v.txt"
    kept = [(n, w) for n, w in zip(numbers, wanted, strict=True) if np.isfinite(w)]
    file.write_text("".join(f"w{i} {n}\n" for i, (n, _) in enumerate(kept)), encoding="ascii")
    if kept:
        matrix = read_text(file, header=False)[1]
        assert matrix[:, 0].tobytes() == np.array([w for _, w in kept]).tobytes()


def test_many_numbers_of_all_sizes_are_rounded_as_python_rounds_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=20_000) * 10.0 ** rng.integers(-38, 37, 20_000)
    middle = np.float32(values[:5000]).astype(float)
    values[:5000] = (
        middle + np.nextafter(np.float32(middle), np.float32(np.inf)).astype(float)
    ) / 2
    texts = [
        f"{v:.{d}{f}}"
        for v, d, f in zip(values, rng.integers(1, 20, 20_000), itertools.cycle("eg"), strict=False)
    ]
    texts[:5000] = [repr(v) for v in values[:5000].tolist()]
    file = tmp_path / "v.txt"
    lines = [" ".join(["w" + str(i), *texts[i : i + 10]]) for i in range(0, 20_000, 10)]
    file.write_text("\n".join(lines), encoding="ascii")
    wanted = np.array([np.float32(float(text)) for text in texts])
    assert read_text(file)[1].tobytes() == wanted.tobytes()


def test_model2vec_loads_the_folder(vectors: pt.WordVectors, tmp_path: Path) -> None:
    static = pytest.importorskip("model2vec").StaticModel
    small = vectors.subset(["the", "new_york", "e-mail", "don't"])
    model = static.from_pretrained(str(small.write(tmp_path / "m", "model2vec")))
    for text, words in (
        ("The, new_york", ["the", "new_york"]),
        ("don't e-mail (unheard)", ["don't", "e-mail"]),
    ):
        np.testing.assert_allclose(model.encode(text), small[words].mean(axis=0), atol=1e-6)
    model.save_pretrained(str(tmp_path / "again"))
    back = pt.WordVectors.read(tmp_path / "again")
    assert back.vocabulary.terms == small.vocabulary.terms
    np.testing.assert_array_equal(back.input, small.input)


def test_a_folder_of_model2vec_replaces_only_its_own(
    vectors: pt.WordVectors, tmp_path: Path
) -> None:
    folder = vectors.write(tmp_path / "m", "model2vec")
    assert vectors.write(folder, "model2vec") == folder
    (folder / "letter.txt").write_text("dear", encoding="ascii")
    with pytest.raises(InputError, match=r"holds other files \(letter.txt"):
        vectors.write(folder, "model2vec")


def test_a_failed_folder_of_model2vec_is_taken_away(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the word .* is no Unicode text and cannot be written"):
        write_model2vec(tmp_path / "m", ["\ud800"], np.ones((1, 1), np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("tokenizer.json", b"{", r"is cut short or altered \(Expecting property name"),
        ("tokenizer.json", b"[]", "is altered: no JSON object"),
        ("tokenizer.json", b'{"model": {"vocab": {"a": 0}}}', "its 1 tokens do not fit 11 vec"),
        ("tokenizer.json", b'{"model": {"vocab": [[], []]}}', "its 0 tokens do not fit 11 vec"),
        ("tokenizer.json", b"[" * 100_000, r"is altered \(nested too deeply\)"),
        ("model.safetensors", b"", "is cut short or altered"),
        ("model.safetensors", b"\xff" * 50, "is cut short or altered"),
        ("model.safetensors", struct.pack("<q", 2) + b"[]", "is altered: no JSON object"),
    ],
)
def test_damaged_files_of_model2vec(
    vectors: pt.WordVectors, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    folder = vectors.write(tmp_path / "m", "model2vec")
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"m[/\\]{name}: {told}"):
        pt.WordVectors.read(folder)


def test_damaged_folders_of_model2vec(vectors: pt.WordVectors, tmp_path: Path) -> None:
    folder = vectors.write(tmp_path / "m", "model2vec")
    names = [f'"{n}": {n}' for n in range(10)]
    for last in ('"10": "10"', '"10": 11', '"10": 9', '"10": -1', '"10": 1.5'):
        vocabulary = ", ".join([*names, last]).join("{}")
        (folder / "tokenizer.json").write_text(f'{{"model": {{"vocab": {vocabulary}}}}}')
        with pytest.raises(InputError, match=r"m[/\\]tokenizer.json: "):
            pt.WordVectors.read(folder)
    (folder / "model.safetensors").write_bytes(struct.pack("<q", 2) + b"{}")
    with pytest.raises(InputError, match='m: holds no matrix "embeddings" with a row a token'):
        pt.WordVectors.read(folder)


def test_a_line_feed_among_the_first_bytes_of_a_binary_row(tmp_path: Path) -> None:
    """Read as text, such a row would be one of a single broken number."""
    matrix = np.random.default_rng(0).normal(size=(5, 50)).astype(np.float32)
    for place in range(3):
        raw = matrix.copy()
        raw.view(np.uint8)[0, :4] = np.frombuffer(b"\xa5\xa5\xa5\x3e", np.uint8)
        raw.view(np.uint8)[0, place] = ord("\n")
        path = tmp_path / f"{place}.bin"
        pt.WordVectors([*"abcde"], raw).write(path)
        np.testing.assert_array_equal(pt.WordVectors.read(path).input, raw)
