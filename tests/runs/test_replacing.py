"""An earlier run stands until the new one is whole, whatever stops the replacing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from polytopic import runs
from polytopic.errors import CheckpointError, InputError
from polytopic.io import write_folder
from polytopic.runs import replacing

SETTINGS = {"file": "a.csv", "k": 3}

STEPS = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_replacing import make_run
from polytopic.runs import replacing
if sys.argv[4] == "moving":
    def cannot(one, other):
        raise OSError(95, "not supported")
    replacing.exchange = cannot
seen, last = 0, int(sys.argv[2])
def hook(event, given):
    global seen
    if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
make_run(Path(sys.argv[1]), "new", force=True)
print(seen)
"""


def make_run(place: Path, content: str, *, force: bool = False, finish: bool = True) -> None:
    """A run whose files all hold ``content``."""
    with runs.reserved(place, {**SETTINGS, "content": content}, force=force) as folder:
        runs.begin(folder)
        write_folder(folder.checkpoint, "training checkpoint", {}, {"content": content})
        for name in ("report.html", "topics.csv"):
            with folder.replacing(name) as partial:
                partial.write_text(content)
        write_folder(folder.model, "model", {}, {"content": content})
        if finish:
            runs.finish(folder)


def contents(place: Path) -> dict[str, bytes]:
    files = (entry for entry in sorted(place.rglob("*")) if entry.is_file())
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in files
        if not any(part.startswith(".partial-") for part in file.relative_to(place).parts)
    }


def whole(tmp_path: Path, content: str) -> dict[str, bytes]:
    make_run(tmp_path / f"only-{content}", content)
    return contents(tmp_path / f"only-{content}")


def stopped_at(place: Path, step: int, way: str) -> bool:
    """Replace the run in another process, killed before the ``step``-th change; whether it was."""
    words = [str(place), str(step), str(Path(__file__).parent), way]
    return subprocess.run([sys.executable, "-c", STEPS, *words], check=False).returncode == -9


@pytest.mark.parametrize("way", ["exchange", "moving"])
def test_a_kill_at_any_step_leaves_a_whole_run_or_one_that_is_completed(
    tmp_path: Path, way: str
) -> None:
    old, new = whole(tmp_path, "old"), whole(tmp_path, "new")
    seen: list[str] = []
    for step in range(4, 200, 5):
        place = tmp_path / f"run-{step}"
        make_run(place, "old")
        killed = stopped_at(place, step, way)
        found = contents(place)
        if way == "exchange":
            assert found in (old, new), step
        if not killed:
            break
        runs.open_run(place)
        found = contents(place)
        assert found in (old, new), step
        seen.append("old" if found == old else "new")
        make_run(place, "new", force=True)
        assert contents(place) == new
        assert not [e.name for e in place.iterdir() if e.name.startswith(".partial")]
        assert not list(tmp_path.glob(".partial-*"))
    assert seen[0] == "old"
    assert found == new
    assert seen == sorted(seen, reverse=True)  # the old one up to a step, the new one after it


def test_the_earlier_run_stands_while_the_new_one_grows(tmp_path: Path) -> None:
    old, place = whole(tmp_path, "old"), tmp_path / "run"
    make_run(place, "old")
    make_run(place, "new", force=True, finish=False)
    assert contents(place) == old
    staged = place / replacing.STAGED
    assert (staged / "checkpoint" / "about.json").exists()
    with runs.reserved(place, {**SETTINGS, "content": "new"}, force=True) as folder:
        assert folder.resumed
        assert folder.path == staged
    with (
        pytest.raises(InputError, match="finished run"),
        runs.reserved(place, {**SETTINGS, "content": "other"}),
    ):
        pass
    with runs.reserved(place, {**SETTINGS, "content": "other"}, force=True) as folder:
        assert not folder.resumed


def test_entries_are_moved_where_folders_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(one: Path, other: Path) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(replacing, "exchange", cannot)
    new = whole(tmp_path, "new")
    make_run(tmp_path / "run", "old")
    (tmp_path / "run" / "vectors.txt").write_text("of the old run")
    make_run(tmp_path / "run", "new", force=True)
    assert contents(tmp_path / "run") == new
    assert sorted(e.name for e in tmp_path.iterdir()) == ["only-new", "run"]


def test_the_current_folder_is_not_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = whole(tmp_path, "new")
    make_run(tmp_path / "run", "old")
    monkeypatch.chdir(tmp_path / "run")
    make_run(Path(), "new", force=True)
    assert Path("report.html").read_text() == "new"
    assert contents(tmp_path / "run") == new


@pytest.mark.parametrize("inside", [".", "model", "checkpoint"])
def test_foreign_files_are_never_removed(tmp_path: Path, inside: str) -> None:
    place = tmp_path / "run"
    make_run(place, "old")
    (place / inside).mkdir(exist_ok=True)
    (place / inside / "thesis.txt").write_text("years")
    for force in (False, True):
        with pytest.raises(InputError, match=r"thesis\.txt"):
            make_run(place, "new", force=force)
    assert (place / inside / "thesis.txt").read_text() == "years"


def test_files_that_come_while_a_run_trains_are_kept(tmp_path: Path) -> None:
    place = tmp_path / "run"
    make_run(place, "old")
    with (
        pytest.raises(InputError, match=r"thesis\.txt"),
        runs.reserved(place, SETTINGS, force=True) as folder,
    ):
        runs.begin(folder)
        write_folder(folder.model, "model", {}, {})
        (place / "model" / "thesis.txt").write_text("years")
        runs.finish(folder)
    assert (place / "model" / "thesis.txt").read_text() == "years"
    assert (place / "report.html").read_text() == "old"


def test_a_folder_made_in_vain_is_taken_away(tmp_path: Path) -> None:
    for begun in (False, True):
        with (
            pytest.raises(ZeroDivisionError),
            runs.reserved(tmp_path / "a" / "run", SETTINGS) as folder,
        ):
            if begun:
                runs.begin(folder)
            raise ZeroDivisionError
        assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_left_after_the_end_is_taken_away(tmp_path: Path) -> None:
    make_run(tmp_path / "run", "old", finish=False)
    folder = runs.RunFolder(tmp_path / "run", {**SETTINGS, "content": "old"})
    folder.mark("finished")  # and killed before the checkpoint went
    with pytest.raises(InputError, match="finished run"):
        make_run(tmp_path / "run", "old")
    assert not (tmp_path / "run" / "checkpoint").exists()


def test_a_run_is_of_the_command_that_reads_it(tmp_path: Path) -> None:
    make_run(tmp_path / "run", "old")
    assert runs.open_run(tmp_path / "run").settings["k"] == 3
    with pytest.raises(CheckpointError, match="was made by polytopic topics"):
        runs.open_run(tmp_path / "run", "sentences")
