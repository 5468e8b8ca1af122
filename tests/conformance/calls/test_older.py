"""The older interface on the reference: the four functions that differ, to the byte, wherever their pointers point."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.calls.compare import compare
from conformance.calls.equal import Equal
from conformance.calls.known import known
from tests.conformance.calls.running import both, module

GUEST = """(module
 (import "wasi_unstable" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
 (import "wasi_unstable" "path_filestat_get" (func $path_stat (param i32 i32 i32 i32 i32) (result i32)))
 (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
 (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
 (import "wasi_unstable" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
 (import "wasi_unstable" "path_open"
  (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
 (memory (export "memory") 1)
 (data (i32.const 0x2000) "file") (data (i32.const 0x2100) "hello")
 (func $clock (param $at i32) (param $user i64) (param $timeout i64)
  (i64.store (local.get $at) (local.get $user)) (i32.store8 offset=8 (local.get $at) (i32.const 0))
  (i64.store offset=16 (local.get $at) (i64.const 0x1122334455667788)) (i32.store offset=24 (local.get $at) (i32.const 1))
  (i64.store offset=32 (local.get $at) (local.get $timeout)) (i64.store offset=40 (local.get $at) (i64.const 0))
  (i32.store offset=48 (local.get $at) (i32.const 0)))
 (func (export "_start") (local $fd i32)
  (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 0x2000))
  (memory.fill (i32.const 0x3000) (i32.const 0xaa) (i32.const 0xd000))
  (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0x2000) (i32.const 4) (i32.const 1) (i64.const 0x1fffffff)
   (i64.const 0) (i32.const 0) (i32.const 0x2200)))
  (local.set $fd (i32.load (i32.const 0x2200)))
  (i32.store (i32.const 0x2210) (i32.const 0x2100)) (i32.store (i32.const 0x2214) (i32.const 5))
  (drop (call $write (local.get $fd) (i32.const 0x2210) (i32.const 1) (i32.const 0x2200)))
  %s
  (i32.store (i32.const 0x2210) (i32.const 0)) (i32.store (i32.const 0x2214) (i32.const 0x10000))
  (drop (call $write (i32.const 1) (i32.const 0x2210) (i32.const 1) (i32.const 0x2200)))))"""
"""A guest that makes a file, does something with all of memory filled, and then shows all of memory."""


def stat(out: int) -> str:
    """A filestat there, its device and number overwritten, which differ by nature."""
    forget = f"(i64.store (i32.const {out}) (i64.const 0)) (i64.store (i32.const {out + 8}) (i64.const 0))"
    return f"(i32.store (i32.const 0x2300) (call $stat (local.get $fd) (i32.const {out}))) {forget}"


def path_stat(out: int) -> str:
    asked = "call $path_stat (i32.const 3) (i32.const 0) (i32.const 0x2000) (i32.const 4)"
    return stat(out).replace("call $stat (local.get $fd)", asked)


def seek(offset: int, whence: int) -> str:
    asked = f"(call $seek (local.get $fd) (i64.const {offset}) (i32.const {whence}) (i32.const 0x2308))"
    return f"(i32.store (i32.const 0x2300) {asked})"


def clocks(at: int, out: int, count: int, told: int = 0x2400) -> str:
    made = [f"(call $clock (i32.const {at + 56 * each}) (i64.const {each}) (i64.const {each + 5}))" for each in range(count)]
    return f"{''.join(made)} (i32.store (i32.const 0x2300) {poll(at, out, count, told)})"


def descriptors(at: int, out: int, count: int, told: int = 0x2400) -> str:
    """A file that can be read, several times; how much can be read is overwritten in the events: it differs, as is known."""
    made = [
        f"(i64.store (i32.const {place}) (i64.const {place})) (i32.store8 offset=8 (i32.const {place}) (i32.const 1)) "
        f"(i32.store offset=16 (i32.const {place}) (local.get $fd))"
        for place in range(at, at + 56 * count, 56)
    ]
    forget = [f"(i64.store offset=16 (i32.const {place}) (i64.const 0))" for place in range(out, out + 32 * count, 32)]
    return f"{''.join(made)} (i32.store (i32.const 0x2300) {poll(at, out, count, told)}) {''.join(forget)}"


def poll(at: int, out: int, count: int, told: int = 0x2400) -> str:
    return f"(call $poll (i32.const {at}) (i32.const {out}) (i32.const {count}) (i32.const {told}))"


def dropped(at: int, count: int) -> str:
    return f"(drop {poll(at, 0x4000, count)})"


WELL = {
    "stat in the middle": stat(0x1000),
    "stat at the start": stat(0),
    "stat in what is put back": stat(16),
    "stat at the very end": stat(0x10000 - 56),
    "stat of nothing": "(i32.store (i32.const 0x2300) (call $stat (i32.const 77) (i32.const 0x1000)))",
    "stat by path": path_stat(0x1000),
    "stat by path at the end": path_stat(0x10000 - 56),
    "seek from here": seek(2, 0),
    "seek from the end": seek(-1, 1),
    "seek from the start": seek(1, 2),
    "seek too far": seek(-9, 2),
    "one clock": clocks(0x1000, 0x4000, 1),
    "clocks": clocks(0x1000, 0x4000, 40),
    "no subscriptions": clocks(0x1000, 0x4000, 0),
    "events over subscriptions": clocks(0x1000, 0x1008, 9),
    "count over subscriptions": clocks(0x1000, 0x4000, 9, 0x1010),
    "subscriptions at the very end": clocks(0x10000 - 56 * 5, 0x4000, 5),
    "more than a page is kept": clocks(0x3000, 0x3000, 700),
}
READY = {
    "apart": descriptors(0x1000, 0x4000, 1),
    "events over subscriptions": descriptors(0x1000, 0x1008, 1),
    "count over subscriptions": descriptors(0x1000, 0x4000, 1, 0x1010),
}
BADLY = {
    "stat beyond": stat(0x10000 - 48),
    "stat far out": stat(0xFFFF_FFF8).partition(" (i64.store")[0],
    "stat askew": stat(0x1004),
    "path stat beyond": path_stat(0x10000 - 48),
    "whence that there isn't": seek(0, 3),
    "subscriptions beyond": dropped(0xFFF0, 1),
    "subscriptions askew": dropped(0x1004, 1),
}
TOO_MANY = {"more than there can be": 0x7FFF_FFFF, "a product that wraps": 0x0924_924A}


@pytest.mark.parametrize("name", WELL)
def test_all_of_memory_is_the_same_afterwards(name: str, tmp_path: Path) -> None:
    here, there = both(Equal(module(tmp_path, GUEST % WELL[name])))
    assert compare(here, there).same(strict=True), compare(here, there)
    assert here.ended_by == "exit" and len(here.stdout) == 0x10000 == len(there.stdout)


@pytest.mark.parametrize("name", READY)
def test_events_of_the_reference_s_own_are_where_they_belong(name: str, tmp_path: Path) -> None:
    here, there = both(Equal(module(tmp_path, GUEST % READY[name])))
    assert here.stdout == there.stdout and len(here.stdout) == 0x10000
    assert here.stdout[0x2300:0x2304] == bytes(4)
    assert set(compare(here, there, known()).known) == {"bytes-that-can-be-read"}


@pytest.mark.parametrize("name", BADLY)
def test_bad_pointers_are_traps_of_the_same_call(name: str, tmp_path: Path) -> None:
    here, there = both(Equal(module(tmp_path, GUEST % BADLY[name])))
    assert here.ended_by == there.ended_by == "trap"
    assert [call.name for call in here.calls] == [call.name for call in there.calls]
    assert compare(here, there).same(strict=True)


@pytest.mark.parametrize("name", TOO_MANY)
def test_lengths_that_are_too_large_differ_as_is_known(name: str, tmp_path: Path) -> None:
    here, there = both(Equal(module(tmp_path, GUEST % dropped(0, TOO_MANY[name]))))
    found = compare(here, there, known())
    assert found.same(strict=False) and set(found.known) == {"pointers-before-the-rest"}


def test_a_guest_without_a_memory(tmp_path: Path) -> None:
    text = """(module (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
      (func (export "_start") (drop (call $seek (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 0)))))"""
    here, there = both(Equal(module(tmp_path, text)))
    assert here.ended_by == there.ended_by == "trap"
