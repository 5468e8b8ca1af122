"""`agave-wasi strace`: where the lines go, which ones, and that they are always the same."""

from __future__ import annotations

from typing import Any


def test_lines_go_to_stderr_and_the_output_stays_apart(agave: Any) -> None:
    result = agave("strace", "hello.wat")
    assert result.stdout == b"hello\n"
    assert result.stderr.decode().splitlines() == ['fd_write(1<stdout>, "hello\\n", 6) = 6', "+++ exited with 0 +++"]


def test_to_a_file_twice_the_same(agave: Any) -> None:
    texts = []
    for name in ("a", "b"):
        result = agave("strace", "--kernel", "-o", name, "keep.wat")
        assert (result.returncode, result.stderr) == (0, b"")
        texts.append((agave.folder / name).read_text())
    assert texts[0] == texts[1] and "\n    openat(dirfd=3</>" in texts[0]


def test_chosen_calls(agave: Any) -> None:
    def shown(expression: str) -> list[str]:
        lines = agave("strace", "-e", expression, "keep.wat").stderr.decode().splitlines()
        return [line.partition("(")[0] for line in lines[:-1]]

    assert shown("trace=path_*") == ["path_open"]
    assert shown("!path_open") == ["fd_write", "proc_exit"]
    assert shown("fd_*,proc_*,!proc_exit") == ["fd_write"]


def test_summary(agave: Any) -> None:
    result = agave("strace", "-c", "echo.wat", stdin=b"Ada\n")
    rows = [line.split() for line in result.stderr.decode().splitlines()]
    assert ["3", "13", "fd_write"] in rows and ["1", "4", "fd_read"] in rows and rows[-1][-1] == "total"
    assert b"ms" not in result.stderr and b" ms " in agave("strace", "-c", "--realtime", "echo.wat").stderr


def test_other_ends(agave: Any) -> None:
    result = agave("strace", "trap.wat")
    assert result.returncode == 134 and result.stderr.startswith(b"+++ trapped: integer divide by zero +++\n")
    assert b"inner" in result.stderr
    result = agave("strace", "--timeout", "0.2", "loop.wat")
    assert result.returncode == 124 and result.stderr.startswith(b"+++ stopped by the timeout +++\n")


def test_with_a_trace_beside(agave: Any) -> None:
    result = agave("strace", "--trace", "t.jsonl", "hello.wat")
    assert result.stderr.startswith(b"fd_write") and (agave.folder / "t.jsonl").read_text().count("\n") == 1
