"""Hand-written parts beside what libraries offer for the same: processor, memory, differences.

    python benchmarks/libraries.py [--only vectors spool growing adam sinkhorn clusters discs words]
        [--pairs 3]

Input is made here. Own code and a library's run in turn in one process, after a run of each that is
not counted; printed are the medians of both in seconds of the processor (which other work beside it
hardly moves) and of their ratio by pairs (library / own), and beside
it what the two give. Peak memory, where it is the point, is of a process of its own for each.
Libraries that the package does not need: `pip install POT circlify` for `sinkhorn` and `discs`.
What follows from it stands in docs/design.md.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent

N_VECTORS = 60_000

Way = Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    for name in arguments.only:
        print(f"\n{name}", flush=True)
        PARTS[name](arguments.pairs)


def compare(name: str, own: Way, library: str, theirs: Way, pairs: int) -> tuple[Any, Any]:
    """One line of seconds of the processor, all threads together; what both gave."""
    answers, seconds = (own(), theirs()), []
    for _ in range(pairs):
        taken = []
        for way in (own, theirs):
            started = time.process_time()
            way()
            taken.append(time.process_time() - started)
        seconds.append(taken)
    first, second = (statistics.median(column) for column in zip(*seconds, strict=True))
    ratio = statistics.median(other / mine for mine, other in seconds)
    print(f"  {name}: own {first:.4f} s, {library} {second:.4f} s, {ratio:.2f}", flush=True)
    return answers


# ---- the parts ---------------------------------------------------------------------------------


def vectors(pairs: int) -> None:
    """A text file of vectors of 100 numbers, with words that a table's reader trips over."""
    import pandas as pd
    import polars as pl

    from polytopic.embeddings.files.glove import read_glove_text

    rng = np.random.default_rng(0)
    rows = rng.standard_normal((N_VECTORS, 100)).astype(np.float32)
    words = [f"w{n}" for n in range(len(rows))]
    words[10:13] = ['"', 'it"s', "#1"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        with path.open("w") as file:
            for word, row in zip(words, rows, strict=True):
                print(word, *(f"{number:.6f}" for number in row), file=file)
        options: dict[str, Any] = {"has_header": False, "separator": " ", "quote_char": None}
        places = range(1, 101)
        ways: dict[str, Way] = {
            "polars": lambda: (
                pl.read_csv(path, columns=list(places), **options).to_numpy().astype(np.float32)
            ),
            "pandas": lambda: pd.read_csv(
                path, sep=" ", header=None, quoting=3, index_col=0, engine="c"
            ).to_numpy(np.float32),
            "numpy.loadtxt": lambda: np.loadtxt(
                path, np.float32, comments=None, delimiter=" ", usecols=places
            ),
        }

        def ours() -> Any:
            return read_glove_text(path)[1]

        for library, way in ways.items():
            own, theirs = compare(f"{N_VECTORS:,} x 100", ours, library, way, pairs)
            print(f"    equal to the last bit: {np.array_equal(own, theirs)}")


def spool(pairs: int) -> None:
    """400 MB in pieces of 4 MB: appended, then read as one array."""
    from polytopic.embeddings.cooccurrence_spool import Spool

    piece = np.arange(1 << 20, dtype=np.int32)

    def own(limit: int) -> int:
        held = Spool(np.int32, limit)
        for _ in range(100):
            held.append(piece)
        return int(held.array()[:: 1 << 12].sum())

    def spooled(limit: int) -> int:
        with tempfile.SpooledTemporaryFile(max_size=limit) as file:
            for _ in range(100):
                file.write(piece.data)
            file.seek(0)
            return int(np.frombuffer(file.read(), np.int32)[:: 1 << 12].sum())

    for name, limit in (("in memory", 1 << 30), ("in a file", 1 << 20)):
        for way in (own, spooled):
            print(f"  {name}, {way.__name__}: peak {_peak(way.__name__, limit):,.0f} MB")
        mine, other = compare(
            name, partial(own, limit), "SpooledTemporaryFile", partial(spooled, limit), pairs
        )
        assert mine == other


def growing(pairs: int) -> None:
    """200 MB of ids in pieces of 128 KB."""
    from array import array

    from polytopic.text.counting import Growing

    piece = np.arange(1 << 15, dtype=np.int32)

    def own() -> Any:
        held = Growing()
        for _ in range(1600):
            held.append(piece)
        return held.finish()

    def chunks() -> Any:
        held = [piece.copy() for _ in range(1600)]
        return np.concatenate(held)

    def standard() -> Any:
        held = array("i")
        for _ in range(1600):
            held.frombytes(piece.tobytes())
        return np.frombuffer(held, np.int32)

    for library, way in (("list and concatenate", chunks), ("array.array", standard)):
        mine, other = compare("200 MB", own, library, way, pairs)
        assert np.array_equal(mine, other)
    for name in ("growing", "chunks", "array"):
        print(f"  {name}: peak {_peak(name, 0):,.0f} MB")


def adam(pairs: int) -> None:
    """Ten steps that touch 4,000 of 100,000 rows of 100 numbers."""
    import torch

    from polytopic.training.adam import RowwiseAdam

    rows = torch.randperm(100_000, generator=torch.Generator().manual_seed(0))[:4000]
    values = torch.ones(4000, 100)

    def steps(optimizer: Any) -> Any:
        weight = torch.nn.Parameter(torch.zeros(100_000, 100))
        moving = optimizer([weight], lr=0.01)
        for _ in range(10):
            weight.grad = torch.sparse_coo_tensor(rows.unsqueeze(0), values, weight.shape)
            moving.step()
        return weight.detach().numpy()

    torch.set_num_threads(1)
    own, theirs = compare(
        "10 steps", lambda: steps(RowwiseAdam), "torch SparseAdam",
        lambda: steps(torch.optim.SparseAdam), pairs,
    )  # fmt: skip
    print(f"    largest difference {np.abs(own - theirs).max():.1e}")


def sinkhorn(pairs: int) -> None:
    """ECRTM's plan: 50 topics, 5,000 words; POT's threshold is of the root of squares."""
    import ot
    import torch

    from polytopic.nets.transport import sinkhorn_plan

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    topics, words = (torch.nn.functional.normalize(torch.randn(n, 100, generator=generator))
                     for n in (50, 5000))  # fmt: skip
    cost = torch.cdist(topics, words).square()
    a, b = torch.full((50,), 1 / 50), torch.full((5000,), 1 / 5000)
    for alpha in (20.0, 100.0):
        for method in ("sinkhorn", "sinkhorn_log"):
            own, theirs = compare(
                f"alpha {alpha:g}", lambda alpha=alpha: sinkhorn_plan(cost, alpha=alpha),
                f"POT {method}", lambda alpha=alpha, method=method: ot.sinkhorn(
                    a, b, cost, 1 / alpha, method=method, numItermax=100, stopThr=0.005 / 5000**0.5,
                    warn=False), pairs,
            )  # fmt: skip
            off = [float((plan.sum(0) - b).abs().sum()) for plan in (own, theirs)]
            print(f"    columns' sums off by {off[0]:.4f} and {off[1]:.4f}")


def clusters(pairs: int) -> None:
    """20,000 unit vectors of 100 numbers in 50 clusters."""
    from sklearn.cluster import KMeans

    from polytopic.topics.from_vectors.clustering import spherical_k_means, unit_rows

    rng = np.random.default_rng(0)
    centres = rng.standard_normal((50, 100))
    points = unit_rows((centres[rng.integers(50, size=20_000)] + rng.standard_normal((20_000, 100)))
                       .astype(np.float32))  # fmt: skip
    even = np.ones(len(points), np.float32)

    def mean_cosine(found: Any) -> float:
        return float((points @ unit_rows(np.asarray(found)).T).max(1).mean())

    own, theirs = compare(
        "3 runs each", lambda: spherical_k_means(points, even, 50, np.random.default_rng(1)),
        "scikit-learn KMeans",
        lambda: KMeans(50, n_init=3, max_iter=50, random_state=1).fit(points).cluster_centers_,
        pairs,
    )  # fmt: skip
    print(f"    mean cosine {mean_cosine(own):.4f} and {mean_cosine(theirs):.4f}")


def discs(pairs: int) -> None:
    """A map of 100 topics: overlaps, and how well near topics stay near."""
    import circlify
    from scipy.spatial.distance import pdist, squareform
    from scipy.stats import spearmanr

    from polytopic.report.layout import topic_positions

    rng = np.random.default_rng(0)
    topics = rng.dirichlet(np.full(20, 0.3), 100)
    distances, sizes = squareform(pdist(topics)), rng.dirichlet(np.ones(100))

    def packed() -> Any:
        circles = circlify.circlify(sorted(sizes.tolist(), reverse=True))
        order = np.argsort(-sizes)
        found = np.empty((100, 3))
        for topic, circle in zip(order, sorted(circles, key=lambda c: -c.r), strict=True):
            found[topic] = circle.x, circle.y, circle.r
        return found[:, :2], found[:, 2]

    own, theirs = compare(
        "100 discs", lambda: topic_positions(distances, sizes), "circlify", packed, pairs
    )
    for name, (points, radii) in (("own", own), ("circlify", theirs)):
        apart = pdist(points)
        first, second = np.triu_indices(100, 1)
        overlap = np.maximum(radii[first] + radii[second] - apart, 0) / radii.mean()
        kept = spearmanr(apart, pdist(topics)).statistic
        print(f"    {name}: largest overlap {overlap.max():.3f} of a radius, rank {kept:.2f}")


def words(_: int) -> None:
    """Stop words of English: the package's list against others."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from stopwordsiso import stopwords

    from polytopic.text.stopwords import stop_words_of

    own = stop_words_of("en")
    for name, other in (("scikit-learn", ENGLISH_STOP_WORDS), ("stopwordsiso", stopwords("en"))):
        print(f"  own {len(own)}, {name} {len(other)}: {len(own & other)} in both")


PARTS: dict[str, Callable[[int], None]] = {
    "vectors": vectors, "spool": spool, "growing": growing, "adam": adam, "sinkhorn": sinkhorn,
    "clusters": clusters, "discs": discs, "words": words,
}  # fmt: skip


def _peak(way: str, limit: int) -> float:
    """Peak memory of a process that does one of these, less that of one that does nothing."""
    prepare = "import numpy as np; from array import array; from _wiki import peak_megabytes\n"
    prepare += "from polytopic.embeddings.cooccurrence_spool import Spool\n"
    prepare += "from polytopic.text.counting import Growing\nimport tempfile\n"
    programs = {
        "nothing": "",
        "own": "held = Spool(np.int32, limit)\n"
        "for _ in range(100): held.append(np.arange(1 << 20, dtype=np.int32))\n"
        "held.array()[:: 1 << 12].sum()\n",
        "spooled": "file = tempfile.SpooledTemporaryFile(max_size=limit)\n"
        "for _ in range(100): file.write(np.arange(1 << 20, dtype=np.int32).data)\n"
        "file.seek(0); np.frombuffer(file.read(), np.int32)[:: 1 << 12].sum()\n",
        "growing": "held = Growing()\n"
        "for _ in range(1600): held.append(np.arange(1 << 15, dtype=np.int32))\nheld.finish()\n",
        "chunks": "held = [np.arange(1 << 15, dtype=np.int32) for _ in range(1600)]\n"
        "np.concatenate(held)\n",
        "array": "held = array('i')\n"
        "for _ in range(1600): held.frombytes(np.arange(1 << 15, dtype=np.int32).tobytes())\n",
    }
    tell = "\nprint(peak_megabytes())"
    peaks = []
    for name in ("nothing", way):
        code = f"{prepare}limit = {limit}\n{programs[name]}{tell}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE
        )
        peaks.append(float(done.stdout))
    return peaks[1] - peaks[0]


if __name__ == "__main__":
    main()
