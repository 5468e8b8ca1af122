"""What the rest of the house knows of an engine: which errors are which, and what they say."""

from __future__ import annotations

import pytest

from agave_wasi.engines.base import (
    DEFAULT_MAX_STACK,
    BadCall,
    EngineConfig,
    EngineError,
    Frame,
    GuestTrap,
    HostFunction,
    Interrupted,
    LinkError,
    StoreLimits,
)


def test_endings_say_what_happened() -> None:
    frames = [Frame(3, 7, 90, "main")]
    trap = GuestTrap("unreachable", frames)
    assert (str(trap), trap.frames, trap.code) == ("unreachable", frames, None)
    assert str(Interrupted("timeout")) == Interrupted("timeout").reason == "timeout"


def test_a_link_that_fails_is_an_error_of_the_engine_and_a_bad_call_the_callers() -> None:
    with pytest.raises(EngineError):
        raise LinkError("nothing provides it")
    assert issubclass(BadCall, TypeError) and not issubclass(BadCall, EngineError)
    assert not issubclass(GuestTrap, EngineError) and not issubclass(Interrupted, EngineError)


def test_without_more_words_nothing_is_limited_or_counted() -> None:
    assert (EngineConfig().fuel, EngineConfig().max_stack) == (False, DEFAULT_MAX_STACK)
    assert (StoreLimits().fuel, StoreLimits().memory) == (None, None)
    assert not HostFunction("iI", "i", lambda env, caller, slots: 0).blocking


def test_a_host_function_with_another_callback_is_the_same_but_for_that() -> None:
    first, second = (lambda env, caller, slots: 0), (lambda env, caller, slots: 1)
    function = HostFunction("iI", "i", first, True, "fd_read")
    other = function.calling(second)
    assert (other.parameters, other.results, other.blocking, other.name) == ("iI", "i", True, "fd_read")
    assert (function.callback, other.callback) == (first, second)
    with pytest.raises(ValueError, match="has a name"):
        HostFunction("", "i", first, True)
