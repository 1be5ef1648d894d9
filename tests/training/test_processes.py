"""Training in two processes, started the way a user starts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from launching import launched

import polytopic as pt
from polytopic import simplex
from polytopic.nets import likelihood
from polytopic.training.processes import Processes

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
    done = launched(tmp_path, SCRIPT, str(tmp_path), str(largest_table))
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


SHARDS = """
import os, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
import polytopic as pt
from polytopic.topics.vae import model as vae

folder, rank = sys.argv[1], os.environ["RANK"]
began, make = [], vae.make_start
vae.make_start = lambda *a, **o: (began.append(1), make(*a, **o))[1]
corpus = pt.text.ShardedCorpus(folder + "/shards")
for name, given in (("shards", corpus), ("again", corpus), ("memory", corpus.in_memory())):
    model = pt.ProdLDA(n_topics=4, dim=16, hidden=8, epochs=4, batch_size=40, device="cpu",
                       n_threads=1, random_state=0).fit(given)
    np.savez(f"{folder}/{name}-{rank}.npz", topic_word=model.topic_word_, began=len(began),
             theta=model.transform(given), loss=[record["loss"] for record in model.history_])

def make_start(*a, **o):
    raise ValueError("no start")

vae.make_start = make_start
try:
    model.fit(corpus)
except ValueError as error:
    open(f"{folder}/told-{rank}", "w").write(str(error))
"""


@pytest.mark.slow
def test_two_processes_read_shards_and_begin_alike(tmp_path: Path) -> None:
    """The topics of the same documents in memory, to the last bit; the start is made once."""
    rng = np.random.default_rng(0)
    words = [[f"{topic}word{n}" for n in "abcdefgh"] for topic in "klmn"]
    lines = [" ".join(rng.choice(words[row % 4], 12)) for row in range(200)]
    (tmp_path / "texts.txt").write_text("\n".join(lines))
    pt.shard(tmp_path / "texts.txt", tmp_path / "shards", documents=30, min_df=1)
    done = launched(tmp_path, SHARDS, str(tmp_path))
    assert done.returncode == 0, done.stderr[-3000:]
    names = [(name, rank) for name in ("shards", "again", "memory") for rank in (0, 1)]
    found = {key: np.load(tmp_path / f"{key[0]}-{key[1]}.npz") for key in names}
    expected = found["shards", 0]
    for held in found.values():
        for part in ("topic_word", "theta", "loss"):
            assert np.array_equal(held[part], expected[part]), part
    assert [int(found["memory", rank]["began"]) for rank in (0, 1)] == [3, 0]
    told = [(tmp_path / f"told-{rank}").read_text() for rank in (0, 1)]
    assert told == ["no start", "no start"], "nobody waits for ever"


PARTING = """
import atexit, os, sys
from pathlib import Path

@atexit.register
def last():
    import torch
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    left = sum(name.startswith("pt_gloo") for name in names)
    open(f"{sys.argv[1]}/left-{rank}", "w").write(f"{torch.distributed.is_initialized()} {left}")

from polytopic.training.processes import Processes

rank = os.environ["RANK"]
assert Processes("cpu").mean(float(rank)) == 0.5
if sys.argv[2] == "fails":
    raise ValueError("on purpose")
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted by /proc")
def test_processes_part_before_they_end(tmp_path: Path) -> None:
    """Or a thread that carries what is sent aborts the program, now and then, as it ends."""
    assert launched(tmp_path, PARTING, str(tmp_path), "ends").returncode == 0
    assert [(tmp_path / f"left-{rank}").read_text() for rank in (0, 1)] == ["False 0"] * 2


@pytest.mark.slow
def test_after_an_error_nobody_waits_for_the_others(tmp_path: Path) -> None:
    assert launched(tmp_path, PARTING, str(tmp_path), "fails").returncode == 1
    assert any((tmp_path / f"left-{rank}").read_text().startswith("True") for rank in (0, 1))


def test_alone_what_is_made_once_is_made_here() -> None:
    assert Processes("cpu").once(lambda: 3) == 3
