"""The generator: the same seed draws the same calls, all of them well-formed, and most of them succeed."""

from __future__ import annotations

from random import Random

from conformance.components.fuzz.campaign import draw
from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.generator import Generator
from conformance.components.fuzz.lockstep import Lockstep
from conformance.components.fuzz.model import Model
from conformance.components.fuzz.values import record
from tests.conformance.components.fuzz.programs import call, of, opening


def test_a_seed_means_a_program() -> None:
    one, other, third = ([each.plain() for each in draw(Random(seed), Lockstep, 150).steps] for seed in (1, 1, 2))
    assert one == other != third


def test_steps_are_well_formed_without_any_answer() -> None:
    for hostile in (False, True):
        generator = Generator(Random(5), hostile)
        for number in range(3000):
            step = generator.step()
            assert step.number == number + 4 and record(step)


def test_every_function_comes_up() -> None:
    generator = Generator(Random(1), True)
    generator.model.held |= {number + 3: each for number, each in enumerate(_everything().held.values())}
    drawn = {generator.step().name for _ in range(60_000)}
    assert callees().keys() - drawn == set()


def _everything() -> Model:
    """One handle of each resource."""
    model = Model()
    for number, name in enumerate(("descriptor.read-via-stream", "descriptor.append-via-stream", "descriptor.read-directory",
                                   "monotonic-clock.subscribe-duration"), 4):  # fmt: skip
        model.after(call(number, name, self=of(3), when=0))
    model.failed(call(20, "input-stream.read"))
    for number, resource in enumerate(("terminal-input", "terminal-output"), 30):
        held = model.held[4]
        model.held[number] = type(held)(resource)
    return model


def test_the_model_follows() -> None:
    model = Model()
    model.after(opening(4, "d/a", "create"))
    model.after(call(5, "descriptor.create-directory-at", self=of(3), path="e"))
    model.after(call(6, "descriptor.rename-at", self=of(3), old_path="d", new_descriptor=of(3), new_path="f"))
    model.after(call(7, "descriptor.symlink-at", self=of(3), old_path="x", new_path="l"))
    assert model.names == {"f/a": "file", "e": "directory", "l": "link"}
    model.after(call(8, "descriptor.unlink-file-at", self=of(3), path="f/a"))
    model.after(call(9, "descriptor.read-via-stream", self=of(4), offset=0))
    model.after(call(10, "input-stream.subscribe", self=of(9)))
    assert model.paths() == ["e", "l"] and model.children(9) and model.of("pollable") == [10]
    model.after(call(11, "pollable.drop", self=of(10)))
    assert not model.children(9) and model.gone == [10]
