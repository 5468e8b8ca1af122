"""Running programs that are machine code from the start (`agave_wasi.metal`) to a point, and going on: machine and kernel are
all that there is."""

from __future__ import annotations

from agave_wasi import metal
from agave_wasi.nearest import unknown
from agave_wasi.snapshots.guest import check_pages
from agave_wasi.snapshots.points import CALL, FUNC, Pause, Reached
from agave_wasi.snapshots.runs import Run
from agave_wasi.snapshots.snapshot import Kept
from kernel_sim.cpu import registers
from kernel_sim.cpu.checkpoint import read_pages, write_pages
from kernel_sim.snapshot import SnapshotError
from kernel_sim.syscalls.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.metal import Metal
    from agave_wasi.result import Result
    from agave_wasi.snapshots.snapshot import Snapshot


class MachineCode(Run):
    """An ELF program."""

    def until(self, program: tuple[str, bytes], before: Snapshot | None) -> Result:
        """From the beginning to the point."""
        name, data = program
        try:
            running = self._running(name, data)
            try:
                return self._finished(running, Kept("", name, data), before)
            finally:
                running.close()
        finally:
            self.world.kernel.reap(self.process)

    def again(self, snapshot: Snapshot) -> Result:
        """From the snapshot on."""
        program, state = snapshot.programs[0], snapshot.state
        if len(snapshot.programs) != 1:
            raise SnapshotError("state: a program of machine code has no libraries")
        running = self._running(program.name, program.wasm)
        try:
            machine = running.machine
            check_pages(snapshot.pages, {each.name: each.size for each in machine.memory.regions if each.access == "rw"})
            values, count = state.get("registers"), state.get("count")
            if not isinstance(values, dict) or type(count) is not int or not 0 <= count < 1 << 63:
                raise SnapshotError("state: it has no registers, or doesn't say how many instructions have run")
            try:
                registers.write_all(machine, values)
            except ValueError as error:
                raise SnapshotError(f"state: {error}") from None
            machine.counter.count = count
            write_pages(machine, snapshot.pages, {})
            self.set_clock(state.get("retired"))
            return self._finished(running, program, snapshot)
        finally:
            running.close()

    def _running(self, name: str, data: bytes) -> Metal:
        """The program, about to begin."""
        world = self.world
        image = metal.load(data, name)
        at, breaks = self.at, []
        if at is not None and at.kind == FUNC:
            breaks = [address for address, symbol in image.symbols.items() if symbol == at.name]
            if not breaks:
                raise LookupError(unknown(f"{name} has no symbol", at.name, image.symbols.values(), "see its symbol table"))
        calls = [record.name for record in table()]
        if at is not None and at.kind == CALL and at.name not in calls:
            raise LookupError(unknown("there is no system call", at.name, calls, "agave-wasi syscalls lists them"))
        running = metal.Metal(world.kernel, self.process, image, name, world.settings, self.sink)
        if at is not None:
            running.guest.pause = Pause(at)
            running.guest.pause.armed = True
        for address in breaks:
            running.machine.break_at(address)
        return running

    def _finished(self, running: Metal, program: Kept, before: Snapshot | None) -> Result:
        def run() -> Result:
            try:
                return running.run()
            except Reached:
                if self.at is not None and self.at.kind == CALL:
                    running.machine.take_back()
                raise

        def take() -> Snapshot:
            self.require_alone()
            state = {"registers": registers.read_all(running.machine), "count": running.machine.count}
            pages = read_pages(running.machine, before.pages if before is not None else {}, {})
            return self.snapshot(state, pages, True, [program])

        result = self.told(run, take)
        if self.world.settings.counts:
            result.instructions = running.machine.count
        return result
