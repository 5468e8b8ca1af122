"""Descriptions as values: equal when files are, and as JSON without a loss."""

from __future__ import annotations

import json

from agave_wasi.binary import describe
from agave_wasi.binary.description import ModuleDescription, SectionInfo


def test_json(modules: dict[str, bytes]) -> None:
    for data in modules.values():
        found = describe(data, features=True)
        assert json.loads(json.dumps(found.to_json())) == found.to_json()
        assert found.to_json()["kind"] == "module"


def test_only_functions_are_counted_as_imported_functions(texts: dict[str, bytes]) -> None:
    found = describe(texts["imports"])
    assert [item.kind for item in found.imports] == ["memory", "table", "global", "func"]
    assert found.imported_functions == 1


def test_custom_sections_are_those_of_all_and_keep_their_order() -> None:
    sections = tuple(SectionInfo(name, name != "type", at, 1) for at, name in enumerate(("b", "type", "a")))
    found = ModuleDescription("module", 9, sections)
    assert [section.name for section in found.custom_sections] == ["b", "a"]
    assert found == ModuleDescription("module", 9, sections) != ModuleDescription("module", 8, sections)
