"""Types of instances and components: what is free in them, and putting resources in the place of others."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate.entities import (
    ComponentType,
    InstanceType,
    Item,
    ModuleType,
    Substitution,
    exported_resources,
    renamings,
    resources_of,
    size_of_any,
)
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.shapes import Resource, ResourceAlias, Shapes


def user(shapes: Shapes, alias: ResourceAlias) -> Item:
    """A function that takes the resource."""
    return Item("func", shapes.function((("a", shapes.define(("own", alias))),), None, False))


def test_what_an_instance_brings_along_is_not_free() -> None:
    shapes = Shapes()
    own, other = ResourceAlias(Resource("own")), ResourceAlias(Resource("other"))
    exports = {"r": Item("type", own, own), "f": user(shapes, own), "g": user(shapes, other)}
    found = InstanceType(exports, ((own.resource, ("r",)),))
    assert found.resources == {other.resource}
    component = ComponentType({}, exports, ((other.resource, ("x",)),), ((own.resource, ("r",)),))
    assert resources_of(component) == frozenset()
    assert ModuleType({}, {}).resources == frozenset()
    assert resources_of("u8") == frozenset()
    assert size_of_any(own) == size_of_any("u8") == 1


def test_putting_a_resource_in_the_place_of_another() -> None:
    shapes = Shapes()
    alias, new = ResourceAlias(Resource("old")), Resource("new")
    plain = Item("func", shapes.function((), "u8", False))
    inner = InstanceType({"f": user(shapes, alias), "p": plain})
    change = Substitution(shapes, {alias.resource: new})
    found = change(InstanceType({"r": Item("type", alias, alias), "i": Item("instance", inner), "p": plain}))
    assert found.exports["r"].type.resource is new
    assert found.exports["r"].type is found.exports["r"].of
    taken = found.exports["i"].type.exports["f"].type.parameters[0][1].form[1]
    assert taken is found.exports["r"].type, "one name stays one name"
    assert found.exports["p"].type is plain.type
    assert change(inner) is found.exports["i"].type
    assert change("u8") == "u8"


def test_putting_a_type_in_the_place_of_its_equal() -> None:
    shapes = Shapes()
    form = ("record", (("a", "u8"),))
    mine, given = shapes.define(form), shapes.define(form)
    imports = {"h": Item("instance", InstanceType({"t": Item("type", mine, mine)})), "u": Item("type", "u8", "u8")}
    offers = {"h": Item("instance", InstanceType({"t": Item("type", given, given)})), "u": Item("type", "u8", "u8")}
    assert list(renamings(offers, imports)) == [(mine, given)]
    change = Substitution(shapes, {}, {mine: given})
    outer = shapes.define(("record", (("b", shapes.define(("option", mine))),)))
    function = shapes.function((("a", shapes.define(("list", outer))),), None, False)
    found = change(InstanceType({"o": Item("type", outer, outer), "f": Item("func", function)}))
    assert change(mine) is given and found.exports["o"].type.needs == {given}
    assert found.exports["f"].type.needs == {found.exports["o"].type}, "one name stays one name"
    other = shapes.define(form)
    assert change(other) is other


def test_resources_are_found_with_their_paths() -> None:
    alias, other = ResourceAlias(Resource("a")), ResourceAlias(Resource("b"))
    inner = InstanceType({"b": Item("type", other, other)})
    exports = {"a": Item("type", alias, alias), "i": Item("instance", inner), "f": Item("type", "u8", "u8")}
    assert list(exported_resources(exports)) == [(alias.resource, ("a",)), (other.resource, ("i", "b"))]


def test_an_instance_has_a_limit_of_size() -> None:
    shapes = Shapes()
    type = shapes.define(("primitive", "u8"))
    for _ in range(18):
        type = shapes.define(("tuple", (type, type)))
    item = Item("type", type, type)
    with pytest.raises(InvalidComponent, match="more than 1000000 parts"):
        InstanceType({"a": item, "b": item}, (), 5)


def test_instances_have_a_limit_of_depth() -> None:
    found = InstanceType({})
    for _ in range(99):
        found = InstanceType({"a": Item("instance", found)})
    assert found.depth == 100
    with pytest.raises(InvalidComponent, match="nested more than 100 deep"):
        InstanceType({"a": Item("instance", found)}, (), 5)
    with pytest.raises(InvalidComponent, match="nested more than 100 deep"):
        ComponentType({"a": Item("type", found, found)}, {}, (), ())


def test_a_components_size_is_that_of_what_it_wants_and_offers() -> None:
    item = Item("type", "u8", "u8")
    empty, full = ComponentType({}, {}, (), ()), ComponentType({"a": item}, {"b": item, "c": item}, (), ())
    assert full.size - empty.size == 3 * (ComponentType({"a": item}, {}, (), ()).size - empty.size) > 0
