"""Source locations of a compiled guest, inlined functions included, for DWARF 4 and 5."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from agave_wasi.binary.dwarf import SourceMap
from agave_wasi.binary.names import Names
from agave_wasi.binary.reader import MalformedModule, sections

pytest.importorskip("elftools")


def bounds(guest: bytes, name: str) -> tuple[int, int]:
    """Where the body of that function is."""
    names = Names(guest)
    index = next(index for index in range(200) if names.function(index) == name)
    found = names.body(index)
    assert found is not None
    return found


def test_inlined_call(guest: bytes) -> None:
    source = SourceMap(guest)
    assert source.available
    start, end = bounds(guest, "middle")
    chains = [source.lookup(offset) for offset in range(start, end)]
    assert {chain[-1].function for chain in chains} == {"middle"}
    inlined = [chain for chain in chains if len(chain) == 2]
    assert inlined
    for inner, middle in inlined:
        assert (inner.function, inner.inlined, middle.inlined) == ("inner", True, False)
        assert inner.line in (0, 4)
        assert (middle.line, middle.column) == (9, 10)
        assert inner.file == middle.file
        assert inner.file is not None and inner.file.endswith("/traps.c")
    assert {chain[0].line for chain in chains if len(chain) == 1} <= {0, 7, 8, 9}


def test_main_and_library(guest: bytes) -> None:
    source = SourceMap(guest)
    start, end = bounds(guest, "__main_argc_argv" if "__main_argc_argv" in all_names(guest) else "main")
    lines = {place.line for offset in range(start, end) for place in source.lookup(offset)[-1:]}
    assert {13} <= lines <= {0, 12, 13, 14}
    start, _ = bounds(guest, "printf")
    (place,) = source.lookup(start + 3)
    assert place.function == "printf"
    assert place.file is not None and place.file.endswith("printf.c")


def all_names(guest: bytes) -> set[str | None]:
    """The names of all functions."""
    names = Names(guest)
    return {names.function(index) for index in range(200)}


def test_outside_of_the_code_nothing_is_known(guest: bytes) -> None:
    source = SourceMap(guest)
    code = next(section for section in sections(guest) if section.name == "code")
    for offset in (-1, 0, 8, code.start, code.end, len(guest), 1 << 40):
        assert source.lookup(offset) == ()


def test_module_without_debug_information(assemble: Callable[[str], bytes]) -> None:
    data = assemble("(module (func))")
    source = SourceMap(data)
    assert not source.available
    assert source.lookup(len(data) - 2) == ()
    with pytest.raises(MalformedModule):
        SourceMap(data[:-1])


def test_broken_dwarf_is_malformed(guest: bytes) -> None:
    parts = [section for section in sections(guest) if section.name.startswith(".debug_") and section.size]
    start, end = bounds(guest, "middle")
    raised = 0
    for seed in range(60):
        rng = Random(seed)
        data = bytearray(guest)
        part = rng.choice(parts)
        for _ in range(rng.choice((1, 20, 400))):
            data[rng.randrange(part.start, part.end)] = rng.randrange(256)
        try:
            source = SourceMap(bytes(data))
            for offset in range(start, end, 3):
                source.lookup(offset)
        except MalformedModule as error:
            raised += 1
            assert 0 < error.offset <= len(data)
    assert 0 < raised < 60
