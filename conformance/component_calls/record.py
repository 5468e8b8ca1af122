"""Both recorded runs of a component: here in this process, and on the reference in one of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import time_ns

from agave_wasi.component.binary import decode
from agave_wasi.component.model import Component
from conformance.calls import ours
from conformance.calls.call import Call
from conformance.calls.equal import Equal
from conformance.calls.process import order, recorded
from conformance.calls.recorder import Recording, RecordingFull, Stop
from conformance.calls.temporary import temporary
from conformance.calls.trees import take
from conformance.component_calls import answers
from conformance.component_calls.lowered import TRACE, Lowered, lowered, within
from conformance.component_calls.observer import Observer
from conformance.component_calls.shims import shimmed

WIT = """package agave:trace;
interface calls { step: func(message: string) -> string; }
"""


class Recorded:
    """A component that is ready to be recorded; LinkError, MalformedComponent, Unwritable. `unseen` are the functions that
    components within it lower, which have no shims."""

    def __init__(self, wasm: bytes) -> None:
        component: Component = decode(wasm)
        self.lowered: list[Lowered] = lowered(component)
        self.wasm = shimmed(component, self.lowered)
        self.unseen = within(component)


def here(equal: Equal, made: Recorded, stop_after: int | None = None) -> Recording:
    """Run the component on agave-wasi and record it; BadProgram and LinkError if it can't be run."""
    recording = Recording("agave-wasi")
    began = time_ns()
    with temporary("agave-wasi-ours-") as folder, ours.world(equal, folder) as world:
        clock = world.kernel.clock.monotonic
        observer = Observer(made.lowered, recording.calls.append, clock, stop_after, equal.most_calls)

        class Calls:
            def step(self, message: str) -> str:
                return observer.step(message)

        world.interface(TRACE, WIT)(Calls)
        try:
            program = world.load(made.wasm, equal.program)
            result = world.run(program, equal.args, equal.stdin, arg0=equal.arg0, stdout=None)
        except Stop:
            recording.ended_by = "stopped"
        except RecordingFull as error:
            recording.ended_by, recording.message = "full", str(error)
        else:
            ours.note(recording, result)
        observer.finish()
        recording.spans = [(equal.clock_start, world.kernel.clock.now()), (began, time_ns())]
        recording.trees = {guest.decode(): take(top) for guest, top in world.preopens}
    return recording


def there(equal: Equal, made: Recorded, told: Iterable[Call], stop_after: int | None = None) -> Recording:
    """Run the component on the reference and record it; ReferenceFailed. `told` are the calls of the run here."""
    with order(equal, made.wasm, (), stop_after) as given:
        assert given.answers is not None
        answers.write(Path(given.answers), told)
        return recorded(equal, given, "conformance.component_calls.reference")
