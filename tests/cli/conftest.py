"""A small real run to look at, and a way to call the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Answer, Call, arguments_of, write_documents

from polytopic.cli import main


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line in this process."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        code = stopped.value.code
        said = capsys.readouterr()
        return Answer(code if isinstance(code, int) else int(bool(code)), said.out, said.err)

    return run


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of 90 documents."""
    return write_documents(tmp_path_factory.mktemp("documents") / "documents.csv")


@pytest.fixture(scope="session")
def finished(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of three topics; tests read it and leave it as it is."""
    pytest.importorskip("torch", reason="the neural extra is not installed")
    output = tmp_path_factory.mktemp("runs") / "run"
    with pytest.raises(SystemExit) as stopped:
        main([*arguments_of(documents, output), "--quiet"])
    assert stopped.value.code == 0
    return output
