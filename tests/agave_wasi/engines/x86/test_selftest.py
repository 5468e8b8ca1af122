"""The table of layouts against the code that wasmtime emits; and that a wrong table doesn't stay unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86 import compile as compiling
from agave_wasi.engines.x86 import selftest
from agave_wasi.engines.x86.selftest import UNSEEN, check, ensure
from agave_wasi.engines.x86.vmctx import VERSIONS, Version, version

pytestmark = pytest.mark.skipif(not compiling.can_compile(), reason="wasmtime compiles for x86-64 Linux only there")
TABLE = version()
FIELDS = [(struct, field) for struct, fields in TABLE.structs.items() for field in fields]
images: dict[bytes, bytes] = {}


def compiled(wasm: bytes, config: EngineConfig) -> bytes:
    if wasm not in images:
        images[wasm] = compiling.compile_module(wasm, config)
    return images[wasm]


def changed(struct: str, field: str, by: int) -> Version:
    structs = {name: dict(fields) for name, fields in TABLE.structs.items()}
    structs[struct][field] += by
    return Version(TABLE.name, TABLE.parts, structs, TABLE.builtins, TABLE.settings)


def test_this_release_is_as_the_table_says() -> None:
    check(compiled)


@pytest.mark.parametrize(("struct", "field"), [each for each in FIELDS if f"{each[0]}.{each[1]}" not in UNSEEN])
def test_a_changed_field_is_seen_and_named(struct: str, field: str) -> None:
    by = -8 if struct == "globals_alignment" else 8  # 16 + 8 may be right by chance
    with pytest.raises(EngineError) as caught:
        check(compiled, changed(struct, field, by))
    assert TABLE.name in str(caught.value) and "pip install" in str(caught.value)
    if struct not in ("pointer", "length"):  # which everything else is made of
        assert f"{struct}.{field}" in str(caught.value)


@pytest.mark.parametrize("name", sorted(UNSEEN))
def test_what_is_said_to_be_unseen_is_so(name: str) -> None:
    struct, _, field = name.partition(".")
    check(compiled, changed(struct, field, 8))


def test_unseen_fields_exist() -> None:
    assert {f"{struct}.{field}" for struct, field in FIELDS} >= set(UNSEEN)


def used() -> list[str]:
    from agave_wasi.engines.x86.image import read_image

    return sorted(read_image(compiled(selftest.PROBES["main"], EngineConfig(fuel=True))).builtins)


@pytest.mark.parametrize("name", used() if compiling.can_compile() else [])
def test_a_moved_builtin_is_seen_and_named(name: str) -> None:
    builtins = [each for each in TABLE.builtins if each != name]
    builtins.append(name)
    with pytest.raises(EngineError, match=r"builtins\."):
        check(compiled, Version(TABLE.name, TABLE.parts, TABLE.structs, builtins, TABLE.settings))


@pytest.mark.parametrize("place", range(len(TABLE.parts) - 1))
def test_parts_in_another_order_are_seen(place: int) -> None:
    parts = list(TABLE.parts)
    if parts[place + 1][0] in ("func_refs", "start_func_ref"):
        pytest.skip("compiled code doesn't go there itself; only the host does")
    parts[place], parts[place + 1] = parts[place + 1], parts[place]
    with pytest.raises(EngineError, match=TABLE.name):
        check(compiled, Version(TABLE.name, parts, TABLE.structs, TABLE.builtins, TABLE.settings))


def test_a_builtin_that_is_gone_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(*_: object) -> list[selftest.Fact]:
        return [("builtins.gone", "main", "builtin:gone", ("rdi",))]

    monkeypatch.setattr(selftest, "facts", facts)
    with pytest.raises(EngineError, match="the function builtin:gone of the probe main isn't there"):
        check(compiled)


def test_it_is_done_once_for_each_cache_and_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Version | None] = []
    monkeypatch.setattr(selftest, "check", lambda compile, table: calls.append(table))
    monkeypatch.setattr(selftest, "_passed", set())
    cache = CodeCache(str(tmp_path / "cache"))
    ensure(cache)
    ensure(cache)
    assert len(calls) == 1
    selftest._passed.clear()  # another process
    ensure(cache)
    assert len(calls) == 1
    monkeypatch.setitem(VERSIONS, TABLE.name, changed("store", "fuel", 8))
    ensure(cache)
    assert len(calls) == 2


def test_without_a_cache_it_is_done_once_for_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Version | None] = []
    monkeypatch.setattr(selftest, "check", lambda compile, table: calls.append(table))
    monkeypatch.setattr(selftest, "_passed", set())
    ensure(CodeCache(""))
    ensure(CodeCache(""))
    assert len(calls) == 1


def test_a_failure_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_passed", set())
    monkeypatch.setitem(VERSIONS, TABLE.name, changed("store", "fuel", 8))
    cache = CodeCache(str(tmp_path / "cache"))
    for _ in range(2):
        with pytest.raises(EngineError, match=r"store\.fuel"):
            ensure(cache)


def test_where_nothing_can_be_compiled_images_run_unchecked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_passed", set())
    monkeypatch.setattr(compiling, "can_compile", lambda: False)
    ensure(CodeCache(str(tmp_path)))
    assert not list(tmp_path.iterdir())
