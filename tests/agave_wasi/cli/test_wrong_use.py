"""Wrong uses: one line that names the thing and the cure, the right exit code, never a traceback."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest

from agave_wasi.engines.capi import to_wasm

USAGE = [
    (["rn"], "did you mean run?"),
    (["hello.wat"], "agave-wasi run hello.wat"),
    (["--fuel", "3"], "options come after a command"),
    (["run"], "which program?"),
    (["run", "--fule", "3", "hello.wat"], "did you mean --fuel?"),
    (["run", "--fuel"], "needs a value"),
    (["run", "--fuel", "many", "hello.wat"], "--fuel 1000000"),
    (["run", "--tty=yes", "hello.wat"], "takes no value"),
    (["run", "--max-memory", "1X", "hello.wat"], "not a size"),
    (["run", "--max-stack", "1T", "hello.wat"], "16K to 1G"),
    (["run", "--timeout", "0", "hello.wat"], "more than 0"),
    (["run", "--clock-start", "tomorrow", "hello.wat"], "ISO 8601"),
    (["run", "--clock-start", "1969-01-01", "hello.wat"], "from 1970"),
    (["run", "--dir", "::x", "hello.wat"], "host is missing"),
    (["run", "--dir", "x::", "hello.wat"], "guest is missing"),
    (["run", "--env", "=x", "hello.wat"], "name is missing"),
    (["run", "--preload", "env", "hello.wat"], "NAME=MOD.wasm"),
    (["run", "--listen", "nowhere", "hello.wat"], "no port"),
    (["run", "--max-fds", "1", "hello.wat"], "from 3"),
    (["run", "-z", "hello.wat"], "no option -z"),
    (["run", "--commit", "hello.wat"], "for example --dir .::/work:overlay"),
    (["run", "--commit", "--dir", ".::/x", "hello.wat"], "there is none"),
    (["strace", "--commit", "--mem", "/x", "hello.wat"], "there is none"),
    (["run", "--seed", "-1", "hello.wat"], "negative"),
    (["strace", "-e", "fd_raed", "hello.wat"], "did you mean fd_read?"),
    (["strace", "-c", "--kernel", "hello.wat"], "leave out --kernel"),
    (["cache"], "list, clear, path"),
    (["cache", "lst"], "did you mean list?"),
    (["syscalls", "openat"], "agave-wasi explain openat"),
    (["syscalls", "--json", "--markdown"], "leave out one of them"),
    (["completion", "tcsh"], "bash, zsh, fish"),
    (["inspect", "a", "b"], "one file at a time"),
]
OURS = [
    (["run", "nope.wasm"], "nope.wasm can't be read: No such file"),
    (["run", "."], "Is a directory"),
    (["run", "text.txt"], "isn't a WebAssembly program"),
    (["run", "empty.wasm"], "isn't a WebAssembly program"),
    (["run", "cut.wasm"], "cut.wasm"),
    (["run", "component.wat"], "component"),
    (["run", "broken.wat"], "broken.wat"),
    (["run", "mistyped.wat"], "(i64) -> nothing"),
    (["run", "--dir", "nope", "hello.wat"], "--dir nope: No such file"),
    (["run", "--dir", "hello.wat", "hello.wat"], "--dir hello.wat: Not a directory"),
    (["run", "--stdin", "nope", "hello.wat"], "--stdin nope"),
    (["run", "--env-file", "nope", "hello.wat"], "--env-file nope"),
    (["run", "--env-file", "text.txt", "hello.wat"], "line 1"),
    (["run", "--config", "nope", "hello.wat"], "--config nope"),
    (["run", "--config", "text.txt", "hello.wat"], "no TOML"),
    (["run", "--fs", "nope.tar", "hello.wat"], "nope.tar"),
    (["run", "--fs", "text.txt", "hello.wat"], "text.txt"),
    (["run", "--save-fs", "nope/x.tar", "hello.wat"], "--save-fs nope/x.tar"),
    (["run", "--coredump", ".", "trap.wat"], "it is a directory"),
    (["run", "--trace", "nope/x", "hello.wat"], "--trace nope/x"),
    (["run", "--trace", "/dev/full", "keep.wat"], "--trace /dev/full: No space left"),
    (["run", "--save-fs", "/dev/full", "keep.wat"], "--save-fs /dev/full: No space left"),
    (["run", "--preload", "env=nope", "needs.wat"], "nope can't be read"),
    (["run", "--invoke", "al", "numbers.wat"], "did you mean all?"),
    (["run", "--max-memory", "0", "hello.wat"], "begins with more memory than 0 bytes; allow more (--max-memory): "),
    (["strace", "-o", "nope/x", "hello.wat"], "-o nope/x"),
    (["strace", "-o", "/dev/full", "keep.wat"], "No space left"),
    (["explain", "path_opn"], "did you mean path_open?"),
    (["inspect", "nope.wasm"], "nope.wasm can't be read"),
    (["inspect", "cut.wasm"], "cut.wasm"),
]


@pytest.fixture
def files(agave: Any) -> Any:
    (agave.folder / "text.txt").write_text("no program\n")
    (agave.folder / "empty.wasm").write_bytes(b"")
    (agave.folder / "cut.wasm").write_bytes(to_wasm((agave.folder / "hello.wat").read_bytes())[:50])
    return agave


def check(result: Any, code: int, text: str) -> None:
    said = result.stderr.decode()
    assert result.returncode == code, said
    assert text in said
    assert said.startswith("agave-wasi: ") and "Traceback" not in said
    assert result.stdout == b""


@pytest.mark.parametrize(("arguments", "text"), USAGE, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_usage(files: Any, arguments: list[str], text: str) -> None:
    result = files(*arguments)
    check(result, 2, text)
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize(("arguments", "text"), OURS, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_ours(files: Any, arguments: list[str], text: str) -> None:
    result = files(*arguments)
    if "hello.wat" not in arguments and "keep.wat" not in arguments:
        check(result, 125, text)
    else:
        assert result.returncode == 125 and text in result.stderr.decode() and b"Traceback" not in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(agave: Any) -> None:
    path = agave.folder / "hello.wat"
    path.chmod(0)
    check(agave("run", "hello.wat"), 125, "Permission denied")
    path.chmod(stat.S_IRUSR)


def test_missing_imports_are_all_named_with_their_cures(agave: Any) -> None:
    result = agave("run", "missing.wat")
    check(result, 125, "missing.wat can't be linked")
    said = result.stderr.decode()
    assert "Emscripten" in said and "-sPURE_WASI" in said and "did you mean fd_read?" in said
