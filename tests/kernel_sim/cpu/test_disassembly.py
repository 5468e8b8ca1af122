"""Machine code as text."""

from __future__ import annotations

from kernel_sim.cpu.disassembly import Symbols, around, disassemble

CODE = bytes.fromhex("4889f8 4801f0 06 c3")
SYMBOLS = Symbols({0x1000: "add", 0x1007: "end"})


def test_each_instruction_is_a_line_and_bad_bytes_are_too() -> None:
    found = disassemble(CODE, 0x1000)
    assert [(each.address, each.text) for each in found] == [
        (0x1000, "mov rax, rdi"), (0x1003, "add rax, rsi"), (0x1006, "(bad)"), (0x1007, "ret"),
    ]  # fmt: skip
    assert found[0].end == 0x1003 and found[0].code == CODE[:3]
    assert [each.text for each in disassemble(CODE, 0x1000, 2)] == ["mov rax, rdi", "add rax, rsi"]
    assert [each.text for each in disassemble(CODE, 0x1000, 3)][-1] == "(bad)"
    assert disassemble(b"", 0) == []


def test_a_symbol_holds_until_the_next() -> None:
    assert [SYMBOLS.name(address) for address in (0xFFF, 0x1000, 0x1003, 0x1007, 0x1010)] == [
        "0xfff", "add", "add+0x3", "end", "end+0x9",
    ]  # fmt: skip
    assert SYMBOLS.start(0xFFF) is None and SYMBOLS.start(0x1008) == 0x1007


def test_the_place_is_marked_among_its_neighbours() -> None:
    assert around(CODE, 0x1000, 0x1003, SYMBOLS) == [
        "   0x1000 add      mov rax, rdi",
        "=> 0x1003 add+0x3  add rax, rsi",
        "   0x1006 add+0x6  (bad)",
        "   0x1007 end      ret",
    ]
    assert len(around(CODE, 0x1000, 0x1003, SYMBOLS, before=0, after=1)) == 2


def test_a_place_without_symbols_or_outside() -> None:
    assert around(CODE, 0x1000, 0x1003, Symbols({}))[0] == "   0x1000 0x1000  mov rax, rdi"
    assert [line[:2] for line in around(CODE, 0x1000, 0x5000, SYMBOLS)] == ["  "]
