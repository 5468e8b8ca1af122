"""Clusters on loopback that tests start, with workers that can be killed; the scheduler itself sends nothing twice."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import LocalCluster


@contextmanager
def cluster(workers: int = 2) -> Iterator[LocalCluster]:
    """A cluster in processes of its own: a worker that dies is replaced, what it did is lost."""
    quiet = {"distributed.scheduler.allowed-failures": 0}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as made,
    ):
        yield made


def alive(pid: int) -> bool:
    """Is there such a process?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def free_port() -> int:
    """A port of loopback at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
