"""Where things of a guest are: nothing lies where something else may grow to."""

from __future__ import annotations

from agave_wasi.engines.x86 import space
from kernel_sim.cpu.layout import FRAME, GATE, PAGE, STACK_TOP


def test_nothing_overlaps() -> None:
    parts = [
        (GATE, GATE + PAGE),
        (FRAME, FRAME + PAGE),
        (space.STUBS, space.STUBS + space.STUBS_SIZE),
        (space.ARENA, space.ARENA + space.ARENA_SIZE),
        (space.IMAGES, space.IMAGES_END),
        (space.COLLECTED, space.COLLECTED + (4 << 30)),
        (space.LINEAR, space.LINEAR + space.LINEAR_STEP),
    ]
    assert STACK_TOP <= GATE
    assert all(end <= start for (_, end), (start, _) in zip(sorted(parts), sorted(parts)[1:]))


def test_a_linear_memory_has_room_for_all_that_32_bits_reach() -> None:
    assert space.MAX_PAGES * space.WASM_PAGE == 1 << 32 <= space.LINEAR_STEP


def test_a_call_begins_a_page_below_the_end_of_the_stack() -> None:
    assert space.STACK_BEGIN == STACK_TOP - PAGE
