"""What a case can need of a runtime beside a folder of files, and what a manifest's "world" may say.

A runtime's adapter lists the features that it provides; a case that needs another one is skipped there, with its words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.manifest import Check

FEATURES = {
    "unstable": "the older interface, wasi_unstable",
    "exit code": "exit codes beside 0 and 1",
    "component": "components (Preview 2 and later)",
    "relative folders": "folders preopened under relative names",
    "no folder": "runs without any preopened folder",
    "stdin": "a stdin with data in it",
    "conversation": "input that comes behind output, and signals from outside",
    "listening socket": "a socket that listens on this machine",
    "waiting stdin": "a stdin that waits or fails after its data",
    "stdout": "a stdout that fills up or breaks",
    "read-only folder": "further folders that can only be read",
    "memory folder": "further folders on a file system of their own",
    "failing folder": "a disk that fails",
    "host folder": "further folders that are the host's own, one of them at several places",
    "overlay folder": "a folder in which the host's files are seen, and changes stay in memory",
    "quota": "a limit of what the file system holds",
    "inodes": "a limit of how many files there are",
    "file_size": "a limit of how large a file may be",
    "machine": "a whole machine with /dev, on which folders are mounted",
    "max_fds": "a limit of descriptors",
    "rights": "Preview 1's rights, enforced",
    "peers": "a listening socket with peers",
    "entropy": "a source of entropy that fails",
    "taken": "random bytes of a known seed, of which some were taken before",
    "clock_step": "a clock of known steps, which jumps while everybody waits",
    "beside": "other programs in the same machine at the same time",
    "signals": "proc_raise that does what signals do",
}
"""Every feature, in words."""
ALL = frozenset(FEATURES)

_COUNTS = ("quota", "inodes", "file_size", "max_fds", "taken", "clock_step")
_MODES = {
    "ro": "read-only folder", "memory": "memory folder", "failing": "failing folder", "host": "host folder",
    "overlay": "overlay folder",
}  # fmt: skip
_MOUNT: dict[str, Any] = {"guest": str, "root": (str, type(None)), "mode": str, "of": str, "quota": int}
_STREAMS: dict[str, dict[str, Any]] = {"stdin": {"data": str, "then": str}, "stdout": {"room": int, "then": str}}
_PEER: dict[str, Any] = {"sends": str, "room": int, "closes": bool, "echoes": bool, "breaks": str, "refused": str, "late": bool}


def needed(world: dict[str, Any]) -> set[str]:
    """The features that a manifest's world asks for."""
    found = world.keys() & {*_COUNTS, "machine", "rights", "peers", "entropy", "signals", "stdout", "beside"}
    found |= {_MODES[each["mode"]] for each in world.get("mounts", ())}
    if "stdin" in world:
        found.add("waiting stdin" if "then" in world["stdin"] else "stdin")
    return set(found)


def check_world(world: Any, check: Check) -> None:
    """Is it one that there can be? HarnessError."""
    if not isinstance(world, dict):
        raise check.wrong("world", 'an object, as in {"quota": 65536}')
    for key, value in world.items():
        _check_key(key, value, check)


def _check_key(key: str, value: Any, check: Check) -> None:
    where = f"world.{key}"
    if key in _COUNTS:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise check.wrong(where, "a number, as in 64")
    elif key in ("machine", "signals"):
        if value is not True:
            raise check.wrong(where, "true, or left out")
    elif key == "rights":
        if value != "strict":
            raise check.wrong(where, '"strict", or left out')
    elif key == "beside":
        for each in check.strings(_listed(where, value, check), where):
            check.folder(each)
    elif key == "entropy":
        if not isinstance(value, str):
            raise check.wrong(where, 'the name of an errno, as in "IO"')
    elif key in _STREAMS:
        _check_object(where, value, _STREAMS[key], check)
    elif key == "peers":
        for each in _listed(where, value, check):
            _check_object(where, each, _PEER, check)
    elif key == "mounts":
        hosts: list[str] = []
        for each in _listed(where, value, check):
            _check_object(where, each, _MOUNT, check)
            if not each.get("guest") or each.get("mode") not in _MODES:
                raise check.wrong(where, f"objects {{guest, root, mode}} with mode {' or '.join(_MODES)}")
            if "of" in each and (each["mode"] not in ("host", "overlay") or each["of"] not in hosts):
                raise check.wrong(where, 'objects whose "of" is the guest\'s name of an earlier mount with mode host')
            hosts += [each["guest"]] * (each["mode"] == "host")
            check.folder(each.get("root"))
    else:
        raise check.wrong("world", f"without {key!r}; known are {', '.join(sorted(_known()))}")


def _known() -> list[str]:
    return [*_COUNTS, "machine", "signals", "rights", "entropy", *_STREAMS, "peers", "mounts", "beside"]


def _listed(where: str, value: Any, check: Check) -> list[Any]:
    if not isinstance(value, list):
        raise check.wrong(where, "a list of objects")
    return value


def _check_object(where: str, value: Any, kinds: dict[str, Any], check: Check) -> None:
    if not isinstance(value, dict) or not all(isinstance(each, kinds.get(key, ())) for key, each in value.items()):
        raise check.wrong(where, f"an object with some of {', '.join(kinds)}")
