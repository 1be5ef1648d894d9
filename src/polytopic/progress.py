"""How a long job tells where it is: a bar on stderr, and records of the logger "polytopic"."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

__all__ = ["EVERY", "LOGGER", "progress_bar"]

Advance = Callable[[float, str], None]

LOGGER = logging.getLogger("polytopic")
"""Silent until someone sets a handler and the level INFO, for it or for the root."""

EVERY = 5.0
"""Seconds between two records of a job, the first and the last apart."""


@contextmanager
def progress_bar(description: str, total: float, *, shown: bool) -> Iterator[Advance]:
    """Yield ``advance(done, text)``: a bar if ``shown``, records where the logger has a handler.

    Records are of level INFO, "LDA: 12 of 200, loss 7.1", with ``job``, ``done`` and ``total`` as
    attributes: the beginning, one each few seconds, and the end.
    """
    with ExitStack() as held:
        tellers: list[Advance] = []
        if shown:
            tellers.append(held.enter_context(_bar(description, total)))
        if LOGGER.isEnabledFor(logging.INFO) and LOGGER.hasHandlers():
            tellers.append(held.enter_context(_records(description, total)))

        def advance(done: float, text: str) -> None:
            for tell in tellers:
                tell(done, text)

        yield advance


@contextmanager
def _bar(description: str, total: float) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[text]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        task = progress.add_task(description, total=total, text="")
        yield lambda done, text: progress.update(task, completed=done, text=text)


@contextmanager
def _records(description: str, total: float) -> Iterator[Advance]:
    begun = told = time.monotonic()
    last = (0.0, "")

    def log(message: str, done: float) -> None:
        about = {"job": description, "done": done, "total": total}
        LOGGER.info("%s: %s", description, message, extra=about)

    def advance(done: float, text: str) -> None:
        nonlocal told, last
        last = done, text
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            log(f"{done:g} of {total:g}{f', {text}' if text else ''}", done)

    log(f"begins, {total:g} in all", 0.0)
    try:
        yield advance
    finally:
        done, text = last
        seconds = time.monotonic() - begun
        ending = f", {text}" if text else ""
        log(f"ends at {done:g} of {total:g} after {seconds:.1f} s{ending}", done)
