"""The types of Preview 1 as annotations: what Python sees, and how it crosses the ABI.

Only tools and the code generator import this module. Names are the specification's.
"""

from __future__ import annotations

from typing import Annotated

from agave_wasi.abi.types import (
    S64,
    U32,
    U64,
    Bool,
    Buffer,
    Custom,
    Enum,
    Flags,
    IoVecs,
    Pair,
    Record,
    Scalar,
    StringArray,
    Text,
)  # fmt: skip
from agave_wasi.preview1.layout import PollBuffer
from kernel_sim.clock import CLOCK_IDS
from kernel_sim.fs.inode import Stat
from kernel_sim.openfile import OpenFile
from kernel_sim.syscalls.files import Whence as Seek

FDFLAGS = ("append", "dsync", "nonblock", "rsync", "sync")
OFLAGS = ("creat", "directory", "excl", "trunc")
RIFLAGS = ("recv_peek", "recv_waitall")
FSTFLAGS = ("atim", "atim_now", "mtim", "mtim_now")
RIGHTS = (
    "fd_datasync", "fd_read", "fd_seek", "fd_fdstat_set_flags", "fd_sync", "fd_tell", "fd_write", "fd_advise",
    "fd_allocate", "path_create_directory", "path_create_file", "path_link_source", "path_link_target", "path_open",
    "fd_readdir", "path_readlink", "path_rename_source", "path_rename_target", "path_filestat_get",
    "path_filestat_set_size", "path_filestat_set_times", "fd_filestat_get", "fd_filestat_set_size",
    "fd_filestat_set_times", "path_symlink", "path_remove_directory", "path_unlink_file", "poll_fd_readwrite",
    "sock_shutdown", "sock_accept",
)  # fmt: skip
SIGNALS = (
    "none", "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv", "usr2", "pipe", "alrm",
    "term", "chld", "cont", "stop", "tstp", "ttin", "ttou", "urg", "xcpu", "xfsz", "vtalrm", "prof", "winch", "poll",
    "pwr", "sys",
)  # fmt: skip
ADVICE = ("normal", "sequential", "random", "willneed", "dontneed", "noreuse")

POLL_SLOTS = ("in", "out", "nsubscriptions")

# Parameters

Fd = Annotated[int, U32]
FileSize = Annotated[int, U64]
FileDelta = Annotated[int, S64]
Timestamp = Annotated[int, U64]
DirCookie = Annotated[int, U64]
ExitCode = Annotated[int, U32]
Whence = Annotated[str, Enum("whence", (Seek.SET, Seek.CUR, Seek.END))]
Advice = Annotated[str, Enum("advice", ADVICE)]
ClockId = Annotated[str, Enum("clockid", CLOCK_IDS)]
Signal = Annotated[str, Enum("signal", SIGNALS)]
FdFlags = Annotated[int, Flags("fdflags", FDFLAGS)]
OFlags = Annotated[int, Flags("oflags", OFLAGS)]
LookupFlags = Annotated[bool, Bool("lookupflags", ("symlink_follow",))]
FstFlags = Annotated[int, Flags("fstflags", FSTFLAGS)]
RightsSet = Annotated[int, Flags("rights", RIGHTS, "I")]
RiFlags = Annotated[int, Flags("riflags", RIFLAGS)]
SiFlags = Annotated[int, Flags("siflags", ())]
SdFlags = Annotated[int, Flags("sdflags", ("rd", "wr"))]
Path = Annotated[bytes, Text()]
OutBuffer = Annotated[memoryview, Buffer()]
DirEntries = Annotated[memoryview, Buffer("shown_dirents")]
ReadBuffers = Annotated[tuple[memoryview, ...], IoVecs(write=False)]
WriteBuffers = Annotated[tuple[memoryview, ...], IoVecs(write=True)]
PollRequest = Annotated[PollBuffer, Custom("lift_poll", POLL_SLOTS, "shown_poll", "shown_events")]

# Results

Size = Annotated[int, Scalar(4)]
NewFd = Annotated[int, Scalar(4)]
NewOffset = Annotated[int, Scalar(8)]
Time = Annotated[int, Scalar(8)]
Sizes = Annotated[tuple[int, int], Pair(Scalar(4, "count"), Scalar(4, "buffer_size"))]
Received = Annotated[tuple[int, bool], Pair(Scalar(4, "size"), Scalar(2, "roflags"))]
Strings = Annotated[list[bytes], StringArray()]
FdStat = Annotated[OpenFile, Record("lower_fdstat", 24, 8, "shown_fdstat")]
FileStat = Annotated[Stat, Record("lower_filestat", 64, 8, "shown_stat")]
PreStat = Annotated[int, Record("lower_prestat", 8, 4, "int")]
EventCount = Annotated[int, Scalar(4, "nevents")]

# Where the older wasi_unstable differs

UnstableWhence = Annotated[str, Enum("unstable_whence", (Seek.CUR, Seek.END, Seek.SET))]
UnstableFileStat = Annotated[Stat, Record("lower_unstable_filestat", 56, 8, "shown_stat")]
UnstablePollRequest = Annotated[PollBuffer, Custom("lift_unstable_poll", POLL_SLOTS, "shown_poll", "shown_events")]
