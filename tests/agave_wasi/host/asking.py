"""The small language of these tests: ask a device for a file, give it buffers."""

from __future__ import annotations

from agave_wasi.host.directory import HostDirectory


def open_file(device: HostDirectory, name: bytes, mode: str = "r", directory: int = 0) -> int:
    """`mode`: letters of r(ead), w(rite), c(reate), x (exclusive), t(runcate)."""
    return device.open_file(directory, name, *(letter in mode for letter in "rwcxt"))


def views(*sizes: int) -> list[memoryview]:
    """Buffers of zeros."""
    return [memoryview(bytearray(size)) for size in sizes]
