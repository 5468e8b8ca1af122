"""Which mutants are made: a sample of all that there can be, drawn by a seed."""

from __future__ import annotations

import random

from conformance.mutants.places import Mutant, mutants
from conformance.mutants.scope import sources

GENERATED = "agave_wasi.preview1.compiled"
GENERATED_SHARE = 10
"""One mutant in so many is of the generated module, which says the same thing forty-six times and would be a third of all."""


def everything() -> list[Mutant]:
    """Every mutant that there can be."""
    return [mutant for name, path in sources().items() for mutant in mutants(name, path.read_text(encoding="utf-8"))]


def sample(found: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of them; more of the same seed begin with the same ones, as long as the code stays."""
    chance = random.Random(seed)
    generated = [each for each in found if each.module == GENERATED]
    written = [each for each in found if each.module != GENERATED]
    chance.shuffle(generated)
    chance.shuffle(written)
    chosen: list[Mutant] = []
    while len(chosen) < count and (generated or written):
        turn = generated if generated and (not len(chosen) % GENERATED_SHARE or not written) else written
        chosen.append(turn.pop())
    return chosen
