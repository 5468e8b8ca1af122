"""The generator: seeded, and hostile only where it is meant to be."""

from __future__ import annotations

from random import Random

from conformance.fuzz.generator import WEIGHTS, Generator
from conformance.fuzz.layout import functions, lay, slot_names
from conformance.fuzz.steps import NEVER_OPEN, Step


def drawn(seed: int, hostile: bool = False, count: int = 3000) -> list[Step]:
    generator = Generator(Random(seed), hostile)
    return [generator.step() for _ in range(count)]


def test_the_same_seed_draws_the_same_program() -> None:
    assert drawn(1) == drawn(1) != drawn(2)


def test_every_function_is_called() -> None:
    assert functions().keys() >= WEIGHTS.keys()
    assert {each.name for each in drawn(3, count=40_000)} >= functions().keys() - {"proc_exit", "proc_raise"}


def test_only_hostile_programs_have_numbers_in_slots() -> None:
    assert not any(each.raw for each in drawn(4))
    hostile = drawn(4, True)
    assert 0.2 < sum(bool(each.raw) for each in hostile) / len(hostile) < 0.35


def test_a_hostile_descriptor_is_one_that_no_side_has() -> None:
    for step in drawn(5, True):
        for slot, number in step.raw.items():
            assert slot_names(step.name)[slot] not in ("fd", "to", "old_fd", "new_fd") or number >= NEVER_OPEN


def test_a_hostile_poll_reads_no_subscription_that_could_wait_for_long() -> None:
    for step in drawn(6, True, 40_000):
        if step.name == "poll_oneoff" and 0 in step.raw:
            size = 48 * lay(step).slots[2]
            assert step.raw[0] % 8 or step.raw[0] + size > 1 << 16 or not size
