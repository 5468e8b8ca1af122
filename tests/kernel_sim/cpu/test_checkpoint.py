"""Saving a machine and going back."""

from __future__ import annotations

from kernel_sim.cpu.checkpoint import PIECE, Checkpoint
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
