"""Compiled code follows every source it was made from, and is kept where something can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from polytopic.kernels import compiling

USED = """
from polytopic.kernels.compiling import compiled

@compiled()
def factor():
    return {factor}
"""
KERNEL = """
import numpy as np
from polytopic.kernels.compiling import compiled
from polytopic.{package} import {names}

@compiled(fastmath=True)
def scaled(values, at):
    return values[at] * {call}

if __name__ == "__main__":
    import sys
    print(scaled(np.array([1.0, 2.0]), int(sys.argv[1])))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of its own whose kernel calls one of another file."""
    root = tmp_path / "polytopic"
    (root / "kernels").mkdir(parents=True)
    for folder in (root, root / "kernels"):
        (folder / "__init__.py").touch()
    shutil.copy(compiling.__file__, root / "kernels" / "compiling.py")
    (root / "used.py").write_text(USED.format(factor=3.0))
    write_kernel(root, package="used", names="factor", call="factor()")
    return root


def write_kernel(root: Path, **parts: str) -> None:
    (root / "kernel.py").write_text(KERNEL.format(**parts))


def run(root: Path, at: int = 1, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA", "XDG", "POLYTOPIC"))}
    return subprocess.run(
        [sys.executable, "-m", "polytopic.kernel", str(at)],
        env={**kept, "PYTHONPATH": str(root.parent), **environment},
        cwd=root.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def close(root: Path) -> dict[str, str]:
    """Neither the sources' folder nor the user's can hold anything any more."""
    for folder in (root, root / "kernels"):
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        (folder / "__pycache__").touch()
    return {"HOME": os.devnull, "TMPDIR": str(root.parent)}


def test_an_edited_kernel_runs_where_another_calls_it(package: Path) -> None:
    assert run(package).stdout == "6.0\n"
    (package / "used.py").write_text(USED.format(factor=5.0))
    assert run(package).stdout == "10.0\n"


@pytest.mark.parametrize(
    ("package_name", "names", "call"),
    [("sub", "used as u", "u.factor()"), ("sub.used", "(\n    factor,\n)", "factor()")],
)
def test_every_way_to_import_is_followed(
    package: Path, package_name: str, names: str, call: str
) -> None:
    (package / "sub").mkdir()
    (package / "sub" / "__init__.py").touch()
    (package / "used.py").rename(package / "sub" / "used.py")
    write_kernel(package, package=package_name, names=names, call=call)
    assert run(package).stdout == "6.0\n"
    (package / "sub" / "used.py").write_text(USED.format(factor=5.0))
    assert run(package).stdout == "10.0\n"


def test_without_a_folder_to_write_to_a_private_one_is_used_and_told_once(package: Path) -> None:
    closed = close(package)
    done = run(package, **closed)
    assert done.stdout == "6.0\n"
    assert done.stderr.count("RuntimeWarning") == 1
    assert "NUMBA_CACHE_DIR" in done.stderr
    (folder,) = package.parent.glob("polytopic-kernels-*")
    assert folder.stat().st_mode & 0o077 == 0
    kept = {file: file.stat().st_mtime_ns for file in folder.rglob("*.nbc")}
    assert kept
    assert run(package, **closed).stdout == "6.0\n"
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*.nbc")} == kept


def test_a_folder_that_another_may_write_to_is_never_used(package: Path) -> None:
    closed = close(package)
    run(package, **closed)
    (folder,) = package.parent.glob("polytopic-kernels-*")
    shutil.rmtree(folder)
    elsewhere = package.parent / "elsewhere"
    elsewhere.mkdir()
    folder.symlink_to(elsewhere)
    done = run(package, **closed)
    assert (done.stdout, list(elsewhere.iterdir())) == ("6.0\n", [])
    assert "in memory only" in done.stderr
    folder.unlink()
    folder.mkdir()
    folder.chmod(0o777)
    assert run(package, **closed).stdout == "6.0\n"
    assert list(folder.iterdir()) == []


def test_a_chosen_folder_comes_first(package: Path) -> None:
    chosen = package.parent / "chosen"
    assert run(package, NUMBA_CACHE_DIR=str(chosen)).stdout == "6.0\n"
    assert list(chosen.rglob("kernel.scaled-*.nbc"))
    assert not list(package.rglob("*.nbc"))


@pytest.mark.parametrize("kept", [b"", b"garbage", b"\x80\x05K\x01."])
def test_damaged_files_are_compiled_anew(package: Path, kept: bytes) -> None:
    assert run(package).stdout == "6.0\n"
    for file in (*package.rglob("*.nbc"), *package.rglob("*.nbi")):
        file.write_bytes(kept)
    done = run(package)
    assert (done.stdout, done.stderr) == ("6.0\n", "")


def test_checked_kernels_refuse_what_is_out_of_bounds_and_are_kept_apart(package: Path) -> None:
    checked = run(package, 99, POLYTOPIC_CHECKED="1")
    assert "IndexError" in checked.stderr
    assert "IndexError" not in run(package, 1).stderr
    assert "IndexError" in run(package, 99, POLYTOPIC_CHECKED="1").stderr
    assert run(package, 1, POLYTOPIC_CHECKED="1").stdout == "6.0\n"
    names = {file.name.partition(".py")[0] for file in package.rglob("kernel.scaled*.nbi")}
    assert len(names) == 2
