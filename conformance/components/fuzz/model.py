"""What the generator believes: handles by the step that made them, names and their kinds. A mistake costs a failed call."""

from __future__ import annotations

from typing import Any

from conformance.fuzz.model import DIRECTORY, FILE, LINK, joined
from conformance.fuzz.steps import Step

PARENTS = {"input-stream.subscribe", "output-stream.subscribe"}
MADE = {
    "descriptor.read-via-stream": "input-stream", "descriptor.write-via-stream": "output-stream",
    "descriptor.append-via-stream": "output-stream", "descriptor.read-directory": "directory-entry-stream",
    "monotonic-clock.subscribe-duration": "pollable", "monotonic-clock.subscribe-instant": "pollable",
    "input-stream.subscribe": "pollable", "output-stream.subscribe": "pollable", "stdin.get-stdin": "input-stream",
    "stdout.get-stdout": "output-stream", "stderr.get-stderr": "output-stream",
}  # fmt: skip
"""What a call makes when it succeeds."""


class Held:
    """A handle: its resource, for a descriptor the path and kind, for a pollable what it is about."""

    __slots__ = ("resource", "path", "kind", "parent", "flags")

    def __init__(self, resource: str, path: str = "", kind: str = "", parent: int = 0, flags: tuple[str, ...] = ()) -> None:
        self.resource = resource
        self.path = path
        self.kind = kind
        self.parent = parent
        self.flags = flags


class Model:
    """It is told what has succeeded."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {3: Held("descriptor", "", DIRECTORY, flags=("read", "mutate-directory"))}
        self.names: dict[str, str] = {}
        self.gone: list[int] = []

    def of(self, resource: str, kind: str = "") -> list[int]:
        """Handles of a resource, and of a kind."""
        return [number for number, each in self.held.items() if each.resource == resource and (not kind or each.kind == kind)]

    def children(self, number: int) -> bool:
        """Are there pollables about that?"""
        return any(each.parent == number for each in self.held.values())

    def paths(self, kind: str = "") -> list[str]:
        """Names that exist."""
        return [path for path, each in self.names.items() if not kind or each == kind]

    def after(self, step: Step) -> None:
        """A step has succeeded."""
        name, values = step.name, step.values
        if name.endswith(".drop"):
            self.held.pop(values["self"]["of"], None)
            self.gone = [*self.gone[-20:], values["self"]["of"]]
        elif name in MADE and not step.walk:
            parent = values["self"]["of"] if name in PARENTS else 0
            kind = "far" if values.get("when", 0) > 1_000_000_000 else ""
            self.held[step.number] = Held(MADE[name], kind=kind, parent=parent)
        elif name.startswith("descriptor."):
            self._files(step, name.removeprefix("descriptor."), values)

    def failed(self, step: Step) -> None:
        """A step on a stream has failed: there may be an error to be asked about."""
        self.held[step.number] = Held("error")

    def _at(self, descriptor: Any, path: str) -> str:
        base = self.held.get(descriptor["of"])
        return joined(base.path if base is not None else "", path)

    def _files(self, step: Step, name: str, values: dict[str, Any]) -> None:
        here = values.get("self", {"of": -1})
        match name:
            case "open-at":
                path = self._at(here, values["path"])
                kind = DIRECTORY if not path else self.names.get(path)
                if kind is None:
                    kind = self.names[path] = FILE if "create" in values["open-flags"] else DIRECTORY
                kind = FILE if kind == LINK else kind
                self.held[step.number] = Held("descriptor", path, kind, flags=tuple(values["flags"]))
            case "create-directory-at":
                self.names[self._at(here, values["path"])] = DIRECTORY
            case "symlink-at":
                self.names[self._at(here, values["new-path"])] = LINK
            case "link-at":
                new = self._at(values["new-descriptor"], values["new-path"])
                self.names[new] = self.names.get(self._at(here, values["old-path"]), FILE)
            case "unlink-file-at" | "remove-directory-at":
                self.names.pop(self._at(here, values["path"]), None)
            case "rename-at":
                old, new = self._at(here, values["old-path"]), self._at(values["new-descriptor"], values["new-path"])
                for path in [each for each in self.names if each == old or each.startswith(f"{old}/")]:
                    self.names[new + path[len(old) :]] = self.names.pop(path)
