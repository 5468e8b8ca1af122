"""The kernel: owns clock, entropy, devices, the root file system and the processes, and is where state hangs.

A process reaches the kernel through its `Syscalls`; `Kernel.door` makes one, traced or with strict rights when that is
asked for. Everything that comes from outside is attached as a device under a name.
"""

from __future__ import annotations

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.filesystem import UNLIMITED, FileSystem
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.fs.special import FullDevice, NullDevice, OutputBudget, Pipe, RandomDevice, StandardStream, Stream, ZeroDevice
from kernel_sim.net.stream import DeviceListener
from kernel_sim.openfile import OpenFile, Rights
from kernel_sim.process import (
    DEFAULT_MAX_FDS,
    PREOPEN_INHERITING,
    PREOPEN_RIGHTS,
    STRICT_PREOPEN_INHERITING,
    STRICT_PREOPEN_RIGHTS,
    Process,
)
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.sockets import LISTENER_RIGHTS, SOCKET_RIGHTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.devices import ClockDevice, EntropyDevice, WaitDevice
    from kernel_sim.fs.hostfs import HostDirectory
    from kernel_sim.fs.inode import Inode
    from kernel_sim.fs.overlay import OverlayDirectory
    from kernel_sim.vdso.vdso import Vdso
    from kernel_sim.wait import Wait

DEFAULT_FS_BYTES = 1 << 30
DEFAULT_FS_INODES = 1 << 20
STANDARD_STREAMS = ("stdin", "stdout", "stderr")


class Devices(dict[str, "Any"]):
    """What is attached, by name. A name under which nothing is attached (any more) is a broken device: IO."""

    __slots__ = ()

    def __missing__(self, name: str) -> Any:
        raise KernelError(Errno.IO)


def _go_on() -> None:
    """Nobody wants to stop anything."""


class Kernel:
    """One machine. `root` is its file system in memory; other trees are mounted into it or preopened beside it.

    `look_up` is called now and then by syscalls that take long; what it raises ends them.
    """

    __slots__ = (
        "clock", "entropy", "devices", "waiter", "look_up", "pipes", "root", "processes", "next_pid", "next_fs", "budget",
        "sharing",
    )  # fmt: skip

    def __init__(
        self,
        clock: ClockDevice | None = None,
        entropy: EntropyDevice | None = None,
        max_bytes: int = DEFAULT_FS_BYTES,
        max_inodes: int = DEFAULT_FS_INODES,
        max_output: int | None = None,
    ) -> None:
        self.clock: ClockDevice = clock or VirtualClock()
        self.entropy: EntropyDevice = entropy or SeededEntropy()
        self.devices: dict[str, Any] = Devices()
        self.waiter: WaitDevice | None = None
        self.look_up: Callable[[], object] = _go_on
        self.sharing: list[Vdso] = []
        self.next_fs = 1
        self.pipes = self.new_filesystem()
        self.root = self.new_memory_tree(max_bytes, max_inodes)
        self.processes: dict[int, Process] = {}
        self.next_pid = 1
        self.budget = OutputBudget(max_output) if max_output is not None else None

    # Laying out a world

    def new_filesystem(
        self, max_bytes: int = UNLIMITED, max_inodes: int = UNLIMITED, writable: bool = True
    ) -> FileSystem:
        """A file system without a tree, numbered in the order of making."""
        fs = FileSystem(self.next_fs, self.clock, writable, max_bytes, max_inodes)
        self.next_fs += 1
        return fs

    def new_memory_tree(self, max_bytes: int = DEFAULT_FS_BYTES, max_inodes: int = DEFAULT_FS_INODES) -> MemDirectory:
        """The top of a new, empty file system in memory."""
        fs = self.new_filesystem(max_bytes, max_inodes)
        return MemDirectory(fs, fs.new_number(), self.clock.now())

    def new_host_tree(self, device: str, writable: bool = True) -> HostDirectory:
        """The top of the attached directory device: what a guest changes there, it changes on the host."""
        from kernel_sim.fs.hostfs import HostFileSystem

        fs = HostFileSystem(self.next_fs, self.clock, self.devices, device, writable)
        self.next_fs += 1
        return fs.top()

    def new_overlay_tree(
        self, device: str, max_bytes: int = DEFAULT_FS_BYTES, max_inodes: int = DEFAULT_FS_INODES
    ) -> OverlayDirectory:
        """The top of a tree that shows the attached directory device and keeps changes in memory."""
        from kernel_sim.fs.overlay import OverlayFileSystem

        lower = self.new_host_tree(device, writable=False)
        fs = OverlayFileSystem(self.next_fs, self.clock, max_bytes, max_inodes)
        self.next_fs += 1
        return fs.top(lower)

    def mount(self, path: bytes, top: MemDirectory | HostDirectory) -> bool:
        """Let a walk from `/` reach the tree `top` at `path`; False if there is no place for it in memory."""
        from kernel_sim.fs.mounts import mount

        return mount(self.root, path, top)

    def attach(self, name: str, device: object) -> None:
        """Let the kernel know a device."""
        self.devices[name] = device

    def make_dev(self, directory: MemDirectory) -> None:
        """Fill /dev: the devices that every machine has, and each process' own standard streams by name."""
        fs, now = directory.fs, self.clock.now()
        for name, kind in ((b"null", NullDevice), (b"zero", ZeroDevice), (b"full", FullDevice)):
            directory.attach(name, kind(fs, fs.new_number(), now))
        for name in (b"random", b"urandom"):
            directory.attach(name, RandomDevice(fs, fs.new_number(), now, self.entropy))
        for place, stream in enumerate(STANDARD_STREAMS):
            directory.attach(stream.encode(), StandardStream(fs, fs.new_number(), now, place))

    def new_stream(self, device: str, counted: bool = False) -> Stream:
        """An inode for an attached stream device; `counted` charges what is written to the output budget."""
        budget = self.budget if counted else None
        return Stream(self.pipes, self.pipes.new_number(), self.clock.now(), self.devices, device, budget)

    def new_pipe(self) -> Pipe:
        """A pipe without ends; opening it makes them."""
        return Pipe(self.pipes, self.pipes.new_number(), self.clock.now())

    # Processes

    def new_process(
        self, argv: list[bytes], environ: list[bytes], max_fds: int = DEFAULT_MAX_FDS, strict: bool = False
    ) -> Process:
        """A process without descriptors. Who was alone no longer is, and shares nothing with code beside the kernel."""
        self.settle()
        process = Process(self.next_pid, argv, environ, max_fds, strict)
        self.processes[process.pid] = process
        self.next_pid += 1
        return process

    def preopen(self, process: Process, directory: Inode, name: bytes) -> int:
        """Give a process a directory from the start, under the name that it will find."""
        rights, inheriting = PREOPEN_RIGHTS, PREOPEN_INHERITING
        if process.strict:
            rights, inheriting = STRICT_PREOPEN_RIGHTS, STRICT_PREOPEN_INHERITING
        file = OpenFile(directory.opened(False, False, False), False, False, 0, rights, inheriting, name)
        return process.fds.add(file)

    def open_stream(self, process: Process, inode: Stream, write: bool) -> int:
        """Give a process its next standard stream: stdin to read, then stdout and stderr to write."""
        process.streams.append(inode)
        rights = Rights.FD_WRITE if write else Rights.FD_READ
        if process.strict:
            rights |= Rights.POLL_FD_READWRITE | Rights.FD_FILESTAT_GET | Rights.FD_FDSTAT_SET_FLAGS
        return process.fds.add(OpenFile(inode.opened(not write, write, False), not write, write, 0, rights, rights))

    def new_listener(self, device: str) -> DeviceListener:
        """An inode for an attached listener device."""
        return DeviceListener(
            self.pipes, self.pipes.new_number(), self.clock.now(), self.devices, self.devices, device
        )

    def open_listener(self, process: Process, inode: Inode) -> int:
        """Give a process a listening socket from the start."""
        file = OpenFile(inode.opened(True, True, False), True, True, 0, LISTENER_RIGHTS, SOCKET_RIGHTS)
        return process.fds.add(file)

    def settle(self) -> None:
        """Bring home what lives in RAM beside the kernel: before anyone looks at the state from outside."""
        for vdso in list(self.sharing):
            vdso.release()

    def reap(self, process: Process) -> None:
        """Take back everything that a process holds, the devices of its standard streams too."""
        process.close_all()
        for stream in process.streams:
            self.devices.pop(stream.name, None)
        self.processes.pop(process.pid, None)

    def door(self, process: Process, kind: type[Syscalls] = Syscalls) -> Syscalls:
        """The syscalls of a process; `kind` is a traced or strict subclass where that is wanted."""
        return kind(self, process)

    # Waiting

    def is_over(self, process: Process, wait: Wait) -> bool:
        """Has what a process waits for come true? A descriptor that is gone counts: the call must look again."""
        if wait.deadline is not None and self.clock.monotonic() >= wait.deadline:
            return True
        return any(self._is_ready(process, fd, False, wait.least) for fd in wait.readable) or any(
            self._is_ready(process, fd, True, 0) for fd in wait.writable
        )

    def _is_ready(self, process: Process, fd: int, write: bool, least: int) -> bool:
        file = process.fds.get(fd)
        if file is None:
            return True
        try:
            ready, available, hangup = file.inode.readiness(write)
        except KernelError:
            return True
        return ready and (hangup or available >= least)

    def live_devices(self, process: Process, wait: Wait) -> list[tuple[str, bool]]:
        """The devices outside the simulation that a wait concerns: (name, for writing?)."""
        found = []
        for fds, write in ((wait.readable, False), (wait.writable, True)):
            for fd in fds:
                file = process.fds.get(fd)
                if file is not None and file.inode.is_live():
                    found.append((file.inode.device_name(), write))
        return found

    def wait_for_devices(
        self, devices: list[tuple[str, bool]], timeout: int | None, least: dict[str, int] | None = None
    ) -> bool:
        """Wait host time until a live device may be ready (True), at most `timeout` ns; `least` as of `WaitDevice`."""
        if self.waiter is None:
            raise KernelError(Errno.NOSYS)
        return self.waiter.wait(devices, timeout, least or {})
