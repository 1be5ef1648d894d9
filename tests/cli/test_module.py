"""``python -m polytopic`` is the command."""

from __future__ import annotations

import runpy
import sys

import pytest

from polytopic import __version__


def test_the_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["polytopic", "--version"])
    with pytest.raises(SystemExit) as ending:
        runpy.run_module("polytopic", run_name="__main__")
    assert not ending.value.code and capsys.readouterr().out == f"polytopic {__version__}\n"
