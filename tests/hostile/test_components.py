"""Broken and malicious components: decoded and validated, they are valid or a clear error, and never keep anyone busy."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from agave_wasi.component.binary import MalformedComponent, decode
from agave_wasi.component.describe import describe
from agave_wasi.component.validate import InvalidComponent, validate
from tests.agave_wasi.component.texts import assemble
from tests.agave_wasi.component.validate.cases import cases, groups
from tests.agave_wasi.guests import slow
from tests.component_mutator import mutate
from tests.mutator import mutate as mutate_anything

MESSAGE = re.compile(r"(malformed|invalid) component at offset 0x[0-9a-f]+: .+", re.DOTALL)


def ending(data: bytes) -> str:
    """How decoding, validating and describing went."""
    try:
        component = decode(data)
        describe(component, validate(component))
    except MalformedComponent as error:
        assert MESSAGE.fullmatch(str(error)), str(error)
        assert 0 <= error.offset <= len(data), str(error)
        assert len(str(error)) < 120_000, len(str(error))
        return type(error).__name__
    return "valid"


def endings(first: int, last: int) -> Counter[str]:
    """How the mutants FIRST to LAST ended."""
    seeds = [case.binary() for group in groups() for case in cases(group)]
    found: Counter[str] = Counter()
    for seed in range(first, last):
        data = seeds[seed % len(seeds)]
        found[ending(mutate(data, seed) if seed % 4 else mutate_anything(data, seed))] += 1
    return found


def test_ten_thousand_mutants() -> None:
    found = endings(0, 10_000)
    assert sum(found.values()) == 10_000
    assert min(found.values()) > 300, found  # neither all noise nor all harmless
    assert set(found) == {"valid", "MalformedComponent", "InvalidComponent"}


@slow
def test_many_more_mutants() -> None:
    assert sum(endings(10_000, 300_000).values()) == 290_000


def doubled(levels: int, first: str = "(type $t0 (tuple u8 u8))") -> str:
    """Types each of which has the one before it twice."""
    return first + "".join(f"(type $t{n + 1} (tuple $t{n} $t{n}))" for n in range(levels))


WIDE = f"(type $wide (record {' '.join(f'(field {chr(34)}f{n}{chr(34)} u8)' for n in range(5000))}))"
MANY = doubled(17)


@pytest.mark.parametrize(
    "text",
    [
        # One large type in many imports, exports, functions, instances: each is well within the limits, together they aren't.
        WIDE + "".join(f'(export "e{n}" (type $wide))' for n in range(3000)),
        MANY + "".join(f'(import "i{n}" (func (param "a" $t17)))' for n in range(200)),
        MANY + '(type $i (instance (alias outer 1 $t17 (type $t)) (export "f" (func (param "a" $t)))))'
        + "".join(f'(import "i{n}" (instance (type $i)))' for n in range(200)),
        MANY + '(component $c (alias outer 1 $t17 (type $t)) (import "f" (func (param "a" $t))))'
        + '(import "f" (func $f (param "a" $t17)))' + '(instance (instantiate $c (with "f" (func $f))))' * 200,
        MANY + '(import "f" (func $f (param "a" $t17)))' + '(instance (export "f" (func $f)))' * 200,
    ],
)  # fmt: skip
def test_a_small_file_can_not_keep_the_validation_busy(text: str) -> None:
    with pytest.raises(InvalidComponent, match=r"more than \d+ (steps|parts)"):
        validate(decode(assemble(text)))


def test_instances_that_double_have_a_limit_of_size() -> None:
    inside = '(export "a" (func))'
    text = f"(type $i0 (instance {inside}))"
    for n in range(25):
        both = '(export "a" (instance (type $x))) (export "b" (instance (type $x)))'
        text += f"(type $i{n + 1} (instance (alias outer 1 $i{n} (type $x)) {both}))"
    with pytest.raises(InvalidComponent, match="more than 1000000 parts"):
        validate(decode(assemble(text)))


def test_instances_in_a_long_chain_have_a_limit_of_depth() -> None:
    text = '(type $i0 (instance (export "r" (type (sub resource)))))'
    for n in range(3000):
        text += f'(type $i{n + 1} (instance (alias outer 1 $i{n} (type $x)) (export "a" (instance (type $x)))))'
    with pytest.raises(InvalidComponent, match="nested more than 100 deep"):
        validate(decode(assemble(text)))


def test_the_deepest_that_is_allowed_does_not_end_in_a_recursion() -> None:
    text = '(type $i0 (instance (export "r" (type (sub resource)))))'
    for n in range(96):
        text += f'(type $i{n + 1} (instance (alias outer 1 $i{n} (type $x)) (export "a" (instance (type $x)))))'
    text += '(import "i" (instance $i (type $i96)))'
    for _ in range(50):
        text = f"(component {text})"
    assert ending(assemble(text)) == "valid"
