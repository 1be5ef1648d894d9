"""What a command writes is checked and held before it works, and kept whole when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_runs import Call

import polytopic as pt
from polytopic.cli._ending import as_interruption
from polytopic.io import claimed, write_folder

PROGRAM = "from polytopic.cli import main; main()"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "lines.txt"
    file.write_text("the cat sat on the mat and the dog ran off\n" * 60, encoding="utf-8")
    return file


def embed(lines: Path, *words: object) -> list[object]:
    return ["embed", lines, "--dim", 4, "--epochs", 2, "--threads", 1, *words]


def refused(call: Call, arguments: list[object], *told: str) -> None:
    done = call(*arguments)
    assert done.code == 1
    assert done.err.startswith("polytopic: ")
    assert len(done.err.splitlines()) == 1, done.err  # before anything was read or trained
    for part in told:
        assert part in done.err


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_outputs_in_one_place_are_refused(lines: Path, tmp_path: Path, call: Call) -> None:
    both = [
        ("-o", tmp_path / "a", "--save-model", tmp_path / "a"),
        ("-o", tmp_path / "v.txt", "--save-model", tmp_path / "a", "--checkpoint", tmp_path / "a"),
        ("-o", tmp_path / "v.txt", "--save-model", tmp_path / "a", "--checkpoint",
         tmp_path / "a" / "checkpoint"),
    ]  # fmt: skip
    for words in both:
        refused(call, embed(lines, *words), "one place")
    assert names(tmp_path) == {"lines.txt"}


def test_an_input_is_never_written_over(lines: Path, tmp_path: Path, call: Call) -> None:
    before = lines.read_bytes()
    refused(call, embed(lines, "-o", lines, "--force"), "would be written over")
    os.link(lines, tmp_path / "other.txt")
    refused(call, embed(lines, "-o", tmp_path / "other.txt", "--force"), "would be written over")
    assert lines.read_bytes() == before
    run = tmp_path / "run"
    run.mkdir()
    (run / "documents.csv").write_text("text\na b\n")
    refused(call, ["topics", run / "documents.csv", "-o", run, "--force"], "would be written over")


def test_places_that_cannot_be_written_are_told_before_training(
    lines: Path, tmp_path: Path, call: Call
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("years")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    to = ("-o", tmp_path / "v.txt")
    refused(call, embed(lines, *to, "--save-model", tmp_path / "file"), "is a file")
    refused(call, embed(lines, *to, "--save-model", tmp_path / "file" / "x"), "cannot be written")
    refused(call, embed(lines, *to, "--save-model", tmp_path / "thesis"), "thesis.txt")
    refused(call, embed(lines, *to, "--checkpoint", tmp_path / "thesis"), "thesis.txt")
    refused(call, embed(lines, "-o", tmp_path / "thesis"), "thesis.txt")
    refused(call, embed(lines, "-o", tmp_path / "thesis", "--force"), "thesis.txt")
    refused(call, embed(lines, "-o", tmp_path / "no" / "v.txt"), "there is no folder")
    for name in ("pipe.txt", "null.txt"):
        refused(call, embed(lines, "-o", tmp_path / name, "--force"), "device or a pipe")
    assert (tmp_path / "thesis" / "thesis.txt").read_text() == "years"
    assert not (tmp_path / "v.txt").exists()


def test_another_kind_is_not_replaced_by_a_model(lines: Path, tmp_path: Path, call: Call) -> None:
    write_folder(tmp_path / "corpus", "corpus", {}, {})
    words = embed(lines, "-o", tmp_path / "v.txt", "--save-model", tmp_path / "corpus")
    refused(call, words, "holds a saved corpus")


def test_files_of_a_run_are_written_by_the_run_alone(
    finished: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    before = {name: (finished / name).stat().st_mtime_ns for name in names(finished)}
    words = ["infer", finished, documents, "--force", "-o"]
    refused(call, [*words, finished / "topics.csv"], "is a file of the run")
    refused(call, [*words, finished / "model" / "new.csv"], "holds a saved object")
    refused(
        call, ["evaluate", finished, "--force", "-o", finished / "metrics.json"], "file of the run"
    )
    assert before == {name: (finished / name).stat().st_mtime_ns for name in names(finished)}


def test_a_folder_half_written_does_not_stand_in_the_way(
    lines: Path, tmp_path: Path, call: Call
) -> None:
    folder = tmp_path / "vectors"
    folder.mkdir()
    (folder / "arrays-0123456789ab.safetensors").write_bytes(b"half")
    (folder / ".partial-about.json").write_bytes(b"half")
    done = call(*embed(lines, "-o", folder))
    assert done.code == 0, done.err
    assert pt.WordVectors.load(folder).dim == 4
    assert len(names(folder)) == 2
    refused(call, embed(lines, "-o", folder), "is there already")


@pytest.mark.parametrize("held", ["run", "v.txt", "checkpoint"])
def test_a_second_process_is_told_in_one_line(
    lines: Path, tmp_path: Path, call: Call, held: str
) -> None:
    place = tmp_path / held
    if held != "v.txt":
        place.mkdir()
    words: list[object] = {
        "run": ["sentences", "train", lines, "-o", place],
        "v.txt": embed(lines, "-o", place),
        "checkpoint": embed(lines, "-o", tmp_path / "w.txt", "--checkpoint", place),
    }[held]
    holder = (
        "import sys; from pathlib import Path; from polytopic.io import claimed\n"
        "with claimed(Path(sys.argv[1])): print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        refused(call, words, f"another process ({process.pid})")
        process.kill()
    with claimed(place):
        pass


def test_sentences_never_remove_files_of_others(lines: Path, tmp_path: Path, call: Call) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    thesis = tmp_path / "project" / "checkpoint" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years")
    for options in ([], ["--force"]):
        words = ["sentences", "train", lines, "-o", tmp_path / "project", *options]
        refused(call, words, "holds other files")
    assert thesis.read_text() == "years"
    assert names(tmp_path / "project") == {"checkpoint"}


def test_sentences_of_before_are_known_as_runs(lines: Path, tmp_path: Path, call: Call) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    run = tmp_path / "run"
    words = ["sentences", "train", lines, "-o", run, "--epochs", 1, "--dim", 2, "--hidden", 4]
    assert call(*words).code == 0
    assert names(run) == {"model", "run.json"}
    refused(call, words, "finished run", "--force")
    (run / "run.json").unlink()  # earlier versions wrote none
    refused(call, words, "finished run", "--force")
    assert call(*words, "--force").code == 0


def test_sigterm_ends_a_command_as_ctrl_c_does(lines: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    run = tmp_path / "run"
    words = ["sentences", "train", lines, "-o", run, "--epochs", 400, "--dim", 2, "--hidden", 4]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, words)], stderr=subprocess.PIPE, text=True
    )
    while not (run / "checkpoint" / "about.json").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=100)
    assert process.returncode == 143, err
    assert "The same command goes on" in err
    assert "Traceback" not in err
    assert names(run) == {"checkpoint", "model", "run.json"}


def test_a_full_standard_output_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "models"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("polytopic: standard output: No space left on device")
    assert len(done.stderr.splitlines()) == 1


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with as_interruption() as received:
            os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(KeyboardInterrupt), as_interruption() as received:
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert received == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
