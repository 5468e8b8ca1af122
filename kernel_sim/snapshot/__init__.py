"""The whole state of a kernel as bytes, and back: in the same process, a fresh one, or on another machine.

`save` writes what hangs off a kernel: clock, entropy, file systems, pipes, sockets, processes with their descriptors
and the calls that wait. Host resources stay outside: a stream, listener or connection of the host is kept by the name
of its device, a host directory by its device and the path below it, and `load` finds them again among the devices that
it is given. The same state gives the same bytes. What can't be kept is refused: a call that waits with a view of guest
memory (the guest is in the middle of it), and a host file that has no name any more. Not part of a kernel's state are
guests, so tasks of the scheduler, and the output of traces.

The format, version 2. Numbers are `natural` (LEB128, least digits first, shortest form) or `integer` (a natural,
zigzag: 0, -1, 1, -2, ...); `octets` are a natural length and that many bytes, `text` is octets of UTF-8, a `flag` is a
byte 0 or 1, `maybe X` is a flag and, if it is 1, an X; a `list of X` is a natural count and that many X. A table is a
list, and references are naturals: places in one of the tables, counted from 0.

    bytes[8]    MAGIC
    natural     version
    clock       flag; 1: virtual, with integers start, step, elapsed, slept; 0: the host's
    entropy     flag; 1: seeded, with octets of the 32-byte key and the natural number of bytes taken; 0: the host's
    kernel      naturals next process, next file system; maybe (naturals output limit, output left)
    table of file systems, by number:
                natural kind: 0 memory, 1 host, 2 overlay; natural number; flag writable; naturals max_bytes,
                max_inodes, max_file_size, used_bytes, used_inodes, next_inode; host: text device; overlay: list of
                the inodes that stand for files of the host with several names
    table of buffers:
                octets; naturals capacity, readers, writers
    table of inodes, in the order in which a walk from the roots meets them:
                natural kind; what `kernel_sim.snapshot.inodes`, `.streams` and `.outside` say for that kind
    table of open files:
                inode; natural offset; flags readable, writable; naturals status, rights, inheriting; maybe octets
                preopen
    roots       file system of the pipes; inode of `/`; list of (text, inode), ascending: what the caller wants kept
    list of processes, by number:
                natural pid; lists of octets argv and environ; natural limit of descriptors; flag strict; maybe integer
                exit code; list of its standard streams (inodes); list of (natural descriptor, open file), ascending; the
                value of the call that waits
    value       a byte: 0 None, 1 False, 2 True, 3 integer, 4 octets, 5 text, 6 tuple (a list of values), 7 list, 8
                what `poll` waits for (maybe natural descriptor, flag write, text clock, natural timeout, flag
                absolute, maybe integer deadline)
    bytes[4]    CRC-32 of all that comes before, least byte first

A reader that meets anything else raises `SnapshotError`, which knows the offset and says what is wrong; it never raises
another error, and allocates no more than a small multiple of what it was given.
"""

from __future__ import annotations

from kernel_sim.snapshot.codec import MAGIC, VERSION, SnapshotError
from kernel_sim.snapshot.reading import Restored, load
from kernel_sim.snapshot.writing import save

__all__ = ["MAGIC", "VERSION", "Restored", "SnapshotError", "load", "save"]
