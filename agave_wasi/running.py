"""Running a guest to its end, and saying how it ended."""

from __future__ import annotations

from agave_wasi.engines.base import BadCall, LinkError
from agave_wasi.loader import BadProgram
from agave_wasi.result import ENDINGS, Result, ending
from kernel_sim.errors import ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agave_wasi.loader import Program
    from agave_wasi.program import Guest

    Invocation = tuple[str, tuple[int | float, ...]]

SHOWN_EXPORTS = 8


def run_program(
    guest: Guest,
    program: Program,
    libraries: Mapping[str, Program],
    invoke: Invocation | None,
    timeout: float | None,
) -> Result:
    """Link a program into a guest and run it to its end: `_start`, or the export that `invoke` names.

    Raises BadProgram and LinkError if it can't be run, and what host functions raise.
    """
    return outcome(guest, program.name, timeout, lambda: _run(guest, program, libraries, invoke))


def outcome(guest: Guest, name: str, timeout: float | None, run: Callable[[], tuple[int | float, ...]]) -> Result:
    """What `run`, which has the guest run, ends with; `name` is the program's."""
    try:
        with guest.watch(timeout):
            values = run()
    except BadCall as error:
        raise BadProgram(f"{name}: {error}") from None
    except ProcessExit as exit:
        return Result(exit.code)
    except ENDINGS as error:
        return ending(error)
    result = Result(0)
    result.values = values
    return result


def _run(
    guest: Guest, program: Program, libraries: Mapping[str, Program], invoke: Invocation | None
) -> tuple[int | float, ...]:
    if program.is_component:
        from agave_wasi.components import run_component

        return run_component(guest, program, libraries, invoke)
    load_program(guest, program, libraries)
    return run_module(guest, program, invoke)


def run_module(guest: Guest, program: Program, invoke: Invocation | None) -> tuple[int | float, ...]:
    """Call what a core module that is loaded begins with, or what `invoke` says; BadProgram if there is no such export."""
    exports_function = program.outline.exports_function
    name, arguments = invoke or ("_start", ())
    if invoke is None and not exports_function(name):
        raise BadProgram(_no_start(program))
    if exports_function("_initialize"):
        guest.call("_initialize")
    if not exports_function(name):
        raise BadProgram(f"{program.name} exports no function {name!r}")
    return guest.call(name, arguments)


def load_program(guest: Guest, program: Program, libraries: Mapping[str, Program]) -> None:
    """Link a program into a guest, behind the libraries that satisfy its imports; LinkError if one is no module."""
    for name, library in libraries.items():
        if library.is_component:
            raise LinkError(f"{library.name} is a component; only a core module can be linked to {name} of {program.name}")
    outlines = [each.outline for each in (program, *libraries.values())]
    guest.store.share_memory(sum(each.memories for each in outlines), sum(each.tables for each in outlines))
    for name, library in libraries.items():
        guest.add_library(name, library)
    guest.load(program)


def _no_start(program: Program) -> str:
    functions = [item.name for item in program.outline.exports if item.kind == "func"]
    more = ", ..." if len(functions) > SHOWN_EXPORTS else ""
    offered = f"; it exports {', '.join(functions[:SHOWN_EXPORTS])}{more}" if functions else ""
    return f"{program.name} has no _start function, so it isn't a command: name an export with --invoke{offered}"
