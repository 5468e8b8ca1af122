"""random_get: a buffer is filled, with what the world's entropy has next."""

from __future__ import annotations

from agave_wasi.preview1.random import Random
from kernel_sim.entropy import SeededEntropy
from kernel_sim.kernel import Kernel


def test_the_whole_buffer_and_no_more() -> None:
    kernel = Kernel(entropy=SeededEntropy(5))
    random = Random(kernel.door(kernel.new_process([], [])))
    room = bytearray(40)
    random.random_get(memoryview(room)[4:36])
    assert room == bytes(4) + SeededEntropy(5).take(32) + bytes(4)
    random.random_get(memoryview(bytearray()))
    assert kernel.entropy.take(1) == SeededEntropy(5, 32).take(1)
