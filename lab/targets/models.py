"""Own folders of models: one target a family, whose seeds are every model of the registry, tiny."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target, folder_content
from lab.targets.sealing import sealed

_GROUPS = 3
_TERMS = 12
_QUICK: dict[str, Any] = {
    "n_topics": _GROUPS, "dim": 3, "hidden": 4, "word_dim": 3, "epochs": 1, "iterations": 4,
    "batch_size": 8, "n_threads": 1, "random_state": 0, "bucket": 20, "sample": 0,
}  # fmt: skip
_SENTENCES = [["cells", "divide", "and", "grow"], ["an", "engine", "burns", "fuel"]] * 4


def counts() -> Any:
    """Documents of three kinds, few enough that every model is fitted in a moment."""
    import numpy as np

    rng = np.random.default_rng(0)
    shares = np.kron(np.eye(_GROUPS), np.ones(_TERMS // _GROUPS)) + 0.05
    return np.stack([rng.multinomial(12, shares[d % 3] / shares[d % 3].sum()) for d in range(18)])


def made(entry: Any, **changes: Any) -> Any:
    """An unfitted model of the registry with small parameters."""
    from polytopic import registry

    kind = registry.load_class(entry)
    known = kind._defaults()
    return kind(**{name: value for name, value in (_QUICK | changes).items() if name in known})


def material(entry: Any) -> Any:
    """What a model is fitted on."""
    if entry.family in ("topics", "autoencoders"):
        return counts()
    if entry.family == "sentences":
        return [" ".join(words) for words in _SENTENCES]
    return [[0, 1, 0], [0, 0, 1], [1, 1, 0]] if "node" in entry.name else _SENTENCES


def entries(*families: str) -> Iterator[Any]:
    """The models of the registry that are of these families and can be loaded here."""
    from polytopic import registry
    from polytopic.errors import MissingExtraError

    for entry in registry.MODELS:
        if entry.family in families:
            try:
                registry.load_class(entry)
            except MissingExtraError:
                continue
            yield entry


def fitted(entry: Any) -> Any:
    """A model fitted on its material."""
    import numpy as np

    given = material(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made(entry).fit(np.array(given) if "node" in entry.name else given)


def _saved(folder: Path, *families: str) -> list[Content]:
    found = []
    for entry in entries(*families):
        found.append(folder_content(fitted(entry).save(folder / entry.name)))
    return found


def _read_topics(path: Path) -> Any:
    import numpy as np

    import polytopic as pt
    from polytopic import simplex

    model = pt.load(sealed(path))
    rows = np.zeros((3, model.n_features_in_))
    rows[0, 0], rows[1, -1] = 3, 1
    theta = model.transform(rows)
    assert simplex.is_distribution(theta), "theta leaves the simplex"
    assert theta.shape == (3, model.n_topics)
    assert np.isfinite(model.log_likelihood(rows, theta)).all()
    assert len(model.top_words(2)) == model.n_topics
    assert model.diagnose().sentences()
    return model


def _read_codes(path: Path) -> Any:
    import numpy as np

    import polytopic as pt

    model = pt.load(sealed(path))
    rows = np.ones((2, model.n_features_in_))
    codes = model.transform(rows)
    assert np.isfinite(codes).all(), "codes hold NaN"
    assert codes.shape == (2, model.dim)
    return model


def _read_sentences(path: Path) -> Any:
    import numpy as np

    import polytopic as pt

    model = pt.load(sealed(path))
    codes = model.encode(["cells divide", "fuel"])
    assert np.isfinite(codes).all(), "codes hold NaN"
    assert len(model.decode(codes)) == 2
    return model


def _read_vectors(path: Path) -> Any:
    import numpy as np

    import polytopic as pt

    model = pt.load(sealed(path))
    vectors = getattr(model, "vectors_", None)
    if vectors is not None:
        assert np.isfinite(vectors.input).all()
        vectors.most_similar(vectors.vocabulary.terms[0], n=1)
    return model


def _warm() -> None:
    import torch

    import polytopic.metrics
    import polytopic.topics.base  # noqa: F401

    torch.set_num_threads(1)
    for entry in entries("topics", "autoencoders", "sentences", "vectors"):
        made(entry)
    compile_something()


def compile_something() -> None:
    """Have numba's compiler set up before a case's alarm can break into it."""
    from polytopic.kernels.compiling import compiled

    @compiled()
    def add(first, second):  # type: ignore[no-untyped-def]
        return first + second

    assert add(1, 2) == 3
    fitted(next(entries("topics")))


def _target(name: str, read: Any, *families: str) -> Target:
    return Target(f"model-{name}", lambda folder: _saved(folder, *families), read, _warm)


TARGETS = [
    _target("topics", _read_topics, "topics"),
    _target("codes", _read_codes, "autoencoders"),
    _target("sentences", _read_sentences, "sentences"),
    _target("vectors", _read_vectors, "vectors"),
]
