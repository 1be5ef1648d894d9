"""Hostile text through every door it leaves by: pages, terminals, errors, tables, files, names.

Each text tries to run in a page, to steer a terminal, to reorder a line, to be a formula, or to
break a reader. ``--browser`` also opens each page in headless Chromium: no script may run, no
request leave, no dialog open.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from lab.hostility.doors import DOORS, Found, run_named
from lab.hostility.pages import browser, in_browser
from lab.hostility.payloads import FILE_NAMES, PAYLOADS
from lab.outcome import Outcome

DESCRIPTION = "hostile text through pages, terminals, tables and names"
SHORT = [["--without", "long word", "--every", "3", "--names", "1"]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--browser", action="store_true", help="open each page in Chromium")
    parser.add_argument("--door", action="append", choices=list(DOORS), help="these doors only")
    parser.add_argument("--only", metavar="NAME", help="this text only")
    parser.add_argument("--without", metavar="NAME", help="all texts but this")
    parser.add_argument("--every", type=int, default=1, help="every so many-th text only")
    parser.add_argument("--names", type=int, default=len(FILE_NAMES), help="so many file names")


def run(options: argparse.Namespace) -> Outcome:
    outcome = Outcome("hostile")
    texts = {
        name: text
        for place, (name, text) in enumerate(PAYLOADS.items())
        if options.only in (None, name) and name != options.without and place % options.every == 0
    }
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, text in texts.items():
            for door in options.door or DOORS:
                _try(outcome, f"{name} / {door}", lambda folder: DOORS[door](text, folder))  # noqa: B023
        if options.door is None:
            for name in [n for n in FILE_NAMES if n in texts][: options.names]:
                _try(outcome, f"{name} / file name", lambda f: run_named(texts[name], f))  # noqa: B023
    logging.disable(logging.NOTSET)
    if options.browser:
        _in_browser(outcome, texts)
    outcome.facts["texts"] = len(texts)
    return outcome


def _in_browser(outcome: Outcome, texts: dict[str, str]) -> None:
    before = outcome.tried
    with tempfile.TemporaryDirectory() as home, browser(Path(home)) as driver:
        for name, text in texts.items():
            _try(outcome, f"{name} / browser", lambda f: in_browser(driver, text, f))  # noqa: B023
    outcome.facts["in the browser"] = f"{2 * len(texts)} pages, {outcome.tried - before:,} checks"


def _try(outcome: Outcome, case: str, door: Callable[[Path], Found]) -> None:
    """All checks of a door; what it raises is a failure too."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            for right, kind, detail in door(Path(folder)):
                outcome.check(right, case, kind, ascii(detail))
        except Exception as error:  # noqa: BLE001
            outcome.check(False, case, f"raised {type(error).__name__}", ascii(str(error))[:200])
