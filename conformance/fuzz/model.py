"""What the generator believes of the guest's world: descriptors that are open, names that exist, directories listed.

It is only a guide to calls that are likely to succeed. It follows the answers, roughly: a wrong belief costs a failed call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.fuzz.steps import Step

FILE, DIRECTORY, LINK, STREAM = "file", "directory", "link", "stream"
CREAT = 1
CHANGES = {"path_create_directory", "path_link", "path_open", "path_remove_directory", "path_rename", "path_symlink",
           "path_unlink_file"}  # fmt: skip
NOTED = {*CHANGES, "fd_close", "fd_renumber", "fd_readdir"}


@dataclass
class Opened:
    """A descriptor: what it is open on, where that was, and how many entries its last whole listing had."""

    path: str
    kind: str
    entries: int = 0


def normal(path: str) -> str:
    """A path without . and .. and slashes too many; below the top."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def joined(folder: str, path: str) -> str:
    """A path below a folder."""
    return normal(f"{folder}/{path}")


class Model:
    """Descriptors by the step that made them, and kinds by path; `closed` are steps whose descriptor is gone."""

    def __init__(self) -> None:
        self.open: dict[int, Opened] = {number: Opened("", STREAM) for number in range(3)}
        self.open[3] = Opened("", DIRECTORY)
        self.closed: list[int] = []
        self.names: dict[str, str] = {}
        self._descriptors: dict[tuple[str, ...], list[int]] = {}
        self._paths: dict[tuple[str, ...], list[str]] = {}
        """What has been asked since something has changed: most calls change nothing, and all ask."""

    def descriptors(self, *kinds: str) -> list[int]:
        """Open descriptors of some kinds."""
        found = self._descriptors.get(kinds)
        if found is None:
            found = self._descriptors[kinds] = [number for number, each in self.open.items() if each.kind in kinds]
        return found

    def folders(self) -> list[str]:
        """The paths of directories, the top among them."""
        return ["", *self.paths(DIRECTORY)]

    def paths(self, *kinds: str) -> list[str]:
        """Paths of some kinds; all, if none are given."""
        found = self._paths.get(kinds)
        if found is None:
            found = self._paths[kinds] = [path for path, kind in self.names.items() if not kinds or kind in kinds]
        return found

    def after(self, step: Step, entries: int = 0) -> None:
        """A step has succeeded; a walk found so many entries."""
        if step.raw or step.name not in NOTED:
            return
        values = step.values
        self._descriptors.clear()
        self._paths.clear()
        match step.name:
            case "path_open":
                self._opened(step)
            case "fd_close":
                self._close(values["fd"])
            case "fd_renumber":
                self._renumber(values["fd"], values["to"])
            case "path_create_directory":
                self.names[self._at(values["fd"], values["path"])] = DIRECTORY
            case "path_symlink":
                self.names[self._at(values["fd"], values["new_path"])] = LINK
            case "path_link":
                old = self._at(values["old_fd"], values["old_path"])
                self.names[self._at(values["new_fd"], values["new_path"])] = self.names.get(old, FILE)
            case "path_unlink_file" | "path_remove_directory":
                self.names.pop(self._at(values["fd"], values["path"]), None)
            case "path_rename":
                self._rename(self._at(values["fd"], values["old_path"]), self._at(values["new_fd"], values["new_path"]))
            case "fd_readdir" if step.walk and values["cookie"] == 0 and self._is_open(values["fd"]):
                self.open[values["fd"]["of"]].entries = entries
        if step.name in CHANGES and not (step.name == "path_open" and not values["oflags"] & CREAT):
            for each in self.open.values():
                each.entries = 0

    def _is_open(self, fd: Any) -> bool:
        return isinstance(fd, dict) and fd["of"] in self.open

    def _at(self, fd: Any, path: str) -> str:
        return joined(self.open[fd["of"]].path if self._is_open(fd) else "", path)

    def _opened(self, step: Step) -> None:
        path = self._at(step.values["fd"], step.values["path"])
        kind = DIRECTORY if not path else self.names.get(path)
        if kind is None:
            kind = self.names[path] = FILE if step.values["oflags"] & CREAT else DIRECTORY
        self.open[step.number] = Opened(path, FILE if kind == LINK else kind)

    def _close(self, fd: Any) -> None:
        if self._is_open(fd):
            del self.open[fd["of"]]
            self.closed = [*self.closed[-20:], fd["of"]]

    def _renumber(self, fd: Any, to: Any) -> None:
        if self._is_open(fd) and self._is_open(to) and fd != to:
            self.open[to["of"]] = self.open.pop(fd["of"])
            self.closed = [*self.closed[-20:], fd["of"]]

    def _rename(self, old: str, new: str) -> None:
        for path in [each for each in self.names if each == old or each.startswith(f"{old}/")]:
            self.names[new + path[len(old) :]] = self.names.pop(path)
