"""Steps of WASI 0.2 for the fuzzer's tests."""

from __future__ import annotations

from typing import Any

from conformance.components.fuzz.lockstep import Lockstep, Outcome
from conformance.fuzz.steps import TOP, Step


def of(number: int) -> dict[str, int]:
    return {"of": number}


def call(number: int, name: str, **values: Any) -> Step:
    """A step; parameters have underscores here."""
    return Step(number, name, {key.rstrip("_").replace("_", "-"): value for key, value in values.items()})


def opening(number: int, path: str, *open_flags: str, flags: tuple[str, ...] = ("read", "write"), self: Any = TOP) -> Step:
    values = {"self": self, "path-flags": [], "path": path, "open-flags": list(open_flags), "flags": list(flags)}
    return Step(number, "descriptor.open-at", values)


def writing(number: int, to: int, buffer: str, offset: int = 0) -> Step:
    return call(number, "descriptor.write", self=of(to), buffer=buffer, offset=offset)


def reading(number: int, source: int, length: int, offset: int = 0) -> Step:
    return call(number, "descriptor.read", self=of(source), length=length, offset=offset)


def run(*steps: Step) -> list[Outcome]:
    with Lockstep() as both:
        return [both.step(each) for each in steps]
