"""The seeded generator: one call after the other, from what the calls before have shown.

Values are drawn from WIT's types, and weighed by what a parameter means. Some calls come in rows, because only a row means
the same on every host: what doesn't wait comes behind a wait, a write behind its permit.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import Any

from agave_wasi.witparse import model as wit
from agave_wasi.witparse import types as t
from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.lockstep import FAR, NEAR
from conformance.components.fuzz.model import Model
from conformance.components.fuzz.values import NOWHERE
from conformance.fuzz.model import DIRECTORY, FILE, LINK
from conformance.fuzz.steps import FIRST, TOP, Step

NAMES = ("a", "b", "c", "d", "e", "f", "g", "long-name-" * 6, "é", "a b")
ODD_NAMES = (".", "..", "", "/", "a/", "a//b", "./a", "../a", "/a", "a\0b", "x" * 255, "x" * 256, "a/./b", "d/..", "a/../b",
             "d/", "d/.", "d/../../a", "y" * 4096, "\U0001f600")  # fmt: skip
WEIGHTS = {
    "descriptor.open-at": 14, "descriptor.read": 8, "descriptor.write": 8, "descriptor.stat": 4, "descriptor.stat-at": 5,
    "descriptor.set-size": 3, "descriptor.set-times": 3, "descriptor.set-times-at": 3, "descriptor.read-directory": 3,
    "descriptor.create-directory-at": 4, "descriptor.link-at": 4, "descriptor.readlink-at": 3,
    "descriptor.remove-directory-at": 3, "descriptor.rename-at": 6, "descriptor.symlink-at": 4, "descriptor.unlink-file-at": 4,
    "descriptor.metadata-hash": 2, "descriptor.metadata-hash-at": 2, "descriptor.get-flags": 2, "descriptor.drop": 6,
    "descriptor.is-same-object": 1.5,
    "descriptor.read-via-stream": 4, "descriptor.write-via-stream": 4, "descriptor.append-via-stream": 3,
    "input-stream.blocking-read": 6, "input-stream.blocking-skip": 3, "input-stream.read": 3, "input-stream.skip": 2,
    "input-stream.drop": 3, "input-stream.subscribe": 1, "output-stream.blocking-write-and-flush": 6,
    "output-stream.blocking-write-zeroes-and-flush": 3, "output-stream.write": 4, "output-stream.write-zeroes": 2,
    "output-stream.splice": 3, "output-stream.blocking-splice": 3, "output-stream.drop": 3, "output-stream.subscribe": 1,
    "poll.poll": 2, "pollable.drop": 4, "exit.exit": 0, "exit.exit-with-code": 0,
}  # fmt: skip
OTHERS = 0.6
RARE = {"environment", "stdin", "stdout", "stderr", "terminal-stdin", "terminal-stdout", "terminal-stderr", "random",
        "insecure", "insecure-seed"}  # fmt: skip
RARELY = 0.05
FLAG_ODDS = {
    "create": 0.45, "directory": 0.06, "exclusive": 0.06, "truncate": 0.08, "read": 0.85, "write": 0.65,
    "mutate-directory": 0.15, "file-integrity-sync": 0.0003, "data-integrity-sync": 0.0003, "requested-write-sync": 0.0003,
    "symlink-follow": 0.5,
}  # fmt: skip
MANY = 24
"""Handles of one resource; from then on they are dropped."""
MANY_FILES = 40
TIMES = (0, 1, 5, 999_999_999, 2_000_000_000)
WANTED = {
    ("descriptor.create-directory-at", "path"): "new", ("descriptor.remove-directory-at", "path"): DIRECTORY,
    ("descriptor.unlink-file-at", "path"): FILE, ("descriptor.readlink-at", "path"): LINK,
    ("descriptor.symlink-at", "new-path"): "new", ("descriptor.link-at", "old-path"): FILE,
    ("descriptor.link-at", "new-path"): "new", ("descriptor.rename-at", "new-path"): "near",
}  # fmt: skip
OF_FILES = {"descriptor.read", "descriptor.write", "descriptor.set-size", "descriptor.advise"}
HOSTILE_CALLS = 0.01


class Generator:
    """Draws a program's steps; `model` is told what became of them."""

    def __init__(self, random: Random, hostile: bool = False) -> None:
        self.random = random
        self.hostile = hostile
        self.model = Model()
        self.number = FIRST
        self.queue: list[tuple[str, dict[str, Any]]] = []
        self.names = list(callees())
        self.weights = list(accumulate(self._weight(each) for each in self.names))

    @staticmethod
    def _weight(name: str) -> float:
        return WEIGHTS.get(name, RARELY if name.partition(".")[0] in RARE else OTHERS)

    def step(self) -> Step:
        """The next call."""
        if not self.queue:
            if self.hostile and self.random.random() < HOSTILE_CALLS:
                self._hostile()
            else:
                self._plan()
        name, values = self.queue.pop(0)
        step = Step(self.number, name, values, walk=name == "descriptor.read-directory" and self.random.random() < 0.85)
        self.number += 1
        return step

    def _plan(self) -> None:
        """Draw a call that has its handle, or a row of calls."""
        random, model = self.random, self.model
        while True:
            name = random.choices(self.names, cum_weights=self.weights)[0]
            resource = name.partition(".")[0]
            if len(model.of(resource)) > MANY and f"{resource}.drop" in self.names:
                name = f"{resource}.drop"
            values = self._values(name)
            handles = [each for each in values.values() if isinstance(each, dict) and "of" in each]
            if any(each["of"] == NOWHERE for each in handles) and random.random() > 0.002:
                continue
            if name.endswith(".drop") and (values["self"] == TOP or model.children(values["self"]["of"])):
                continue
            if name == "pollable.block" and self._far(values["self"]):
                continue
            if name == "poll.poll" and all(map(self._far, values["in"])):
                continue
            break
        self._row(name, values)

    def _far(self, pollable: dict[str, int]) -> bool:
        held = self.model.held.get(pollable["of"])
        return held is None or held.kind == "far"

    def _row(self, name: str, values: dict[str, Any]) -> None:
        """A call, with those before and behind it that it needs."""
        before: list[tuple[str, dict[str, Any]]] = []
        behind: list[tuple[str, dict[str, Any]]] = []
        if name in ("input-stream.read", "input-stream.skip"):
            before = self._waited("input-stream", values["self"], self.number)
        elif name == "output-stream.splice":
            before = self._waited("input-stream", values["src"], self.number)
            behind = [("output-stream.blocking-flush", {"self": values["self"]})]
        elif name in ("output-stream.write", "output-stream.write-zeroes"):
            before = [("output-stream.check-write", {"self": values["self"]})]
            behind = [("output-stream.blocking-flush", {"self": values["self"]})]
        self.queue = [*before, (name, values), *behind]

    @staticmethod
    def _waited(resource: str, handle: dict[str, int], number: int) -> list[tuple[str, dict[str, Any]]]:
        pollable = {"self": {"of": number}}
        return [(f"{resource}.subscribe", {"self": handle}), ("pollable.block", pollable), ("pollable.drop", pollable)]

    def _hostile(self) -> None:
        """A call that ends the program on any host, most likely."""
        random, model = self.random, self.model
        match random.randrange(5):
            case 0:
                self.queue = [("poll.poll", {"in": []})]
            case 1:
                many = {"self": self._handle("output-stream"), "contents": "x" * random.choice((4097, 5000))}
                self.queue = [("output-stream.blocking-write-and-flush", many)]
            case 2:
                zeroes: dict[str, Any] = {"self": self._handle("output-stream"), "len": random.choice((4097, 1 << 32))}
                self.queue = [("output-stream.blocking-write-zeroes-and-flush", zeroes)]
            case 3:
                name = random.choice([each for each in self.names if "self" in callees()[each].params])
                values = self._values(name)
                self.queue = [(name, values | {"self": {"of": random.choice(list(model.held))}})]
                if name == "pollable.block":  # a wait that may have no end
                    self.queue = [("pollable.ready", values)]
            case _:
                parents = [each.parent for each in model.held.values() if each.parent]
                if parents:
                    parent = random.choice(parents)
                    resource = model.held[parent].resource if parent in model.held else "input-stream"
                    self.queue = [(f"{resource}.drop", {"self": {"of": parent}})]
                else:
                    code = random.choice((0, 1, 2, 125))
                    self.queue = [("exit.exit", {"status": random.choice(("ok", "err"))}) if code == 2 else
                                  ("exit.exit-with-code", {"status-code": code})]  # fmt: skip

    # Values

    def _values(self, name: str) -> dict[str, Any]:
        """A value for each parameter; paths begin at the descriptor before them."""
        values: dict[str, Any] = {}
        base = ""
        for param, type in callees()[name].params.items():
            value = self._value(name, param, type)
            if isinstance(value, dict) and "of" in value:
                held = self.model.held.get(value["of"])
                base = held.path if held is not None else ""
            elif isinstance(value, str) and base and value.startswith(f"{base}/") and type == t.Primitive("string"):
                value = value[len(base) + 1 :]
            values[param] = value
        if name == "descriptor.is-same-object" and self.random.random() < 0.6:
            twins = [each for each in self.model.of("descriptor") if self.model.held[each].path == base]
            values["other"] = {"of": self.random.choice(twins)} if twins else values["self"]
        return values

    def _handle(self, resource: str, kind: str = "") -> dict[str, int]:
        random, model = self.random, self.model
        if random.random() < 0.002 and model.gone:
            return {"of": random.choice(model.gone)}
        found = model.of(resource, kind) or model.of(resource)
        return {"of": random.choice(found)} if found else {"of": NOWHERE}

    def _value(self, name: str, param: str, type: t.Type) -> Any:
        random = self.random
        match type:
            case t.Borrow(resource):
                assert isinstance(resource, wit.Resource)
                return self._handle(resource.name, self._kind(name))
            case t.List(t.Borrow()):
                return [self._handle("pollable") for _ in range(random.choice((1, 1, 2, 3)))]
            case t.List():
                return "".join(random.choices("abcdefgh", k=self._length()))
            case t.Primitive("string"):
                return self._path(name, param)
            case wit.Flags():
                return [each for each in type.flags if random.random() < FLAG_ODDS.get(each, 0.3)]
            case wit.Enum():
                return random.choice(type.cases)
            case wit.Variant():
                moment = {"seconds": random.choice(TIMES), "nanoseconds": random.choice((0, 1, 500, 999_999_999))}
                return random.choice(("no-change", "now", {"timestamp": moment}))
            case t.Primitive("u64"):
                return self._number(name, param)
        return 0

    def _kind(self, name: str) -> str:
        """What a descriptor should be for the call to have a chance."""
        if self.random.random() < 0.06:
            return ""
        if name.endswith("-at") or name == "descriptor.read-directory":
            return DIRECTORY
        return FILE if name.endswith("-via-stream") or name in OF_FILES else ""

    def _length(self) -> int:
        random = self.random
        return random.choice((0, 1, 2, 5, 10, 100, 300, 1000, 4096)) if random.random() < 0.6 else random.randrange(200)

    def _number(self, name: str, param: str) -> int:
        random = self.random
        odds = random.random()
        if param == "when":
            return random.choice((FAR, 2 * FAR)) if odds < 0.3 else random.choice((0, 1, 1000, 20_000, NEAR))
        if param in ("len", "length"):
            large = name == "descriptor.read" or name.startswith("input-stream.")  # beyond what is written or moved at once
            return random.choice((65536, 65537, 100_000)) if large and odds < 0.02 else self._length()
        if odds < 0.01 and param in ("offset", "size"):
            beyond = (1 << 63, (1 << 64) - 1, (1 << 64) - 1000)  # what a file of the host could have would take long to compare
            return random.choice(beyond if param == "size" else (*beyond, (1 << 63) - 1))
        return random.choice((0, 0, 0, 1, 2, 100, 4095, 4096, 5000)) if odds < 0.8 else random.randrange(20_000)

    def _path(self, name: str, param: str) -> str:
        random, model = self.random, self.model
        if param == "old-path" and name == "descriptor.symlink-at":
            return random.choice((*NAMES, *(model.paths() or ["a"]), "../a", "/", "b/c", ".", "..", ""))
        if random.random() < 0.06:
            return random.choice(ODD_NAMES)
        wanted = WANTED.get((name, param), "")
        if name == "descriptor.open-at" and len(model.names) < MANY_FILES and random.random() < 0.3:
            wanted = "new"
        if wanted == "new" or (wanted == "near" and random.random() < 0.5):
            folder = random.choice(["", "", *model.paths(DIRECTORY)])
            path = f"{folder}/{random.choice(NAMES)}" if folder and folder.count("/") < 4 else random.choice(NAMES)
        else:
            path = random.choice(model.paths(wanted if wanted != "near" else "") or list(NAMES))
            if random.random() < 0.1:
                path = random.choice((*NAMES, *model.paths()))
        return f"{path}/" if random.random() < 0.015 else path
