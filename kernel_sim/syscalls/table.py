"""The syscall table: a record for each syscall, derived from the methods themselves.

`@syscall(number)` marks a method; its name, parameters and the errors in its docstring are the rest of the record. The
table serves the CPU model (number -> method), the trace, the documentation, the fuzzer, and strict rights: `rights` names
what the first descriptor among the parameters must be good for.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.openfile import Rights

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from kernel_sim.fdtable import FdTable
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process

    F = TypeVar("F", bound=Callable[..., Any])


class Calls:
    """What each group of syscalls builds on: the calling process, its descriptors, and the kernel."""

    __slots__ = ("kernel", "process", "fds")

    def __init__(self, kernel: Kernel, process: Process) -> None:
        self.kernel = kernel
        self.process = process
        self.fds: FdTable = process.fds


def syscall(number: int, rights: int = 0) -> Callable[[F], F]:
    """Enter a method in the table under `number`; `rights` are required of its first descriptor."""

    def enter(method: F) -> F:
        method.__dict__["syscall_number"] = number
        method.__dict__["syscall_rights"] = rights
        return method

    return enter


class SyscallRecord:
    """One row: `number`, `name`, `parameters` as (name, type) pairs, `result` type, `summary`, `errors` by name."""

    __slots__ = ("number", "name", "group", "parameters", "result", "summary", "errors", "rights", "method")

    def __init__(self, name: str, method: Callable[..., Any]) -> None:
        self.number: int = method.__dict__["syscall_number"]
        self.rights: int = method.__dict__["syscall_rights"]
        self.name = name
        self.group = method.__module__.rpartition(".")[2]
        self.method = method
        code = method.__code__
        types = method.__annotations__
        self.parameters = [(each, types[each]) for each in code.co_varnames[1 : code.co_argcount]]
        self.result: str = types["return"]
        self.summary, self.errors = parse_docstring(method.__doc__ or "")

    def descriptor(self) -> int:
        """The position of the parameter whose rights count: the first descriptor."""
        return next(at for at, (name, _) in enumerate(self.parameters) if name in ("fd", "dirfd"))

    def as_json(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "number": self.number,
            "name": self.name,
            "group": self.group,
            "parameters": [{"name": name, "type": type} for name, type in self.parameters],
            "result": self.result,
            "summary": self.summary,
            "errors": self.errors,
        }


def parse_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first line, and the rows of the `Errors:` list as name -> meaning."""
    lines = [line.strip() for line in text.strip().splitlines()]
    errors: dict[str, str] = {}
    if "Errors:" in lines:
        last = ""
        for line in lines[lines.index("Errors:") + 1 :]:
            name, _, meaning = line.partition(" ")
            if not line:
                break
            if name.isupper() or name[:1].isdigit():
                last = name
                errors[last] = meaning.strip()
            else:
                errors[last] += " " + line
    return lines[0] if lines else "", errors


def table() -> list[SyscallRecord]:
    """Every syscall, in order of numbers."""
    from kernel_sim.syscalls import Syscalls

    methods = ((name, getattr(Syscalls, name)) for name in dir(Syscalls))
    records = [SyscallRecord(name, method) for name, method in methods if "syscall_number" in getattr(method, "__dict__", ())]
    return sorted(records, key=lambda record: record.number)


def strict(base: type[Calls]) -> type[Calls]:
    """A subclass whose methods first check the rights of the descriptor that they are called on; NOTCAPABLE."""

    def guarded(row: SyscallRecord) -> Callable[..., Any]:
        method, rights, position = getattr(base, row.name), row.rights, row.descriptor()

        def call(self: Calls, *args: Any) -> Any:
            if rights & ~implied(self.fds[args[position]].rights):
                raise KernelError(Errno.NOTCAPABLE)
            return method(self, *args)

        return call

    methods = {row.name: guarded(row) for row in table() if row.rights}
    return type("Strict" + base.__name__, (base,), {"__slots__": ()} | methods)


def implied(rights: int) -> int:
    """`rights` and what comes with them: who may seek may also tell."""
    return rights | Rights.FD_TELL if rights & Rights.FD_SEEK else rights
