"""A Dask cluster that is there already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from polytopic.cluster.engines import PATIENCE, Engine
from polytopic.errors import InputError
from polytopic.extras import require
from polytopic.io.records import in_one_line

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
    place = f"tcp://{address}"
    try:
        _greet(place)
        client = distributed.Client(place, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # noqa: BLE001 (whatever what answers makes of Dask's greeting)
        raise InputError(
            f"cluster: dask://{address} is no Dask scheduler that can be used "
            f"({in_one_line(error)[:200]}). With TLS, pass a distributed.Client."
        ) from None
    return Dask(client, own=True)


def _greet(place: str) -> None:
    """Shake hands with a scheduler: a client that never gets to waits for long, at its end too.

    Raises
    ------
    Exception
        If what is there is none.
    """
    from distributed.comm import connect as reach

    async def greet() -> None:
        comm = await asyncio.wait_for(reach(place, timeout=PATIENCE), PATIENCE)
        await comm.close()

    with ThreadPoolExecutor(1) as thread:  # beside the loop that a notebook has
        thread.submit(asyncio.run, greet()).result()
