"""The types of Preview 1: flags and members stand where the specification has them, and the kernel has the same bits."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from agave_wasi.abi.types import AbiType, Enum, Flags, Result
from agave_wasi.preview1 import types
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls.paths import OpenFlags

ANNOTATED = {name: value for name, value in vars(types).items() if name[0].isupper() and get_args(value)}


@pytest.mark.parametrize("name", ANNOTATED)
def test_every_type_says_how_it_crosses(name: str) -> None:
    *_, marker = get_args(ANNOTATED[name])
    assert isinstance(marker, AbiType | Result)


def members(kind: Any) -> tuple[str, ...]:
    (_, marker) = get_args(kind)
    assert isinstance(marker, Enum | Flags)
    return marker.members if isinstance(marker, Enum) else marker.names


def test_the_kernels_bits_are_those_of_the_specification() -> None:
    for place, name in enumerate(types.RIGHTS):
        assert getattr(Rights, name.upper()) == 1 << place
    assert (1 << len(types.RIGHTS)) - 1 == Rights.ALL
    for place, name in enumerate(types.FDFLAGS):
        assert getattr(Status, name.upper()) == 1 << place
    kernel_names = {"creat": "CREATE", "directory": "DIRECTORY", "excl": "EXCLUSIVE", "trunc": "TRUNCATE"}
    for place, name in enumerate(types.OFLAGS):
        assert getattr(OpenFlags, kernel_names[name]) == 1 << place


def test_numbers_of_members() -> None:
    assert members(types.Whence) == ("set", "cur", "end")
    assert members(types.UnstableWhence) == ("cur", "end", "set")  # in another order, as wasi_unstable has it
    assert members(types.ClockId) == ("realtime", "monotonic", "process-cputime", "thread-cputime")
    assert [types.SIGNALS.index(name) for name in ("none", "hup", "kill", "sys")] == [0, 1, 9, 30]
    assert members(types.Advice)[4] == "dontneed"
