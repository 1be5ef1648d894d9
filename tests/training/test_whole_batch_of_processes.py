"""One model, whatever the number of processes: the noise of a document is its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from launching import launched

SCRIPT = """
import json, os, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
import polytopic as pt

rng = np.random.default_rng(0)
group = rng.integers(0, 4, 125)
counts = np.zeros((125, 40))
for row, of in enumerate(group):
    np.add.at(counts[row], (of * 8 + rng.integers(0, 10, 6 + row % 9)) % 40, 1)
sentences = [" ".join(f"w{n}" for n in row.nonzero()[0][: i % 7]) for i, row in enumerate(counts)]
beside = rng.normal(size=(125, 6)).astype(np.float32)
run = dict(epochs=2, batch_size=33, device="cpu", n_threads=1, random_state=0)  # uneven shares
small = dict(n_topics=4, dim=8, hidden=4, **run)
cases = {
    "normal": lambda: pt.ProdLDA(gradient="score", samples=2, free_bits=0.1, **small).fit(counts),
    "full": lambda: pt.ProdLDA(covariance="full", **small).fit(counts),
    "gamma": lambda: pt.DirichletVAE(**small).fit(counts),
    "dirichlet": lambda: pt.DirichletVAE(gradient="implicit", **small).fit(counts),
    "waits": lambda: pt.WeibullVAE(**small).fit(counts),
    "sticks": lambda: pt.StickBreakingVAE(**small).fit(counts),
    "distances": lambda: pt.ECRTM(**small).fit(counts),
    "labels": lambda: pt.Scholar(label_dropout=0.3, **small).fit(counts, [f"g{n}" for n in group]),
    "beside": lambda: pt.CombinedTM(**small).fit(counts, embeddings=beside),
    "transport": lambda: pt.FASTopic(n_topics=4, **run).fit(counts, embeddings=beside),
    "binomial": lambda: pt.DenoisingAutoencoder(dim=3, noise="word-drop", **run).fit(counts),
    "spread": lambda: pt.DenoisingAutoencoder(dim=3, noise="gaussian", **run).fit(counts),
    "words": lambda: pt.SentenceVAE(dim=3, hidden=6, word_dim=6, word_dropout=0.2, **run).fit(
        sentences),
}
told = {name: [{k: v for k, v in record.items() if k != "seconds"} for record in fit().history_]
        for name, fit in cases.items()}
rank = os.environ.get("RANK", "alone")
with open(f"{sys.argv[1]}/{rank}.json", "w") as file:
    json.dump(told, file)

if rank != "alone":
    try:
        pt.ProdLDA(**(small | {"batch_size": 2})).fit(counts)
    except pt.errors.InputError as error:
        open(f"{sys.argv[1]}/refused-{rank}", "w").write(str(error))
"""


@pytest.mark.slow
def test_the_histories_of_several_processes_are_those_of_one(tmp_path: Path) -> None:
    """Losses, bounds, KL and topics in use, of every kind of noise and of statistics of a batch."""
    for count in (1, 3):
        done = launched(tmp_path, SCRIPT, str(tmp_path), processes=count)
        assert done.returncode == 0, done.stderr[-3000:]
    alone, *found = (
        json.loads((tmp_path / f"{rank}.json").read_text()) for rank in ("alone", 0, 1, 2)
    )
    assert all(one == found[0] for one in found), "all processes tell the same"
    for name, history in alone.items():
        for expected, record in zip(history, found[0][name], strict=True):
            assert record == pytest.approx(expected, rel=1e-4, abs=1e-6), name
    assert {(tmp_path / f"refused-{rank}").read_text() for rank in (0, 1, 2)} == {
        "batch_size: 2 documents a step, of 125, are fewer than the 3 processes. Raise it, or "
        "start fewer processes."
    }
