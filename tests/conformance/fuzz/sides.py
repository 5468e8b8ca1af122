"""Programs for the fuzzer's tests, and two sides to run them on."""

from __future__ import annotations

from typing import Any

from conformance.fuzz.lockstep import Lockstep, Outcome
from conformance.fuzz.steps import TOP, Step

CREAT, DIRECTORY = 1, 2
READ_WRITE = 1 << 1 | 1 << 6


def opening(number: int, path: str, oflags: int = CREAT, fdflags: int = 0, rights: int = READ_WRITE, fd: Any = TOP) -> Step:
    values = {"fd": fd, "dirflags": 0, "path": path, "oflags": oflags, "fs_rights_base": rights,
              "fs_rights_inheriting": rights, "fdflags": fdflags}  # fmt: skip
    return Step(number, "path_open", values)


def writing(number: int, of: int, sizes: list[int], fill: int = 65) -> Step:
    return Step(number, "fd_write", {"fd": {"of": of}, "iovs": {"sizes": sizes, "fill": fill}})


def reading(number: int, of: int, sizes: list[int]) -> Step:
    return Step(number, "fd_read", {"fd": {"of": of}, "iovs": sizes})


def seeking(number: int, of: int, offset: int, whence: int = 0) -> Step:
    return Step(number, "fd_seek", {"fd": {"of": of}, "offset": offset % (1 << 64), "whence": whence})


def on(number: int, name: str, of: int, **values: Any) -> Step:
    return Step(number, name, {"fd": {"of": of}, **values})


def run(*steps: Step) -> list[Outcome]:
    with Lockstep() as both:
        return [both.step(each) for each in steps]
