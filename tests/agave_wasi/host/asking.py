"""The small language of these tests: ask a device, name the error it answers with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import KernelError


def refusal(call: Callable[..., object], *args: object) -> str:
    """The errno that the call fails with."""
    with pytest.raises(KernelError) as caught:
        call(*args)
    return caught.value.errno


def open_file(device: HostDirectory, name: bytes, mode: str = "r", directory: int = 0) -> int:
    """`mode`: letters of r(ead), w(rite), c(reate), x (exclusive), t(runcate)."""
    return device.open_file(directory, name, *(letter in mode for letter in "rwcxt"))


def views(*sizes: int) -> list[memoryview]:
    """Buffers of zeros."""
    return [memoryview(bytearray(size)) for size in sizes]
