"""The scheduler where somebody waits for a device outside of the simulation: host time passes, not virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kernel_sim.process import Process
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.sockets import ReceiveFlags
from tests.kernel_sim.scripts import MemoryListenerDevice, MemoryStream
from tests.kernel_sim.toys import SECOND, Machine, Program, until_done


class FakeWaiter:
    """A wait device: each wait calls the next of `events`, and remembers what it was asked.

    An event that answers False says that the time ran out; any other that a device may be ready.
    """

    def __init__(self, *events: Callable[[], object]) -> None:
        self.events = list(events)
        self.asked: list[tuple[list[tuple[str, bool]], int | None]] = []
        self.least: list[dict[str, int]] = []

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int]) -> bool:
        self.asked.append((list(devices), timeout))
        self.least.append(dict(least))
        return self.events.pop(0)() is not False


def live_reader(m: Machine, *incoming: bytes | None) -> tuple[MemoryStream, Process]:
    device = MemoryStream(*incoming, live=True)
    m.kernel.attach("tty", device)
    process = m.kernel.new_process([], [])
    m.kernel.open_stream(process, m.kernel.new_stream("tty"), False)
    return device, process


def test_a_live_device_is_waited_for_in_host_time() -> None:
    m = Machine()
    device, process = live_reader(m, None)

    def program(sys: Syscalls) -> Program:
        room = bytearray(5)
        count = yield from until_done(sys.readv, 0, [memoryview(room)])
        m.log.append(bytes(room[:count]))

    m.guest(program, process)
    waiter = m.kernel.waiter = FakeWaiter(lambda: None, lambda: device.incoming.__setitem__(0, b"key"))
    m.scheduler.run()
    assert m.log == [b"key"]
    assert waiter.asked == [([("tty", False)], None)] * 2


def test_a_deadline_beside_a_live_device_waits_host_time_and_then_passes() -> None:
    m = Machine()
    _, process = live_reader(m, None)

    def program(sys: Syscalls) -> Program:
        ready = yield from until_done(sys.poll, [Subscription(0), Subscription(None, False, "monotonic", SECOND)])
        m.log.append([each.index for each in ready])

    m.guest(program, process)
    waiter = m.kernel.waiter = FakeWaiter(lambda: True, lambda: False)  # woken for nothing, then nothing came in time
    m.scheduler.run()
    assert m.log == [[1]]
    assert waiter.asked == [([("tty", False)], SECOND)] * 2


def test_input_before_the_deadline_leaves_time_alone() -> None:
    m = Machine()
    device, process = live_reader(m, None)

    def program(sys: Syscalls) -> Program:
        ready = yield from until_done(sys.poll, [Subscription(0), Subscription(None, False, "monotonic", SECOND)])
        m.log.append([each.index for each in ready])

    m.guest(program, process)
    m.kernel.waiter = FakeWaiter(lambda: device.incoming.__setitem__(0, b"key"))
    m.scheduler.run()
    assert m.log == [[0]]
    assert m.kernel.clock.monotonic() < SECOND


def test_a_wait_for_many_bytes_says_how_many() -> None:
    m = Machine()
    device, listening = MemoryStream(b"ab", None, live=True), MemoryListenerDevice()
    listening.connections.append(device)
    m.kernel.attach("listener", listening)
    process = m.kernel.new_process([], [])
    m.kernel.open_listener(process, m.kernel.new_listener("listener"))

    def program(sys: Syscalls) -> Program:
        fd = sys.accept(0, 0)
        room = bytearray(4)
        count, _ = yield from until_done(sys.recv, fd, [memoryview(room)], ReceiveFlags.WAITALL)
        m.log.append(bytes(room[:count]))

    m.guest(program, process)
    waiter = m.kernel.waiter = FakeWaiter(lambda: device.incoming.__setitem__(slice(None), [b"abcd"]))
    m.scheduler.run()
    assert m.log == [b"abcd"]
    assert waiter.asked == [([("listener#1", False)], None)] and waiter.least == [{"listener#1": 4}]
