"""What a decoded component is: plain values, equal when their parts are."""

from __future__ import annotations

from agave_wasi.component.model import Component, ExternType, Import, Options, TypeDefinition


def test_options_are_as_the_format_says_where_nothing_is_given() -> None:
    options = Options()
    assert (options.encoding, options.memory, options.realloc, options.post_return) == ("utf8", None, None, None)
    assert (options.is_async, options.callback, options.core_type, options.gc) == (False, None, None, False)


def test_an_import_has_no_annotations_unless_it_is_given_some() -> None:
    plain = Import(8, "a", ExternType("func", 0))
    assert plain.annotations == ()
    assert plain == Import(8, "a", ExternType("func", 0), ())
    assert plain != Import(8, "a", ExternType("func", 0), (("external-id", "x"),))


def test_a_component_keeps_its_definitions_in_order() -> None:
    definitions = [TypeDefinition(10, ("primitive", "u8")), TypeDefinition(11, ("list", 0))]
    component = Component(definitions, [], 20)
    assert component.definitions == definitions
    assert (component.customs, component.size) == ([], 20)
