"""Ends that aren't the guest's own, as they are told on stderr."""

from __future__ import annotations

from typing import Any

from agave_wasi.binary import read_coredump

BADF, MFILE = 8, 33


def test_a_trap_has_a_backtrace_and_a_core_dump(agave: Any) -> None:
    result = agave("run", "--coredump", "core.wasm", "trap.wat")
    assert result.returncode == 134 and result.stdout == b""
    lines = result.stderr.decode().splitlines()
    assert lines[0] == "agave-wasi: trap.wat trapped: integer divide by zero"
    assert [line.split()[2] for line in lines[1:4]] == ["inner", "outer", "_start"]
    core = read_coredump((agave.folder / "core.wasm").read_bytes())
    assert core.name == "trap.wat"
    assert [frame.function for frame in core.threads[0].frames] == [0, 1, 2]
    assert core.memories[0].read(70000, 8) == b"evidence"


def test_limits(agave: Any) -> None:
    for options, program, code, text in (
        (["--timeout", "0.2"], "loop", 124, b"--timeout"),
        (["--fuel", "10000"], "loop", 125, b"--fuel"),
        (["--max-output", "1K"], "forever", 125, b"--max-output"),
        (["--max-memory", "1M"], "grow", 1, b""),
        (["--max-memory", "10M"], "grow", 0, b""),
        (["--fs-quota", "0"], "keep", 51, b""),
        (["--max-fds", "4"], "keep", MFILE | BADF, b""),
        (["--max-stack", "64K"], "deep", 134, b"stack overflow"),
    ):
        result = agave("run", *options, f"{program}.wat")
        assert result.returncode == code, (options, result)
        assert text in result.stderr
