"""What is mutated: kernel_sim and agave_wasi.preview1, or the component floors. And what is left out, each with the reason.

Everywhere left out are docstrings, annotations, imports, `__slots__`, `if TYPE_CHECKING:` and `__repr__`, which no program can
tell; decorators, whose numbers and names are for tables; assertions, which say what is always so; the texts of errors; defaults
of parameters; comparisons with a number that only decides how fast.
"""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("kernel_sim", "agave_wasi/preview1")
COMPONENT_ROOMS = ("agave_wasi/component", "agave_wasi/preview2")
"""The other scope, `components`: judged by tests."""

NO_CALL = "no function of Preview 1 leads there"
DEFAULT = NO_CALL + ": an interface's default, asked of objects that answer themselves"
NO_FILE = "a suite's folder, which lies in git, holds no such file of the host"
RANDOM = "which random bytes come is of no matter to a guest; tests/kernel_sim/test_entropy.py has the standard's"
FOR_PEOPLE = "what a trace shows; the guest sees none of it"

MODULES = {
    "kernel_sim.devices": "types alone, never imported at run time",
    "kernel_sim.trace": FOR_PEOPLE,
    "kernel_sim.fs.changes": "what is written back to the host when the guest has ended",
    "kernel_sim.snapshot": NO_CALL + ": a world is saved and loaded from outside",
    "agave_wasi.preview1.generate": "a tool that writes a file",
    "agave_wasi.component.model": "what is decoded, as named tuples",
    "agave_wasi.preview1.types": "annotations, from which host-call code is generated: the code is mutated instead",
}
"""Modules, or packages with all that is in them."""

FUNCTIONS = {
    "kernel_sim.errors:errno_names": "for tests of the ABIs' maps",
    "kernel_sim.errors:LimitReached": "a limit of the world's ends the guest, from outside",
    "kernel_sim.entropy:key_of": RANDOM,
    "kernel_sim.entropy:key_stream": RANDOM,
    "kernel_sim.entropy:_lanes": RANDOM,
    "kernel_sim.fdtable:FdTable.put": NO_CALL + ": for loading a saved world",
    "kernel_sim.fs.content:DenseContent.clone": NO_CALL + ": bytes are shared with saved worlds alone",
    "kernel_sim.fs.content:SparseContent.clone": NO_CALL + ": bytes are shared with saved worlds alone",
    "kernel_sim.fs.hostfs:HostDirectory.sync": NO_CALL + ": fd_sync refuses directories",
    "kernel_sim.fs.hostfile:HostEntry.path": NO_CALL + ": for saving a world",
    "kernel_sim.fs.hostfile:HostOpenFile.path": NO_CALL + ": for saving a world",
    "kernel_sim.fs.hostfs:HostDirectory.path": NO_CALL + ": for saving a world",
    "kernel_sim.fs.inode:Inode.read_at": DEFAULT,
    "kernel_sim.fs.inode:Inode.write_at": DEFAULT,
    "kernel_sim.fs.inode:Inode.truncate": DEFAULT,
    "kernel_sim.fs.inode:Inode.lookup": DEFAULT,
    "kernel_sim.fs.inode:Inode.device_name": DEFAULT,
    "kernel_sim.fs.inode:Directory.read_at": DEFAULT,
    "kernel_sim.fs.inode:Directory.write_at": DEFAULT,
    "kernel_sim.fs.inode:Directory.truncate": DEFAULT,
    "kernel_sim.fs.inode:Directory.allocate": DEFAULT,
    "kernel_sim.fs.inode:Directory.create": DEFAULT,
    "kernel_sim.fs.inode:Directory.make_directory": DEFAULT,
    "kernel_sim.fs.inode:Directory.symlink": DEFAULT,
    "kernel_sim.fs.inode:Directory.link": DEFAULT,
    "kernel_sim.fs.inode:Directory.unlink": DEFAULT,
    "kernel_sim.fs.inode:Directory.remove_directory": DEFAULT,
    "kernel_sim.fs.inode:Directory.rename": DEFAULT,
    "kernel_sim.fs.inode:Directory.entries": DEFAULT,
    "kernel_sim.fs.inode:Directory.is_below": DEFAULT,
    "kernel_sim.net.stream:Listener.accept": DEFAULT,
    "kernel_sim.net.stream:StreamSocket.peek": DEFAULT,
    "kernel_sim.net.stream:StreamSocket.shutdown": DEFAULT,
    "kernel_sim.fs.overlay:OverlaySpecial": NO_FILE,
    "kernel_sim.fs.hostfile:HostEntry.identity": NO_FILE + ": one with two names",
    "kernel_sim.sched:_describe": "the text of an error",
    "kernel_sim.syscalls.table:SyscallRecord.as_json": "documentation",
    "kernel_sim.syscalls.table:parse_docstring": "documentation",
    "kernel_sim.syscalls.procs:ProcessCalls.pipe": NO_CALL,
    "kernel_sim.kernel:Kernel.new_pipe": NO_CALL,
    "kernel_sim.vdso.layout:header": "a tool that writes a file",
    "kernel_sim.fs.special:Pipe": NO_CALL,
    "kernel_sim.net.stream:MemoryListener": NO_CALL + ": for worlds in which programs call each other",
    "kernel_sim.net.stream:connection_pair": NO_CALL + ": for worlds in which programs call each other",
    "agave_wasi.preview1.interface:signatures": "for tools",
    "agave_wasi.preview1.layout:text": FOR_PEOPLE,
    "agave_wasi.preview1.layout:flag_names": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_data": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_filled": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_lengths": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_fdstat": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_stat": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_poll": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_dirents": FOR_PEOPLE,
    "agave_wasi.preview1.layout:shown_events": FOR_PEOPLE,
}
"""Functions, or classes with all that is in them, as module:name."""

SYMBOLS = {
    "kernel_sim.errors:Errno": "names that stand for themselves; a wrong one is what the operator `errno` makes",
    "kernel_sim.fs.inode:FileType": "names that stand for themselves, and are reached through the class",
    "kernel_sim.clock:ClockId": "names that stand for themselves",
    "kernel_sim.fs.changes:ChangeKind": "names that stand for themselves",
}
"""Classes whose values are only ever compared with each other."""

SAVING = "for saving a world, or for what is written back to the host when the guest has ended"

ATTRIBUTES = {
    "kernel_sim.kernel:opened": "opening streams, listeners and directories does the same, whatever it is for",
    "kernel_sim.syscalls.table:summary": "documentation",
    "kernel_sim.fs.hostfile:read": SAVING,
    "kernel_sim.fs.hostfile:write": SAVING,
    "kernel_sim.fs.overlay:original": SAVING,
    "kernel_sim.kernel:next_pid": "no function of Preview 1 tells a process its number",
    "kernel_sim.syscalls.table:group": "documentation",
}
"""Attributes, by their module: what is assigned to them, and how and whether they are called, is left alone."""

QUICK_LOOKS = {"agave_wasi.preview1.compiled": ("memory_size", "last_4", "last_8", "near")}
"""Numbers of a module to which something is compared before the whole check is asked: at the very number that says the same.

The whole check is mutated, of course.
"""
WHOLE_CHECKS = ("agave_wasi.preview1.compiled:link.check",)
EAGER = "kernel_sim.vdso"
"""What is mutated there is judged with a vDSO from the first call on: few cases make calls enough to have one otherwise.

And no guest can tell whether it has: what lives is tried with the tests as well that compare it with a world without.
"""
EAGER_TESTS = ("tests/kernel_sim/vdso", "tests/agave_wasi/vdso")

COUNTERS = ("kernel_sim.kernel:next_fs", "kernel_sim.fs.hostfs:generation")
"""Attributes whose numbers only have to be other ones than before: that they change is mutated, but not in which direction and
how far."""

SPEED = "decides how fast, and not what"
ENDLESS = "stands for no limit"
CHOICE = "a choice of this machine's, which a world or a case can make otherwise"

CONSTANTS = {
    "kernel_sim.fs.content:DIRECT_COPY": SPEED,
    "kernel_sim.fs.content:PAGE": SPEED,
    "kernel_sim.fs.content:SPARSE_GAP": SPEED,
    "kernel_sim.entropy:FIRST_BATCH": SPEED,
    "kernel_sim.entropy:LARGEST_BATCH": SPEED,
    "kernel_sim.syscalls.procs:ENTROPY_PIECE": SPEED,
    "kernel_sim.fs.hostfs:MAX_HANDLES": SPEED,
    "kernel_sim.vdso.layout:PATIENCE": SPEED,
    "kernel_sim.vdso.layout:RETURN": SPEED,
    "kernel_sim.vdso.vdso:ENOUGH": SPEED,
    "kernel_sim.vdso.vdso:CREDIT": SPEED,
    "kernel_sim.vdso.vdso:GAIN": SPEED,
    "kernel_sim.vdso.vdso:FIRST_NAP": SPEED,
    "kernel_sim.vdso.vdso:LONGEST_NAP": SPEED,
    "kernel_sim.vdso.layout:AWAKE_AFTER": "for the C header alone",
    "kernel_sim.vdso.layout:CONSTANTS": "for the C header alone",
    "kernel_sim.entropy:LANE": RANDOM,
    "kernel_sim.entropy:_ROUNDS": RANDOM,
    "kernel_sim.entropy:_CONSTANTS": RANDOM,
    "kernel_sim.fs.filesystem:MAX_FILE_SIZE": CHOICE,
    "kernel_sim.fs.special:RANDOM_MAX": CHOICE + "; reaching it takes a minute",
    "kernel_sim.syscalls.sockets:WAITALL_LIMIT": CHOICE,
    "kernel_sim.fs.filesystem:UNLIMITED": ENDLESS,
    "kernel_sim.fs.overlay:EVERYTHING": ENDLESS,
    "kernel_sim.syscalls.polling:NEVER": ENDLESS,
    "kernel_sim.kernel:DEFAULT_FS_BYTES": CHOICE,
    "kernel_sim.kernel:DEFAULT_FS_INODES": CHOICE,
    "kernel_sim.process:DEFAULT_MAX_FDS": CHOICE,
    "kernel_sim.clock:DEFAULT_START": CHOICE,
    "kernel_sim.clock:DEFAULT_STEP": CHOICE,
    "agave_wasi.preview1.layout:SHOWN_BYTES": FOR_PEOPLE,
}
"""Numbers of a module, by its name and theirs."""


def unreachable(name: str) -> bool:
    """Is a function left out because nothing leads there? Then that must be so, which `reach` looks at."""
    return FUNCTIONS.get(name, "").startswith((NO_CALL, NO_FILE))


def sources(rooms: tuple[str, ...] = ROOMS) -> dict[str, Path]:
    """The modules that are mutated, by name."""
    found = {}
    for room in rooms:
        for path in sorted((PROJECT / room).rglob("*.py")):
            name = path.relative_to(PROJECT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
            if not any(name == each or name.startswith(each + ".") for each in MODULES):
                found[name] = path
    return found
