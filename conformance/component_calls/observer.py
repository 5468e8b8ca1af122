"""What the shims of one component show, made into calls: the same on every side that runs it.

Values are lifted as ever, by the closures of `agave_wasi.component`, from an image of the guest's memory; what of it they need
and isn't known yet is asked for, and they start again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from struct import Struct, pack, unpack_from
from typing import Any

from agave_wasi.abi.memory import Trap, bad_region
from agave_wasi.component.context import ROOM, Options, Showing
from agave_wasi.component.shown import error_of
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import Ok
from conformance.calls.call import Call, Region
from conformance.calls.recorder import MOST_BYTES, MOST_CALLS, RecordingFull, Stop
from conformance.component_calls.answers import Answers, kept
from conformance.component_calls.lowered import Lowered
from conformance.component_calls.shims import GO, HEAD, READ, RESULT, SET, SLOTS, WRITE
from conformance.component_calls.values import whole

PAGE = 1 << 16
Talk = Generator[bytes, bytes, None]
"""Yields answers to the shim and is sent the bytes that it asked for."""
_CODES = {"i": "I4x", "I": "Q", "f": "f4x", "F": "d"}
_BITS = {"i": "I4x", "I": "Q", "f": "I4x", "F": "Q"}


class _Missing(Exception):
    """A region of the guest's memory is needed."""

    def __init__(self, at: int, size: int) -> None:
        super().__init__()
        self.region = at, size


class _Image(Showing):
    """Lifts from what is known of the guest's memory, which is as large as that is now."""

    __slots__ = ("known", "pages")

    def __init__(self, encoding: str) -> None:
        super().__init__(Options(encoding), InstanceState("the component", None))
        self.known: dict[tuple[int, int], bytes] = {}
        self.pages = 0

    def begin(self, pages: int) -> None:
        """Another moment: nothing is known of the memory."""
        self.known.clear()
        if pages != self.pages:
            self.memory, self.pages = memoryview(bytearray(pages * PAGE)), pages  # only what is written takes real memory

    def require(self, at: int, length: int, align: int = 1) -> None:
        if at & (align - 1) or at + length > len(self.memory):
            raise bad_region(at, length, align, len(self.memory))
        if length and (at, length) not in self.known:
            raise _Missing(at, length)

    def learn(self, at: int, content: bytes) -> None:
        """What is at a place."""
        self.known[at, len(content)] = content
        self.memory[at : at + len(content)] = content


class Observer:
    """One run's calls; `step` is what the shims call. `sink` gets each call when it is over, `told` are another run's answers.

    After the call `stop_after` (counted from 0) it raises Stop, and RecordingFull beyond `most_calls`.
    """

    def __init__(
        self,
        lowered: Sequence[Lowered],
        sink: Callable[[Call], object],
        clock: Callable[[], int],
        stop_after: int | None = None,
        most_calls: int = MOST_CALLS,
        told: Answers | None = None,
    ) -> None:
        self.lowered = lowered
        self.sink = sink
        self.clock = clock
        self.stop_after = stop_after
        self.most_calls = most_calls
        self.told = told
        self.count = 0
        self.bytes = 0
        self.open: list[Call] = []
        self.talk: Talk | None = None
        self.images: dict[str, _Image] = {}
        self.parameters = [Struct("<" + "".join([_CODES[letter] for letter in each.parameters])) for each in lowered]
        self.bits = [Struct("<" + "".join([_BITS[letter] for letter in each.parameters])) for each in lowered]

    def step(self, message: str) -> str:
        """The answer to what a shim shows."""
        data = message.encode("latin-1")
        try:
            if self.talk is None:
                number, phase, pages, _ = unpack_from("<4I", data)
                self.talk = (self._leave if phase else self._enter)(number, pages, data)
                answer = next(self.talk)
            else:
                answer = self.talk.send(data[HEAD:])
        except StopIteration:
            self.talk = None
            answer = bytes([GO])
        return answer.decode("latin-1")

    def finish(self) -> None:
        """The run is over: a call that never returned goes out as it is."""
        for call in self.open:
            self.sink(call)
        self.open.clear()

    def _enter(self, number: int, pages: int, data: bytes) -> Talk:
        if self.count >= self.most_calls:
            raise RecordingFull(f"the program made more than {self.most_calls} host calls; --calls allows more")
        known = self.lowered[number]
        flat = self.parameters[number].unpack_from(data, SLOTS)
        call = Call(known.name, self.bits[number].unpack_from(data, SLOTS), {}, self.clock())
        self.open.append(call)
        plan = known.plan
        if plan is None:
            call.args = {"self": {"resource": known.resource, "handle": flat[0]}}
            return
        image = self._image(known, pages)
        values = yield from _lifted(image, lambda: plan.lift_parameters(image, flat))
        if isinstance(values, Trap):
            call.args = {"flat": list(flat)}
        else:
            call.args = dict(zip(plan.names, map(whole, values)))
        call.given = [Region.of("memory", at, content) for (at, _), content in image.known.items()]
        if self.told is not None and self.told.is_wait(known):
            yield _set(0, 0)

    def _leave(self, number: int, pages: int, data: bytes) -> Talk:
        known, call = self.lowered[number], self.open[-1]
        call.pages = pages
        call.errno = "SUCCESS"
        plan = known.plan
        if plan is not None and plan.result is not None and plan.lift_result is not None:
            if known.results:
                call.slots += unpack_from("<" + _BITS[known.results], data, SLOTS + 8 * RESULT)
            yield from self._result(known, call, pages, data)
            told = self.told
            found = told.find(known, call) if told is not None and call.errno == "SUCCESS" else None
            if told is not None and found is not None:
                slot, regions = found
                if known.results:
                    yield _set(RESULT, slot)
                    call.slots = (*call.slots[:-1], slot)
                    data = data[: SLOTS + 8 * RESULT] + pack("<Q", slot) + data[SLOTS + 8 * RESULT + 8 :]
                for at, content in regions:
                    yield pack("<BII", WRITE, at, len(content)) + content
                if not told.is_stat(known):  # of attributes the own ones are recorded
                    yield from self._result(known, call, pages, data)
        self.open.pop()
        self._over(call)

    def _result(self, known: Lowered, call: Call, pages: int, data: bytes) -> Talk:
        """Note what a call answered."""
        plan = known.plan
        assert plan is not None and plan.result is not None and plan.lift_result is not None
        image, lift, size, align = self._image(known, pages), plan.lift_result, plan.result.size, plan.result.align

        def load() -> Any:
            if not plan.in_memory:
                return lift.flat(image, unpack_from("<" + _CODES[known.results], data, SLOTS + 8 * RESULT), 0)
            at = call.slots[-1]
            image.require(at, size, align)
            return lift.load(image, at)

        value = yield from _lifted(image, load)
        if isinstance(value, Trap):
            return
        error = error_of(value)
        if error is not None:
            call.errno = error
        else:
            value = value.value if isinstance(value, Ok) else value
            call.result = {} if value is None and plan.fallible else {"result": whole(value)}
        keep = kept(known.name)
        regions = list(image.known.items())
        call.written = [
            Region.of("result" if not place and plan.in_memory else "memory", at, content, keep)
            for place, ((at, _), content) in enumerate(regions)
        ]

    def _image(self, known: Lowered, pages: int) -> _Image:
        encoding = known.options.encoding
        found = self.images.get(encoding)
        if found is None:
            found = self.images[encoding] = _Image(encoding)
        found.begin(pages)
        return found

    def _over(self, call: Call) -> None:
        self.sink(call)
        self.count += 1
        self.bytes += sum(len(each.data) for each in (*call.given, *call.written))
        if self.bytes > MOST_BYTES:
            raise RecordingFull(f"the program moved more than {MOST_BYTES >> 20} MiB through host calls")
        if self.stop_after is not None and self.count > self.stop_after:
            raise Stop


def _lifted(image: _Image, lift: Callable[[], Any]) -> Generator[bytes, bytes, Any]:
    """What is lifted; the Trap if it can't be."""
    while True:
        image.room = ROOM
        try:
            return lift()
        except _Missing as missing:
            at, size = missing.region
            image.learn(at, (yield pack("<BII", READ, at, size)))
        except Trap as error:
            return error


def _set(slot: int, value: int) -> bytes:
    return pack("<BIQ", SET, slot, value)
