"""The reference's calls in a thread of their own, on a second CPU, while agave-wasi's own calls are made.

The thread stays in a loop of WebAssembly, the door, that looks at a word of its memory: what is posted there is called, and the
answer put beside it. So Python's lock isn't needed for a call, and nobody has to be woken, which would take longer than a call.
Where nothing is posted for a millisecond, or a call ends with a trap, the thread comes out, and sleeps until it is sent back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from ctypes import CDLL, addressof, byref, c_char, c_size_t, c_uint64, c_void_p, cast
from functools import cache
from platform import machine
from threading import Lock, Thread, get_native_id
from time import perf_counter, sleep
from typing import Any

import wasmtime

from agave_wasi.engines import capi
from agave_wasi.engines.capi import to_wasm
from agave_wasi.preview1.compiled import SIGNATURES
from conformance.fuzz.reference import Reference, engine_and_module
from conformance.fuzz.side import Answer, packer, pointer

PAGE = 1 << 16
POSTED, ANSWERED, FUNCTION, ERRNO, SLOTS = range(0, 20, 4)
"""The door's memory: the numbers of the last call that was posted and of the last that was answered; which function, its errno
and its slots."""
LOOKS = 300_000
"""So often the thread looks in vain before it comes out."""
SPINS = 1000
"""So often an answer is looked for before others may have Python's lock: some fifty microseconds."""
MOMENT = 50e-6
"""Seconds between two looks then."""
GAIN = 8e-6
"""Seconds that are won by a call, or less."""
CREDIT = 5e-3
"""Seconds that may be lost at once: the host has other things to do now and then."""
FIRST_NAP, LONGEST_NAP = 1000, 64_000
"""Calls that are made in place when more is lost."""
TASKS = "/proc/self/task"
_TYPES = {"i": "i32", "I": "i64"}
_LEAVE = len(SIGNATURES)


def text() -> str:
    """The door as text: a place in a table for each of the guest's functions, and the loop."""
    imports, calls = [], []
    for name, (parameters, results, _) in SIGNATURES.items():
        kind = f"(param {' '.join(_TYPES[letter] for letter in parameters)})" + (" (result i32)" if results else "")
        given = " ".join(f"({_TYPES[letter]}.load (i32.const {SLOTS + 16 * at}))" for at, letter in enumerate(parameters))
        imports.append(f' (import "guest" "{name}" (func ${name} {kind}))')
        calls.append(f" (func $call_{name} (type $call) (call ${name} {given}){'' if results else ' (i32.const 0)'})")
    return "\n".join([
        "(module (type $call (func (result i32)))", *imports,
        f' (memory (export "memory") 1 1) (table {len(calls)} funcref)',
        f" (elem (i32.const 0) {' '.join(f'$call_{name}' for name in SIGNATURES)})", *calls,
        f""" (func (export "serve") (local $left i32) (local $posted i32)
  (local.set $left (i32.const {LOOKS}))
  (loop $more
   (local.set $posted (i32.atomic.load (i32.const {POSTED})))
   (if (i32.ne (local.get $posted) (i32.load (i32.const {ANSWERED})))
    (then
     (if (i32.eq (i32.load (i32.const {FUNCTION})) (i32.const {_LEAVE})) (then (return)))
     (i32.store (i32.const {ERRNO}) (call_indirect (type $call) (i32.load (i32.const {FUNCTION}))))
     (i32.atomic.store (i32.const {ANSWERED}) (local.get $posted))
     (local.set $left (i32.const {LOOKS}))))
   (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))""",
    ])  # fmt: skip


@cache
def _door() -> wasmtime.Module:
    return wasmtime.Module(engine_and_module()[0], to_wasm(text().encode()))


@cache
def _places() -> dict[str, tuple[int, Callable[..., None]]]:
    """Where a function stands in the table, and what packs its slots."""
    return {name: (place, packer(name)) for place, name in enumerate(SIGNATURES)}


@cache
def _unlocked() -> Any:
    """wasmtime_func_call_unchecked, without Python's lock."""
    found = CDLL(capi.library_path(capi.package_folder()))["wasmtime_func_call_unchecked"]
    found.restype = c_void_p
    return found


class SecondCpu:
    """A CPU beside the one that this process stays on, as long as it has the time.

    Where others keep it busy, a call that is waited for costs more than is won. So what is won is counted against what was
    waited for, and when nothing is left, calls are made in place for a while: twice as long as the last time, if it wasn't good
    for as many. `calls` are how many there were in place, and here.
    """

    def __init__(self, here: int, there: int) -> None:
        self.here, self.there = here, there
        self.calls = [0, 0]
        self.credit = CREDIT
        self.nap = self.left = 0
        self.woke = self.counted = 0
        """How many calls it had made when it was last used again, and when its credit was last counted."""

    def late(self, waited: float) -> bool:
        """An answer was waited for so many seconds: is that too much, so that calls are made in place now?"""
        made = self.calls[1]
        self.credit = min(self.credit + GAIN * (made - self.counted), CREDIT) - waited
        self.counted = made
        if self.credit >= 0:
            return False
        self.nap = FIRST_NAP if made - self.woke >= self.nap else min(2 * self.nap, LONGEST_NAP)
        self.left, self.credit, self.woke = self.nap, CREDIT, made
        return True


def second_cpu(allowed: Collection[int]) -> SecondCpu | None:
    """A second CPU of those that may be used; none where another one may see stores out of order, or threads can't be moved."""
    if len(allowed) < 2 or machine() not in ("x86_64", "AMD64") or not os.path.isdir(TASKS):
        return None
    there, here = sorted(allowed)[-2:]
    return SecondCpu(here, there)


class Abreast(Reference):
    """The reference with a thread of its own on a second CPU: `begin` posts a call, `finish` waits for the answer."""

    def __init__(self, argv: Sequence[str], within: str | None, cpu: SecondCpu) -> None:
        self.cpu = cpu
        self._number = 0
        self._in_place: tuple[str, Sequence[int]] | None = None
        self._ended: Answer | None = None
        self._sent, self._out = Lock(), Lock()
        """Let go when the thread is sent into the loop, and when it has come out; at first it is out."""
        self._sent.acquire()
        self._leaving = False
        super().__init__(argv, within)

    def _start(self) -> None:
        super()._start()
        door = wasmtime.Instance(self.store, _door(), [self.exports[each.name or ""] for each in _door().imports])
        exports = door.exports(self.store)
        memory, serve = exports["memory"], exports["serve"]
        assert isinstance(memory, wasmtime.Memory) and isinstance(serve, wasmtime.Func)
        self._serve_function = serve
        base = cast(memory.data_ptr(self.store), c_void_p).value or 0
        posted = memoryview((c_char * PAGE).from_address(base)).cast("B")
        self._board, self._given = posted.cast("I"), posted[SLOTS:]
        move(self.cpu.here if self.cpu.left else self.cpu.there)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """What the thread does."""
        os.sched_setaffinity(0, {self.cpu.there})
        call, slots, trap = _unlocked(), (c_uint64 * 2)(), c_void_p()
        arguments = self._context, pointer(addressof(self._serve_function._func)), byref(slots), c_size_t(1), byref(trap)
        while True:
            self._sent.acquire()
            error = None if self._leaving else call(*arguments)
            if error or trap.value:
                found, trap.value = trap.value, None
                self._ended = self.ending(found, error)
            if self._leaving:
                return
            self._out.release()

    def begin(self, name: str, slots: Sequence[int]) -> None:
        cpu = self.cpu
        cpu.calls[not cpu.left] += 1
        if cpu.left:
            cpu.left -= 1
            self._in_place = name, slots
            if not cpu.left:
                move(cpu.there)
            return
        board = self._board
        board[FUNCTION >> 2], pack = _places()[name]
        pack(self._given, 0, *slots)
        self._number = board[POSTED >> 2] = self._number + 1
        if self._out.acquire(False):
            self._send()

    def _send(self) -> None:
        """Send the thread into the loop, and let it have Python's lock, which it needs until it is there."""
        self._sent.release()
        sleep(0)

    def finish(self) -> Answer:
        if self._in_place is not None:
            asked, self._in_place = self._in_place, None
            return super().call(*asked)
        board, number, answered = self._board, self._number, ANSWERED >> 2
        for _ in range(SPINS):
            if board[answered] == number:
                return board[ERRNO >> 2]
        return self._late()

    def _late(self) -> Answer:
        """The answer to a call that takes long, or ends with a trap."""
        board, number, answered = self._board, self._number, ANSWERED >> 2
        began = perf_counter()
        while board[answered] != number:
            if not self._out.acquire(timeout=MOMENT):
                if not self._thread.is_alive():
                    raise RuntimeError("the thread that makes the reference's calls has ended")
                continue
            if self._ended is not None or board[answered] == number:
                board[answered] = number
                self._out.release()
            else:  # it came out before it saw the call
                self._send()
        ended, self._ended = self._ended, None
        answer = board[ERRNO >> 2] if ended is None else ended
        if self.cpu.late(perf_counter() - began):
            self._call_out()
        return answer

    def _call_out(self) -> None:
        """Have the thread come out of the loop, for calls are going to be made in place."""
        self._post_end()
        with self._out:
            move(self.cpu.here)

    def _post_end(self) -> None:
        self._board[FUNCTION >> 2] = _LEAVE
        self._board[POSTED >> 2] = self._number + 1

    def call(self, name: str, slots: Sequence[int]) -> Answer:
        self.begin(name, slots)
        return self.finish()

    def close(self) -> None:
        self._leaving = True
        self._post_end()
        if self._sent.locked():
            self._sent.release()
        self._thread.join()
        super().close()


def move(cpu: int) -> None:
    """Move wasmtime's own threads, which serve files, to where its calls are made: handing over between CPUs takes longer."""
    here = get_native_id()
    for each in map(int, os.listdir(TASKS)):
        if each != here:
            with suppress(ProcessLookupError):
                os.sched_setaffinity(each, {cpu})
