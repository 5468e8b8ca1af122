"""The wasm loop round a host function, with functions in Python where the engine's own stand in a run."""

from __future__ import annotations

from agave_wasi import World
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.gates import gates
from agave_wasi.functions import F32, F64, I32, I64

RETRY = -1
Log = list[object]


def looped(answers: list[int]) -> tuple[World, Log]:
    """A world whose host functions answer in turn, and the log of who was called."""
    world, log = World(), Log()

    @world.function("try")
    def f(a: I32, b: I64, c: F32, d: F64) -> I32:
        log.append(("try", a, b, c, d))
        return answers.pop(0)

    @world.function("try")
    def bare() -> I32:
        log.append("bare")
        return answers.pop(0)

    @world.function("host")
    def wait() -> None:
        log.append("wait")

    @world.function("host")
    def resume() -> I32:
        log.append("resume")
        return answers.pop(0)

    return world, log


MODULE = to_wasm(gates({"f": "iIfF", "bare": ""}, ("f", "bare"), ()))


def test_who_is_done_at_once_never_waits() -> None:
    world, log = looped([7])
    assert world.instantiate(MODULE).call("f", -2, 1 << 40, 0.5, 0.1) == 7
    assert log == [("try", -2, 1 << 40, 0.5, 0.1)]


def test_each_retry_waits_once_and_resumes() -> None:
    world, log = looped([RETRY, RETRY, RETRY, 28])
    assert world.instantiate(MODULE).call("bare") == 28
    assert log == ["bare", "wait", "resume", "wait", "resume", "wait", "resume"]


def test_the_next_call_begins_anew() -> None:
    world, log = looped([RETRY, 0, 0])
    guest = world.instantiate(MODULE)
    assert (guest.call("bare"), guest.call("bare")) == (0, 0)
    assert log == ["bare", "wait", "resume", "bare"]


def test_errors_are_no_retry() -> None:
    for code in (1, 76, -2, 0x7FFF_FFFF):
        world, log = looped([code])
        assert world.instantiate(MODULE).call("bare") == code
        assert log == ["bare"]
