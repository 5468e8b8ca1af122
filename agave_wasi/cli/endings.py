"""Ends that aren't the guest's own, told on stderr: traps with a backtrace, timeouts, limits, deadlocks."""

from __future__ import annotations

from agave_wasi.cli.failures import complain, note, say, write
from agave_wasi.terminal import colours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.backtrace import Described
    from agave_wasi.cli.run import Run
    from agave_wasi.result import Result

HINTS = {
    "unreachable": "the program gave up on purpose: most likely a failed assertion, a panic or abort()",
    "stack overflow": "endless recursion, or a stack that is too small: --max-stack 8M makes it larger",
    "out of bounds memory access": "a pointer or index was wrong: 0x0 and its neighbourhood are valid addresses here",
    "indirect call type mismatch": "a function was called through a pointer of another type",
}
LIMIT_OPTIONS = {"fuel": "--fuel", "output": "--max-output", "instructions": "--instructions"}


def tell_ending(run: Run, result: Result) -> int:
    """Say how a run ended; its exit code."""
    programs = run.programs()
    name = programs[0].name if programs else run.path
    if result.ended_by == "trap":
        complain(f"{name} trapped: {result.message}")
        for line in result.report:
            say(line)
        if not programs:
            return result.exit_code
        _backtrace(programs, result)
        if result.message in HINTS:
            note(HINTS[result.message])
        if "coredump" in run.settings and not programs[0].is_component:
            note(f"the core dump is in {run.settings['coredump']}")
    elif result.ended_by == "timeout":
        complain(f"{name} was stopped after {run.settings['timeout']:g} s (--timeout)")
    elif result.ended_by == "interrupt":
        pass  # whoever pressed Ctrl-C knows
    elif result.ended_by == "limit":
        cures = [option for limit, option in LIMIT_OPTIONS.items() if f" {limit} " in result.message]
        cure = f"; {cures[0]} allows more" if cures else ""
        complain(f"{name} was stopped: {result.message}{cure}")
    else:
        complain(f"{name} was stopped: {result.message}")
    return result.exit_code


def _backtrace(programs: Sequence[Described], result: Result) -> None:
    from agave_wasi.backtrace import backtrace, lines

    for line in lines(backtrace(result.frames, programs), colours(2)):
        write(line)
