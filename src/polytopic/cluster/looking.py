"""What a worker must be like before it is given work: it sees the folder, and is alike."""

from __future__ import annotations

import os
import uuid
import warnings
from concurrent.futures import wait
from pathlib import Path
from typing import Any

from polytopic.cluster.engines import Engine
from polytopic.errors import ClusterError
from polytopic.io.records import in_one_line

__all__ = ["describe", "look_around"]

_WAIT = 120.0
"""Seconds for a worker to start and to import the package, from a slow disk too."""


def describe(folder: str, name: str) -> dict[str, Any]:
    """What this worker is, and whether it sees the folder and may write there."""
    from llvmlite.binding import get_host_cpu_name

    import polytopic

    place, trouble = Path(folder), ""
    try:
        if (place / name).read_text(encoding="ascii") != name:
            trouble = "it holds something else"
        probe = place / f"{name}-{uuid.uuid4().hex}"
        probe.write_text(name, encoding="ascii")
        probe.unlink()
    except OSError as error:
        trouble = error.strerror or str(error)
    return {
        "version": polytopic.__version__,
        "processor": get_host_cpu_name(),
        "nice": os.getpriority(os.PRIO_PROCESS, 0) if hasattr(os, "getpriority") else 0,
        "trouble": trouble,
    }


def look_around(engine: Engine, folder: Path, elsewhere: str | None) -> None:
    """Refuse workers that could not do the work, and warn of those that would do it differently.

    ``elsewhere``: what to name for another folder; None: the caller named none.

    Raises
    ------
    ClusterError
        If one does not see the folder, may not write there, or has another version.
    """
    name = "here"
    (folder / name).write_text(name, encoding="ascii")
    futures = engine.everywhere(describe, str(folder), name)
    wait(futures, timeout=_WAIT)
    own = describe(str(folder), name)
    for future in futures:
        try:
            found = future.result(timeout=0)
        except Exception as error:  # noqa: BLE001 (whatever an engine makes of a worker's trouble)
            raise ClusterError(
                f"cluster: a worker cannot begin ({in_one_line(error)}). Install "
                f"polytopic {own['version']} there, as here."
            ) from None
        if found["trouble"]:
            raise ClusterError(_unseen(folder, found["trouble"], elsewhere))
        if found["version"] != own["version"]:
            raise ClusterError(
                f"cluster: a worker has polytopic {found['version']}, this is {own['version']}. "
                "Install the same version on all machines."
            )
        _warn(own, found)


def _unseen(folder: Path, trouble: str, elsewhere: str | None) -> str:
    remedy = "Give a checkpoint=, or set TMPDIR, where all machines read and write."
    if elsewhere is not None:
        remedy = f"Let it read and write there, or name {elsewhere}."
    return f"cluster: a worker cannot use {folder} ({trouble}). {remedy}"


def _warn(own: dict[str, Any], found: dict[str, Any]) -> None:
    if found["processor"] != own["processor"]:
        warnings.warn(
            f"cluster: a worker's processor is {found['processor']}, this one's "
            f"{own['processor']}: the last bits of the topics may differ from one machine's.",
            UserWarning,
            stacklevel=2,
        )
    if found["nice"] > own["nice"]:
        warnings.warn(
            f"cluster: workers run at nice {found['nice']}, behind all else on their machines. "
            "Start Ray with RAY_worker_niceness=0.",
            UserWarning,
            stacklevel=2,
        )
