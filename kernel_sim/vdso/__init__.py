"""The kernel's side of the vDSO: state that hot calls need, kept in RAM that code beside the guest can reach.

Such code answers the plain case of a call without entering the kernel, and leaves every other to the kernel's syscalls. So
the state must be one: what lives in RAM lives nowhere else. An object of the kernel that moves there changes its class to
one whose attributes are fields of a record (`shared`, `names`), a descriptor leaves the kernel's table until somebody asks for
it (`descriptors`), and everything comes home when the guest is over or somebody looks from outside (`vdso`).
"""

from __future__ import annotations

from kernel_sim.clock import VirtualClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process

LIMIT_MAX = 1 << 16
"""Descriptor tables with room for more stay the kernel's."""


def suits(kernel: Kernel, process: Process) -> bool:
    """Can this process have a vDSO? It must be alone, time virtual, for writing sets times, and rights lenient."""
    if len(kernel.processes) > 1 or type(kernel.clock) is not VirtualClock:
        return False
    return not process.strict and process.fds.limit <= LIMIT_MAX
