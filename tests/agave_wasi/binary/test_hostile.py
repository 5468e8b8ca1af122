"""Broken modules by the thousand: each is described or malformed, soon and without much memory."""

from __future__ import annotations

import tracemalloc
from hashlib import sha256
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_wasi.binary import MalformedModule, describe, lines, render, writer
from agave_wasi.binary.names import Names
from agave_wasi.binary.reader import MODULE_PREAMBLE
from tests.mutator import COMPANIONS, MUTATIONS, mutate


@pytest.fixture(scope="module")
def seeds(texts: dict[str, bytes]) -> list[bytes]:
    """Whole modules to break."""
    return [*texts.values(), *COMPANIONS]


def read_everything(data: bytes) -> bool:
    """Use every reader; could the module be described?"""
    names = Names(data)
    for index in (0, 1, 5):
        names.function(index)
        names.local(index, 0)
    names.module()
    names.function_at(len(data) // 2)
    try:
        lines(render(describe(data)))
        lines(render(describe(data, features=True)))
    except MalformedModule as error:
        assert 0 <= error.offset <= len(data)
        return False
    return True


def test_two_thousand_mutants(seeds: list[bytes]) -> None:
    described = 0
    tracemalloc.start()
    for seed in range(2000):
        data = mutate(seeds[seed % len(seeds)], seed)
        begin = thread_time()
        described += read_everything(data)
        assert thread_time() - begin < 20, seed  # computing; what a busy machine takes for others isn't counted
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000
    assert 300 < described < 1700  # neither all noise nor all harmless


def test_mutants_of_a_compiled_guest(guest: bytes) -> None:
    described = sum(read_everything(mutate(guest, seed)) for seed in range(60))
    assert 0 < described < 60


def test_engine_accepts_nothing_that_is_malformed(seeds: list[bytes]) -> None:
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    config.wasm_memory64 = config.wasm_multi_memory = config.wasm_threads = config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    accepted = 0
    for seed in range(2000):
        data = mutate(seeds[seed % len(seeds)], seed)
        try:
            wasmtime.Module.validate(engine, data)
        except wasmtime.WasmtimeError:
            continue
        accepted += 1
        assert read_everything(data), seed
    assert accepted > 50


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_preamble(rest: bytes) -> None:
    read_everything(MODULE_PREAMBLE + rest)


@given(st.binary(max_size=60), st.integers(0, 2**63))
def test_the_mutator_takes_any_bytes(data: bytes, seed: int) -> None:
    assert mutate(data, seed) == mutate(data, seed)


def test_the_mutator_is_the_same_everywhere() -> None:
    digest = sha256(b"".join(mutate(COMPANIONS[seed % 4], seed) for seed in range(500))).hexdigest()
    assert digest[:16] == "235d168c244d053b"
    assert len({mutate(COMPANIONS[1], seed) for seed in range(500)}) > 300
    assert len(MUTATIONS) == len(set(MUTATIONS))


def test_companions_are_well_formed() -> None:
    assert [describe(data, features=True).problems for data in COMPANIONS] == [()] * 4


@pytest.mark.parametrize(
    ("head", "repeated"), [(b"", b"\0\x01\0"), (b"\x01\x83\x80\x80\x01", b"\x60\0\0"), (b"", b"(;(")]
)
def test_long_sections_take_linear_time(head: bytes, repeated: bytes) -> None:
    def spent(count: int) -> float:
        payload = head + repeated * count
        begin = thread_time()
        read_everything(MODULE_PREAMBLE + payload)
        describe(payload)
        return thread_time() - begin

    spent(10)  # which imports
    assert spent(1_000_000) < 100 * spent(50_000) + 0.5  # twenty times as long, or four hundred times as much


def test_a_large_module_is_described_in_a_moment() -> None:
    body = b"\x80\x08\x00" + b"\x41\x01\x1a" * 340 + b"\x01\x01\x0b"
    count = 60_000
    code = writer.unsigned(count) + body * count
    functions = writer.unsigned(count) + bytes(count)
    parts = [MODULE_PREAMBLE, *writer.section(1, (b"\x01\x60\0\0",)), *writer.section(3, (functions,))]
    data = b"".join([*parts, *writer.section(10, (code,))])
    assert len(data) > 60_000_000
    describe(COMPANIONS[0], features=True)  # which imports
    begin = thread_time()
    assert describe(data).function_count == count
    moment = thread_time() - begin
    assert describe(data, features=True).features == ()
    assert moment < (thread_time() - begin) / 5  # which looks at each instruction
