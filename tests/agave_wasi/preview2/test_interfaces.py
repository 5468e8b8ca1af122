"""Every interface of WASI 0.2 has its class, and every class has exactly the functions that WIT gives it."""

from __future__ import annotations

import pytest

from agave_wasi.component.host import functions
from agave_wasi.component.types import python_name
from agave_wasi.preview2 import INTERFACES
from agave_wasi.witparse import wasi
from agave_wasi.witparse.compiled import INTERFACES as DECLARED
from agave_wasi.witparse.versions import canonical

EXPORTED = ("wasi:cli/run@0.2", "wasi:http/incoming-handler@0.2")
"""What programs provide, and no host."""


def test_every_interface_has_a_class() -> None:
    assert sorted(INTERFACES) == sorted({canonical(name) for name in DECLARED} - set(EXPORTED))
    assert len(INTERFACES) == len(list(INTERFACES)) and "wasi:io/poll" not in INTERFACES


@pytest.mark.parametrize("name", sorted(INTERFACES))
def test_functions_are_those_of_wit(name: str) -> None:
    declared = wasi.interface(name)
    assert declared is not None
    cls = INTERFACES[name]
    assert cls.__dict__["interface"] == name
    assert sorted(cls.__dict__["resources"]) == sorted(declared.resources)
    found = functions(cls)
    assert sorted(found) == sorted(declared.functions)
    for label, function in found.items():
        code = function.__code__
        names = list(code.co_varnames[1 : code.co_argcount])  # self, or the interface's instance
        wanted = [python_name(each.name) for each in declared.functions[label].params if each.name != "self"]
        assert names == wanted, label
        assert not code.co_flags & 0b1100, f"{label} takes any arguments"


@pytest.mark.parametrize("name", sorted(INTERFACES))
def test_whoever_may_wait_has_no_single_core_value_as_result(name: str) -> None:
    """The answer of a parked call needs a place in memory: see `agave_wasi.component.canon.lowered`."""
    declared = wasi.interface(name)
    assert declared is not None
    for label, function in functions(INTERFACES[name]).items():
        if getattr(function, "blocking", False):
            assert str(declared.functions[label].result) not in ("u8", "u32", "u64", "bool"), label


def test_functions_that_wait_are_those_whose_names_say_so() -> None:
    every = {label: each for name in INTERFACES for label, each in functions(INTERFACES[name]).items()}
    waiting = {label for label, each in every.items() if getattr(each, "blocking", False)}
    assert waiting == {label for label in every if ".blocking-" in label} | {"poll", "[method]pollable.block"}
