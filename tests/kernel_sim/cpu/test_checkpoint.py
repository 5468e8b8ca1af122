"""Saving a machine and going back."""

from __future__ import annotations

import random

from kernel_sim.cpu.checkpoint import PIECE, ROOM, ZEROS, Checkpoint
from kernel_sim.cpu.layout import HEAP, PAGE
from kernel_sim.cpu.machine import Machine
from tests.kernel_sim.cpu.assembled import CODE, DATA, DATA_SIZE, INC_RAX, machine, poke, store, word

LOOP = INC_RAX + store(DATA) + b"\xeb\xf3"


def state(running: Machine) -> tuple[dict[str, int], int, bytes]:
    return running.registers(), running.count, bytes(running.memory.named("data").view)


def test_the_same_run_again() -> None:
    running = machine(LOOP)
    running.run(100)
    saved = Checkpoint(running)
    running.run(1000)
    later = state(running)
    saved.restore(running)
    assert running.count == 100 and word(running, DATA) == 33
    running.run(1000)
    assert state(running) == later


def test_checkpoints_share_what_hasn_t_changed_and_go_both_ways() -> None:
    running = machine(LOOP)
    poke(running, DATA + PIECE, b"far")
    first = Checkpoint(running)
    running.run(3)
    second = Checkpoint(running, after=first)
    assert second.changed(first) == PIECE
    assert second.pages["data"][1] is first.pages["data"][1]
    assert sum(map(len, second.pages["data"])) == DATA_SIZE
    first.restore(running)
    assert word(running, DATA) == 0 and running.pc == CODE
    second.restore(running)
    assert word(running, DATA) == 1 and running.count == 3
    assert "code" not in first.pages


def test_of_a_region_only_what_is_used_is_looked_at_and_what_came_later_is_zero_again() -> None:
    running = machine(LOOP)
    poke(running, DATA, b"near")
    poke(running, DATA + PIECE, b"far")
    saved = Checkpoint(running, used={"data": PIECE + 100})
    assert [len(piece) for piece in saved.pages["data"]] == [PIECE, 100]
    poke(running, DATA + 100, b"x")
    poke(running, DATA + PIECE + 100, b"later")
    saved.restore(running, used={"data": DATA_SIZE})
    view = running.memory.named("data").view
    assert bytes(view[:101]) == b"near" + bytes(97)
    assert bytes(view[PIECE:]) == b"far" + bytes(PIECE - 3)


def test_pieces_are_copies_that_can_t_be_written_to() -> None:
    running = machine(LOOP)
    poke(running, DATA, b"before")
    kept = Checkpoint(running).pages["data"]
    poke(running, DATA, b"behind")
    assert bytes(kept[0][:6]) == b"before" and memoryview(kept[0]).readonly


def test_more_pieces_than_one_room_has() -> None:
    size = 2 * ROOM + PIECE + 8 * PAGE
    running = machine(LOOP)
    region = running.memory.add("large", HEAP, size, "rw")
    running.add(region)
    content = random.Random(1).randbytes(size)
    region.view[:] = content
    first = Checkpoint(running)
    assert b"".join(first.pages["large"]) == content
    poke(running, HEAP + ROOM, b"x")
    second = Checkpoint(running, after=first)
    assert second.changed(first) == PIECE
    first.restore(running)
    assert region.view[ROOM] == content[ROOM] and bytes(region.view) == content


def test_a_piece_with_something_at_its_very_end_is_not_nothing() -> None:
    running = machine(LOOP)
    poke(running, DATA + 2 * PIECE - 1, b"x")
    pieces = Checkpoint(running).pages["data"]
    assert pieces[0] is ZEROS and pieces[1] is not ZEROS and pieces[1][-1] == ord("x")
