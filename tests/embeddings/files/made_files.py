"""Words, and files of word vectors as GloVe and fastText write them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from polytopic.embeddings.files.fasttext import MAGIC

TERMS = ["the", "naïve", "new_york", "e-mail", "don't", "日本", "</s>", "<unk>", "3.5", "1"]
MATRIX = np.random.default_rng(0).normal(size=(10, 7)).astype(np.float32)
MATRIX[3] *= np.float32(1e-30)
MATRIX[4, :3] = [0.0, -0.0, np.finfo(np.float32).max]
MATRIX[5, :3] = [np.finfo(np.float32).tiny, 1e-45, -np.finfo(np.float32).smallest_subnormal]


def write_glove(folder: Path, rows: int = 3, dim: int = 4) -> tuple[Path, Path, np.ndarray]:
    numbers = np.random.default_rng(5).normal(size=(2 * rows, dim + 1))
    (folder / "vocab.txt").write_text(
        "".join(f"w{i} {100 - i}\n" for i in range(rows)), encoding="utf-8"
    )
    (folder / "vectors.bin").write_bytes(numbers.astype("<f8").tobytes())
    return folder / "vectors.bin", folder / "vocab.txt", numbers


def fnv(data: bytes) -> int:
    """The hash of fastText: FNV-1a over bytes that were sign-extended to 32 bits."""
    value = 2166136261
    for byte in data:
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) % 2**32
    return value


FIELDS = {
    "dim": 3, "ws": 5, "epoch": 1, "min_count": 1, "neg": 5, "ngrams": 1, "loss": 2, "model": 2,
    "bucket": 4, "minn": 3, "maxn": 4, "rate": 100,
}  # fmt: skip


def fasttext_file(
    words: list[str], *, labels: int = 0, pruned: int = -1, quantised: int = 0, **fields: int
) -> tuple[bytes, np.ndarray, np.ndarray]:
    """A model as fastText writes it, with random numbers."""
    values = FIELDS | fields
    rng = np.random.default_rng(6)
    matrix = rng.normal(size=(len(words) + values["bucket"], values["dim"])).astype("<f4")
    output = rng.normal(size=(labels or len(words), values["dim"])).astype("<f4")
    parts = [struct.pack("<2i12id", MAGIC, 12, *values.values(), 1e-4)]
    parts.append(struct.pack("<3i2q", len(words) + labels, len(words), labels, 99, pruned))
    for i, word in enumerate([*words, *(f"__label__{k}" for k in range(labels))]):
        parts.append(word.encode() + b"\0" + struct.pack("<qb", 50 - i, i >= len(words)))
    for numbers in (matrix, output):
        parts.append(struct.pack("<?2q", quantised, *numbers.shape) + numbers.tobytes())
    return b"".join(parts), matrix, output
