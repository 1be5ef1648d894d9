"""Installed size and import time of the light core and polytopic[neural], TopMost and BERTopic.

    python benchmarks/install_size.py [--only light neural topmost bertopic] [--folder /tmp/sizes]

Makes one fresh virtual environment a package, installs it, adds up the files under site-packages
without pip and setuptools, and takes the median of five imports in new processes (after one that is
not counted, so that byte code and the disk's cache are warm for all).

All but the light core are installed with ``torch==2.13.0`` in the same pip command. Which build of
torch that is decides most of the megabytes (the CPU build is small, the CUDA build takes
gigabytes), so that the size of torch is printed on its own.

``import polytopic`` loads names on first use, so that the second time is the fairer one: the
package and the class one works with first.

TopMost imports torchvision for one download function. PyPI's torchvision does not load beside a CPU
build of torch; where that is so, TopMost's time is taken with an empty stand-in for torchvision
(which takes no time at all), and the output says so.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH = "torch==2.13.0"
NOT_COUNTED = ("pip", "setuptools", "_distutils_hack", "distutils-precedence.pth")
HEADINGS = "package                      MB of torch   x MB  import s  first class  x time"
TIMER = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


@dataclass(frozen=True)
class Case:
    """One installation to be measured."""

    name: str
    title: str
    requirements: tuple[str, ...]
    statement: str
    first_class: str
    without_torchvision: str = ""


STAND_IN = (
    "import sentence_transformers, sys, types; names = ['torchvision', 'torchvision.datasets', "
    "'torchvision.datasets.utils']; sys.modules.update({n: types.ModuleType(n) for n in names}); "
    "sys.modules[names[2]].download_url = None; import topmost"
)

CASES = (
    Case(
        "light",
        "polytopic (light core)",
        (str(ROOT),),
        "import polytopic",
        "from polytopic import Corpus",
    ),
    Case(
        "neural",
        "polytopic[neural]",
        (TORCH, f"{ROOT}[neural]"),
        "import polytopic",
        "from polytopic import ProdLDA",
    ),
    Case(
        "topmost",
        "TopMost",
        (TORCH, "topmost"),
        "import topmost",
        "from topmost import ProdLDA",
        STAND_IN,
    ),
    Case(
        "bertopic",
        "BERTopic",
        (TORCH, "bertopic"),
        "import bertopic",
        "from bertopic import BERTopic",
    ),
)


def megabytes(folder: Path, leave_out: tuple[str, ...] = ()) -> float:
    """Size of the files below ``folder`` in MB (1e6 bytes), links and ``leave_out`` not counted."""
    total = 0
    for entry in folder.iterdir():
        if entry.name.partition("-")[0] in leave_out or entry.name in leave_out:
            continue
        files = entry.rglob("*") if entry.is_dir() else [entry]
        total += sum(f.stat().st_size for f in files if f.is_file() and not f.is_symlink())
    return total / 1e6


def import_seconds(python: Path, statement: str, repeats: int) -> float:
    """Median wall time of ``statement`` in a new process, one run before it not counted."""
    times = []
    for _ in range(repeats + 1):
        done = subprocess.run(
            [python, "-c", TIMER.format(statement)],
            capture_output=True,
            text=True,
            check=True,
            cwd=tempfile.gettempdir(),
        )
        times.append(float(done.stdout.splitlines()[-1]))
    return statistics.median(times[1:])


def timed_statements(python: Path, case: Case) -> tuple[str, str]:
    """What is timed; torchvision is taken out and stood in for where it does not load."""
    works = subprocess.run([python, "-c", case.statement], capture_output=True, text=True)
    if works.returncode == 0 or not case.without_torchvision:
        return case.statement, case.first_class
    print(f"({case.title} does not import here: {works.stderr.splitlines()[-1][:120]}")
    print(" timed with an empty stand-in for torchvision)")
    subprocess.run([python, "-m", "pip", "uninstall", "-qy", "torchvision"], check=True)
    return case.without_torchvision, f"{case.without_torchvision}; {case.first_class}"


def measure(case: Case, folder: Path, repeats: int) -> dict[str, float]:
    """Install ``case`` in a fresh environment below ``folder`` and measure it."""
    home = folder / case.name
    subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
    python = home / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *case.requirements], check=True, cwd=folder)
    packages = next((home / "lib").glob("python*/site-packages"))
    torch = [
        packages / name for name in ("torch", "nvidia", "triton") if (packages / name).is_dir()
    ]
    sizes = {
        "size": megabytes(packages, NOT_COUNTED),
        "torch": sum(megabytes(part) for part in torch),
    }
    plain, first_class = timed_statements(python, case)
    return {
        **sizes,
        "seconds": import_seconds(python, plain, repeats),
        "first_class": import_seconds(python, first_class, repeats),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [case.name for case in CASES]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument(
        "--folder", type=Path, help="where the environments go (default: temporary)"
    )
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="install-size-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"Python {sys.version.split()[0]}; all but the light core with {TORCH} along")
        print(HEADINGS)
        base: dict[str, float] | None = None
        for case in CASES:
            if case.name not in options.only:
                continue
            got = measure(case, folder, options.repeats)
            base = base or got
            print(
                f"{case.title:<24}{got['size']:>7.0f}{got['torch']:>9.0f}"
                f"{got['size'] / base['size']:>7.1f}{got['seconds']:>10.3f}"
                f"{got['first_class']:>13.3f}{got['first_class'] / base['first_class']:>7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
