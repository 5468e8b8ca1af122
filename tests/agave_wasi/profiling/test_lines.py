"""Source lines of instructions, and files whose debug information is none."""

from __future__ import annotations

from pathlib import Path

from agave_wasi.engines.x86.elf import read_elf
from agave_wasi.profiling.lines import Lines, module_lines, program_lines
from kernel_sim.cpu.layout import HEAP

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"
ELF = (METAL / "clock.elf").read_bytes()


def place(name: str) -> int:
    return next(address for address, known in read_elf(ELF).symbols.items() if known == name)


def line(name: str) -> int:
    """Where the source says that a function begins."""
    lines = (METAL / "start.c").read_text().splitlines()
    return next(number for number, text in enumerate(lines, 1) if f" {name}(" in text and text.endswith("{"))


def test_of_machine_code() -> None:
    lines = program_lines(ELF, HEAP)
    for name in ("start", "put", "print"):
        found = lines.at(place(name))
        assert found is not None and found[0].endswith("start.c") and found[1] == line(name), name
    assert lines.at(5) is None and lines.at(1 << 60) is None


def test_damage_is_no_error() -> None:
    assert module_lines(b"\0asm\1\0\0\0\x01").at(5) is None and module_lines(b"\0asm\1\0\0\0").at(5) is None
    assert Lines(None).at(0) is None and program_lines(b"\x7fELF", HEAP).at(5) is None
    begin = ELF.index(b"DWARF") if b"DWARF" in ELF else len(ELF) // 2
    for at in range(begin, len(ELF), 97):
        program_lines(ELF[:at] + b"\xff" * 8 + ELF[at + 8 :], HEAP).at(place("start"))


def test_compressed_sections_are_left_alone() -> None:
    assert program_lines(ELF.replace(b".debug_line\0", b".zdebug_lin\0"), HEAP).at(place("start")) is None
