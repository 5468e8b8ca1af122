"""What fits where: functions, instances, components, modules, resources by their paths."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate.entities import InstanceType, Item
from agave_wasi.component.validate.shapes import Resource, ResourceAlias, Shapes
from agave_wasi.component.validate.subtyping import Comparison, a, described
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("fit")
def test_what_fits(case: Case) -> None:
    check(case)


def test_a_misfit_is_a_sentence_and_a_fit_is_none() -> None:
    shapes = Shapes()
    one, other = (Item("func", shapes.function((), result, False)) for result in ("u8", "s8"))
    comparison = Comparison(shapes)
    assert comparison.misfit(one, one) is None
    assert comparison.misfit(one, other) == "the type of its result is not the expected one"
    assert comparison.misfit(one, Item("instance", InstanceType({}))) == "it is a func, where an instance is expected"
    assert comparison.misfit(Item("value", "u8"), Item("value", "u8")) is None
    assert comparison.misfit(Item("value", "u8"), Item("value", "s8")) == "the values' types differ"


@pytest.mark.parametrize(("wanted", "fault"), [("(func)", None), ("(func (param i32))", "import 'a' 'b': ")])
def test_a_module_wants_no_more_than_it_is_given(wanted: str, fault: str | None) -> None:
    text = f"""(component $c (import "x" (core module (import "a" "b" (func)))))
      (core module $m (import "a" "b" {wanted})) (instance (instantiate $c (with "x" (core module $m))))"""
    check(Case("fit", "a module", text, fault))


def test_what_has_been_compared_is_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = Shapes()
    comparison = Comparison(shapes)
    given, expected = InstanceType({}), InstanceType({})
    compared = []

    def counted(self: Comparison, given: InstanceType, expected: InstanceType) -> str | None:
        compared.append(given)
        return compare(self, given, expected)

    compare = Comparison.instances
    monkeypatch.setattr(Comparison, "instances", counted)
    for _ in range(18):  # each is twice in the next
        given, expected = (InstanceType({name: Item("instance", each) for name in "ab"}) for each in (given, expected))
    assert comparison.misfit(Item("instance", given), Item("instance", expected)) is None
    assert len(compared) == 19


def test_open_resources_are_taken_by_their_paths() -> None:
    bound, given = Resource("bound"), ResourceAlias(Resource("given"))
    items = {"i": Item("instance", InstanceType({"r": Item("type", given, given), "t": Item("type", "u8", "u8")}))}
    comparison = Comparison(Shapes())
    assert comparison.open(items, ((bound, ("i", "r")),)) == ({bound: given.resource}, None)
    assert comparison.open(items, ((bound, ("i", "x")),))[1] == "the resource 'i/x' is missing"
    assert comparison.open(items, ((bound, ("i", "t")),))[1] == "'i/t' is expected to be a resource"
    assert comparison.open(items, ((bound, ("i", "r", "q")),))[1] == "the resource 'i/r/q' is missing"


def test_words() -> None:
    shapes = Shapes()
    assert [a("func"), a("instance"), a("core module")] == ["a func", "an instance", "a core module"]
    types = [
        "u8",
        shapes.define(("list", "u8")),
        shapes.function((), None, False),
        InstanceType({}),
        ResourceAlias(Resource("r")),
    ]
    assert list(map(described, types)) == ["u8", "list", "a function type", "an instance type", "a resource"]
