"""What `profile` and `coverage` share: a run on the CPU model whose machine is looked at, and told of when it is over."""

from __future__ import annotations

from abc import ABC, abstractmethod

from agave_wasi.cli.options import RUN_OPTIONS, UsageError, parse
from agave_wasi.cli.run import Output, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from agave_wasi.cli.options import Option, Settings
    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.host.stdio import HostStream
    from agave_wasi.loader import Program
    from agave_wasi.profiling.places import Map
    from agave_wasi.program import Guest
    from agave_wasi.result import Result
    from kernel_sim.cpu.machine import Machine

NOT_HERE = ("engine", "instructions", "icount", "clock-ips", "snapshot-at", "save", "result")
"""Options of `run` that these runs can't have: their machine does not count, but adds up what its blocks have, and tells so."""
ADAPTER = "adapter"
"""What code between two components is called."""
MEASURED_OPTIONS = tuple(option for option in RUN_OPTIONS if option.name not in NOT_HERE)


def settings_of(
    command: str, arguments: Sequence[str], options: Sequence[Option], own: Sequence[str]
) -> tuple[Settings, dict[str, Any], list[str]] | None:
    """(the run's settings, those of the command's `own` options, the rest); None if help was asked for."""
    settings, rest = parse(command, arguments, options)
    if settings.get("help"):
        return None
    mine = {name: settings.pop(name, None) for name in own}
    if "config" in settings:
        from agave_wasi.cli.config import with_file

        settings = with_file(settings)
        for name in NOT_HERE[1:]:
            if settings.get(name):
                raise UsageError(f"{command}: --{name}, which the --config file has, is for run; leave it out")
    settings["engine"] = "x86"
    return settings, mine, rest


class Measured(Run, ABC):
    """Such a run; `own` are the values of the command's own options, of which `files` are written."""

    files: tuple[str, ...] = ()

    def __init__(self, command: str, settings: Settings, path: str, arguments: list[str], own: dict[str, Any]) -> None:
        from agave_wasi.cli.building import check_writable

        for name in self.files:
            if own.get(name):
                check_writable(f"--{name}", own[name])
        super().__init__(settings, path, arguments)
        self.command = command
        self.own = own

    def result(self) -> Result:
        from agave_wasi.cli import metal

        if not metal.is_machine_code(self.path):
            return super().result()
        if "fuel" in self.settings:
            raise UsageError(f"{self.command}: --fuel of machine code is its instructions, and is for run; leave it out")
        result = metal.result(self, self.begin_program)
        self.tell()
        return result

    @abstractmethod
    def begin_program(self, machine: Machine, image: Image, data: bytes) -> None:
        """The program of machine code in the file `data` is on its machine, and hasn't begun."""

    @abstractmethod
    def tell(self) -> None:
        """Tell what was seen, while the guest is still there."""

    def streams(self) -> tuple[HostStream, HostStream, HostStream]:
        stdin, stdout, stderr = super().streams()
        return stdin, Output(2, False) if self.own.get("json") else stdout, stderr

    def module_names(self, places: Map) -> list[tuple[str, str]]:
        """What the modules of the run are called, by their numbers: in short, and with their programs.

        A program of machine code is the only one. Adapters between components are made here, and have no file.
        """
        from agave_wasi.profiling.places import Places

        if not isinstance(places, Places):
            return [(self.arg0(), self.path)]
        programs = [*self.libraries.values(), self.program] if self.program is not None else []
        return [_called(module, programs) for _, _, module in places.store.images]

    def _afterwards(self, guest: Guest, result: Result) -> None:
        super()._afterwards(guest, result)
        self.tell()


def _called(module: Module, programs: Sequence[Program]) -> tuple[str, str]:
    for program in programs:
        short = program.name_of(module)
        if short is not None:
            own = (module.names.module() or "") if program.is_component else ""
            return short, f"{program.name}: {short} {own}".rstrip() if program.is_component else program.name
    return ADAPTER, ""
