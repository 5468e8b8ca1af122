"""Following pointers through machine code."""

from __future__ import annotations

import pytest

from agave_wasi.engines.x86.paths import Paths

CASES = {
    "mov rax, [rdi+8]; mov rcx, [rax+0x18]": ("488b4708 488b4818", ("rdi", 8, 0x18)),
    "mov rax, rdi; mov ecx, [rax+0x10]": ("4889f8 8b4810", ("rdi", 0x10)),
    "mov [rsp+8], rdi; xor edi, edi; mov rax, [rsp+8]; mov rax, [rax+4]": ("48897c2408 31ff 488b442408 488b4004", ("rdi", 4)),
    "mov rax, [rdi]; and rax, -2; mov rcx, [rax+8]": ("488b07 4883e0fe 488b4808", ("rdi", 0, 8)),
    "mov rax, [rdi+0x30]; mov rcx, [rax+rdx*8]": ("488b4730 488b0cd0", ("rdi", 0x30, 0)),
    "mov r15, rdi; call; mov rax, [r15+8]": ("4989ff e800000000 498b4708", ("rdi", 8)),
    "movzx ecx, byte ptr [rsi+3]": ("0fb64e03", ("rsi", 3)),
}


@pytest.mark.parametrize("text", CASES)
def test_what_is_reached(text: str) -> None:
    code, expected = CASES[text]
    assert expected in Paths(bytes.fromhex(code)).reached


MISSED = {
    "mov rax, [rdi+8]; add rax, 4; mov rcx, [rax+0x18]": "488b4708 4883c004 488b4818",
    "mov rax, [rdi+8]; call; mov rcx, [rax+0x18]": "488b4708 e800000000 488b4818",
    "mov rax, [rdi+8]; mov eax, 1; mov rcx, [rax+0x18]": "488b4708 b801000000 488b4818",
    "mov rax, [rdi+8]; lea rax, [rax+1]; mov rcx, [rax+0x18]": "488b4708 488d4001 488b4818",
}


@pytest.mark.parametrize("text", MISSED)
def test_what_a_register_no_longer_holds_leads_nowhere(text: str) -> None:
    found = Paths(bytes.fromhex(MISSED[text])).reached
    assert found and not any(path[-1] == 0x18 for path in found)


STORED = {
    "mov [rdi+8], rbp": ("48896f08", (("rdi", 8), ("rbp",))),
    "mov rax, [rbp+8]; mov [rdi+0x38], rax": ("488b4508 48894738", (("rdi", 0x38), ("rbp", 8))),
    "lea rax, [rip+4]; mov [rdi+0x50], rax": ("488d0504000000 48894750", (("rdi", 0x50), ("rip",))),
    "mov dword ptr [rdi+4], 7": ("c7470407000000", (("rdi", 4), ("number", 7))),
    "call; mov [rbx], eax after mov rbx, rdi": ("4889fb e800000000 8903", (("rdi", 0), ("result",))),
    "add ecx, 1; mov [rdi+4], ecx": ("83c101 894f04", (("rdi", 4), ("unknown",))),
    "mov rax, [rdi+0x10]; call [rax+0x18]": ("488b4710 ff5018", (("call", "target"), ("rdi", 0x10, 0x18))),
    "mov rdi, [rdi+0x20]; call": ("488b7f20 e800000000", (("call", "rdi"), ("rdi", 0x20))),
    "mov eax, [rdi+0x10]": ("8b4710", (("bytes", 4), ("rdi", 0x10))),
}


@pytest.mark.parametrize("text", STORED)
def test_what_is_stored_and_called(text: str) -> None:
    code, expected = STORED[text]
    assert expected in Paths(bytes.fromhex(code)).stored
