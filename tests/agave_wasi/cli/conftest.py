"""What the tests of the command share: small programs in text, and the command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[3]

_IMPORTS = {
    "fd_write": "(param i32 i32 i32 i32) (result i32)",
    "fd_read": "(param i32 i32 i32 i32) (result i32)",
    "args_sizes_get": "(param i32 i32) (result i32)",
    "args_get": "(param i32 i32) (result i32)",
    "environ_sizes_get": "(param i32 i32) (result i32)",
    "environ_get": "(param i32 i32) (result i32)",
    "path_open": "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
    "fd_fdstat_get": "(param i32 i32) (result i32)",
    "poll_oneoff": "(param i32 i32 i32 i32) (result i32)",
    "clock_time_get": "(param i32 i64 i32) (result i32)",
    "random_get": "(param i32 i32) (result i32)",
    "proc_exit": "(param i32)",
}


_PUT = "(call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))"
_GET = "(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))"


def program(body: str, data: str = "") -> str:
    """A command that can call every function that is named in its text; bytes 0-1023 are free, strings begin at 1024."""
    used = [name for name in _IMPORTS if f"${name}" in body]
    imports = [f'(import "wasi_snapshot_preview1" "{name}" (func ${name} {_IMPORTS[name]}))' for name in used]
    return f"""(module {' '.join(imports)} (memory (export "memory") 2) (data (i32.const 1024) "{data}")
      (func $put (param $fd i32) (param $at i32) (param $size i32) (result i32)
        (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $size))
        {_PUT if '$fd_write' in body else '(i32.const 0)'})
      (func $get (result i32)
        (i32.store (i32.const 0) (i32.const 2048)) (i32.store (i32.const 4) (i32.const 4096))
        {_GET if '$fd_read' in body else ''}
        (i32.load (i32.const 8)))
      (func (export "_start") {body}))"""


_OPEN = """(call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 7) (i32.const {}) (i64.const {})
  (i64.const 0) (i32.const 0) (i32.const 16))"""

PROGRAMS = {
    "hello": program("(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 6))) ;; $fd_write\n", "hello\\n"),
    "exit": program("(call $proc_exit (i32.const 298))"),
    "loop": '(module (func (export "_start") (loop $on (br $on))))',
    "loops": program(
        "(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 5))) (loop $on (br $on)) ;; $fd_write\n", "ready"
    ),
    "forever": program(
        "(loop $on (drop (call $put (i32.const 1) (i32.const 1024) (i32.const 2))) (br $on)) ;; $fd_write\n", "y\\n"
    ),
    "big": program("(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 120000))) ;; $fd_write\n", "big"),
    "writes": program(
        "(loop $on (br_if $on (i32.eqz (call $put (i32.const 1) (i32.const 1024) (i32.const 2)))))"
        " (call $proc_exit (call $put (i32.const 1) (i32.const 1024) (i32.const 2))) ;; $fd_write\n",
        "y\\n",
    ),
    "arguments": program(
        "(drop (call $args_sizes_get (i32.const 16) (i32.const 20))) (drop (call $args_get (i32.const 32) (i32.const 4096)))"
        " (drop (call $put (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))) ;; $fd_write\n"
    ),
    "environment": program(
        "(drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))"
        " (drop (call $environ_get (i32.const 32) (i32.const 4096)))"
        " (drop (call $put (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))) ;; $fd_write\n"
    ),
    "echo": program(
        "(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 5)))"
        " (drop (call $put (i32.const 1) (i32.const 2048) (call $get)))"
        " (drop (call $put (i32.const 2) (i32.const 1029) (i32.const 4))) ;; $fd_write $fd_read\n",
        "name?bye\\n",
    ),
    "keep": program(
        f"(call $proc_exit (i32.or {_OPEN.format(1, 64)}"
        " (call $put (i32.load (i32.const 16)) (i32.const 1031) (i32.const 5)))) ;; $fd_write\n",
        "out.txtwords",
    ),
    "show": program(
        f"(call $proc_exit (i32.or {_OPEN.format(0, 2)} (i32.const 0)))",
        "out.txt",
    ),
    "waits": program(
        "(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 5)))"
        " (i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 1))"
        " (call $proc_exit (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))) ;; $fd_write\n",
        "ready",
    ),
    "kind": program(
        "(drop (call $fd_fdstat_get (i32.const 0) (i32.const 16))) (call $proc_exit (i32.load8_u (i32.const 16)))"
    ),
    "chance": program(
        "(drop (call $random_get (i32.const 4096) (i32.const 8)))"
        " (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 4104)))"
        " (drop (call $put (i32.const 1) (i32.const 4096) (i32.const 16))) ;; $fd_write\n"
    ),
    "trap": """(module (memory (export "memory") 2) (data (i32.const 70000) "evidence")
      (func $inner (result i32) (i32.div_s (i32.const 1) (i32.load (i32.const 8))))
      (func $outer (drop (call $inner))) (func (export "_start") (call $outer)))""",
    "deep": '(module (func $down (export "_start") (call $down)))',
    "numbers": """(module (func (export "all") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
      (local.get 0) (local.get 1) (local.get 2) (local.get 3)) (func (export "none")))""",
    "needs": '(module (import "env" "answer" (func $answer (result i32))) (func (export "ask") (result i32) (call $answer)))',
    "answers": '(module (func (export "answer") (result i32) (i32.const 42)))',
    "missing": """(module (import "env" "emscripten_notify_memory_growth" (func (param i32)))
      (import "wasi_snapshot_preview1" "fd_raed" (func)) (func (export "_start")))""",
    "mistyped": '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64))) (func (export "_start")))',
    "grow": """(module (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $proc_exit (i32.eq (memory.grow (i32.const 100)) (i32.const -1)))))""",
    "component": "(component)",
    "strange": "(component (core module $s (memory i64 1) (func $f)) (core module $t (func $f)))",
    "twice": """(component
      (core module $deep (func (export "cabi") (result i32) (i32.const 0)) (func $half))
      (component $inner
        (core module $leaf (func $half (export "half") (result i32) (i32.div_u (i32.const 9) (i32.const 4)))
          (func (export "run") (result i32) (i32.sub (call $half) (i32.const 2))))
        (core instance $i (instantiate $leaf)) (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $command (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $command)))
      (core instance (instantiate $deep))
      (instance $i (instantiate $inner)) (export "wasi:cli/run@0.2.0" (instance $i "wasi:cli/run@0.2.0")))""",
    "broken": "(module (func (export \"_start\") (nonsense)))",
}


class Command:
    """The command, run in `folder`, where each program is a file NAME.wat."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.words = [sys.executable, "-m", "agave_wasi"]

    def __call__(self, *arguments: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self.words, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment | variables,
            timeout=HANG,
        )

    def shell(self, script: str) -> subprocess.CompletedProcess[bytes]:
        """A line for the shell in which AGAVE is the command."""
        line = script.replace("AGAVE", f"{sys.executable} -m agave_wasi")
        words = ["bash", "-c", line]
        return subprocess.run(words, capture_output=True, cwd=self.folder, env=self.environment, timeout=HANG)


@pytest.fixture(scope="session")
def cached_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("code")


@pytest.fixture
def agave(tmp_path: Path, cached_code: Path) -> Command:
    """The command in a folder of its own; it shares compiled code with other tests."""
    for name, text in PROGRAMS.items():
        (tmp_path / f"{name}.wat").write_text(text)
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"PYTHONPATH": str(ROOT), "AGAVE_WASI_CACHE": str(cached_code), "TERM": "xterm"}
    return Command(tmp_path, environment)
