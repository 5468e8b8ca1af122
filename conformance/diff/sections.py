"""What the Preview 1 document asks of each function, in our own words, and where it stands.

This decides when a difference isn't known: it says what a right answer is, so that one can tell whose isn't.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

DOCUMENT = "https://github.com/WebAssembly/WASI/blob/d6962d161b928ddff126ac3cb1464860cf0732e6/legacy/preview1/docs.md"
POINTERS = "https://github.com/WebAssembly/WASI/blob/dcc2287406ed3506afba96ca91487290716cb7fe/legacy/tools/witx-docs.md"


class Section(NamedTuple):
    """A rule and the section that it stands in."""

    rule: str
    link: str


class Decisions(NamedTuple):
    """The rules of one interface: of a function by its name, of what is asked, of a call that never returns, of how a program
    ends and of the files that it leaves; `leaving` are the functions that end it."""

    section: Callable[[str], Section]
    asked: Section
    never_returned: Section
    ending: Section
    files: Section
    leaving: tuple[str, ...]


FUNCTIONS = {
    "args_get": "The arguments as the host was given them, in order, each ended by a NUL, and a pointer to each.",
    "args_sizes_get": "How many arguments there are, and how many bytes they take with their NULs.",
    "clock_res_get": "The resolution of a clock in nanoseconds; a clock that the host doesn't have is INVAL.",
    "clock_time_get": "The time of a clock in nanoseconds; the precision that is asked for only permits to be less exact.",
    "environ_get": "The variables as NAME=value in the host's order, each ended by a NUL, and a pointer to each.",
    "environ_sizes_get": "How many variables there are, and how many bytes they take with their NULs.",
    "fd_advise": "Advice on a file changes nothing that a program could see.",
    "fd_allocate": "Later writes to the range can't fail for want of room, and the file is at least as long as its end.",
    "fd_close": "The descriptor is gone, whatever the outcome; one that isn't open is BADF.",
    "fd_datasync": "Data that was written survives; nothing that a program could see changes.",
    "fd_fdstat_get": "The kind of file, the flags and the rights that a descriptor has.",
    "fd_fdstat_set_flags": "The flags of a descriptor are those that were given, and no others, from then on.",
    "fd_fdstat_set_rights": "Rights may be given up, never gained: asking for one that isn't there is NOTCAPABLE.",
    "fd_filestat_get": "The attributes of the open file: number, kind, links, size in bytes, times in nanoseconds.",
    "fd_filestat_set_size": "The file has that size; what was beyond it is gone, what is new is zero.",
    "fd_filestat_set_times": "Only the times whose flags are set change; a time that is both given and `now` is INVAL.",
    "fd_pread": "Bytes from that offset on, in the order of the buffers; the descriptor's own offset stays. 0 is the end.",
    "fd_prestat_dir_name": "The name of a preopened directory, without a NUL; a buffer that is too short is NAMETOOLONG.",
    "fd_prestat_get": "How long the name of a preopened directory is; BADF for a descriptor that isn't preopened.",
    "fd_pwrite": "Bytes of the buffers in order, stored from that offset on; the descriptor's own offset stays.",
    "fd_read": "Bytes from the descriptor's offset on, in the order of the buffers; the offset moves by as many. 0 is the end.",
    "fd_readdir": "Entries from the cookie on, as many as the buffer takes; a last one may be cut off, and a buffer that isn't "
                  "filled says that there are no more. Each entry is told once.",
    "fd_renumber": "The descriptor has the other number, what had that number is closed, and the old number is free.",
    "fd_seek": "The offset is so far from the start, from where it was, or from the end; before the start is INVAL. The new "
               "one is the result.",
    "fd_sync": "Data and attributes survive; nothing that a program could see changes.",
    "fd_tell": "The offset of the descriptor, from the start of the file.",
    "fd_write": "Bytes of the buffers in order, stored from the descriptor's offset on, or at the end in append mode; the "
                "offset moves by as many as the result says.",
    "path_create_directory": "A new, empty directory; EXIST if there is something of that name.",
    "path_filestat_get": "The attributes of what the path leads to, or of the link itself if links aren't followed.",
    "path_filestat_set_times": "Only the times whose flags are set change; a time that is both given and `now` is INVAL.",
    "path_link": "A further name for the same file, whose link count grows; EXIST if the name is taken.",
    "path_open": "A new descriptor, of a number that wasn't open. creat makes a file that isn't there, excl insists on that, "
                 "trunc empties it, directory wants a directory; paths that lead out of the directory are refused.",
    "path_readlink": "The target of the link as it was given, cut off where the buffer ends, without a NUL.",
    "path_remove_directory": "An empty directory is gone; NOTEMPTY if it isn't empty, NOTDIR if it isn't one.",
    "path_rename": "The file has the new name and not the old one, and what had the new name is replaced, if the kinds allow.",
    "path_symlink": "A link with that target, which needn't be there; EXIST if the name is taken.",
    "path_unlink_file": "The name is gone, and the file with its last name and descriptor; a directory is ISDIR (or PERM).",
    "poll_oneoff": "Waits until something that was asked for has come, and tells at least one event of what has.",
    "proc_exit": "The program ends with that exit code and doesn't go on; 0 means success.",
    "proc_raise": "The signal is sent to the program itself.",
    "random_get": "The whole buffer is filled with random bytes.",
    "sched_yield": "Others may run; nothing else changes.",
    "sock_accept": "A new descriptor for a connection that was waiting; AGAIN if there is none and it mustn't wait.",
    "sock_recv": "Bytes that have come, in the order of the buffers; peeking leaves them there. 0 is the end.",
    "sock_send": "Bytes of the buffers in order, as many as the result says.",
    "sock_shutdown": "Receiving, sending, or both are over; a peer that reads sees the end.",
}  # fmt: skip

ASKED = Section(
    "A program that was answered alike asks alike, for it has nothing else to go by. What differs has come to it before: "
    "through something that rules allow to differ, or through memory that no signature names.",
    f"{DOCUMENT}#modules",
)
NEVER_RETURNED = Section(
    "A bad pointer, an unknown enum value or an unknown flag is no error of the call but the end of the program; every other "
    "mistake is an errno.",
    POINTERS,
)
ENDING = Section(
    "A program ends with the code that it gave to proc_exit, 0 if it returned, and by a trap if it broke a rule of "
    "WebAssembly's; what it wrote before stays written.",
    f"{DOCUMENT}#proc_exit",
)
FILES = Section(
    "What every call said that it did is there when the program has ended: the same names, kinds, contents and links.",
    f"{DOCUMENT}#path_open",
)


def section(function: str) -> Section:
    """What decides about a function's answers."""
    return Section(FUNCTIONS[function], f"{DOCUMENT}#{function}")


PREVIEW1 = Decisions(section, ASKED, NEVER_RETURNED, ENDING, FILES, ("proc_exit",))
