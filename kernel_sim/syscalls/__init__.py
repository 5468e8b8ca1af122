"""The syscalls: everything that a process can ask of the kernel, one method each.

`Syscalls` is one process's door to the kernel. A plain run calls its methods directly; a traced or strict run gets a
subclass whose methods are wrapped (see `kernel_sim.syscalls.table`), so neither costs anything when it is off.
"""

from __future__ import annotations

from kernel_sim.syscalls.clocks import ClockCalls
from kernel_sim.syscalls.files import FileCalls
from kernel_sim.syscalls.paths import PathCalls
from kernel_sim.syscalls.polling import PollCalls
from kernel_sim.syscalls.procs import ProcessCalls
from kernel_sim.syscalls.sockets import SocketCalls


class Syscalls(FileCalls, PathCalls, PollCalls, ClockCalls, ProcessCalls, SocketCalls):
    """All syscalls of one process."""

    __slots__ = ()
