"""C for interfaces: names, types as C lays them out, and calls of whole values. What a compiler makes of it the suite shows."""

from __future__ import annotations

import re

import pytest

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components.header import Header, c_name, header
from conformance.components.wasi import interfaces

P = t.PRIMITIVES


def lines(*functions: model.Function, **types: t.Type) -> str:
    interface = model.Interface("a:b/c@1.0.0", types, {each.name: each for each in functions})
    return header([interface], "About.")


def test_names_that_c_has_for_itself() -> None:
    assert [c_name(each) for each in ("open-at", "default", "bool")] == ["open_at", "default_", "bool_"]


def test_the_whole_of_wasi_has_each_name_once() -> None:
    text = header(interfaces(), "About.")
    names = re.findall(r"static inline \S+ (\w+)\(", text)
    assert len(names) == len(set(names)) == sum(len(each.functions) for each in interfaces())
    assert {"descriptor_open_at", "wall_clock_now", "monotonic_clock_now", "input_stream_read", "poll_poll"} <= set(names)
    types = re.findall(r"^typedef .* (\w+);$", text, re.MULTILINE)
    assert len(types) == len(set(types))
    assert '_Static_assert(sizeof(descriptor_stat_t) == 96 && _Alignof(descriptor_stat_t) == 8, "descriptor_stat_t");' in text
    assert 'IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.write") void' in text
    assert 'IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void pollable_drop(pollable_t self);' in text


def test_types_are_declared_before_they_are_used() -> None:
    known = {"string_t", "size_t"} | {f"{sign}int{bits}_t" for sign in ("u", "") for bits in (8, 16, 32, 64)}
    for line in header(interfaces(), "About.").splitlines():
        made = re.match(r"^typedef (?P<body>.*?) (?P<name>\w+_t);$", line)
        body = made["body"] if made else line.partition("{")[0]
        assert set(re.findall(r"\b\w+_t\b", body)) <= known | ({made["name"]} if made else set()), line
        known |= {made["name"]} if made else set()


def test_a_variant_is_flattened_by_its_case() -> None:
    cases = (model.Case("x", P["u8"]), model.Case("y", P["u64"]), model.Case("z", None))
    choice = model.Variant("choice", "a:b/c@1.0.0", cases)
    text = lines(model.Function("f", "function", (model.Case("v", choice),), None), choice=choice)
    assert "f_core((uint32_t)v.tag, v.tag == 1 ? (uint64_t)(uint64_t)v.y : v.tag == 0 ? (uint64_t)(uint32_t)v.x : 0);" in text


def test_two_types_of_one_name_are_told_apart() -> None:
    writer = Header()
    for owner in ("a:b/one@1.0.0", "a:b/two@1.0.0"):
        code = model.Enum("code", owner, (owner[4], "other"))
        writer.interface(model.Interface(owner, {"code": code}, {}))
    made = [each for each in writer.lines if each.startswith("typedef")]
    assert made == ["typedef uint8_t code_t;", "typedef uint8_t two_code_t;"]


def test_what_c_is_not_written_for_is_said() -> None:
    many = tuple(model.Case(f"p{number}", P["u8"]) for number in range(17))
    with pytest.raises(ValueError, match="more parameters than C is written for"):
        lines(model.Function("f", "function", many, None))
    with pytest.raises(ValueError, match="floating-point"):
        lines(model.Function("f", "function", (model.Case("v", t.Option(P["f32"])),), None))
