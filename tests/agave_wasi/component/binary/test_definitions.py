"""Instances, aliases, imports, exports, start and values: every form, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.component.binary.definitions import alias, core_instance, export, import_, instance, start, value
from agave_wasi.component.model import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Bundle,
    CoreBundle,
    CoreInstantiate,
    Export,
    ExternType,
    Import,
    Instantiate,
    Start,
    ValueDefinition,
)
from tests.agave_wasi.component.texts import decoded


def last(text: str) -> Any:
    return decoded(text).definitions[-1]._replace(offset=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '(core instance (instantiate 1 (with "a" (instance 2)) (with "" (instance 0))))',
            CoreInstantiate(0, 1, (("a", 2), ("", 0))),
        ),
        (
            '(core instance (export "f" (func 1)) (export "m" (memory 0)) (export "t" (table 2)) (export "g" (global 3)))',
            CoreBundle(0, (("f", "core func", 1), ("m", "core memory", 0), ("t", "core table", 2), ("g", "core global", 3))),
        ),
        (
            '(instance (instantiate 0 (with "a" (func 1)) (with "b" (core module 2)) (with "c" (type 3))))',
            Instantiate(0, 0, (("a", "func", 1), ("b", "core module", 2), ("c", "type", 3))),
        ),
        (
            '(instance (export "a" (func 1)) (export "x:y/z@1.0.0" (instance 2)))',
            Bundle(0, (("a", "func", 1), ("x:y/z@1.0.0", "instance", 2))),
        ),
        ('(alias export 3 "a" (instance))', AliasExport(0, "instance", 3, "a")),
        ('(alias export 3 "a" (core module))', AliasExport(0, "core module", 3, "a")),
        ('(alias core export 3 "a" (core memory))', AliasCoreExport(0, "core memory", 3, "a")),
        ("(alias outer 0 5 (type))", AliasOuter(0, "type", 0, 5)),
        ("(alias outer 0 5 (component))", AliasOuter(0, "component", 0, 5)),
        ("(alias outer 0 5 (core module))", AliasOuter(0, "core module", 0, 5)),
        ('(import "a" (func (type 3)))', Import(0, "a", ExternType("func", 3))),
        (
            '(import "a" (implements "x:y/z") (instance (type 3)))',
            Import(0, "a", ExternType("instance", 3), (("implements", "x:y/z"),)),
        ),
        ('(export "a" (func 3))', Export(0, "a", "func", 3, None)),
        ('(export "a" (func 3) (func (type 1)))', Export(0, "a", "func", 3, ExternType("func", 1))),
        ('(export "a" (core module 3))', Export(0, "a", "core module", 3, None)),
    ],
)
def test_every_form(text: str, expected: object) -> None:
    assert last(text) == expected


def test_an_instance_keeps_what_is_said_about_its_exports() -> None:
    data = bytes.fromhex("01 02 02 01 61 01 02 01 78 01 00 00 01 62 01 01")
    found = instance(Reader(data))
    assert found == Bundle(0, (("a", "func", 0), ("b", "func", 1)), (("a", (("external-id", "x"),)),))


def test_start_and_values() -> None:
    assert start(Reader(bytes.fromhex("05 02 01 00 03"))) == Start(0, 5, (1, 0), 3)
    assert value(Reader(bytes.fromhex("73 03 02 6869"))) == ValueDefinition(0, "string", b"\x02hi")


@pytest.mark.parametrize(("read", "data"), [(core_instance, "01 01 00 00 00"), (instance, "01 01 00 00 01 00")])
def test_the_shortest_export_ends_with_the_data(read: Any, data: str) -> None:
    assert [each[0] for each in read(Reader(bytes.fromhex(data))).exports] == [""]


@pytest.mark.parametrize("data", ["00 00", "01"])
@pytest.mark.parametrize("read", [core_instance, instance])
def test_there_is_a_limit_of_arguments_and_exports(read: Any, data: str) -> None:
    with pytest.raises(MalformedModule, match="100000 items does not fit the 0 bytes left"):
        read(Reader(bytes.fromhex(f"{data} a0 8d 06")))
    with pytest.raises(MalformedModule, match="100001 items, more than the implementation limit of 100000"):
        read(Reader(bytes.fromhex(f"{data} a1 8d 06")))


@pytest.mark.parametrize(
    ("read", "data", "offset", "reason"),
    [
        (core_instance, "02 00", 0, "0x02 is no form of a core instance"),
        (core_instance, "00 00 01 00 11 00", 4, "0x11 is no sort of an argument to a module, which is 0x12: a core instance"),
        (core_instance, "01 01 00 12 00", 3, "0x12 is no sort of an export of a core instance"),
        (core_instance, "01 01 00 07 00", 3, "0x07 is no sort of an export of a core instance"),
        (instance, "02 00", 0, "0x02 is no form of an instance"),
        (instance, "00 00 01 00 00 02 00", 5, "0x02 is no sort that an instance can be given or export"),
        (instance, "01 01 00 00 00 10 00", 5, "0x10 is no sort that an instance can be given or export"),
        (alias, "01 03 00 00", 1, "0x03 is no target of an alias"),
        (alias, "00 02 00 00 00", 1, "0x02 is no sort of an export that an alias can be of"),
        (alias, "01 01 00 00", 0, "0x01 is no sort of a core export"),
        (alias, "01 02 00 00", 0, "0x01 is no sort of an outer alias: a type, module or component"),
        (import_, "03 00 01 00", 0, "0x03 is no form of an import's or export's name"),
        (export, "00 00 00 02 00 00", 3, "0x02 is no sort of an export"),
        (export, "00 00 01 00 02", 4, "0x02, where 0 is nothing and 1 something"),
    ],
)
def test_what_is_none(read: Any, data: str, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule) as found:
        read(Reader(bytes.fromhex(data)))
    assert (found.value.offset, found.value.reason) == (offset, reason)
