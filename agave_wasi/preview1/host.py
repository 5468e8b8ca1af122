"""What the groups of Preview 1 functions build on: the process' syscalls, and the marks on methods."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from kernel_sim.process import Process
    from kernel_sim.syscalls import Syscalls

    F = TypeVar("F", bound=Callable[..., Any])


class Host:
    """A group of host functions of one process; `kernel` is the process' door to the kernel."""

    __slots__ = ("kernel", "process")

    def __init__(self, kernel: Syscalls) -> None:
        self.kernel = kernel
        self.process: Process = kernel.process


def wasi(method: F) -> F:
    """Mark a method as a host function of its own name."""
    method.__dict__["wasi"] = True
    return method


def wasi_blocking(method: F) -> F:
    """Mark a host function that may have to wait."""
    method.__dict__["blocking"] = True
    return wasi(method)
