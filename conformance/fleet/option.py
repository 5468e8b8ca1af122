"""The option that sends work to a cluster, for each command that takes it."""

from __future__ import annotations

from agave_wasi.cli.options import Option
from conformance.fleet.cluster import address


def scheduler(group: str) -> Option:
    """`--scheduler`, in a group of the command's help."""
    return Option(
        "scheduler", "dask://HOST:PORT", address,
        "Send the work to a Dask cluster, whose workers have the same agave-wasi, instead of doing it here.",
        "--scheduler dask://127.0.0.1:8786", None, group,
    )  # fmt: skip
