"""Where things are in a machine's address space."""

from __future__ import annotations

from kernel_sim.cpu import layout


def test_sizes_are_rounded_to_pages() -> None:
    assert [layout.up(size) for size in (0, 1, 4096, 4097)] == [0, 4096, 4096, 8192]
    assert [layout.down(address) for address in (0, 4095, 4096, 8191)] == [0, 0, 4096, 4096]


def test_the_regions_can_t_meet() -> None:
    assert 0 < layout.LOWEST < layout.HEAP < layout.HEAP + layout.DEFAULT_HEAP < layout.STACK_TOP - layout.DEFAULT_STACK
    assert layout.STACK_TOP < layout.GATE < layout.FRAME < 1 << 36, "the model has 36 bits of addresses"
