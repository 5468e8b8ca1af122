"""Which mutants are made: a sample of all that there can be, drawn by a seed."""

from __future__ import annotations

import hashlib

from conformance.mutants.places import Mutant, mutants
from conformance.mutants.scope import ROOMS, sources

GENERATED = "agave_wasi.preview1.compiled"
GENERATED_SHARE = 10
"""One mutant in so many is of the generated module, which says the same thing forty-six times and would be a third of all."""


def everything(rooms: tuple[str, ...] = ROOMS) -> list[Mutant]:
    """Every mutant that there can be."""
    return [mutant for name, path in sources(rooms).items() for mutant in mutants(name, path.read_text(encoding="utf-8"))]


def sample(found: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of them. More of the same seed begin with the same ones; where code changes, only what it touches does."""
    drawn = sorted(found, key=lambda each: hashlib.sha256(repr((seed, each.key)).encode()).digest(), reverse=True)
    generated = [each for each in drawn if each.module == GENERATED]
    written = [each for each in drawn if each.module != GENERATED]
    chosen: list[Mutant] = []
    while len(chosen) < count and (generated or written):
        turn = generated if generated and (not len(chosen) % GENERATED_SHARE or not written) else written
        chosen.append(turn.pop())
    return chosen
