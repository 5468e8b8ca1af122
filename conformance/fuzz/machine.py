"""Short programs, drawn and shrunk by Hypothesis: a state machine over the same strategies as the long chains.

Its bundles hold what earlier steps have made: descriptors, paths, and cookies, which are entries of listings. A rule draws one
call, with values from `strategies`, whose random numbers Hypothesis gives; so it can also make them plainer, and what it ends
with is a small program. It tops out at some hundreds of steps and a few thousand calls a second: long chains come from
`generator`.
"""

from __future__ import annotations

from random import Random
from time import monotonic
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule, run_state_machine_as_test

from agave_wasi.abi.types import Text
from conformance.fuzz.campaign import Campaign, Found
from conformance.fuzz.chain import Finding, Run, Sides, note
from conformance.fuzz.generator import WALK, hostile_slots
from conformance.fuzz.layout import functions
from conformance.fuzz.model import Model
from conformance.fuzz.steps import FIRST, NEVER_OPEN, TOP, Step
from conformance.fuzz.strategies import draw_path, values

STEPS = 30
"""Calls of a program at the most."""
HIGHEST = 1 - 2**-53
NOT_DRAWN = {"path_open", "fd_close", "fd_readdir", "proc_exit", "proc_raise", "fd_allocate"}
"""Functions with a rule of their own, and some that end a program."""
FD_NAMES = ("fd", "old_fd", "to", "new_fd")
NAMES = sorted(functions().keys() - NOT_DRAWN)


class Plainest(Random):
    """Random numbers of Hypothesis's, turned round: plainest to it is 0, and in `strategies` low chances are the odd ones."""

    def __init__(self, source: Random) -> None:
        super().__init__(0)
        self.source = source

    def random(self) -> float:
        return min(1 - self.source.random(), HIGHEST)

    def getrandbits(self, k: int, /) -> int:
        return self.source.getrandbits(k)


RANDOMS = st.randoms(use_true_random=False).map(Plainest)


class Differs(AssertionError):
    """Something that isn't explained."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(" ".join(map(str, finding.signature)))
        self.finding = finding


class Machine(RuleBasedStateMachine):
    """A program on two fresh sides. A subclass says which sides, and where it is to be counted."""

    sides: Sides
    campaign: Campaign
    fds = Bundle("fds")
    paths = Bundle("paths")
    cookies = Bundle("cookies")

    def __init__(self) -> None:
        super().__init__()
        self.both = type(self).sides()
        self.model = Model()
        self.run = Run()
        self.over = False

    def make(self, name: str, values: dict[str, Any], raw: dict[int, int] | None = None, walk: bool = False) -> Step | None:
        """Make a call on both sides; None if it hasn't succeeded on both."""
        if self.over:
            return None
        step = Step(FIRST + len(self.run.steps), name, values, raw or {}, walk)
        outcome = self.both.step(step)
        note(self.run, outcome)
        self.over = outcome.over
        if self.run.finding is not None:
            raise Differs(self.run.finding)
        if not outcome.succeeded:
            return None
        self.model.after(step, outcome.entries)
        return step

    @initialize(target=fds)
    def begin(self) -> dict[str, int]:
        return TOP

    @initialize(target=paths)
    def begin_with_a_name(self) -> str:
        return "a"

    @rule(target=paths, random=RANDOMS)
    def think_of_a_path(self, random: Random) -> str:
        return draw_path(self.model, random)

    @rule(target=fds, fd=fds, path=paths, random=RANDOMS)
    def open(self, fd: Any, path: str, random: Random) -> Any:
        step = self.make("path_open", values("path_open", self.model, random, {"fd": fd, "path": path}))
        return multiple() if step is None else {"of": step.number}

    @rule(fd=consumes(fds))
    def close(self, fd: Any) -> None:
        if fd != TOP:
            self.make("fd_close", {"fd": fd})

    @rule(target=cookies, fd=fds, room=st.sampled_from(WALK), behind=st.integers(0, 3))
    def list(self, fd: Any, room: int, behind: int) -> Any:
        step = self.make("fd_readdir", {"fd": fd, "buf": room, "cookie": 0}, walk=True)
        return multiple() if step is None else (fd, {"entry": behind})

    @rule(place=cookies, room=st.sampled_from(WALK))
    def list_on(self, place: Any, room: int) -> None:
        fd, cookie = place
        opened = self.model.open.get(fd["of"])
        if opened is None or opened.entries <= cookie["entry"]:
            return  # the folder has changed since: what a cookie means then is open
        self.make("fd_readdir", {"fd": fd, "buf": room, "cookie": cookie}, walk=True)

    @rule(name=st.sampled_from(NAMES), fd=fds, other=fds, path=paths, second=paths, random=RANDOMS)
    def call(self, name: str, fd: Any, other: Any, path: str, second: str, random: Random) -> None:
        self.make(name, values(name, self.model, random, _given(name, (fd, other), (path, second))))

    @rule(name=st.sampled_from(NAMES), fd=fds, path=paths, random=RANDOMS)
    def call_hostilely(self, name: str, fd: Any, path: str, random: Random) -> None:
        drawn = values(name, self.model, random, _given(name, (fd, NEVER_OPEN), (path, path)))
        self.make(name, drawn, hostile_slots(Step(FIRST, name, drawn), random))

    def teardown(self) -> None:
        try:
            if not self.over and self.run.finding is None:
                found = self.both.files()
                if found:
                    raise Differs(Finding(self.run.steps, found, files=True))
        finally:
            self.campaign.add(self.run)
            self.both.close()


def _given(name: str, fds: tuple[Any, Any], paths: tuple[str, str]) -> dict[str, Any]:
    """Things out of bundles for a function's parameters. A link's target is text of its own, and is drawn."""
    left = list(fds), list(paths)
    found: dict[str, Any] = {}
    for parameter in functions()[name].parameters:
        if parameter.name in FD_NAMES:
            found[parameter.name] = left[0].pop(0)
        elif isinstance(parameter.abi, Text) and (name, parameter.name) != ("path_symlink", "old_path"):
            found[parameter.name] = left[1].pop(0)
    if name == "fd_renumber" and TOP in found.values():
        found["to"] = found["fd"]  # little can be done without the top
    return found


def explore(number: int, programs: int, sides: Sides, against: str, steps: int = STEPS) -> Campaign:
    """Let Hypothesis draw so many programs; it ends with the first thing that isn't explained, made small."""
    campaign = Campaign(number, against=against)
    began = monotonic()
    kind = type("Drawn", (Machine,), {"sides": staticmethod(sides), "campaign": campaign})
    chosen = settings(
        max_examples=programs, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(number)(kind), settings=chosen)
    except Differs as ending:
        campaign.found.append(Found(campaign.chains, ending.finding, ending.finding))
    campaign.seconds = monotonic() - began
    return campaign
