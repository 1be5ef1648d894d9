"""The doctor finds what lacks, is too old or cannot be written, and says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import polytopic as pt
from polytopic import doctoring, io, machine, plugins
from polytopic.doctoring import Finding

REQUIRES = [
    "numpy>=2.0",
    "absent-thing>=1.2",
    "scipy>=99.0",
    "only-elsewhere>=1; sys_platform == 'plan9'",
    "numpy>=1.0; extra == 'whole'",
    "absent-thing>=1.0; extra == 'half'",
    "scipy>=99.0; extra == 'old'",
    "polytopic[half,old,whole]; extra == 'all'",
    "pytest>=8; extra == 'dev'",
]


@pytest.fixture
def requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctoring.metadata, "requires", lambda name: REQUIRES)
    monkeypatch.setattr(doctoring, "_installed_from", dict)


def by_name(part: str) -> dict[str, Finding]:
    return {one.name: one for one in doctoring.examine() if one.part == part}


@pytest.mark.usefixtures("requirements")
def test_what_is_needed_is_there_absent_or_too_old() -> None:
    found = by_name("needed")
    assert list(found) == ["numpy", "absent-thing", "scipy"]
    assert found["numpy"] == Finding("needed", "numpy", np.__version__)
    assert found["absent-thing"].state == "fault"
    assert found["absent-thing"].advice == "pip install --upgrade 'absent-thing>=1.2'"
    assert found["scipy"].state == "fault" and found["scipy"].found.endswith(", too old")


@pytest.mark.usefixtures("requirements")
def test_extras_that_lack_are_no_fault_and_have_their_line() -> None:
    found = by_name("extras")
    assert {name: one.state for name, one in found.items()} == {
        "whole": "fine",
        "half": "absent",
        "old": "fault",
    }
    assert found["half"].found == "without absent-thing"
    assert found["half"].advice == "pip install --upgrade 'polytopic[half]'"


def test_memory_that_hardly_suffices_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 0.5e9)
    assert by_name("machine")["free memory"].state == "fault"
    monkeypatch.setattr(machine, "free_memory", lambda: 8e9)
    assert by_name("machine")["free memory"] == Finding("machine", "free memory", "8.0 GB")
    monkeypatch.setattr(machine, "free_memory", lambda: None)
    assert "free memory" not in by_name("machine")


def test_settings_of_threads_and_proxies_are_shown_without_passwords(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@gate:3128")
    found = by_name("machine")
    assert found["OMP_NUM_THREADS"].found.startswith("3: ")
    assert found["HTTPS_PROXY"].found == "gate:3128"


def test_a_folder_that_cannot_be_written_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctoring.tempfile, "TemporaryFile", refuse)
    found = by_name("folders")
    assert {one.state for one in found.values()} == {"fault"}
    assert "Permission denied" in found["here"].found and "-o" in found["here"].advice


def test_extras_of_an_installation_from_a_clone_come_from_the_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "a clone"
    clone.mkdir()

    def advice(**record: object) -> str:
        about = tmp_path / "polytopic-1.dist-info"
        about.mkdir(exist_ok=True)
        (about / "direct_url.json").write_text(json.dumps(record), encoding="utf-8")
        installed = doctoring.metadata.Distribution.at(about)
        monkeypatch.setattr(doctoring.metadata, "distribution", lambda name: installed)
        return doctoring._with_extra("half")

    url = clone.as_uri()
    assert advice(url=url, dir_info={}) == "'polytopic[half]'", "it is gone"
    (clone / "pyproject.toml").touch()
    assert advice(url=url, dir_info={}) == f"'{clone}[half]'"
    editable = advice(url=url, dir_info={"editable": True})
    assert editable == f"-e '{clone}[half]'"
    wheel = advice(url=url + "/polytopic.whl", archive_info={})
    assert wheel == "'polytopic[half]'"


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> float:
        raise OSError("no such device")

    monkeypatch.setattr(machine, "free_memory", fail)
    failed = [one for one in doctoring.examine() if "could not be looked at" in one.found]
    assert [(one.name, one.state) for one in failed] == [("machine", "fault")]
    assert "OSError: no such device" in failed[0].found


def test_code_that_cannot_be_compiled_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.kernels import compiling

    def fail() -> None:
        raise RuntimeError("no LLVM")

    monkeypatch.setattr(compiling, "try_out", fail)
    assert "no LLVM" in by_name("compiler")["compiler"].found
    monkeypatch.setattr(compiling, "try_out", lambda: None)
    monkeypatch.setattr(compiling, "kept_in", lambda: None)
    assert "NUMBA_CACHE_DIR" in by_name("compiled code")["kept in"].advice


def test_plugins_and_their_faults_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(group: str) -> tuple[plugins.Plugin, ...]:
        if group != plugins.METRICS:
            return ()
        return (
            plugins.Plugin(group, "good", "one 1.0", len),
            plugins.Plugin(group, "bad", "two 2.0", fault="could not be loaded"),
        )

    monkeypatch.setattr(plugins, "loaded", of)
    found = by_name("plugins")
    assert found["good (metrics)"].state == "fine"
    assert found["bad (metrics)"].state == "fault"
    assert found["bad (metrics)"].found == "of two 2.0: could not be loaded"


def test_models_of_other_versions_are_told(tmp_path: Path) -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((30, 4), 3))
    pt.LDA(n_topics=2, random_state=0).fit(counts).save(tmp_path / "model")
    (fine,) = doctoring.examine_saved(tmp_path / "model")
    told = f"LDA, format {io.FORMAT_VERSION}, fitted by {pt.__version__}: can be read"
    assert fine.state == "fine" and fine.found == told
    assert doctoring.examine_saved(tmp_path)[0].found == fine.found  # a run holds its model

    about = tmp_path / "model" / "about.json"
    header = json.loads(about.read_text())
    about.write_text(json.dumps(header | {"format": 999}))
    (newer,) = doctoring.examine_saved(tmp_path / "model")
    assert newer.state == "fault"
    assert "pip install --upgrade polytopic" in newer.advice
    with pytest.raises(pt.FileMissingError, match="no such folder"):
        doctoring.examine_saved(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0.1.0", f"It was fitted by version 0.1.0, this is {pt.__version__}: fit and save it"),
        (None, None),
        (pt.__version__, None),
    ],
)
def test_what_of_another_version_cannot_be_read_is_told_as_that(
    version: str | None, told: str | None, tmp_path: Path
) -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((30, 4), 3))
    pt.LDA(n_topics=2, random_state=0).fit(counts).save(tmp_path / "model")
    about = tmp_path / "model" / "about.json"
    header = json.loads(about.read_text())
    fitted = header["about"]["fitted"]
    del fitted["history_"]
    fitted["notes_"] = {"version": version} if version else {}
    about.write_text(json.dumps(header))
    (found,) = doctoring.examine_saved(tmp_path / "model")
    assert found.state == "fault" and "\n" not in found.advice
    assert "Restore a copy" in found.advice
    assert told in found.advice if told else "fit and save it" not in found.advice
