"""Whole components: what validation finds, and whether the reference finds the same valid and invalid."""

from __future__ import annotations

from functools import lru_cache

import pytest
import wasmtime
from wasmtime import _bindings as bindings
from wasmtime.component import Component as ReferenceComponent

from agave_wasi.component.binary import decode
from agave_wasi.component.model import Component, CoreModule, Nested
from agave_wasi.component.validate import InvalidComponent, validate
from tests.agave_wasi.component.texts import decoded, sections
from tests.agave_wasi.component.validate.cases import DIFFERENCES, Case, cases, groups, verdict
from tests.agave_wasi.guests import slow
from tests.component_mutator import mutate

ALL = [case for group in groups() for case in cases(group)]
NOT_HAD = (
    "not implemented", "not supported", "unsupported", "require the component model", "requires the component model",
    "resource types are not the same",
)  # fmt: skip
"""What the reference says where it stops at a limit of its own; the last is DIFFERENCES' abstract export."""


@lru_cache(maxsize=1)
def engine() -> wasmtime.Engine:
    """The reference with every feature that it has."""
    config = wasmtime.Config()
    for name in dir(bindings):
        if name.startswith("wasmtime_config_wasm_component_model") and name.endswith("_set"):
            getattr(bindings, name)(config.ptr(), True)
    return wasmtime.Engine(config)


def reference(data: bytes) -> str | None:
    """Why the reference refuses a component; None if it doesn't."""
    try:
        ReferenceComponent(engine(), data)
    except wasmtime.WasmtimeError as error:
        return str(error)
    return None


def modules_are_valid(component: Component) -> bool:
    """Are the core modules inside, which the engine validates, valid?"""
    for each in component.definitions:
        if isinstance(each, Nested) and not modules_are_valid(each.component):
            return False
        if isinstance(each, CoreModule):
            try:
                wasmtime.Module.validate(engine(), bytes(each.binary))
            except wasmtime.WasmtimeError:
                return False
    return True


def differs(data: bytes) -> str | None:
    """How our verdict differs from the reference's, limits of its own aside; None if it doesn't."""
    ours, theirs = verdict(data), reference(data)
    if (ours is None) == (theirs is None):
        return None
    if theirs is not None and (any(words in theirs for words in NOT_HAD) or not modules_are_valid(decode(data))):
        return None
    return f"ours: {ours}\nreference: {theirs}"


@pytest.mark.parametrize("case", ALL, ids=[f"{case.group}: {case.what}" for case in ALL])
def test_the_reference_says_the_same(case: Case) -> None:
    theirs = reference(case.binary())
    if (case.group, case.what) in DIFFERENCES:
        assert (theirs is None) != (case.reason is None), "no difference any more: delete it from DIFFERENCES"
    elif theirs is None or not any(words in theirs for words in NOT_HAD[:-1]):
        assert (theirs is None) == (case.reason is None), theirs


def compare(first: int, last: int) -> int:
    """Compare the verdicts on mutants FIRST to LAST; how many were valid."""
    seeds = [case.binary() for case in ALL]
    valid = 0
    for seed in range(first, last):
        data = mutate(seeds[seed % len(seeds)], seed)
        difference = differs(data)
        assert difference is None, f"seed {seed}: {difference}"
        valid += verdict(data) is None
    return valid


def test_the_reference_says_the_same_of_mutants() -> None:
    assert compare(0, 4_000) > 100


@slow
def test_the_reference_says_the_same_of_many_mutants() -> None:
    assert compare(4_000, 200_000) > 5_000


def test_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agave_wasi.component.validate.typedefs.MAX_FLAGS", 31)
    (case,) = (case for case in ALL if case.what == "32 flags")
    assert "32 flags" in str(differs(case.binary()))


def test_what_is_found() -> None:
    found = validate(
        decoded("""
        (import "wasi:io/poll@0.2.0" (instance (export "pollable" (type (sub resource)))))
        (import "f" (func $f (param "a" u32) (result string)))
        (component $c (import "f" (func $f)) (export "g" (func $f)))
        (core module $m (func (export "h"))) (core instance $i (instantiate $m)) (alias core export $i "h" (core func $h))
        (func $h (canon lift (core func $h))) (instance $j (instantiate $c (with "f" (func $h)))) (export "j" (instance $j))
    """)
    )
    assert list(found.imports) == ["wasi:io/poll@0.2.0", "f"]
    assert found.imports["f"].kind == "func"
    assert found.imports["f"].type.parameters == (("a", "u32"),)
    assert list(found.exports["j"].type.exports) == ["g"]
    assert [path for _, path in found.type.imported] == [("wasi:io/poll@0.2.0", "pollable")]
    assert found.spaces["core func"] == [((), ())]
    assert list(found.spaces["core module"][0].exports) == ["h"]


@pytest.mark.parametrize(
    ("parts", "offset", "reason"),
    [
        (((7, "01 40 00 01 00"), (10, "01 00 01 66 01 00"), (9, "00 00 00")), 25, "a start function of a component"),
        (((12, "01 7f 01 01"),), 11, "a constant value of a component"),
        (((10, "01 00 01 61 02 01 73"),), 11, "values are a proposal"),
        (((10, "01 00 01 61 02 00 00"),), 11, "values are a proposal"),
    ],
)
def test_proposals_that_no_engine_has(parts: tuple[tuple[int, str], ...], offset: int, reason: str) -> None:
    with pytest.raises(InvalidComponent) as found:
        validate(decode(sections(*parts)))
    assert found.value.offset == offset
    assert reason in found.value.reason
