"""The runner of the suites on wasmtime: which worlds it provides. tests/test_suite_preview1_build.py runs it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("wasmtime")

from conformance.suites.run_reference import provides


@pytest.mark.parametrize(
    "world, can",
    [
        ({}, True),
        ({"mounts": [{"guest": "/r", "mode": "ro"}]}, True),
        ({"mounts": [{"guest": "/r", "mode": "memory"}]}, False),
        ({"stdin": {"data": "text"}}, True),
        ({"stdin": {"data": "text", "then": "wait"}}, False),
        ({"peers": []}, False),
        ({"mounts": [], "max_fds": 5}, False),
    ],
)
def test_what_wasmtime_can_be_given(world: dict[str, Any], can: bool) -> None:
    assert provides(world) is can
