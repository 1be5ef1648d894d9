"""A Dask cluster that is there already."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from polytopic.cluster.engines import PATIENCE, Engine
from polytopic.errors import InputError
from polytopic.extras import require

__all__ = ["Dask", "connect", "is_client"]


def is_client(value: Any) -> bool:
    """Whether a value is a ``distributed.Client``, told without loading it."""
    return any(
        one.__name__ == "Client" and one.__module__.startswith("distributed.")
        for one in type(value).__mro__
    )


class Dask(Engine):
    """Through a ``distributed.Client``; each thread of a worker takes a task at a time."""

    def __init__(self, client: Any, *, own: bool) -> None:
        self._client, self._own = client, own
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except (TimeoutError, OSError):
            self.close()
            raise InputError(
                f"cluster: the Dask scheduler has no worker after {PATIENCE:.0f} s. Start one: "
                "dask worker ADDRESS"
            ) from None
        self.slots = sum(client.nthreads().values())
        self._pool = client.get_executor(pure=False, retries=0)

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = self._pool.submit(function, *args)
        return future

    def everywhere(self, function: Callable[..., Any], *args: Any) -> list[Future[Any]]:
        places = list(self._client.nthreads())
        return [self._pool.submit(function, *args, workers=[place]) for place in places]

    def workers(self) -> int:
        return len(self._client.nthreads())

    def close(self) -> None:
        if self._own:
            self._client.close()


def connect(address: str) -> Dask:
    """The cluster whose scheduler is at ``host:port``, which answers.

    Raises
    ------
    MissingExtraError, InputError
        If Dask is not installed, or what answers is no scheduler.
    """
    distributed = require("distributed", f'cluster="dask://{address}"')
    try:
        client = distributed.Client(f"tcp://{address}", timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        raise InputError(
            f"cluster: dask://{address} is no Dask scheduler that can be used "
            f"({str(error)[:200] or type(error).__name__}). With TLS, pass a distributed.Client."
        ) from None
    return Dask(client, own=True)
