"""Training in two processes, started the way a user starts them."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from polytopic import simplex
from polytopic.nets import likelihood

SCRIPT = """
import os, sys, warnings
import numpy as np
from scipy import sparse
warnings.simplefilter("ignore")
import polytopic as pt
from polytopic.nets import likelihood

folder = sys.argv[1]
likelihood.LARGEST_TABLE = int(sys.argv[2])
counts = sparse.load_npz(folder + "/counts.npz")
model = pt.DirichletVAE(n_topics=4, dim=16, hidden=8, epochs=12, batch_size=50, device="cpu",
                        n_threads=1, random_state=0, checkpoint=folder + "/checkpoint")
model.fit(counts)
from accelerate import PartialState
state = PartialState()
rank = os.environ.get("RANK", "alone")
np.savez(f"{folder}/{rank}.npz", topic_word=model.topic_word_, theta=model.transform(counts),
         vectors=model.module_.encoder.vectors.detach().numpy())
np.savez(f"{folder}/{rank}-told.npz", index=state.process_index, count=state.num_processes,
         interrupted=model.interrupted_)
"""


@pytest.mark.slow
@pytest.mark.parametrize("largest_table", [0, likelihood.LARGEST_TABLE])
def test_two_processes_train_one_model(
    tmp_path: Path, corpus_counts: object, largest_table: int
) -> None:
    """Also where the gradient of the encoder's table of words is sparse."""
    from scipy import sparse

    sparse.save_npz(tmp_path / "counts.npz", corpus_counts)
    script = tmp_path / "fit.py"
    script.write_text(SCRIPT)
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    launch += ["--master-addr", "127.0.0.1", "--master-port", port]
    done = subprocess.run(
        [*launch, str(script), str(tmp_path), str(largest_table)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [np.load(tmp_path / f"{rank}-told.npz") for rank in (0, 1)]
    assert [(int(t["index"]), int(t["count"]), bool(t["interrupted"])) for t in told] == [
        (0, 2, False),
        (1, 2, False),
    ]
    first, second = (np.load(tmp_path / f"{rank}.npz") for rank in (0, 1))
    for name in first.files:
        assert np.array_equal(first[name], second[name]), name
    simplex.check_distribution(first["topic_word"])
    blocks = [set(row.argsort()[-5:] // 8) for row in first["topic_word"]]
    assert all(len(block) == 1 for block in blocks)
    assert len(set.union(*blocks)) == 4
