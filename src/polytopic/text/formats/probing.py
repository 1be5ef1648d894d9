"""Binary tables are read once in a process that may die, before this one reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from polytopic.errors import InputError
from polytopic.io.packed import FREE_BYTES, MOST_RATIO

__all__ = ["probed"]

LEAST_SECONDS, SLOWEST = 30.0, 1_000_000
"""How long a file may take: half a minute, and a second more for each megabyte (in bytes a second);
sound files take a hundredth."""

_CHILD = Path(__file__).with_name("probe_child.py")


def probed(
    kind: str, path: Path, name: Path, *, columns: list[str] | None = None, sheet: Any = None
) -> dict[str, Any]:
    """What the reading of ``path`` gives in a process of its own; errors call it ``name``.

    Raises
    ------
    InputError
        If it cannot be read, asks for more memory than ``MOST_RATIO`` times its size, or ends the
        process.
    """
    most = max(FREE_BYTES, MOST_RATIO * path.stat().st_size)
    places = [place for place in sys.path if place]
    command = [
        sys.executable, "-s", str(_CHILD), kind, str(path), str(most), json.dumps(sheet),
        *(columns or []),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(places),
        "POLARS_MAX_THREADS": "1",
        "RUST_BACKTRACE": "0",
    }
    seconds = LEAST_SECONDS + path.stat().st_size / SLOWEST
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            env=environment,
            timeout=seconds,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        found = {"wrong": f"it takes more than {seconds:.0f} seconds"}
    except OSError as error:
        raise InputError(
            f"{name}: is read first in a process of its own, and none can be started ({error})."
        ) from None
    except ValueError:
        found = {"wrong": "reading it ends the process that does"}
    if "wrong" in found:
        raise InputError(
            f"{name}: cannot be read as {kind} ({found['wrong']}). It is damaged, or made to harm; "
            "write it again."
        )
    return found
