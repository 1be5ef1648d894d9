"""What ``cluster=`` may be, and the engine that it names."""

from __future__ import annotations

import re
import socket
from typing import Any

from polytopic.cluster.dask_engine import Dask, is_client
from polytopic.cluster.dask_engine import connect as connect_dask
from polytopic.cluster.engines import PATIENCE, Engine, Threads
from polytopic.cluster.local_processes import LocalProcesses
from polytopic.cluster.ray_engine import connect as connect_ray
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import Custom

__all__ = ["CLUSTER", "engine_of"]

_PROCESSES = re.compile(r"processes:([1-9]\d{0,3})")
_ADDRESS = re.compile(r"(dask|ray)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")


def _known(value: Any) -> bool:
    if not isinstance(value, str):
        return value is None or is_client(value)
    return value == "ray" or bool(_PROCESSES.fullmatch(value) or _ADDRESS.fullmatch(value))


CLUSTER = Custom(
    'None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a distributed.Client',
    _known,
)
"""What the parameter accepts."""


def engine_of(cluster: Any, n_threads: int | None = None) -> Engine:
    """The engine that ``cluster`` names; None: ``n_threads`` threads of this process.

    Raises
    ------
    MissingExtraError
        If it is not installed; the message is the install line.
    InputError
        If it is named in no way that is known, or does not answer within ten seconds.
    """
    if not _known(cluster):
        raise InputError(f"cluster: {str(cluster)[:60]!r} cannot be used. Give {CLUSTER.text}.")
    if cluster is None:
        return Threads(resolve_threads(n_threads))
    if not isinstance(cluster, str):
        return Dask(cluster, own=False)
    if cluster == "ray":
        return connect_ray(None)
    if processes := _PROCESSES.fullmatch(cluster):
        return LocalProcesses(int(processes[1]))
    found = _ADDRESS.fullmatch(cluster)
    assert found is not None
    engine, host, port = found.groups()
    _refuse_silent(cluster, host.strip("[]"), int(port))
    connect = connect_dask if engine == "dask" else connect_ray
    return connect(f"{host}:{port}")


def _refuse_silent(cluster: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"cluster: {cluster} does not answer ({reason}). Start the cluster, or correct the "
            "address."
        ) from None
