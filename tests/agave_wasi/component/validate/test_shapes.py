"""Static types: structure, names, core types, limits."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.shapes import (
    MAX_WORK,
    Defined,
    Resource,
    ResourceAlias,
    Shapes,
    flat_of,
    has_pointers,
    mapped,
    needed,
    shape_of,
    size_of,
)


def test_equal_structure_has_an_equal_shape() -> None:
    shapes = Shapes()
    one = shapes.define(("record", (("a", "u8"), ("b", shapes.define(("list", "string"))))))
    other = shapes.define(("record", (("A", "u8"), ("b", shapes.define(("list", "string"))))))
    assert one is not other
    assert one.shape == other.shape
    assert one.shape != shapes.define(("record", (("a", "u8"), ("b", shapes.define(("list", "u8")))))).shape
    assert shapes.define(("enum", ("a", "b"))).shape != shapes.define(("flags", ("a", "b"))).shape
    assert shape_of(shapes.define(("primitive", "u8"))) == shape_of("u8")
    assert one.again().shape == one.shape


def test_resources_are_equal_by_identity_whatever_their_name() -> None:
    shapes = Shapes()
    resource = Resource("r")
    one = shapes.define(("own", ResourceAlias(resource)))
    assert one.shape == shapes.define(("own", ResourceAlias(resource))).shape
    assert one.shape != shapes.define(("own", ResourceAlias(Resource("r")))).shape
    assert one.shape != shapes.define(("borrow", ResourceAlias(resource))).shape
    assert one.resources == {resource}
    assert shapes.define(("list", one)).resources == {resource}


def test_functions_are_equal_by_names_and_types() -> None:
    shapes = Shapes()
    one = shapes.function((("a", "u8"),), "string", False)
    assert one.shape == shapes.function((("a", "u8"),), "string", False).shape
    for parameters, result, is_async in [
        ((("b", "u8"),), "string", False), ((("a", "s8"),), "string", False), ((("a", "u8"),), None, False),
        ((("a", "u8"),), "string", True), ((), "string", False),
    ]:  # fmt: skip
        assert one.shape != shapes.function(parameters, result, is_async).shape


@pytest.mark.parametrize(
    ("form", "flat"),
    [
        (("primitive", "f64"), "F"),
        (("list", "u8"), "ii"),
        (("list", "u64", 3), "III"),
        (("list", "u8", 17), None),
        (("list", "u8", 1 << 27), None),
        (("map", "u8", "u8"), "ii"),
        (("record", (("a", "u64"), ("b", "string"))), "Iii"),
        (("tuple", ("f32", "char")), "fi"),
        (("tuple", ("u8",) * 16), "i" * 16),
        (("tuple", ("u8",) * 17), None),
        (("flags", ("a",)), "i"),
        (("enum", ("a",)), "i"),
        (("option", "f32"), "if"),
        (("result", None, None), "i"),
        (("result", "f32", "u32"), "ii"),
        (("result", "f32", "f64"), "iI"),
        (("result", "u32", "s64"), "iI"),
        (("result", "string", "f64"), "iIi"),
        (("variant", (("a", None), ("b", "string"))), "iii"),
        (("stream", "string"), "i"),
        (("future", None), "i"),
    ],
)
def test_core_types(form: tuple[object, ...], flat: str | None) -> None:
    assert Shapes().define(form).flat == flat


def test_a_variant_needs_room_for_its_discriminant() -> None:
    shapes = Shapes()
    assert shapes.define(("option", shapes.define(("tuple", ("u8",) * 15)))).flat == "i" * 16
    assert shapes.define(("option", shapes.define(("tuple", ("u8",) * 16)))).flat is None
    assert [flat_of(name) for name in ("bool", "u64", "f32", "f64", "string", "char")] == ["i", "I", "f", "F", "ii", "i"]


def test_pointers_borrows_sizes_and_needs() -> None:
    shapes = Shapes()
    alias = ResourceAlias(Resource("r"))
    borrow = shapes.define(("borrow", alias))
    enum = shapes.define(("enum", ("a",)))
    inner = shapes.define(("tuple", (borrow, enum, "u8")))
    assert (inner.borrows, inner.pointers, inner.size, inner.depth) == (True, False, 4, 2)
    assert inner.needs == {alias, enum}
    assert needed(enum) == {enum}
    record = shapes.define(("record", (("a", inner),)))
    assert record.needs == {alias, enum}
    assert needed(record) == {record}
    assert has_pointers("string")
    assert has_pointers(shapes.define(("option", "string")))
    assert not has_pointers(shapes.define(("list", "u8", 2)))
    assert not has_pointers(shapes.define(("stream", "string")))
    assert size_of("u8") == 1


def test_types_have_a_limit_of_depth() -> None:
    shapes = Shapes()
    type = shapes.define(("primitive", "u8"))
    for _ in range(99):
        type = shapes.define(("option", type))
    with pytest.raises(InvalidComponent, match="nested more than 100 deep"):
        shapes.define(("option", type), 7)


def test_types_have_a_limit_of_size_that_counts_shared_parts_each_time() -> None:
    shapes = Shapes()
    type = shapes.define(("primitive", "u8"))
    for _ in range(18):
        type = shapes.define(("tuple", (type, type)))
    with pytest.raises(InvalidComponent, match="more than 1000000 parts"):
        shapes.define(("tuple", (type, type)))
    with pytest.raises(InvalidComponent, match="more than 1000000 parts"):
        shapes.function((("a", type), ("b", type)), None, False)


def test_work_is_counted() -> None:
    shapes = Shapes()
    shapes.spend(MAX_WORK, 0)
    with pytest.raises(InvalidComponent, match="more than 10000000 steps"):
        shapes.spend(1, 9)


def test_a_type_is_shown_by_its_kind() -> None:
    assert str(Shapes().define(("primitive", "u8"))) == "u8"
    assert str(Defined(("option", "u8"), 0, ["u8"])) == "option"


def test_a_primitive_is_defined_once() -> None:
    shapes = Shapes()
    assert shapes.primitive(("primitive", "u8")) is shapes.primitive(("primitive", "u8"))
    assert shapes.primitive(("primitive", "s8")).form == ("primitive", "s8")


def test_functions_are_steps_to_check_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agave_wasi.component.validate.shapes.MAX_WORK", 5)
    shapes = Shapes()
    for _ in range(5):
        shapes.function((), None, False)
    with pytest.raises(InvalidComponent, match="more than 5 steps to check"):
        shapes.function((), None, False)


def test_extents_and_other_types_in_a_variant() -> None:
    shapes = Shapes()
    assert shapes.define(("primitive", "s64")).extent == (8, 8)
    form = ("variant", (("a", None), ("b", "u8"), ("c", None)))
    assert mapped(form, lambda type: f"{type}!") == ("variant", (("a", None), ("b", "u8!"), ("c", None)))
