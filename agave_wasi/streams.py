"""What an embedder gives a program at its start, as the kernel takes it: standard streams, arguments, variables."""

from __future__ import annotations

import os

from agave_wasi.engines.interrupt import exposed
from agave_wasi.host.stdio import BufferStream, SinkStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.devices import StreamDevice

    Input = bytes | str | StreamDevice
    Output = Callable[[bytes], object] | StreamDevice | None


def standard_streams(
    stdin: Input, stdout: Output, stderr: Output, tty: bool
) -> tuple[StreamDevice, StreamDevice, StreamDevice]:
    """The devices of a run: input may be given as data, output to functions; it is collected as well."""
    source = BufferStream(_encoded(stdin), tty) if isinstance(stdin, str | bytes) else stdin
    return source, _sink(stdout, tty), _sink(stderr, tty)


def _sink(output: Any, tty: bool) -> StreamDevice:
    if output is None or callable(output):
        return SinkStream(output and exposed(output), terminal=tty)
    device: StreamDevice = output
    return device


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else os.fsencode(text)


def argument(text: str | bytes) -> bytes:
    """An argument or variable as the host would have it: undecodable bytes survive. ValueError for a NUL, which ends one."""
    raw = _encoded(text)
    if 0 in raw:
        raise ValueError(f"{raw!r} has a NUL byte, which an argument or variable can't have")
    return raw
