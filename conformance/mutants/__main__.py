"""`python -m conformance.mutants`: make mutants, judge them, and say what has survived."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import ceil
from pathlib import Path
from time import monotonic

from conformance.mutants import components
from conformance.mutants.child import CPU_SECONDS, CRASH, Broken, in_child
from conformance.mutants.explained import stale
from conformance.mutants.judge import Verdict, by_tests, judge, wake_early
from conformance.mutants.loading import put_in, require_fresh
from conformance.mutants.places import Mutant
from conformance.mutants.reach import Reach, record, surprises
from conformance.mutants.sample import everything, sample
from conformance.mutants.scope import EAGER, EAGER_TESTS
from conformance.mutants.state import State
from conformance.mutants.table import markdown, share, unexplained, write

LEAST = 0.9
"""The part of the mutants that must be caught."""
COUNT = 310
CALLS = 12_000
RECORDING = 1200
"""Seconds that may be computed for the recording."""
SLOWER = 8
"""What takes so many times as long as it does without a mutant goes on for ever."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when enough were caught, and every survivor is explained."""
    options = parsed(arguments)
    require_fresh()
    load_strangers()
    if options.scope == "components":
        return components.main(options)
    found = everything()
    chosen = [each for each in sample(found, options.count, options.seed) if options.only in str(each)]
    state = State(options.state, options.seed, options.calls)
    todo = [each for each in chosen if not state.stands(each)]
    todo.sort(key=lambda each: state.of(each) is not None)  # new ones first
    known = len(chosen) - len(todo)
    print(f"{len(found)} mutants can be made; {len(chosen)} are sampled, {known} of them judged already", flush=True)
    if todo:
        reach = recorded(options.seed, options.calls)
        cpu = enough(partial(without_mutant, True, options.seed, options.calls)) if reach is not None else 0
        if reach is None or not cpu:
            return 1
        judge_all(todo, reach, state, cpu, options)
        if not sound(todo, options):
            return 1
    if not test_all(chosen, state, options):
        return 1
    judged = [(each, verdict) for each in chosen if (verdict := state.of(each)) is not None]
    return told(judged, chosen, found, options)


def parsed(arguments: Sequence[str] | None) -> Namespace:
    """The command line."""
    parser = ArgumentParser(prog="conformance.mutants", description="mutants of the kernel and Preview 1: does the suite see?")
    parser.add_argument("--scope", choices=("preview1", "components"), default="preview1", help="what is mutated (preview1)")
    parser.add_argument("--count", type=int, default=COUNT, metavar="N", help=f"how many ({COUNT})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which ones, and which random calls (1)")
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"random calls for each ({CALLS})")
    parser.add_argument("--minutes", type=float, default=60.0, metavar="M", help="stop then; the next run goes on (60)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at a time (1)")
    parser.add_argument("--state", type=Path, default=Path(".mutants.jsonl"), metavar="FILE", help="where verdicts are kept")
    parser.add_argument("--only", default="", metavar="TEXT", help="those of the sample that have this in their description")
    parser.add_argument("--write", action="store_true", help="write the table in docs/TESTING.md")
    return parser.parse_args(arguments)


def load_strangers() -> None:
    """Import what others have made, so that every child finds it there."""
    import ctypes
    import json
    import tempfile

    import hypothesis
    import pytest
    import wasmtime
    from wasmtime import _bindings

    del ctypes, hypothesis, json, pytest, tempfile, wasmtime, _bindings


def recorded(seed: int, calls: int) -> Reach | None:
    """What runs what; None, with a word about it, if something fails without a mutant."""
    reach = in_child(partial(record, seed, calls), RECORDING)
    if isinstance(reach, Broken):
        print(f"the code as it is can't be tried: {reach.how}: {reach.text}", file=sys.stderr)
        return None
    assert isinstance(reach, Reach)
    for name, why in reach.complaints.items():
        print(f"without any mutant: {name}: {why}", file=sys.stderr)
    led = surprises(reach)
    for name in led:
        print(f"{name} is left out because nothing leads there, and something does", file=sys.stderr)
    return None if reach.complaints or led else reach


def enough(work: Callable[[], Verdict]) -> int:
    """Seconds that a mutant may compute: far more than this machine needs now without one. 0 if something fails then."""
    verdict: Verdict | Broken = in_child(work, RECORDING)
    if isinstance(verdict, Broken) or verdict.caught:
        print(f"without any mutant: {verdict}", file=sys.stderr)
        return 0
    return max(CPU_SECONDS, ceil(SLOWER * verdict.seconds))


def judge_all(todo: list[Mutant], reach: Reach, state: State, cpu: int, options: Namespace) -> None:
    """Judge them in their order, as many at a time as there are jobs, until the time is over; each may compute so long."""
    until = monotonic() + 60 * options.minutes

    def judged(mutant: Mutant) -> Verdict | None:
        if monotonic() > until:
            return None
        work = partial(judged_alone, mutant, reach.order(mutant), options.seed, options.calls)
        found = in_child(work, cpu)
        if isinstance(found, Broken) and found.how == CRASH:  # perhaps the machine was short of memory
            found = in_child(work, cpu)
        return Verdict(found.how, "", found.text) if isinstance(found, Broken) else found

    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = pool.map(judged, todo) if options.jobs > 1 else map(judged, todo)
        left = 0
        for number, (mutant, verdict) in enumerate(zip(todo, verdicts), 1):
            if verdict is None:
                left += 1
                continue
            state.add(mutant, verdict)
            note = "" if verdict.caught or reach.runs(mutant) else " (nothing runs it)"
            print(f"{number}/{len(todo)} {verdict.how} {verdict.by}{note}: {mutant}", flush=True)
    if left:
        print(f"{options.minutes:g} minutes are over; {left} mutants are left for the next run")


def test_all(chosen: list[Mutant], state: State, options: Namespace) -> bool:
    """What lives of the vDSO's is tried with its tests; False if they fail without a mutant."""
    lives = [each for each in chosen if is_eager(each) and (verdict := state.of(each)) is not None and not verdict.caught]
    cpu = enough(partial(by_tests, EAGER_TESTS)) if lives else CPU_SECONDS
    if not cpu:
        return False
    with ThreadPoolExecutor(options.jobs) as pool:
        works = [partial(tested_alone, each) for each in lives]
        verdicts = (pool.map if options.jobs > 1 else map)(lambda work: in_child(work, cpu), works)
        for mutant, verdict in zip(lives, verdicts):
            if isinstance(verdict, Broken):
                verdict = Verdict(verdict.how, "", verdict.text)
            if verdict.caught:
                state.add(mutant, verdict)
            print(f"{verdict.how} {verdict.by}: {mutant}", flush=True)
    return True


def tested_alone(mutant: Mutant) -> Verdict:
    """In a child: put the mutant in, and try the vDSO's tests."""
    put_in(mutant)
    return by_tests(EAGER_TESTS)


def is_eager(mutant: Mutant) -> bool:
    """Is it judged with a vDSO from the first call on?"""
    return f"{mutant.module}.".startswith(f"{EAGER}.")


def sound(judged: list[Mutant], options: Namespace) -> bool:
    """A last look: without a mutant all is well. Else it was something else that broke, as a disk that is full."""
    for eager in sorted({is_eager(each) for each in judged}):
        verdict = in_child(partial(without_mutant, eager, options.seed, options.calls), RECORDING)
        if not isinstance(verdict, Verdict) or verdict.caught:
            print(f"without any mutant: {verdict}; what was judged is worth nothing: remove {options.state}", file=sys.stderr)
            return False
    return True


def judged_alone(mutant: Mutant, order: Sequence[str], seed: int, calls: int) -> Verdict:
    """In a child: put the mutant in, and judge it."""
    put_in(mutant)
    if is_eager(mutant):
        wake_early()
    return judge(order, seed, calls)


def without_mutant(eager: bool, seed: int, calls: int) -> Verdict:
    """In a child: what is said of the code as it is."""
    if eager:
        wake_early()
    return judge((), seed, calls)


def told(judged: list[tuple[Mutant, Verdict]], chosen: list[Mutant], found: list[Mutant], options: Namespace) -> int:
    """Say what came of it; the exit code."""
    left = unexplained(judged)
    for mutant in left:
        print(f"not explained: {mutant}")
    for each in stale(found):
        print(f"explained, but can't be made any more: {each.module} {each.function}: {each.before} => {each.after}")
    print(f"{len(judged)} mutants, {100 * share(judged):.1f}% caught, {len(left)} survivors not explained")
    done = len(judged) == len(chosen)
    if options.write and done:
        write(markdown(judged, options.seed, options.calls))
    return 0 if done and share(judged) >= LEAST and not left and not stale(found) else 1


if __name__ == "__main__":
    sys.exit(main())
