"""A Ray cluster joined by the address of its head, as from a machine beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

SCRIPT = """
import sys
import numpy as np
from ray.cluster_utils import Cluster
import polytopic as pt

if __name__ == "__main__":
    port = int(sys.argv[1])
    head = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head | {"ray_client_server_port": port})
    counts = np.kron(np.eye(2, dtype=int), np.full((40, 6), 2))
    settings = {"n_topics": 2, "iterations": 6, "random_state": 0}
    try:
        alone = pt.LDA(**settings).fit(counts)
        joined = pt.LDA(**settings, cluster=f"ray://127.0.0.1:{port}").fit(counts)
        print("equal", np.array_equal(alone.topic_word_, joined.topic_word_))
    finally:
        cluster.shutdown()
"""


OFFERED = range(20_000, 23_000)
"""Ports below those that a system gives to whoever asks for any, as Ray's own servers do, and above
those of Ray's workers: another would be taken before the head listens at it. From 23,000 on Ray's
clients have servers of their own."""


TRIES = 3
LOST = ("Ray client has already been disconnected", "no Ray cluster can be used")
"""What is said where Ray's own client lost its head: heads that start at the same time, in other
runs, take each other's servers of clients. It is tried again; what is computed is not."""


def free_port() -> int:
    """One of them at which nobody listens."""
    for port in OFFERED[os.getpid() % 1000 :: 1000]:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.skip("no port is free")


def test_a_head_joined_by_its_address_gives_the_bits_of_threads(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the ray extra is missing")
    script = tmp_path / "joined.py"
    script.write_text(SCRIPT)
    plain = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, str(script), str(free_port())],
            capture_output=True, text=True, timeout=150, env=os.environ | plain,
        )  # fmt: skip
        if not any(told in done.stderr for told in LOST):
            break
    assert "equal True" in done.stdout, done.stderr[-2000:]
