"""`agave-wasi syscalls`: the table as text, as JSON, as a page."""

from __future__ import annotations

import json
from typing import Any

from agave_wasi.cli.syscalls import markdown
from kernel_sim.syscalls.table import table


def test_syscalls(agave: Any) -> None:
    assert all(record.name in agave("syscalls").stdout.decode() for record in table()[:3])
    rows = json.loads(agave("syscalls", "--json").stdout)
    assert [row["number"] for row in rows] == [record.number for record in table()]
    assert agave("syscalls", "--markdown").stdout.decode() == markdown()
