"""Instances and aliases."""

from __future__ import annotations

from agave_wasi.component.validate import validate
from tests.agave_wasi.component.texts import decoded
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("alias")
def test_aliases(case: Case) -> None:
    check(case)


def test_each_instance_has_resources_of_its_own() -> None:
    found = validate(
        decoded("""
        (component $c (type $r (resource (rep i32))) (export "r" (type $r)))
        (instance $i (instantiate $c)) (instance $j (instantiate $c)) (export "i" (instance $i)) (export "j" (instance $j))
    """)
    )
    one, other = (found.exports[name].type.exports["r"].type.resource for name in "ij")
    assert one is not other
    assert [path for _, path in found.type.defined] == [("i", "r"), ("j", "r")]


@each("outer")
def test_outer_aliases(case: Case) -> None:
    check(case)


@each("core")
def test_core_instances(case: Case) -> None:
    check(case)
