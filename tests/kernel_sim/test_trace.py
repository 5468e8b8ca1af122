"""The trace: host calls and the syscalls below them, as plain data, the same in every run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel_sim.clock import DEFAULT_STEP
from kernel_sim.errors import ProcessExit
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.table import strict
from kernel_sim.trace import SHOWN, Tracer, plain, traced
from tests.kernel_sim.scripts import ROOT, World, blocks, errno, populated, views, world


def watched(k: World, base: type = Syscalls) -> tuple[World, Tracer, list[dict[str, Any]]]:
    """The world with a traced door, its tracer, and where finished host calls arrive."""
    events: list[dict[str, Any]] = []
    tracer = Tracer(k.kernel, k.process.pid, events.append)
    return World(k.kernel, k.process, k.kernel.door(k.process, traced(base, tracer))), tracer, events


def test_host_calls_with_their_syscalls() -> None:
    k, tracer, events = watched(populated())
    before = k.kernel.clock.monotonic()
    tracer.enter("fd_read", {"fd": 4})
    fd = k.open("f")
    assert k.read(fd, 9) == b"hello"
    tracer.leave({"size": 5})
    assert events == [
        {
            "pid": 1, "call": "fd_read", "time": before, "args": {"fd": 4}, "errno": "SUCCESS", "result": {"size": 5},
            "syscalls": [
                {
                    "call": "openat", "errno": "SUCCESS", "result": 4,
                    "args": {
                        "dirfd": ROOT, "path": "f", "follow": True, "flags": 0, "status": 0, "rights": 2,
                        "inheriting": (1 << 30) - 1,
                    },
                },
                {"call": "readv", "args": {"fd": 4, "buffers": [9]}, "errno": "SUCCESS", "result": 5},
            ],
        }
    ]  # fmt: skip
    assert json.loads(json.dumps(events)) == events


def test_errors_waits_and_calls_that_never_return() -> None:
    k, tracer, events = watched(world(stdin=[None]))
    tracer.enter("fd_read", {})
    tracer.enter("nested", {})
    assert blocks(k.read, 0, 1)
    assert errno(k.read, 99, 1) == "BADF"
    tracer.leave_error("BADF")
    tracer.enter("proc_exit", {"code": 3})
    with pytest.raises(ProcessExit):
        k.sys.exit(3)
    tracer.finish()
    tracer.leave_error("ILSEQ")  # failed before it began: no event
    assert [(each["call"], each["errno"]) for each in events] == [("nested", "BADF"), ("proc_exit", ""), ("fd_read", "")]
    assert [each["errno"] for each in events[0]["syscalls"]] == ["(waits)", "BADF"]


def test_syscalls_outside_of_host_calls_leave_nothing() -> None:
    k, _, events = watched(world())
    k.sys.clock_gettime("monotonic")
    assert events == [] and k.kernel.clock.monotonic() == DEFAULT_STEP


def test_strict_doors_can_be_traced() -> None:
    k, tracer, events = watched(populated(world(strict=True)), strict(Syscalls))
    k.process.fds[ROOT].rights = 0
    tracer.enter("path_open", {})
    assert errno(k.open, "f") == "NOTCAPABLE"
    tracer.leave_error("NOTCAPABLE")
    assert events[0]["syscalls"][0]["errno"] == "NOTCAPABLE"


def test_values_as_plain_data() -> None:
    k = populated()
    assert plain(b"caf\xc3") == "caf\\xc3"
    assert plain(b"x" * 100) == "x" * SHOWN + "..."
    assert plain((None, True, 5, "s", views(3), [b""])) == [None, True, 5, "s", [3], [""]]
    assert plain(k.stat("f"))["size"] == 5
    file = plain(k.sys.descriptor(ROOT))
    assert file["preopen"] == "/" and "inode" not in file
    entries = plain(k.sys.getdents(ROOT, 0, 1))
    assert entries[0]["name"] == "." and "encoded" not in entries[0]
    json.dumps([file, entries])
