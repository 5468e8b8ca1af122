"""The scheduler with toy guests: turns, jumps of time, deadlock, killing. Live devices: see `test_sched_live`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel_sim.clock import VirtualClock
from kernel_sim.errors import Deadlock, KernelError, WouldBlock
from kernel_sim.net.stream import connection_pair
from kernel_sim.openfile import OpenFile
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.sockets import ReceiveFlags
from kernel_sim.wait import Wait
from tests.kernel_sim.toys import SECOND, Machine, Program, sleep, until_done


def test_turns_are_taken_in_order() -> None:
    m = Machine()

    def counting(name: str) -> Callable[[Syscalls], Program]:
        def program(sys: Syscalls) -> Program:
            for number in range(3):
                m.log.append((name, number))
                yield None

        return program

    def brief(sys: Syscalls) -> Program:
        m.log.append(("brief", 0))
        yield from ()

    m.guest(brief)
    for name in "abc":
        m.guest(counting(name))
    m.scheduler.run()
    assert m.log == [("brief", 0)] + [(name, number) for number in range(3) for name in "abc"]
    assert not m.scheduler.tasks


def test_one_that_ends_costs_nobody_a_turn() -> None:
    m = Machine()

    def ending(sys: Syscalls) -> Program:
        yield from ()

    def waiting(sys: Syscalls) -> Program:
        m.log.append("turn")
        yield from sleep(sys, SECOND)

    first = m.guest(ending)
    m.guest(waiting)
    m.scheduler.run(until=first)
    assert m.log == []  # whoever asked for the first one is answered at once
    for each in m.scheduler.tasks:
        m.scheduler.kill(each)
    ends, after = m.guest(ending), m.guest(waiting)
    assert m.scheduler._round(None)
    assert (ends in m.scheduler.tasks, after.wait is not None, m.log) == (False, True, ["turn"])


def test_time_jumps_when_all_wait_and_only_then() -> None:
    m = Machine()

    def sleeper(name: str, timeout: int) -> Callable[[Syscalls], Program]:
        def program(sys: Syscalls) -> Program:
            yield from sleep(sys, timeout)
            m.log.append((name, sys.clock_gettime("monotonic") // SECOND))

        return program

    for name, timeout in (("late", 3 * SECOND), ("early", SECOND), ("middle", 2 * SECOND)):
        m.guest(sleeper(name, timeout))
    m.scheduler.run()
    assert m.log == [("early", 1), ("middle", 2), ("late", 3)]
    clock = m.kernel.clock
    assert isinstance(clock, VirtualClock) and clock.slept > 2.99 * SECOND


def test_two_guests_through_full_pipes_in_both_directions() -> None:
    m = Machine()
    size = 300_000
    one, two = m.processes(2)
    m.pipe(one, two)
    m.pipe(two, one)

    def sender(sys: Syscalls) -> Program:
        data = bytes(range(256)) * (size // 256)
        sent = 0
        while sent < len(data):
            sent += yield from until_done(sys.writev, 0, [memoryview(data)[sent:]])
        sys.close(0)
        echoed = bytearray()
        while True:
            room = bytearray(70_000)
            count = yield from until_done(sys.readv, 1, [memoryview(room)])
            if not count:
                break
            echoed += room[:count]
        assert echoed == data[::-1]
        m.log.append("sent")

    def echo(sys: Syscalls) -> Program:
        received = bytearray()
        while True:
            room = bytearray(5_000)
            count = yield from until_done(sys.readv, 0, [memoryview(room)])
            if not count:
                break
            received += room[:count]
        received.reverse()
        sent = 0
        while sent < len(received):
            sent += yield from until_done(sys.writev, 1, [memoryview(received)[sent : sent + 7_000]])
        sys.close(1)
        m.log.append("echoed")

    m.guest(sender, one)
    m.guest(echo, two)
    m.scheduler.run()
    assert sorted(map(str, m.log)) == ["echoed", "sent"]


def test_waiting_for_all_lets_a_sleeping_sender_sleep() -> None:
    m = Machine()
    one, two = m.processes(2)
    for process, end in zip((one, two), connection_pair(m.kernel.pipes)):
        process.fds.add(OpenFile(end, True, True))

    def sender(sys: Syscalls) -> Program:
        for piece in (b"he", b"llo"):
            sys.send(0, [memoryview(piece)])
            yield from sleep(sys, SECOND)

    def receiver(sys: Syscalls) -> Program:
        room = bytearray(5)
        yield from until_done(sys.recv, 0, [memoryview(room)], ReceiveFlags.WAITALL)
        m.log.append(bytes(room))

    m.guest(receiver, two)
    m.guest(sender, one)
    m.scheduler.run()
    assert m.log == [b"hello"]


def test_guests_that_wait_on_the_spot_one_inside_the_other() -> None:
    """Whoever is at work below is not run a second time."""
    m = Machine()

    def on_the_spot(name: str, timeout: int) -> Callable[[Syscalls], Program]:
        def program(sys: Syscalls) -> Program:
            m.log.append(name)
            try:
                sys.poll([Subscription(None, False, "monotonic", timeout)])
            except WouldBlock as blocked:
                m.scheduler.wait_here(sys.process, blocked.wait)
            m.log.append((name, sys.clock_gettime("monotonic") // SECOND))
            yield from ()

        return program

    tasks = [m.guest(on_the_spot(name, timeout)) for name, timeout in (("a", 1), ("b", 2 * SECOND), ("c", 3 * SECOND))]
    m.scheduler.run(until=tasks[0])
    assert m.log == ["a", "b", "c", ("c", 3), ("b", 3), ("a", 3)]
    assert not any(task.running for task in tasks)


def test_a_deadlock_says_who_waits_for_what() -> None:
    m = Machine()
    one, two = m.processes(2)
    m.pipe(one, two)
    m.pipe(two, one)

    def reading(fd: int) -> Callable[[Syscalls], Program]:
        return lambda sys: until_done(sys.readv, fd, [memoryview(bytearray(1))])

    m.guest(reading(1), one)
    m.guest(reading(0), two)
    with pytest.raises(Deadlock, match=r"process 1 \(reading fd 1\), process 2 \(reading fd 0\)"):
        m.scheduler.run()

    def forever(sys: Syscalls) -> Program:
        yield Wait()

    m = Machine()
    m.guest(forever)
    with pytest.raises(Deadlock, match=r"process 1 \(nothing\)"):
        m.scheduler.run()

    def full(sys: Syscalls) -> Program:
        yield from until_done(sys.writev, 1, [memoryview(bytes(1 << 16))])
        yield from until_done(sys.poll, [Subscription(0), Subscription(1, True)])

    m = Machine()
    (alone,) = m.processes(1)
    m.pipe(alone, alone)  # the writing end is 0, the reading end 1
    alone.fds.put(2, alone.fds.remove(0))
    alone.fds.put(0, alone.fds.remove(1))
    alone.fds.put(1, alone.fds.remove(2))
    other = m.kernel.new_pipe()
    alone.fds.put(0, OpenFile(other.opened(True, True, False), True, False))
    m.guest(full, alone)
    with pytest.raises(Deadlock, match=r"reading fd 0 or writing fd 1"):
        m.scheduler.run()


def test_a_waiting_guest_can_be_killed() -> None:
    m = Machine()
    one, two = m.processes(2)
    m.pipe(one, two)

    def stuck(sys: Syscalls) -> Program:
        yield from until_done(sys.readv, 0, [memoryview(bytearray(1))])
        m.log.append("never")

    victim = m.guest(stuck, two)

    def killer(sys: Syscalls) -> Program:
        yield from sleep(sys, SECOND)
        m.scheduler.kill(victim)
        m.scheduler.kill(victim)
        m.kernel.reap(two)
        try:
            sys.writev(0, [memoryview(b"x")])
        except KernelError as error:
            m.log.append(error.errno)

    m.guest(killer, one)
    m.scheduler.run()
    assert m.log == ["PIPE"]


def test_a_guest_killed_by_an_earlier_one_gets_no_turn() -> None:
    m = Machine()

    def killer(sys: Syscalls) -> Program:
        m.scheduler.kill(victim)
        yield None

    def talker(sys: Syscalls) -> Program:
        m.log.append("spoke")
        yield None

    m.guest(killer)
    victim = m.guest(talker)
    m.scheduler.run()
    assert m.log == []


def test_running_until_one_is_over_leaves_the_others() -> None:
    m = Machine()

    def counting(count: int) -> Callable[[Syscalls], Program]:
        def program(sys: Syscalls) -> Program:
            for number in range(count):
                m.log.append(number)
                yield None

        return program

    long = m.guest(counting(10))
    short = m.guest(counting(2))
    after = m.guest(counting(3))
    m.scheduler.run(until=short)
    assert m.scheduler.tasks == [long, after]
    m.scheduler.run()
    assert len(m.log) == 15


def test_what_a_guest_raises_gets_out_and_ends_it() -> None:
    m = Machine()

    def broken(sys: Syscalls) -> Program:
        yield None
        raise ZeroDivisionError

    def fine(sys: Syscalls) -> Program:
        yield None
        m.log.append("done")

    m.guest(broken)
    m.guest(fine)
    with pytest.raises(ZeroDivisionError):
        m.scheduler.run()
    m.scheduler.run()
    assert m.log == ["done"]


def test_a_guest_may_kill_itself_on_its_way_out() -> None:
    m = Machine()

    def program(sys: Syscalls) -> Program:
        m.scheduler.kill(task)
        yield None
        raise ZeroDivisionError

    def broken(sys: Syscalls) -> Program:
        m.scheduler.kill(other)
        yield from ()
        raise ZeroDivisionError

    task = m.guest(program)
    m.scheduler.run()
    other = m.guest(broken)
    with pytest.raises(ZeroDivisionError):
        m.scheduler.run()
