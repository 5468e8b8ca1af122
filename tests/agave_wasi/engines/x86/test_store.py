"""A store on the CPU model: limits, stopping, waiting, closing; guests one after the other and beside each other."""

from __future__ import annotations

import gc
import os
import time
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from agave_wasi import Caller, World
from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import EngineConfig, EngineError, HostFunction, Interrupted, StoreLimits
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.store import MAX_STUBS, Store
from agave_wasi.loader import Loader, engine_for
from agave_wasi.program import Guest
from agave_wasi.streams import standard_streams
from kernel_sim.cpu.layout import PAGE
from kernel_sim.cpu.memory import Memory
from kernel_sim.errors import Deadlock
from kernel_sim.fs.special import Pipe
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile
from kernel_sim.sched import Scheduler
from tests.agave_wasi.engines.stopping import PATIENCE, SOON, interrupted, soon
from tests.agave_wasi.engines.test_fibers import NESTED, TALKER, TOTAL
from tests.agave_wasi.engines.x86.both import same
from tests.agave_wasi.guests import LOOP, READS_STDIN, imported, modelled, prints, sleeps, wat

COUNTS = '(module (func (export "count") (param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))'


@pytest.fixture
def engine() -> X86Engine:
    return X86Engine(EngineConfig())


@pytest.fixture
def store(engine: X86Engine) -> Iterator[Store]:
    made = engine.store(StoreLimits())
    yield made
    made.close()


# Fuel


@pytest.mark.parametrize("program", [prints("hello"), sleeps(5), wat(READS_STDIN)])
def test_fuel_is_used_as_on_the_jit_engine(program: bytes) -> None:
    def use(world: World) -> object:
        result = world.run(program)
        return result.ended_by, result.exit_code, result.fuel

    for fuel in (3, 8, 1_000_000, (1 << 64) - 1):
        same(use, fuel=fuel)


def test_without_a_limit_fuel_is_only_counted() -> None:
    engine = X86Engine(EngineConfig(fuel=True))
    store = engine.store(StoreLimits())
    assert store.fuel_left() == (1 << 64) - 1
    call = store.instantiate(engine.compile(wat(COUNTS)), {}).start_call("count", (5,))
    assert call.resume() is None and call.finished
    assert 0 < (1 << 64) - 1 - store.fuel_left() < 100
    store.context.fuel = 3  # 2**63 - 1 are used up, and 3
    assert store.more_fuel() and store.fuel_left() == (1 << 63) - 3
    store.context.fuel = 0
    assert store.more_fuel() and store.fuel_left() == 1
    store.context.fuel = 0
    assert not store.more_fuel()
    store.close()


def test_fuel_only_where_it_is_counted(store: Store) -> None:
    with pytest.raises(EngineError, match="fuel isn't counted here"):
        store.fuel_left()


# Stopping


def test_a_timeout_in_a_loop() -> None:
    soon(lambda: World(timeout=SOON, engine="x86").run(wat(LOOP)))


def test_a_timeout_among_host_calls_that_wait_and_that_do_not() -> None:
    polls = "(drop (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)))"
    asks = "(drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 512)))"
    for body in (polls, asks):
        text = f"""(module {imported("poll_oneoff", "clock_time_get")} (memory (export "memory") 1)
          (data (i32.const 24) "\\01") (func (export "_start") (loop $l {body} (br $l))))"""
        soon(partial(World(timeout=SOON, engine="x86").run, wat(text)))


def test_ctrl_c_in_a_loop_and_in_a_start_function() -> None:
    interrupted(lambda: World(engine="x86").run(wat(LOOP)))
    starts = wat('(module (func $s (loop $l (br $l))) (start $s) (func (export "_start")))')
    interrupted(lambda: World(engine="x86").run(starts))


def test_ctrl_c_in_the_guest_that_a_host_function_called() -> None:
    world = World(engine="x86")

    @world.function("env")
    def back(caller: Caller) -> None:
        caller.call("spin")

    interrupted(lambda: world.run(wat("""(module (import "env" "back" (func $f)) (func (export "spin") (loop $l (br $l)))
      (func (export "_start") (call $f)))""")))
    assert world.run(prints("again")).stdout == b"again"


def test_a_stop_that_is_asked_for_comes_out_once(engine: X86Engine, store: Store) -> None:
    instance = store.instantiate(engine.compile(wat(COUNTS)), {})
    engine.tick()  # which alone stops nobody
    assert instance.start_call("count", (5,)).resume() is None
    store.request_stop(Interrupted("enough"))
    with pytest.raises(Interrupted, match="enough"):
        instance.start_call("count", (5,)).resume()
    assert instance.start_call("count", (5,)).resume() is None


# Waiting


def test_waits_inside_calls_that_a_host_function_made() -> None:
    def use(world: World) -> object:
        depths = []

        @world.function("env")
        def back(caller: Caller, depth: int) -> int:
            depths.append(depth)
            return int(caller.call("inner", depth))

        result = world.run(wat(NESTED), trace=True)
        return result.ok, depths, result.trace, world.kernel.clock.monotonic()

    ok, depths, trace, _ = same(use)
    assert ok and depths == [2, 1, 0] and len(trace) == 4


def test_a_start_function_may_wait() -> None:
    starts = f"""(module {imported("poll_oneoff")} (memory (export "memory") 1) (data (i32.const 24) "\\ff\\ff\\ff") (func $s
      (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable)))
      (start $s) (func (export "_start")))"""
    assert same(lambda world: (world.run(wat(starts), trace=True).trace, world.kernel.clock.monotonic()))


def test_a_start_function_that_traps_or_waits_for_ever() -> None:
    def use(world: World) -> object:
        result = world.run(wat('(module (func $s unreachable) (start $s) (func (export "_start")))'))
        return result.ended_by, result.message

    assert same(use) == ("trap", "unreachable")
    world = World(engine="x86")
    stdin = world.kernel.new_pipe()
    stdin.opened(False, True, False)
    text = READS_STDIN.replace('(func (export "_start")', "(func $s").rstrip()[:-1]
    process = world.kernel.new_process([b"waits"], [])
    process.fds.add(OpenFile(stdin.opened(True, False, False), True, False))
    guest = Guest(world.kernel, process, world.loader, StoreLimits())
    with pytest.raises(Deadlock, match="reading fd 0"):
        guest.load(world.loader.load(wat(text + ' (start $s) (func (export "_start")))'), "waits"))
    guest.close()


class Computer:
    """A kernel with two processes on machines of their own, each one's stdout the other's stdin."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.scheduler = Scheduler(self.kernel)
        self.loader = Loader(engine_for(EngineConfig(), "x86"), CodeCache(""))
        program = self.loader.load(wat(TALKER), "talker")
        pipes = [self.kernel.new_pipe(), self.kernel.new_pipe()]
        self.guests = [self.guest(pipes[0], pipes[1]), self.guest(pipes[1], pipes[0])]
        for guest in self.guests:
            guest.load(program)

    def guest(self, stdin: Pipe, stdout: Pipe) -> Guest:
        process = self.kernel.new_process([b"talker"], [])
        process.fds.add(OpenFile(stdin.opened(True, False, False), True, False))
        process.fds.add(OpenFile(stdout.opened(False, True, False), False, True))
        return Guest(self.kernel, process, self.loader, StoreLimits(), self.scheduler)

    def start(self, number: int, name: str) -> Any:
        guest = self.guests[number]
        assert guest.instance is not None
        call = guest.instance.start_call(name, (TOTAL,))
        self.scheduler.add(guest.process, call)
        return call

    def close(self) -> None:
        for guest in self.guests:
            guest.close()


@pytest.fixture
def computer() -> Iterator[Computer]:
    made = Computer()
    yield made
    made.close()


def test_two_guests_on_one_thread_through_full_pipes_in_both_directions(computer: Computer) -> None:
    first, second = computer.start(0, "write_then_read"), computer.start(1, "read_then_write")
    computer.scheduler.run()
    assert first.results == second.results == (TOTAL,)
    assert computer.scheduler.tasks == []
    assert all(guest.process.parked is None and modelled(guest.store).parked is None for guest in computer.guests)


def test_the_reader_may_come_first(computer: Computer) -> None:
    second = computer.start(1, "read_then_write")
    assert second.resume() is not None
    first = computer.start(0, "write_then_read")
    computer.scheduler.run()
    assert first.results == second.results == (TOTAL,)


def test_all_waiting_for_each_other_is_a_deadlock(computer: Computer) -> None:
    computer.start(0, "write_then_read")
    computer.start(1, "write_then_read")
    with pytest.raises(Deadlock, match=r"process 1 \(writing fd 1\), process 2 \(writing fd 1\)"):
        computer.scheduler.run()


def test_a_killed_reader_gives_its_peer_a_broken_pipe(computer: Computer) -> None:
    reader = computer.start(1, "read_all")
    assert reader.resume() is not None
    writer = computer.start(0, "write_all")
    (task,) = [task for task in computer.scheduler.tasks if task.runner is reader]
    computer.scheduler.kill(task)
    reader.cancel()
    computer.guests[1].close()
    computer.scheduler.run()
    assert reader.finished and reader.results == ()
    assert writer.results == (64,)  # PIPE


# Closing


def test_a_closed_guest_says_so() -> None:
    world = World(engine="x86")
    guest = world.instantiate(wat(COUNTS))
    guest.close()
    guest.close()
    for use in (lambda: guest.call("count", 1), lambda: guest.read(0, 0), lambda: guest.write(0, b"")):
        with pytest.raises(EngineError, match="the guest is closed"):
            use()


def test_closing_gives_memory_back_at_once(engine: X86Engine) -> None:
    """Whoever still has the store, or a view of a guest's memory, keeps no more than that."""
    text = """(module (memory (export "memory") 1600)
      (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const 104857600))))"""
    store = engine.store(StoreLimits())
    instance = store.instantiate(engine.compile(wat(text)), {})
    before = resident()
    instance.start_call("f").resume()
    assert resident() - before > 90 << 20
    store.close()
    store.request_stop(Interrupted("late"))
    assert resident() - before < 20 << 20
    store = engine.store(StoreLimits())
    view = store.instantiate(engine.compile(wat(text)), {}).memory()
    store.close()
    view[5] = 7
    assert view[5] == 7


def test_an_ended_guest_is_freed_without_the_garbage_collector(engine: X86Engine) -> None:
    texts = ('(module (func (export "_start") unreachable))', f"""(module {imported("random_get")} (memory (export "memory") 1)
      (func (export "_start") (drop (call $random_get (i32.const 65535) (i32.const 2)))))""")
    gc.collect()
    gc.disable()
    try:
        for text in texts:
            world = World(engine="x86")
            guest = world.start([], *standard_streams(b"", None, None, False))
            reference = weakref.ref(guest.store)
            world.run_guest(guest, world.load(wat(text)))
            guest.close()
            del guest
            assert reference() is None
    finally:
        gc.enable()


def test_a_counting_guest_gives_its_addresses_back_without_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        World(engine="x86", icount=True).run(prints("x"))
        before = addresses()
        World(engine="x86", icount=True).run(prints("x"))
        assert addresses() - before < 1 << 30
    finally:
        gc.enable()


def test_no_room_for_code_is_an_error(engine: X86Engine, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError("code 0: the host has no 5 bytes left")

    module = engine.compile(b'(module (func (export "f")))')
    monkeypatch.setattr(Memory, "add", full)
    with pytest.raises(EngineError, match="code 0: the host has no 5 bytes left"):
        store.instantiate(module, {})


def resident() -> int:
    return pages(1)


def addresses() -> int:
    return pages(0)


def pages(column: int) -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[column]) * os.sysconf("SC_PAGE_SIZE")


# The rest


def test_a_forked_process_goes_on_by_itself() -> None:
    with World(engine="x86") as world:
        guest: Any = world.instantiate(wat("""(module (global $n (mut i32) (i32.const 0)) (func (export "f") (result i32)
          (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))"""))
        assert guest.call("f") == 1
        child = os.fork()
        if not child:
            os._exit(guest.call("f") + guest.call("f"))
        begin = time.monotonic()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        assert time.monotonic() - begin < PATIENCE
        assert guest.call("f") == 2


def test_slots_beyond_the_stack_are_damage(store: Store) -> None:
    seen: list[int] = []

    def see(env: int, caller: int, slots: int) -> int:
        seen.append(slots)
        return 0

    types = [("i", ""), ("i" * 300, "")]
    for parameters, results in types:
        count = len(store.machine.gates)
        store.make_function(parameters, results, see)
        gate = store.machine.gates[count]
        words = memoryview(bytearray(8 * 16)).cast("Q")
        room = max(PAGE, 16 * len(parameters))
        for address in (0, store.stack.start - 1, store.stack.end - room + 1, store.stack.end, (1 << 64) - 1):
            words[3] = address
            with pytest.raises(EngineError, match="isn't its stack: its image is damaged"):
                gate(words)
        words[3] = store.stack.end - room
        assert gate(words) and seen.pop() == store.stack.address + store.stack.size - room


def test_there_is_an_end_of_host_functions(store: Store) -> None:
    store._stub_end = 16 * (MAX_STUBS + 8)
    with pytest.raises(EngineError, match=f"more than {MAX_STUBS} host functions"):
        store.stub(lambda words: True)


def test_types_have_the_same_number_in_all_modules(store: Store) -> None:
    assert store.type_id(("i", "")) == store.type_id(("i", "")) != store.type_id(("", "i"))


def test_a_host_function_that_waits_where_nobody_can(engine: X86Engine, store: Store) -> None:
    from agave_wasi.engines.base import RESUME
    from agave_wasi.hostcall import RETRY

    def wait(env: int, caller: int, slots: int) -> int:
        from ctypes import c_uint32

        c_uint32.from_address(slots).value = RETRY
        store.wait = object()  # type: ignore[assignment]
        return 0

    module = engine.compile(wat('(module (import "a" "b" (func (result i32))) (start 1) (func (drop (call 0))))'))
    imports = {("a", "b"): HostFunction("", "i", wait, True, "b"), RESUME: HostFunction("", "i", wait)}
    with pytest.raises(EngineError, match="a start function can't wait here"):
        store.instantiate(module, imports)
    assert store.parked is None
