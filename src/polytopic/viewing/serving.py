"""The server of a run: a port of this machine alone, until Ctrl-C."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from polytopic.errors import InputError
from polytopic.extras import require

__all__ = ["LOOPBACK", "PORT", "bound", "serve"]

LOOPBACK = "127.0.0.1"
"""This machine alone: texts of a run are nobody else's to read."""

PORT = 8787
"""Taken where none is named and it is free."""


def serve(
    run: str | Path, *, port: int | None = None, told: Callable[[str], object] = print
) -> None:
    """Serve the page of a run and all of its documents on this machine, until interrupted.

    Parameters
    ----------
    run : str or Path
        A folder that ``polytopic topics`` wrote.
    port : int, optional
        By default 8787, or a free one where that is taken.
    told : callable
        Is given the address once it is ready.

    Raises
    ------
    MissingExtraError
        Without the extra ``view``.
    InputError
        If the port is taken or may not be.
    PolytopicError
        If the run cannot be read.
    """
    require("starlette", "Viewing a run")
    uvicorn = require("uvicorn", "Viewing a run")
    from polytopic.viewing.app import make_app
    from polytopic.viewing.snapshot import Viewed

    with TemporaryDirectory(prefix="polytopic-view-") as scratch:
        viewed = Viewed(Path(run), Path(scratch))
        viewed.now()
        with bound(port) as listener:
            config = uvicorn.Config(
                make_app(viewed), log_level="error", access_log=False, server_header=False,
                lifespan="off", timeout_graceful_shutdown=1,
            )  # fmt: skip
            told(f"http://{LOOPBACK}:{listener.getsockname()[1]}/")
            uvicorn.Server(config).run(sockets=[listener])


def bound(port: int | None) -> socket.socket:
    """A socket that holds a port of this machine; without a number the usual or a free one.

    Raises
    ------
    InputError
        If the port cannot be had.
    """
    for number in (PORT, 0) if port is None else (port,):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, number))
            listener.listen()
        except OSError as error:
            listener.close()
            if port is None and number and error.errno == errno.EADDRINUSE:
                continue
            why = "is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            raise InputError(
                f"port {number}: {why}. Name another with --port, or none and a free one is taken."
            ) from None
        return listener
    raise InputError("port: none is free. Close other programs that serve.")
