"""`agave-wasi run --engine x86 PROG.elf`: what is particular to programs of machine code on the command line."""

from __future__ import annotations

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError
from agave_wasi.engines.x86.elf import MAGIC
from agave_wasi.loader import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.cli.run import Run
    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.result import Result
    from kernel_sim.cpu.machine import Machine

WEBASSEMBLY_ONLY = ("invoke", "preload", "link", "coredump")
"""Options that mean something for WebAssembly alone."""


def is_machine_code(path: str) -> bool:
    """Is it an ELF file? What can't be read is for others to complain about."""
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def result(run: Run, watch: Callable[[Machine, Image, bytes], None] | None = None) -> Result:
    """Run the program of a `run --engine x86`; Failure, UsageError, BadProgram.

    `watch` is given its machine, which doesn't count then, the program and its file, before anything has run.
    """
    for name in WEBASSEMBLY_ONLY:
        if name in run.settings:
            raise UsageError(f"run: --{name} is for WebAssembly; leave it out, or --engine x86")
    data, _ = read(run.path)
    try:
        from agave_wasi import metal
    except ModuleNotFoundError as error:
        if error.name not in ("unicorn", "capstone"):
            raise
        raise Failure("--engine x86 needs the CPU model, which isn't installed: pip install 'agave-wasi[metal]'") from None
    if "snapshot-at" in run.settings or "save" in run.settings:
        from agave_wasi.cli.resume import run_until_point

        return run_until_point(run, data)
    image = metal.load(data, run.path)
    world = run.world
    process = world.new_process([run.arg0(), *run.arguments], *run.streams())
    try:
        told = None if watch is None else lambda machine: watch(machine, image, data)
        return metal.run(world.kernel, process, image, run.path, world.settings, run.sink, told)
    finally:
        world.kernel.reap(process)
