"""The entry point: finds the command, and turns whatever comes of it into one line and an exit code.

Exit codes: the command's own (of `run`, the guest's), 2 for wrong usage, 125 for our errors, 130 after Ctrl-C, 141 when
nobody reads our output any more.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Command = Callable[[list[str]], int]


COMMANDS = {
    "run": "run a program",
    "strace": "run a program and show every host call that it makes",
    "resume": "go on with a program that was stopped by run --snapshot-at",
    "fork": "go on with other random numbers, variables or files than the program had",
    "profile": "run a program and show where its instructions go",
    "coverage": "run a program and show which of its code ran",
    "disasm": "show the machine code that a module is compiled to",
    "inspect": "show what a module imports, exports and needs",
    "explain": "say what an error, a host function or an import is",
    "wit": "check, print or compare the interfaces of components",
    "syscalls": "list the kernel's system calls",
    "cache": "list or clear the compiled code that is kept",
    "completion": "print the completion script for a shell",
}
"""Our own commands, each in the module of its name; others come from packages that are installed beside this one."""
ENTRY_POINTS = "agave_wasi.commands"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv if none is given); the exit code.

    Called without arguments, as the installed command does, it ends the process: what Python tears down at its end takes
    longer than a small guest runs.
    """
    if arguments is not None:
        return guarded(list(arguments))
    import gc

    gc.disable()  # until `run` has loaded its modules: nothing of them is garbage
    code = guarded(sys.argv[1:])
    if "coverage" not in sys.modules:  # its report is written when Python ends
        os._exit(code)
    return code


def guarded(arguments: list[str]) -> int:
    """The exit code of a command line, whatever happens in it."""
    try:
        open_missing_streams()
        code = dispatch(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        from agave_wasi.result import EXIT_INTERRUPTED

        return EXIT_INTERRUPTED
    except Exception as error:
        from agave_wasi.cli.failures import tell

        return tell(error)


def open_missing_streams() -> None:
    """Put /dev/null where a standard stream was closed by whoever started us: else the next file would be taken for it."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def dispatch(arguments: list[str]) -> int:
    """Find the command and run it."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if name == "run":
        from agave_wasi.cli.run import main as command

        return command(rest)
    if name in ("--version", "-V", "version"):
        from agave_wasi.cli.version import main as command

        return command(rest)
    if name in ("--help", "-h", "help"):
        from agave_wasi.cli.help import main as command

        return command(rest)
    if name in COMMANDS:
        from importlib import import_module

        found: Command = import_module(f"agave_wasi.cli.{name}").main
        return found(rest)
    from agave_wasi.cli.others import find

    return find(name)(rest)
