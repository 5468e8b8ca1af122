"""What `profile` and `coverage` share: a run on the CPU model whose machine is looked at, and told of when it is over."""

from __future__ import annotations

from abc import ABC, abstractmethod

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import RUN_OPTIONS, UsageError, parse
from agave_wasi.cli.run import Output, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from agave_wasi.cli.options import Option, Settings
    from agave_wasi.host.stdio import HostStream
    from agave_wasi.program import Guest
    from agave_wasi.result import Result

NOT_HERE = ("engine", "instructions", "icount", "clock-ips", "snapshot-at", "save")
"""Options of `run` that these runs can't have: their machine does not count, but adds up what its blocks have, to the end."""
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
        from agave_wasi.cli.metal import is_machine_code

        for name in self.files:
            if own.get(name):
                check_writable(f"--{name}", own[name])
        if is_machine_code(path):
            raise Failure(f"{path}: {command} is for WebAssembly programs, and this is machine code already")
        super().__init__(settings, path, arguments)
        self.own = own

    @abstractmethod
    def tell(self) -> None:
        """Tell what was seen, while the guest is still there."""

    def streams(self) -> tuple[HostStream, HostStream, HostStream]:
        stdin, stdout, stderr = super().streams()
        return stdin, Output(2, False) if self.own.get("json") else stdout, stderr

    def module_names(self) -> dict[int, str]:
        """What the run's modules are called, by their numbers."""
        programs = [*self.libraries.values(), self.program] if self.program is not None else []
        return {number: program.name for number, program in enumerate(programs) if not program.is_component}

    def _afterwards(self, guest: Guest, result: Result) -> None:
        super()._afterwards(guest, result)
        self.tell()
