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


COMPONENT = """(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $m (import "" "now" (func $now (result i64)))
    (func (export "run") (result i32) (drop (call $now)) (drop (call $now)) (i32.const 0)))
  (core instance $i (instantiate $m (with "" (instance (export "now" (func $now))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (component $c (import "run" (func $run (result (result)))) (export "run" (func $run)))
  (instance $e (instantiate $c (with "run" (func $run))))
  (export "wasi:cli/run@0.2.0" (instance $e)))"""


def test_components_are_shown_by_their_functions(agave: Any) -> None:
    (agave.folder / "clock.wat").write_text(COMPONENT)
    for chosen in ([], ["-e", "trace=monotonic-clock.now"], ["-e", "trace=wasi:clocks/*"], ["-e", "trace=!descriptor.*"]):
        shown = agave("strace", *chosen, "clock.wat")
        assert shown.returncode == 0
        first, second, last = shown.stderr.decode().splitlines()
        assert first.startswith("monotonic-clock.now() = ") and second.startswith("monotonic-clock.now() = ")
        assert last == "+++ exited with 0 +++"
    assert agave("strace", "-e", "trace=!*.now", "clock.wat").stderr == b"+++ exited with 0 +++\n"
    rows = [line.split() for line in agave("strace", "-c", "clock.wat").stderr.decode().splitlines()]
    assert ["2", "monotonic-clock.now"] in rows
