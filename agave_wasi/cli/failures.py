"""What went wrong, told in one line: the thing, the reason, the cure. Only a bug of ours shows a traceback.

Everything goes to descriptor 2 directly, so that nothing is left to be lost when a stream is gone.
"""

from __future__ import annotations

import os

from agave_wasi.cli.options import UsageError
from agave_wasi.terminal import colours, printable

EXIT_USAGE = 2
EXIT_OURS = 125
EXIT_NO_READER = 141
"""As a shell shows a program that SIGPIPE has killed."""


class Failure(Exception):
    """Something of the user's can't be used as it is; the text says which, why, and what to do."""


def say(line: str, colour: str = "") -> None:
    """A line, or several, on stderr; `colour` is the number of the name's in front of it, if it is to have the name."""
    name = "agave-wasi: " if colour else ""
    if colour and colours(2):
        name = f"\x1b[{colour}m{name}\x1b[0m"
    write(name + printable(line))


def write(line: str) -> None:
    """A line that may have colours, on stderr."""
    data = (line + "\n").encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:  # nobody to tell
        pass


def complain(text: str) -> None:
    """An error, on stderr."""
    say(text, "1;31")


def note(text: str) -> None:
    """Something to know, on stderr."""
    say(text, "1;36")


def tell(error: Exception) -> int:
    """Say what happened; the exit code."""
    drop_output()
    if isinstance(error, UsageError):
        complain(str(error))
        return EXIT_USAGE
    if isinstance(error, BrokenPipeError):
        return EXIT_NO_READER
    if expected(error):
        complain(str(error))
        return EXIT_OURS
    if isinstance(error, OSError) and error.filename is None and _is_output_error(error):
        complain(f"the output can't be written: {error.strerror}")
        return EXIT_OURS
    from traceback import format_exception

    from agave_wasi import __version__

    say("".join(format_exception(error)).rstrip())
    complain(f"this is a bug in agave-wasi {__version__}, not in your program: please report it with the lines above")
    return EXIT_OURS


def expected(error: Exception) -> bool:
    """Is this an exception whose text is for users?"""
    from agave_wasi.engines.base import EngineError
    from agave_wasi.loader import BadProgram

    if isinstance(error, (Failure, EngineError, BadProgram)):
        return True
    return type(error).__name__ == "EngineMissing"  # its module can't be imported: that is what it says


def _is_output_error(error: OSError) -> bool:
    import errno

    return error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG)


def drop_output() -> None:
    """Leave nothing in Python's buffer of stdout that would fail once more when Python ends."""
    import sys

    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
