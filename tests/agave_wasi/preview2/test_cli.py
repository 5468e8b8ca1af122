"""What a command finds: arguments, environment, working directory, standard streams, terminals, its end."""

from __future__ import annotations

import pytest

from agave_wasi.component.types import Err, Ok
from agave_wasi.preview2.cli import (
    Environment,
    Exit,
    Stderr,
    Stdin,
    Stdout,
    TerminalStderr,
    TerminalStdin,
    TerminalStdout,
)  # fmt: skip
from kernel_sim.errors import ProcessExit
from kernel_sim.fs.mounts import mount
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world


def test_arguments_and_environment() -> None:
    k = world()
    k.process.argv = [b"prog", "é".encode(), b"bad\xff"]
    k.process.environ = [b"A=1", b"B=x=y", b"EMPTY=", b"ODD"]
    environment = Environment(k.sys)
    assert environment.get_arguments() == ["prog", "é", "bad\ufffd"]
    assert environment.get_environment() == [("A", "1"), ("B", "x=y"), ("EMPTY", ""), ("ODD", "")]


def test_without_a_working_directory_there_is_none() -> None:
    assert Environment(world().sys).initial_cwd() is None


def test_the_working_directory_by_the_names_of_the_others() -> None:
    k = world()
    k.mkdir("a", "a/b")
    root = k.kernel.root
    inner = root.lookup(b"a").lookup(b"b")
    k.kernel.preopen(k.process, inner, b".")
    assert Environment(k.sys).initial_cwd() == "/a/b"
    k.kernel.preopen(k.process, inner, b"/work")
    assert Environment(k.sys).initial_cwd() == "/work"


def test_the_root_as_working_directory() -> None:
    k = world()
    k.kernel.preopen(k.process, k.kernel.root, b".")
    assert Environment(k.sys).initial_cwd() == "/"


def test_a_working_directory_below_a_mount() -> None:
    k = world()
    top = k.kernel.new_memory_tree()
    inner = top.make_directory(b"inner")
    assert mount(k.kernel.root, b"m", top)
    k.kernel.preopen(k.process, inner, b".")
    assert Environment(k.sys).initial_cwd() == "/m/inner"


def test_a_working_directory_outside_of_what_has_names() -> None:
    k = world()
    lost = k.kernel.new_memory_tree().make_directory(b"lost")
    k.kernel.preopen(k.process, lost, b".")
    assert Environment(k.sys).initial_cwd() == "."
    k.mkdir("gone")
    gone = k.kernel.root.lookup(b"gone")
    k.rmdir("gone")
    k.process.fds[k.kernel.preopen(k.process, gone, b".")] = k.process.fds.pop(4)
    assert Environment(k.sys).initial_cwd() == "."


@pytest.mark.parametrize(("status", "code"), [(Ok(), 0), (Err(), 1)])
def test_the_end(status: Ok | Err, code: int) -> None:
    with pytest.raises(ProcessExit) as ended:
        Exit(world().sys).exit(status)
    assert ended.value.code == code


@pytest.mark.parametrize("code", [0, 7, 255])
def test_the_end_with_a_code(code: int) -> None:
    with pytest.raises(ProcessExit) as ended:
        Exit(world().sys).exit_with_code(code)
    assert ended.value.code == code


def test_standard_streams() -> None:
    k = world(stdin=[b"typed"])
    assert outcome(Stdin(k.sys).get_stdin().read, 99) == b"typed"
    Stdout(k.sys).get_stdout().blocking_write_and_flush(b"out")
    Stderr(k.sys).get_stderr().blocking_write_and_flush(b"err")
    assert k.stdout.written == b"out" and k.kernel.devices["stderr"].written == b"err"


def test_dropping_a_standard_stream_leaves_the_descriptor() -> None:
    k = world()
    for _ in range(2):
        stream = Stdout(k.sys).get_stdout()
        stream.blocking_write_and_flush(b"x")
        stream.drop()
    assert k.stdout.written == b"xx"


def test_what_is_a_terminal() -> None:
    k = world()
    asked = (
        TerminalStdin(k.sys).get_terminal_stdin, TerminalStdout(k.sys).get_terminal_stdout,
        TerminalStderr(k.sys).get_terminal_stderr,
    )  # fmt: skip
    assert [each() for each in asked] == [None, None, None]
    for place, name in enumerate(("stdin", "stdout", "stderr")):
        k.kernel.devices[name].terminal = True
        assert [each() is not None for each in asked] == [at <= place for at in range(3)]
    k.sys.close(1)
    assert [each() is not None for each in asked] == [True, False, True]
