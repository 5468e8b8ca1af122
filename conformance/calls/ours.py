"""A recorded run on agave-wasi: its world as ever, with each host call noted on its way in and out.

The guest's imports are wrapped where they are linked, outside of everything that is compared; what runs is the plain
host-call code, untraced.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from ctypes import c_uint32
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from agave_wasi import World
from agave_wasi.abi.memory import Trap
from agave_wasi.engines.base import RESUME, HostFunction
from agave_wasi.hostcall import RETRY
from agave_wasi.preview1.interface import INTERFACES, Preview1
from agave_wasi.result import Result
from conformance.calls.decode import Decoder
from conformance.calls.equal import Equal, our_mounts
from conformance.calls.recorder import Recorder, Recording, RecordingFull, Stop
from conformance.calls.temporary import temporary
from conformance.calls.trees import pour, take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.hostcall import HostCalls
    from agave_wasi.program import Guest


class RecordedWorld(World):
    """A world whose guests' host calls are recorded."""

    stop_after: int | None = None
    most_calls: int = 0
    recorder: Recorder | None = None
    calls: list[Any]

    def start(self, *args: Any, **options: Any) -> Guest:
        """As `World.start`; the guest's imports are wrapped when they are linked."""
        guest = super().start(*args, **options)
        guest.fast = False  # every call is to come by the wrappers
        link = guest._link

        def recorded(program: Any) -> Any:
            imports, host = link(program)
            interface = next((INTERFACES[space] for space in INTERFACES if any(space == each for each, _ in imports)), None)
            if host is not None and interface is not None:
                self._wrap(imports, host, interface)
            return imports, host

        guest._link = recorded  # type: ignore[method-assign]
        return guest

    def _wrap(self, imports: dict[Any, Any], host: HostCalls, interface: type[Preview1]) -> None:
        """Wrap what one module imports; all modules of a program have one recorder."""
        memory: list[memoryview] = []
        decoder = Decoder(lambda: memory[0], interface)
        if self.recorder is None:
            self.recorder = Recorder(self.calls.append, self.kernel.clock.monotonic, self.stop_after, self.most_calls)
        recorder = self.recorder

        def memory_of(caller: int) -> memoryview:
            try:
                return host.memory(caller)
            except Trap:  # there is none: what needs it traps, and is to do so in the call itself
                return host.no_memory

        def guarded(action: Callable[[int, int], int]) -> Callable[[int, int, int], int]:
            """A raw callback that lets nothing escape: what it raises stops the guest."""

            def call(environment: int, caller: int, slots: int) -> int:
                try:
                    memory[:] = [memory_of(caller)]
                    return action(caller, slots)
                except BaseException as error:
                    store = host.store
                    store.pending = error
                    trap: int = store.spare
                    store.spare = 0
                    return trap

            return call

        def around(name: str, item: HostFunction) -> HostFunction:
            def action(caller: int, slots: int) -> int:
                if name != RESUME[1]:
                    recorder.enter(decoder, name, slots)
                trap = item.callback(0, caller, slots)
                number = c_uint32.from_address(slots).value
                if not trap and number != RETRY:
                    recorder.leave(number)
                return trap

            return item.calling(guarded(action))

        for space, name in list(imports):
            item = imports[space, name]
            if isinstance(item, HostFunction) and (space in INTERFACES or (space, name) == RESUME):
                imports[space, name] = around(name, item)


@contextmanager
def world(equal: Equal, folder: Path) -> Iterator[RecordedWorld]:
    """The world, with copies of the host's folders below `folder`."""
    made = RecordedWorld(
        env=equal.env, mounts=our_mounts(equal, folder), seed=equal.seed, clock_start=equal.clock_start,
        clock_step=equal.clock_step, timeout=equal.timeout,
    )  # fmt: skip
    try:
        made.calls = []
        made.most_calls = equal.most_calls
        tops = dict(made.preopens)
        for tree in equal.trees:
            top = tops[tree.guest.encode()]
            if tree.source is not None and not (tree.host or tree.overlay) and tree.writable:
                pour(Path(tree.source), top)
            if tree.image is not None:
                from agave_wasi.images import load_image

                load_image(top, tree.image)  # type: ignore[arg-type]  # a tree that was made of memory
            for name in tree.folders:
                if top.find(name.encode()) is None:
                    top.make_directory(name.encode())
        if equal.cwd is not None:
            made.preopens.append((b".", made._make_folder(equal.cwd)))
        yield made
    finally:
        made.close()


def record(equal: Equal, stop_after: int | None = None) -> Recording:
    """Run the program and record it; BadProgram and LinkError if it can't be run."""
    recording = Recording("agave-wasi")
    began = time_ns()
    with temporary("agave-wasi-ours-") as folder, world(equal, folder) as made:
        made.stop_after = stop_after
        recording.calls = made.calls
        try:
            result = made.run(
                equal.program, equal.args, equal.stdin, arg0=equal.arg0, stdout=None, invoke=equal.invoke,
                libraries=dict(equal.libraries),
            )  # fmt: skip
        except Stop:
            recording.ended_by = "stopped"
        except RecordingFull as error:
            recording.ended_by, recording.message = "full", str(error)
        else:
            note(recording, result)
        if made.recorder is not None:
            made.recorder.finish()
        recording.spans = [(equal.clock_start, made.kernel.clock.now()), (began, time_ns())]
        recording.trees = {guest.decode(): take(top) for guest, top in made.preopens}
    return recording


def note(recording: Recording, result: Result) -> None:
    recording.ended_by, recording.exit_code, recording.message = result.ended_by, result.exit_code, result.message
    recording.trap = result.message if result.ended_by == "trap" else ""
    recording.values = list(result.values)
    recording.stdout, recording.stderr = result.stdout, result.stderr
