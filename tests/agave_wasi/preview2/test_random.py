"""Random bytes: the world's entropy, in whatever form they are asked for."""

from __future__ import annotations

from agave_wasi.preview2.random import RANDOM_MAX, Insecure, InsecureSeed, Random
from kernel_sim.entropy import SeededEntropy
from tests.agave_wasi.preview2.guest import TRAP, outcome
from tests.kernel_sim.scripts import world


def test_everything_comes_from_the_entropy_device() -> None:
    k, same = world(), SeededEntropy()
    assert Random(k.sys).get_random_bytes(5) == same.take(5)
    assert Random(k.sys).get_random_u64() == int.from_bytes(same.take(8), "little")
    assert Insecure(k.sys).get_insecure_random_bytes(3) == same.take(3)
    assert Insecure(k.sys).get_insecure_random_u64() == int.from_bytes(same.take(8), "little")
    assert InsecureSeed(k.sys).insecure_seed() == tuple(int.from_bytes(same.take(8), "little") for _ in range(2))


def test_none_and_too_many() -> None:
    k = world()
    assert outcome(Random(k.sys).get_random_bytes, 0) == b""
    assert RANDOM_MAX == 64 << 20
    for count in (RANDOM_MAX + 1, (1 << 64) - 1):
        assert outcome(Random(k.sys).get_random_bytes, count) == TRAP
        assert outcome(Insecure(k.sys).get_insecure_random_bytes, count) == TRAP
    assert k.kernel.entropy.take(4) == SeededEntropy().take(4)  # nothing was taken
