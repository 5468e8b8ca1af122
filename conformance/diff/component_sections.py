"""What WASI 0.2 asks of each function of a component's, in our own words, and where it stands; see `sections`."""

from __future__ import annotations

from agave_wasi.component.shown import short
from conformance.diff.sections import Decisions, Section

REPOSITORIES = "https://github.com/WebAssembly"
CANONICAL = f"{REPOSITORIES}/component-model/blob/main/design/mvp/CanonicalABI.md"
FILES = {
    "stdin": "stdio", "stdout": "stdio", "stderr": "stdio", "terminal-input": "terminal", "terminal-output": "terminal",
    "terminal-stdin": "terminal", "terminal-stdout": "terminal", "terminal-stderr": "terminal",
}  # fmt: skip
"""Interfaces that stand in a file of another name."""

FUNCTIONS = {
    "error.to-debug-string": "A text about the error, for people; no program may rely on its words.",
    "pollable.ready": "Whether what is waited for has come, without waiting for it.",
    "pollable.block": "Returns once what is waited for has come.",
    "poll.poll": "Waits until at least one of the list is ready, and tells the places of all that are. No list may be empty.",
    "input-stream.read": "Bytes that are there now, at most so many; none means wait, closed that no more come.",
    "input-stream.blocking-read": "As read, once at least one byte is there or the stream is over.",
    "input-stream.skip": "As read, but only the number of bytes is told.",
    "input-stream.blocking-skip": "As blocking-read, but only the number of bytes is told.",
    "input-stream.subscribe": "A pollable that is ready when there are bytes, or the stream is over. It is the stream's child.",
    "output-stream.check-write": "A permit to write so many bytes; 0 means wait; the error of an earlier write comes here.",
    "output-stream.write": "All bytes are taken, for which there must be a permit: without one it is a trap.",
    "output-stream.blocking-write-and-flush": "All bytes, 4096 at most, are written and flushed when it returns.",
    "output-stream.flush": "Begins to flush; until that is done there is no permit.",
    "output-stream.blocking-flush": "Everything that was written has gone out when it returns.",
    "output-stream.subscribe": "A pollable that is ready when there is a permit, or an error. It is the stream's child.",
    "output-stream.write-zeroes": "As write, of so many zeroes.",
    "output-stream.blocking-write-zeroes-and-flush": "As blocking-write-and-flush, of so many zeroes.",
    "output-stream.splice": "As check-write, read and write one after the other: how many bytes went over.",
    "output-stream.blocking-splice": "As splice, once both streams are ready.",
    "monotonic-clock.now": "Nanoseconds since some moment, never fewer than before.",
    "monotonic-clock.resolution": "How long the clock stays at a value, in nanoseconds.",
    "monotonic-clock.subscribe-instant": "A pollable that is ready when the clock has reached that moment.",
    "monotonic-clock.subscribe-duration": "A pollable that is ready when so many nanoseconds are over.",
    "timezone.display": "The name of the time zone at a moment, its offset, and whether it is summer time.",
    "timezone.utc-offset": "The offset from UTC at a moment, in seconds.",
    "wall-clock.now": "Seconds and nanoseconds since 1970.",
    "wall-clock.resolution": "How long the clock stays at a value.",
    "random.get-random-bytes": "So many random bytes, fit for cryptography.",
    "random.get-random-u64": "A random number, fit for cryptography.",
    "insecure.get-insecure-random-bytes": "So many bytes that look random.",
    "insecure.get-insecure-random-u64": "A number that looks random.",
    "insecure-seed.insecure-seed": "Two numbers that begin a hash, the same or others each time.",
    "preopens.get-directories": "The folders that the program is given, each with its name; handles of its own each time.",
    "descriptor.read-via-stream": "A stream of the file's bytes from that offset on, with an offset of its own.",
    "descriptor.write-via-stream": "A stream that stores bytes from that offset on, with an offset of its own.",
    "descriptor.append-via-stream": "A stream that stores bytes at the end of the file.",
    "descriptor.advise": "Advice on a file changes nothing that a program could see.",
    "descriptor.sync-data": "Data that was written survives; nothing that a program could see changes.",
    "descriptor.sync": "Data and attributes survive; nothing that a program could see changes.",
    "descriptor.get-flags": "The flags that the descriptor was opened with.",
    "descriptor.get-type": "The kind of what the descriptor stands for.",
    "descriptor.set-size": "The file has that size; what was beyond it is gone, what is new is zero.",
    "descriptor.set-times": "Each time is left, set to now, or set to what is given.",
    "descriptor.set-times-at": "As set-times, of what the path leads to, or of the link itself if links aren't followed.",
    "descriptor.read": "Bytes from that offset on, at most so many, and whether that was the end.",
    "descriptor.write": "How many of the bytes were stored from that offset on.",
    "descriptor.read-directory": "A stream of the folder's entries, without . and ..",
    "directory-entry-stream.read-directory-entry": "The next entry, its kind and name, each told once; none at the end.",
    "descriptor.create-directory-at": "A new, empty directory; exist if there is something of that name.",
    "descriptor.stat": "The attributes: kind, links, size in bytes, times.",
    "descriptor.stat-at": "The attributes of what the path leads to, or of the link itself if links aren't followed.",
    "descriptor.link-at": "A further name for the same file, whose link count grows; exist if the name is taken.",
    "descriptor.open-at": "A new descriptor. create makes a file that isn't there, exclusive insists on that, truncate "
                          "empties it, directory wants a directory; paths that lead out are not-permitted, and what the "
                          "folder's own descriptor may not do is read-only.",
    "descriptor.readlink-at": "The target of the link, which isn't absolute.",
    "descriptor.remove-directory-at": "An empty directory is gone; else not-empty, or not-directory.",
    "descriptor.rename-at": "The file has the new name alone; what had it is replaced, if the kinds allow.",
    "descriptor.symlink-at": "A link with that target, which needn't be there and mustn't be absolute; or exist.",
    "descriptor.unlink-file-at": "The name is gone, and the file with its last name and descriptor; directories stay.",
    "descriptor.is-same-object": "Whether both descriptors stand for the same file.",
    "descriptor.metadata-hash": "A number that usually changes with the file and usually stays while the file does.",
    "descriptor.metadata-hash-at": "As metadata-hash, of what the path leads to.",
    "types.filesystem-error-code": "The error-code that an error of a stream has come from; none if it is no file's.",
    "environment.get-environment": "The variables by name, in the host's order.",
    "environment.get-arguments": "The arguments as the host was given them, the program's name first.",
    "environment.initial-cwd": "The folder that relative paths begin at; none if the host says nothing of it.",
    "exit.exit": "The program ends, with success or without, and doesn't go on.",
    "exit.exit-with-code": "The program ends with that exit code and doesn't go on.",
    "stdin.get-stdin": "A handle of the standard input; all of them share one stream.",
    "stdout.get-stdout": "A handle of the standard output; all of them share one stream.",
    "stderr.get-stderr": "A handle of the standard error; all of them share one stream.",
    "terminal-stdin.get-terminal-stdin": "A terminal if standard input is one, else none.",
    "terminal-stdout.get-terminal-stdout": "A terminal if standard output is one, else none.",
    "terminal-stderr.get-terminal-stderr": "A terminal if standard error is one, else none.",
}  # fmt: skip
OTHER = "The function's own text decides: what it gives, and which error stands for which mistake."
DROPPED = Section(
    "A handle that is dropped is gone, and with one that is owned what it stands for; to drop one that is lent, or isn't "
    "there, is a trap.",
    f"{CANONICAL}#canon-resourcedrop",
)


def link(call: str) -> str:
    """Where the WIT of a function stands."""
    interface = call.partition("#")[0].partition("@")[0]
    package, _, name = interface.removeprefix("wasi:").partition("/")
    if not interface.startswith("wasi:") or not name:
        return f"{REPOSITORIES}/component-model/blob/main/design/mvp/WIT.md"
    return f"{REPOSITORIES}/wasi-{package}/blob/main/wit/{FILES.get(name, name)}.wit"


def section(call: str) -> Section:
    """What decides about a function's answers."""
    if call.startswith("resource.drop "):
        return DROPPED
    return Section(FUNCTIONS.get(short(call), OTHER), link(call))


PREVIEW2 = Decisions(
    section,
    Section(
        "A component that was answered alike asks alike, for it has nothing else to go by. What differs has come to it before: "
        "through something that rules allow to differ, or through memory that no result names. The numbers of handles are no "
        "host's choice: the canonical ABI says which is the next.",
        f"{CANONICAL}#table-state",
    ),
    Section(
        "A bad pointer, a handle that isn't there or of another kind, a char or a case that doesn't exist is no error of the "
        "call but a trap; every other mistake is the error that the function's type has.",
        f"{CANONICAL}#loading",
    ),
    Section(
        "A command ends with 0 if run answers ok, with 1 if it answers an error, with the code that it gave to exit, and by a "
        "trap if it broke a rule; what it wrote before stays written.",
        f"{REPOSITORIES}/wasi-cli/blob/main/wit/run.wit",
    ),
    Section(
        "What every call said that it did is there when the program has ended: the same names, kinds, contents and links.",
        f"{REPOSITORIES}/wasi-filesystem/blob/main/wit/types.wit",
    ),
    ("exit", "exit-with-code"),
)
