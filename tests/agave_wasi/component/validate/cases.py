"""Components by the rule that they keep or break, read from the text files in cases/.

In a file, `---` begins a case and says what it is about; `!!!` is followed by a part of the reason, if it is invalid; the rest
is what stands in `(component ...)`, where @CORE is CORE. test_component.py compares each verdict with the reference's too.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from agave_wasi.component.binary import MalformedComponent, decode
from agave_wasi.component.validate import InvalidComponent, validate
from tests.agave_wasi.component.texts import assemble

CORE = """
(core module $m
  (memory (export "memory") 1) (memory (export "shared") 1 1 shared) (memory (export "wide") i64 1)
  (table (export "t") 1 2 funcref) (global (export "g") i32 (i32.const 0)) (global (export "mg") (mut i32) (i32.const 0))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "none")) (func (export "i") (param i32)) (func (export "ii") (param i32 i32))
  (func (export "r") (result i32) unreachable) (func (export "ir") (param i32) (result i32) unreachable)
  (func (export "iir") (param i32 i32) (result i32) unreachable)
  (func (export "iiir") (param i32 i32 i32) (result i32) unreachable)
  (func (export "I") (param i64)) (func (export "f") (param f32)) (func (export "iI") (param i32 i64)))
(core instance $i (instantiate $m))
(alias core export $i "memory" (core memory $mem)) (alias core export $i "shared" (core memory $shared))
(alias core export $i "wide" (core memory $wide)) (alias core export $i "realloc" (core func $realloc))
(alias core export $i "none" (core func $none)) (alias core export $i "i" (core func $i))
(alias core export $i "ii" (core func $ii))
(alias core export $i "r" (core func $r)) (alias core export $i "ir" (core func $ir))
(alias core export $i "iir" (core func $iir)) (alias core export $i "iiir" (core func $iiir))
(alias core export $i "I" (core func $I)) (alias core export $i "f" (core func $f)) (alias core export $i "iI" (core func $iI))
"""

DIFFERENCES = {
    (
        "resource",
        "an abstract export",
    ): "the reference lets no export leave open what resource it is",
}
"""Cases whose verdict isn't the reference's, and why; docs/DIVERGENCES.md says more."""


class Case(NamedTuple):
    """A component's text, and a part of the reason if it is invalid."""

    group: str
    what: str
    text: str
    reason: str | None

    def binary(self) -> bytes:
        """The component."""
        return assemble(self.text)


def cases(group: str) -> list[Case]:
    """The cases of a file."""
    found = []
    text = (Path(__file__).parent / "verdicts" / f"{group}.txt").read_text(encoding="utf-8")
    for part in text.split("\n--- ")[1:]:
        what, _, rest = part.partition("\n")
        reason = None
        if rest.startswith("!!! "):
            reason, _, rest = rest[4:].partition("\n")
        found.append(Case(group, what, rest.replace("@CORE", CORE), reason))
    return found


def groups() -> list[str]:
    """The names of the files."""
    return sorted(path.stem for path in (Path(__file__).parent / "verdicts").glob("*.txt"))


def each(group: str) -> pytest.MarkDecorator:
    """A test for each case of a file."""
    found = cases(group)
    return pytest.mark.parametrize("case", found, ids=[case.what for case in found])


def check(case: Case) -> None:
    """The verdict on a case is the expected one, with its reason and a place inside the file."""
    data = case.binary()
    component = decode(data)
    if case.reason is None:
        validate(component)
        return
    with pytest.raises(InvalidComponent) as found:
        validate(component)
    assert case.reason in found.value.reason
    assert 8 <= found.value.offset < len(data)
    assert str(found.value) == f"invalid component at offset {found.value.offset:#x}: {found.value.reason}"


def verdict(data: bytes) -> str | None:
    """Why it is no valid component; None if it is."""
    try:
        validate(decode(data))
    except MalformedComponent as error:
        return str(error)
    return None
