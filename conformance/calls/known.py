"""Divergences that are known: each with who is right, the rule that decides in our own words, a link, and what it looks like.

They live in conformance/expectations/*.toml, one table `divergence` each:

    id          a name to call it by
    class       "ours" (a defect here), "theirs" (a defect there), "spec-silent", or "host-dependent"
    situation   when it happens; `here` and `there` what each answers, `text` what is written, `why` it is so here
    rule        the rule that decides, in our own words; link: the section that it stands in
    spreads     true: the file itself is another afterwards, so later answers about it differ as a consequence
    match       what a difference looks like that is this one; several are alternatives. None: it is told, never recognised

Conditions of a match; all that are given must hold:

    call        names of functions, * for anything          differs     what differs: "errno" (if it isn't said), "result",
                                                                        "field flags", "ending"; * for anything
    ours        errnos or values here; "trap", "exit"       theirs      the same there
    args        argument -> values of which it has one      buffers     how many buffers there are at least
    theirs_is   "less" or "more" than here        plain_path  the path has no ".." and isn't absolute, so it can't lead out
    empty       arguments that are empty: no flags, no bytes
    causes      true: both errors are ones that these paths can have, as they are written: nothing that has no slash
                leads out, through a file, in circles or to a long name, and an everyday name is no long one
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from conformance.calls.call import Call
from conformance.calls.rules import Difference
from conformance.errors import HarnessError
from conformance.toml import read_toml

FOLDER = Path(__file__).resolve().parents[1] / "expectations"
REFERENCE = "wasmtime"
CLASSES = ("ours", "theirs", "spec-silent", "host-dependent")
TEXTS = ("id", "class", "situation", "here", "there", "text", "why", "rule", "link")
CONDITIONS = {"call", "differs", "ours", "theirs", "args", "buffers", "theirs_is", "plain_path", "empty", "causes"}
NAME_MAX = 255
VECTORS = {"fd_read", "fd_write", "fd_pread", "fd_pwrite"}
_like = lru_cache(maxsize=4096)(fnmatchcase)


class BadExpectations(HarnessError):
    """A file of expectations says what can't be meant; the text names the file, the entry and the cure."""


@dataclass(frozen=True)
class Known:
    """A known divergence."""

    id: str
    kind: str
    situation: str
    here: str
    there: str
    text: str
    why: str
    rule: str
    link: str
    matches: tuple[dict[str, Any], ...]
    spreads: bool = False

    def explains(self, difference: Difference, ours: Call | None) -> bool:
        """Is this difference, in the answer to that call (None: in how the program ended), this divergence?"""
        return any(_holds(match, difference, ours) for match in self.matches)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(match: dict[str, Any], difference: Difference, call: Call | None) -> bool:
    name = call.name if call is not None else ""
    if not _concerns(match, name):
        return False
    if not any(_like(difference.what, each) for each in _listed(match.get("differs", "errno"))):
        return False
    for key, value in (("ours", difference.ours), ("theirs", difference.theirs)):
        if key in match and value not in _listed(match[key]):
            return False
    if "theirs_is" in match:
        pair = (difference.theirs, difference.ours)
        if not all(isinstance(each, int) for each in pair):
            return False
        if not (pair[0] < pair[1] if match["theirs_is"] == "less" else pair[0] > pair[1]):
            return False
    if "buffers" in match and (call is None or name not in VECTORS or call.slots[2] < match["buffers"]):
        return False
    args = call.args if call is not None else {}
    if match.get("plain_path"):
        paths = [value for key, value in args.items() if key in ("path", "old_path", "new_path") and isinstance(value, str)]
        if any(path.startswith("/") or ".." in path.split("/") for path in paths):
            return False
    if any(args.get(key) for key in _listed(match.get("empty", []))):
        return False
    errnos = difference.ours, difference.theirs
    if match.get("causes") and call is not None and not all(_has_cause(call, each) for each in errnos):
        return False
    return all(
        set(map(str, _listed(args.get(key, [])))) & set(map(str, _listed(wanted)))
        for key, wanted in match.get("args", {}).items()
    )


def _concerns(match: dict[str, Any], name: str) -> bool:
    return "call" not in match or any(_like(name, each) for each in _listed(match["call"]))


def _has_cause(call: Call, errno: str) -> bool:
    """Can a call with these paths be told that error? Only what can be seen in their text is judged."""
    paths = [each.data for each in call.given]
    match errno:
        case "ILSEQ" | "":
            return True  # it was told before there were any paths
        case "NAMETOOLONG":
            return any(b"/" in path or len(path) > NAME_MAX for path in paths)  # a link on the way may be long
        case "PERM" if call.name == "path_link" and call.args.get("old_fd") != call.args.get("new_fd"):
            return True  # a directory is to be linked, and the other folder is gone
        case "PERM" | "NOTDIR" | "LOOP":
            return any(b"/" in path or path == b".." for path in paths)
        case "INVAL":
            return any(b"\0" in path for path in paths) or bool(call.args.get("old_flags")) or _into_itself(call, paths)
    return True


def _into_itself(call: Call, paths: list[bytes]) -> bool:
    """May a directory be moved into itself? Its new path goes through something."""
    return call.name == "path_rename" and (b"/" in paths[-1] or call.args.get("fd") != call.args.get("new_fd"))


def read(path: Path) -> list[Known]:
    """The entries of a file; HarnessError."""
    table = read_toml(path)
    return [_entry(path, number, each) for number, each in enumerate(table.get("divergence", []), 1)]


def _entry(path: Path, number: int, plain: dict[str, Any]) -> Known:
    where = f"{path.name}, divergence {plain.get('id', number)}"
    missing = [key for key in TEXTS if not isinstance(plain.get(key), str)]
    if missing:
        raise BadExpectations(f"{where}: it has no {', '.join(missing)}; each is a text")
    if plain["class"] not in CLASSES:
        raise BadExpectations(f"{where}: class {plain['class']!r} is none of {', '.join(CLASSES)}")
    matches = plain.get("match", [])
    for match in matches:
        unknown = match.keys() - CONDITIONS
        if unknown:
            listed = ", ".join(sorted(CONDITIONS))
            raise BadExpectations(f"{where}: there is no condition {', '.join(sorted(unknown))}; there are {listed}")
    id, kind, situation, here, there, text, why, rule, link = (plain[key] for key in TEXTS)
    spreads = plain.get("spreads", False) is True
    return Known(id, kind, situation, here, there, text, why, rule, link, tuple(matches), spreads)


@cache
def known(runtime: str = REFERENCE) -> tuple[Known, ...]:
    """All that is known of the reference, in the order of the files; or of another runtime, which has a folder of its own."""
    folder = FOLDER if runtime == REFERENCE else FOLDER / runtime
    found = [each for path in sorted(folder.glob("*.toml")) for each in read(path)]
    ids = [each.id for each in found]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise BadExpectations(f"{FOLDER.name}: {', '.join(twice)} is there more than once; an id names one divergence")
    return tuple(found)


@cache
def concerning(name: str, runtime: str = REFERENCE) -> tuple[Known, ...]:
    """What is known of a function, or of everything; "" stands for what is in no call."""
    return tuple(each for each in known(runtime) if any(_concerns(match, name) for match in each.matches))
