"""Plans on two engines, case by case: what each gives, and where they differ."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from agave_wasi import World
from agave_wasi.engines.base import EngineError, GuestTrap
from conformance.numeric import arithmetic, calls, globals, hosts, links, memories, tables
from conformance.numeric.modules import DONE, DUMP, MOST_CASES, OPERANDS, SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agave_wasi import LiveInstance
    from conformance.numeric.modules import Plan, Run, Values

REFERENCE = "wasmtime"
KINDS: dict[str, Callable[[Random, int], Iterator[Plan]]] = {
    "arithmetic": arithmetic.plans, "memories": memories.plans, "tables": tables.plans,
    "calls": calls.plans, "globals": globals.plans, "hosts": hosts.plans, "links": links.plans,
}  # fmt: skip


class Mismatch(NamedTuple):
    """A case on which the engines differ: the step, its operands, and what each said (a result in hex, or a trap)."""

    plan: str
    step: str
    operands: str
    reference: str
    engine: str

    def __str__(self) -> str:
        return f"{self.plan}: {self.step} {self.operands}: {self.reference} on {REFERENCE}, {self.engine} here"


class Outcome:
    """How many cases were compared and how many of them trapped, and the mismatches."""

    __slots__ = ("cases", "traps", "mismatches")

    def __init__(self) -> None:
        self.cases = 0
        self.traps = 0
        self.mismatches: list[Mismatch] = []


class Side:
    """A plan's module on one engine."""

    __slots__ = ("plan", "world", "instance")

    def __init__(self, plan: Plan, engine: str) -> None:
        self.plan = plan
        self.world = World(engine=engine, cache=False)
        if plan.hosts:
            self.world.modules.append(hosts.HostFunctions(plan.hosts))
        libraries = {name: text.encode() for name, text in plan.libraries}
        self.instance: LiveInstance = self.world.instantiate(plan.module().encode(), libraries=libraries)

    def close(self) -> None:
        """End it."""
        self.instance.close()
        self.world.close()

    def run(self, run: Run) -> tuple[list[str], bytes]:
        """What each case gives, and what the module dumps afterwards."""
        instance, cases = self.instance, run.cases
        step = self.plan.steps[run.step]
        width = SLOT * len(step.parameters)
        results = OPERANDS + width * len(cases)
        instance.write(OPERANDS, b"".join(data.ljust(SLOT, b"\0") for case in cases for data in case))
        instance.write(results, bytes(SLOT * len(cases)))
        traps: dict[int, str] = {}
        at = 0
        while at < len(cases):
            try:
                instance.call(str(run.step), OPERANDS + width * at, results + SLOT * at, len(cases) - at)
                break
            except (GuestTrap, EngineError) as trap:
                at = len(cases) - int.from_bytes(instance.read(DONE, 4), "little")
                traps[at] = str(trap)
                at += 1
        found = instance.read(results, SLOT * len(cases))
        told = [traps.get(number) or found[SLOT * number : SLOT * (number + 1)].hex() for number in range(len(cases))]
        if not self.plan.dump:
            return told, b""
        instance.call("dump")
        return told, instance.read(DUMP, self.plan.dump)


def compare(plan: Plan, engine: str, outcome: Outcome) -> None:
    """Run a plan on both engines, and add to `outcome` what comes of it."""
    sides = Side(plan, REFERENCE), Side(plan, engine)
    try:
        for run in plan.runs:
            assert len(run.cases) <= MOST_CASES
            (expected, dumped), (found, dumped_here) = (side.run(run) for side in sides)
            step = str(plan.steps[run.step])
            outcome.cases += len(run.cases)
            outcome.traps += sum(" " in told for told in expected)
            for case, there, here in zip(run.cases, expected, found):
                if there != here:
                    outcome.mismatches.append(Mismatch(plan.name, step, _shown(case), there, here))
            if dumped != dumped_here:
                place = next(at for at, (there, here) in enumerate(zip(dumped, dumped_here)) if there != here)
                cases = ", ".join(_shown(case) for case in run.cases[:3])
                window = slice(place, place + SLOT)
                outcome.mismatches.append(
                    Mismatch(plan.name, f"{step} leaves at {place:#x}", cases, dumped[window].hex(), dumped_here[window].hex())
                )
    finally:
        for side in sides:
            side.close()


def _shown(case: Values) -> str:
    return " ".join(data.hex() for data in case) or "-"


def run(
    engine: str,
    count: int,
    seed: int,
    kinds: Sequence[str] = tuple(KINDS),
    told: Callable[[Plan, Outcome], None] | None = None,
) -> Outcome:
    """Compare an engine with the reference on about `count` cases for each instruction. `told` hears of each plan behind it."""
    outcome = Outcome()
    for kind in kinds:
        for plan in KINDS[kind](Random(f"{kind} {seed}"), count):
            compare(plan, engine, outcome)
            if told is not None:
                told(plan, outcome)
    return outcome
