"""The world that a case asks for (`conformance.suites.cases`), on agave-wasi: files, limits, sockets, streams and faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agave_wasi import Mount, World
from agave_wasi.host.directory import HostDirectory
from agave_wasi.program import Guest
from agave_wasi.running import load_program
from agave_wasi.streams import standard_streams
from conformance.case import Case, Folder, copy_of
from conformance.suites.late import NAME, LateConnection, LatePeers
from conformance.trees import fill_tree
from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import KernelError
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.fs.special import PIPE_CAPACITY, PipeBuffer
from kernel_sim.kernel import Kernel
from kernel_sim.net.stream import Listener, MemoryConnection, StreamSocket

MEMORY_ONLY = {"quota", "inodes", "file_size", "machine", "clock_step"}
"""What only a tree in memory can have."""


# The outside


@dataclass(frozen=True)
class Peer:
    """Who has connected: what it has sent, how much it takes until it reads again (it never does), and what it does then.

    One that `closes` is gone when the guest looks. One that `echoes` sends back what it gets. A connection that `breaks`
    fails with that errno whatever is asked of it, and one that is `refused` already when it is accepted. Where one is `late`,
    all are: they do everything only while the guest waits for it (`conformance.suites.late`).
    """

    sends: str = ""
    room: int = PIPE_CAPACITY
    closes: bool = False
    echoes: bool = False
    breaks: str = ""
    refused: str = ""
    late: bool = False


class Peers(Listener):
    """The listening socket with everybody who has connected."""

    __slots__ = ("kernel", "waiting")

    def __init__(self, kernel: Kernel, waiting: list[Peer]) -> None:
        super().__init__(kernel.pipes, kernel.pipes.new_number(), kernel.clock.now())
        self.kernel = kernel
        self.waiting = waiting

    def accept(self) -> StreamSocket | None:
        if not self.waiting:
            return None
        peer = self.waiting.pop(0)
        if peer.refused:
            raise KernelError(peer.refused)
        return Broken(self.kernel, peer.breaks) if peer.breaks else connection(self.kernel, peer)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return bool(self.waiting) and not write, len(self.waiting), False


def connection(kernel: Kernel, peer: Peer) -> MemoryConnection:
    """The guest's end of a connection with `peer`."""
    sent, taken = PipeBuffer(), PipeBuffer(peer.room)
    if peer.echoes:
        sent = taken
    elif not peer.closes:
        sent.writers = taken.readers = 1
    sent.data += peer.sends.encode()
    return MemoryConnection(kernel.pipes, kernel.pipes.new_number(), kernel.clock.now(), sent, taken)


class Broken(StreamSocket):
    """A connection that the network has lost."""

    __slots__ = ("errno",)

    def __init__(self, kernel: Kernel, errno: str) -> None:
        super().__init__(kernel.pipes, kernel.pipes.new_number(), kernel.clock.now())
        self.errno = errno

    def fail(self, *_: object) -> Any:
        """What every operation does."""
        raise KernelError(self.errno)

    read_at = peek = write_at = shutdown = readiness = fail  # type: ignore[assignment]  # each with its own arguments


class Script:
    """A stream device that goes as it is told: `data` to read, `room` to write, and after it "end", "wait" or an errno."""

    terminal = False
    live = False

    def __init__(self, data: str = "", room: int = 0, then: str = "end") -> None:
        self.left = data.encode()
        self.room = room
        self.then = then
        self.written = bytearray()

    @property
    def data(self) -> bytes:
        """What was written."""
        return bytes(self.written)

    def read(self, limit: int) -> bytes | None:
        """The next bytes, or what comes after them."""
        if not self.left and self.then != "end":
            self._fail()
            return None
        piece, self.left = self.left[:limit], self.left[limit:]
        return piece

    def write(self, data: memoryview) -> int | None:
        """Take what there is room for, or answer what comes after it."""
        if data and not self.room:
            self._fail()
            return None
        taken = min(len(data), self.room)
        self.written += data[:taken]
        self.room -= taken
        return taken

    def _fail(self) -> None:
        if self.then != "wait":
            raise KernelError(self.then)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """Ready for what a call would answer at once; hung up where nothing can come any more."""
        left = self.room if write else len(self.left)
        over = not left and self.then != "wait"
        return bool(left) or over, left, over

    def close(self) -> None:
        """Nothing to give back."""


class FailingDirectory:
    """A directory device whose entries say by name which operation fails, and how: "truncate.IO", "rename.MLINK"."""

    def __init__(self, device: HostDirectory) -> None:
        self.device = device
        self.names: dict[int, bytes] = {}

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self.device, operation)
        if not callable(method):
            return method

        def call(*args: Any) -> Any:
            named = [each for each in args[1:] if isinstance(each, bytes) and each] or [self.names.get(args[0], b"")]
            for name in named:
                which, _, errno = name.decode(errors="replace").partition(".")
                if which == operation:
                    raise KernelError(errno)
            result = method(*args)
            if operation in ("open_file", "open_directory"):
                self.names[result] = named[0]
            return result

        return call


class NoEntropy:
    """An entropy device that has none."""

    def __init__(self, errno: str) -> None:
        self.errno = errno

    def take(self, count: int) -> bytes:
        """Refused."""
        raise KernelError(self.errno)


# Putting it together


class CaseWorld(World):
    """A world as a case asks for it, with the case's own standard streams."""

    case: Case
    outside: LatePeers | None = None
    beside: list[tuple[Any, Guest]]

    def start(self, *args: Any, **options: Any) -> Guest:
        """As `World.start`; with the guest run those that the case wants beside it, which have begun before."""
        guest = super().start(*args, **options)
        self.beside = []
        for name in self.case.world.get("beside", ()):
            other = super().start([name], *standard_streams(b"", None, None, False))
            other.scheduler = guest.scheduler
            load_program(other, self.load(self.case.path.with_name(f"{name}.wasm")), {})
            assert other.instance is not None
            call = other.instance.start_call("_start", ())
            other.scheduler.add(other.process, call)
            self.beside.append((call, other))
        return guest

    def run_case(self, **options: Any) -> Any:
        """Run the guest to its end; the result of `World.run`. RuntimeError if something outside is left open."""
        wanted = self.case.world
        streams: dict[str, Any] = {}
        if "stdin" in wanted:
            streams["stdin"] = Script(**wanted["stdin"])
        elif self.case.stdin:
            streams["stdin"] = self.case.stdin
        if "stdout" in wanted:
            streams["stdout"] = Script(**wanted["stdout"])
        try:
            result = self.run(self.case.program, self.case.manifest["args"], **streams, **options)
        finally:
            for call, guest in self.beside:
                call.cancel()
                guest.close()
        if self.outside is not None and self.outside.left_open:
            raise RuntimeError(f"left open outside: {', '.join(self.outside.left_open)}")
        return result


def open_world(case: Case, folder: Path, mode: str = "memory", kind: type[CaseWorld] = CaseWorld, **options: Any) -> CaseWorld:
    """The world of a case. `/` is in memory, or with mode "rw" or "overlay" in a folder of the host.

    `folder` is an empty one of the host's, for what needs it; a world that writes to the host has the host's clock, as the
    files there have its time stamps.
    """
    wanted = case.world
    folders = _folders(case)
    if mode == "rw" or any(each.mode == "host" for each in folders):
        options.setdefault("realtime", True)
    places: dict[str, Path] = {}
    mounts = []
    for number, each in enumerate(folders):
        place = places.get(each.of) or folder / ("root" if each.guest == "/" else f"mount{number}")
        mounts.append(_mount(each, place, mode))
        places[each.guest] = place
    options |= {key: wanted[key] for key in ("max_fds", "clock_step") if key in wanted}
    world = kind(env=case.env, mounts=mounts, strict_rights=wanted.get("rights") == "strict", **options)
    world.case = case
    if not wanted.get("machine"):  # else `/` of the machine is there, without having been mounted
        named = {each.guest.encode() for each in folders}
        world.preopens = [each for each in world.preopens if each[0] in named]
    _fill(world, case, mode)
    return world


def _folders(case: Case) -> list[Folder]:
    """What must be mounted: where `/` is the whole machine, it is there already."""
    return [each for each in case.folders if each.guest != "/" or not case.world.get("machine")]


def _mount(wanted: Folder, folder: Path, mode: str) -> Mount:
    """What is asked for as the host's is that in every mode; others are where it isn't memory that is asked for."""
    if wanted.mode in ("host", "overlay"):
        place = folder if wanted.of else copy_of(wanted.source, folder)
        return Mount(wanted.guest, str(place), "rw" if wanted.mode == "host" else "overlay")
    if wanted.mode == "rw" and mode != "memory":
        return Mount(wanted.guest, str(copy_of(wanted.source, folder)), mode)
    if wanted.mode == "failing" or (wanted.mode == "ro" and mode != "memory"):
        return Mount(wanted.guest, str(copy_of(wanted.source, folder)), "ro" if wanted.mode == "ro" else "rw")
    return Mount(wanted.guest, mode="memory")


def _fill(world: CaseWorld, case: Case, mode: str) -> None:
    """Files, limits, sockets and faults."""
    wanted, kernel = case.world, world.kernel
    tops = dict(world.preopens)
    top: Any = tops.get(b"/", kernel.root)
    if wanted.get("machine"):
        fill_tree(top, case.root)
    for number, each in enumerate(_folders(case)):
        folder = tops[each.guest.encode()]
        if type(folder) is MemDirectory:
            fill_tree(folder, each.source)
            folder.fs.writable = each.mode != "ro"
        if each.mode == "failing":
            name = f"folder{number}"
            kernel.attach(name, FailingDirectory(kernel.devices[name]))
        if each.quota is not None:
            folder.fs.max_bytes = each.quota
    for key, limit in (("quota", "max_bytes"), ("inodes", "max_inodes"), ("file_size", "max_file_size")):
        if key in wanted:
            setattr(top.fs, limit, wanted[key])
    if "peers" in wanted:
        world.listeners.append(_listener(world, [Peer(**each) for each in wanted["peers"]]))  # type: ignore[arg-type]
    if "taken" in wanted:
        kernel.entropy = SeededEntropy(0, wanted["taken"])
    if "entropy" in wanted:
        kernel.entropy = NoEntropy(wanted["entropy"])


def _listener(world: CaseWorld, peers: list[Peer]) -> Listener:
    """The listening socket to which they all connect."""
    kernel = world.kernel
    if not any(peer.late for peer in peers):
        return Peers(kernel, peers)
    world.outside = kernel.waiter = LatePeers([LateConnection(peer.sends, peer.room, peer.closes) for peer in peers])
    kernel.attach(NAME, world.outside)
    return kernel.new_listener(NAME)
