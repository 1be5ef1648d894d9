"""A Ray cluster that is there already."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from polytopic.cluster.engines import PATIENCE, Engine
from polytopic.errors import InputError
from polytopic.extras import require
from polytopic.io.records import in_one_line

__all__ = ["Ray", "connect"]

_PLAIN = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
"""Nothing is reported to anyone, and workers do not stand behind all else (Ray starts them at nice
15, ten times as slow on a machine with other work)."""

_ANY_CALL = "/ray.rpc.RayletDriver/ClusterInfo"
"""Of a server of Ray's clients, by which a refusal is found out."""


class Ray(Engine):
    """Through Ray as it is initialised; each of its processors takes a task at a time."""

    def __init__(self, ray: Any, *, own: bool) -> None:
        self._ray, self._own = ray, own
        self.slots = self.workers()
        if not self.slots:
            self.close()
            raise InputError("cluster: Ray has no processor. Start a node: ray start --address=...")

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        return self._submit(function, args)

    def everywhere(self, function: Callable[..., Any], *args: Any) -> list[Future[Any]]:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = [node["NodeID"] for node in self._alive() if node["Resources"].get("CPU")]
        return [
            self._submit(
                function, args, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
            )
            for node in nodes
        ]

    def workers(self) -> int:
        return int(sum(node["Resources"].get("CPU", 0) for node in self._alive()))

    def close(self) -> None:
        if self._own:
            self._ray.shutdown()

    def _alive(self) -> list[dict[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"]]

    def _submit(
        self, function: Callable[..., Any], args: tuple[Any, ...], **options: Any
    ) -> Future[Any]:
        remote = self._ray.remote(function).options(num_cpus=1, max_retries=0, **options)
        future: Future[Any] = remote.remote(*args).future()
        return future


def connect(address: str | None) -> Ray:
    """The cluster at ``host:port``, which answers; None: the one that Ray is initialised with.

    Raises
    ------
    MissingExtraError, InputError
        If Ray is not installed, or there is no cluster.
    """
    for name, value in _PLAIN.items():
        os.environ.setdefault(name, value)
    ray = require("ray", 'cluster="ray"')
    if ray.is_initialized():
        return Ray(ray, own=False)
    place = "auto" if address is None else f"ray://{address}"
    try:
        if address is not None and os.environ.get("RAY_USE_TLS", "0") == "0":
            _greet(address)
        ray.init(address=place, log_to_driver=False, logging_level="ERROR")
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever what answers makes of Ray's greeting)
        raise InputError(
            f"cluster: no Ray cluster can be used at {place} ({in_one_line(error)[:200]}). Start "
            "one: ray start --head"
        ) from None
    return Ray(ray, own=True)


def _greet(address: str) -> None:
    """Shake hands with a server of Ray's clients, which Ray itself waits for much longer.

    Of a call without a token, which a server may refuse, only the refusal counts: Ray's client
    would time out without saying why.
    """
    import grpc

    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=PATIENCE)
        if os.environ.get("RAY_AUTH_MODE", "").lower() == "token":
            return
        try:
            channel.unary_unary(_ANY_CALL)(b"", timeout=PATIENCE)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                raise InputError(
                    f"cluster: ray://{address} asks for a token. Set RAY_AUTH_MODE=token here, "
                    "with the cluster's token (`ray get-auth-token` on its head) in "
                    "RAY_AUTH_TOKEN or ~/.ray/auth_token."
                ) from None
