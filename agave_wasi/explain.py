"""What names mean, for people: errors, host functions, rights, system calls, and imports that others provide.

Facts about functions come from the functions themselves: their signatures, the system calls that their code makes, and
the errors that those list. Only what isn't in code is data, in `agave_wasi.knowledge`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from agave_wasi.abi.signature import Signature
    from agave_wasi.knowledge.imports import Known
    from kernel_sim.syscalls.table import SyscallRecord

WASI_MODULES = ("wasi_snapshot_preview1", "wasi_unstable")


def missing_import(module: str, name: str, kind: str) -> str:
    """One line about an import that nothing here satisfies: what it is, and the cure."""
    full = f"{module}.{name}"
    known = known_import(full)
    if known is not None:
        return f"{full} ({kind}): {known.title}; {known.cure}. More: agave-wasi explain {full}"
    if module in WASI_MODULES:
        from agave_wasi.nearest import nearest

        found = nearest(name, functions())
        advice = f"did you mean {found}?" if found else "build the program with a current wasi-sdk or compiler"
        return f"{full} ({kind}): Preview 1 has no such {'function' if kind == 'func' else kind}; {advice}"
    return f"{full} ({kind}): nothing provides it; give a module that does with --preload {module}=FILE.wasm"


def known_import(full: str) -> Known | None:
    """What is known of an import "module.name", or of a module."""
    from fnmatch import fnmatchcase

    from agave_wasi.knowledge.imports import IMPORTS

    plain = full.replace("[", "(")  # which fnmatch would take for a set
    for known in IMPORTS:
        for pattern in known.patterns:
            shown = pattern.replace("[", "(")
            if fnmatchcase(plain, shown) or ("." not in shown and fnmatchcase(plain, f"{shown}.*")):
                return known
    return None


def imports_called(name: str) -> dict[str, Known]:
    """What is known of imports with that name in any module, by their full names; one for each interface."""
    from fnmatch import fnmatchcase

    from agave_wasi.knowledge.imports import IMPORTS

    found: dict[str, Known] = {}
    for known in IMPORTS:
        for pattern in known.patterns:
            module, _, function = pattern.rpartition(".")
            # A module alone, or a pattern that nearly everything fits, says nothing of a name.
            if module and "/" not in module and len(function.partition("*")[0]) > 3 and fnmatchcase(name, function):
                found.setdefault(f"{module}.{name}", known)
                break
    return found


class Explanation:
    """What a name means: a `title`, running `text`, and under a `heading` `facts` as (what, text)."""

    __slots__ = ("title", "text", "heading", "facts")

    def __init__(
        self, title: str, text: Iterable[str], facts: Iterable[tuple[str, str]] = (), heading: str = "Facts"
    ) -> None:
        self.title = title
        self.heading = heading
        self.text = list(text)
        self.facts = list(facts)


def explain(name: str) -> Explanation | None:
    """The explanation of a name, in any of the forms in which it is met; None if it isn't known."""
    module, _, function = name.rpartition(".")
    if module in ("", *WASI_MODULES) and function in functions():
        return function_explained(function)
    record = syscalls().get(name)
    if record is not None:
        return syscall_explained(record)
    errno = _errno_of(name)
    if errno is not None:
        return errno_explained(errno)
    if name in rights():
        return right_explained(name)
    known = known_import(name)
    if known is not None:
        return _import_explained(name, known)
    if name in WASI_MODULES:
        return _module_explained(name)
    candidates = imports_called(name)
    if candidates:
        return _candidates_explained(name, candidates)
    if module in WASI_MODULES:
        return Explanation(f"{name}: an import", [missing_import(module, function, "func")])
    return None


def names() -> list[str]:
    """Every name that has an explanation, imports by their modules and by their bare names."""
    from agave_wasi.knowledge.imports import IMPORTS
    from agave_wasi.preview1.errno import NUMBERS

    patterns = [pattern for known in IMPORTS for pattern in known.patterns if "*" not in pattern]
    bare = [pattern.rpartition(".")[2] for pattern in patterns]
    return list(dict.fromkeys([*NUMBERS, *functions(), *syscalls(), *rights(), *WASI_MODULES, *patterns, *bare]))


# What there is

_functions: dict[str, Signature] = {}
_syscalls: dict[str, SyscallRecord] = {}


def functions() -> dict[str, Signature]:
    """The functions of Preview 1 by name."""
    if not _functions:
        from agave_wasi.preview1.interface import Preview1, signatures

        _functions.update({each.name: each for each in signatures(Preview1)})
    return _functions


def syscalls() -> dict[str, SyscallRecord]:
    """The kernel's system calls by name."""
    if not _syscalls:
        from kernel_sim.syscalls.table import table

        _syscalls.update({each.name: each for each in table()})
    return _syscalls


def rights() -> tuple[str, ...]:
    """The rights, by the specification's names, from bit 0 on."""
    from agave_wasi.preview1.types import RIGHTS

    return RIGHTS


def rights_of(record: SyscallRecord) -> list[str]:
    """The rights that a system call needs of its first descriptor, where rights are strict."""
    return [name for bit, name in enumerate(rights()) if record.rights >> bit & 1]


def calls_of(function: str) -> list[SyscallRecord]:
    """The system calls that a function's code makes."""
    from agave_wasi.preview1.interface import Preview1

    known = syscalls()
    used = getattr(Preview1, function).__code__.co_names
    return [known[name] for name in used if name in known]


def errors_of(function: str) -> dict[str, str]:
    """The errors that a function may answer, with what they mean there."""
    from agave_wasi.abi.types import Text
    from agave_wasi.preview1.errno import NUMBERS
    from agave_wasi.preview1.interface import Preview1

    found: dict[str, str] = {}
    for record in calls_of(function):
        found |= record.errors
    each = functions()[function]
    own = getattr(Preview1, function)
    for name in own.__code__.co_names:
        if name in NUMBERS:
            found.setdefault(name, each.summary)
    if any(isinstance(parameter.abi, Text) for parameter in each.parameters):
        found.setdefault("ILSEQ", "a path isn't UTF-8")
    return dict(sorted(found.items()))


def errno_text(errno: str) -> str:
    """An error as a line: number, name, meaning."""
    from agave_wasi.knowledge.errnos import ERRNOS
    from agave_wasi.preview1.errno import NUMBERS

    return f"{errno}, number {NUMBERS[errno]}: {ERRNOS[errno]}"


# Explanations


def _errno_of(name: str) -> str | None:
    from agave_wasi.preview1.errno import NAMES, NUMBERS

    if name.isdigit():
        found = NAMES.get(int(name))
        return found if found != "SUCCESS" else None
    upper = name.upper().removeprefix("__WASI_ERRNO_").removeprefix("WASI_ERRNO_")
    if upper in NUMBERS:
        return upper
    return upper[1:] if upper[:1] == "E" and upper[1:] in NUMBERS else None


def errno_explained(errno: str) -> Explanation:
    """An error: what it means where, and which functions answer it."""
    where = [(name, errors_of(name)[errno]) for name in functions() if errno in errors_of(name)]
    text = [f"{errno_text(errno)}."]
    if not where:
        text.append("No function answers it here; the number exists for programs that know it from elsewhere.")
    return Explanation(f"{errno}: an error", text, where, "Answered by")


def signature_text(each: Signature) -> str:
    """A function as one would declare it: the specification's types."""
    parameters = ", ".join(f"{parameter.name}: {parameter.type_name}" for parameter in each.parameters)
    return f"{each.name}({parameters}) -> {each.result_name}"


def core_text(each: Signature) -> str:
    """The core type of a function, with the names of its slots."""
    letters = {"i": "i32", "I": "i64", "q": "i64"}
    slots = ", ".join(f"{slot.name} {letters[slot.letter]}" for slot in each.slots())
    return f"({slots}) -> {'nothing' if each.never_returns else 'i32 errno'}"


def function_explained(name: str) -> Explanation:
    """A function of Preview 1: its types, what it does, its errors, the system call behind it."""
    each = functions()[name]
    calls = calls_of(name)
    facts = [("WASI", signature_text(each)), ("core type", core_text(each))]
    facts += [("system call", f"{record.number}, {record.name}: {record.summary}") for record in calls]
    needed = [right for record in calls for right in rights_of(record)]
    if needed:
        facts.append(("strict rights", ", ".join(dict.fromkeys(needed))))
    if each.blocking:
        facts.append(("may wait", "until there is something, unless the descriptor is non-blocking"))
    from agave_wasi.knowledge.providers import provided_by

    facts.append(("provided by", provided_by(name)))
    facts += [(errno, meaning) for errno, meaning in errors_of(name).items()]
    return Explanation(f"{name}: a function of wasi_snapshot_preview1", [each.summary], facts)


def syscall_explained(record: SyscallRecord) -> Explanation:
    """A system call of the kernel."""
    parameters = ", ".join(f"{name}: {type}" for name, type in record.parameters)
    facts = [("signature", f"{record.name}({parameters}) -> {record.result}")]
    users = [name for name in functions() if record in calls_of(name)]
    if users:
        facts.append(("used by", ", ".join(users)))
    if record.rights:
        facts.append(("strict rights", ", ".join(rights_of(record))))
    facts += list(record.errors.items())
    return Explanation(f"{record.name}: system call {record.number} of the kernel", [record.summary], facts)


def right_explained(name: str) -> Explanation:
    """A right of Preview 1."""
    users = [each for each in functions() if any(name in rights_of(record) for record in calls_of(each))]
    bit = rights().index(name)
    text = [f"Bit {bit} of a descriptor's rights. They are enforced with --rights strict, and only shown else."]
    return Explanation(f"{name}: a right", text, [("needed by", ", ".join(users) or "no function by itself")])


def _import_explained(name: str, known: Known) -> Explanation:
    text = [known.what, f"What to do: {known.cure}."]
    return Explanation(f"{name}: {known.title}", text, known.providers, "Provided by")


def _candidates_explained(name: str, candidates: dict[str, Known]) -> Explanation:
    if len(candidates) == 1:
        ((full, known),) = candidates.items()
        return _import_explained(f"{name} ({full.rpartition('.')[0]})", known)
    rows = [(full, known.title) for full, known in candidates.items()]
    return Explanation(f"{name}: an import of several interfaces", ["Ask again with the module in front."], rows, "Candidates")


def _module_explained(name: str) -> Explanation:
    text = ["It is here, complete."]
    if name != WASI_MODULES[0]:
        text.append("This older draft differs in the layouts of filestat and subscription, and in whence.")
    return Explanation(f"{name}: WASI Preview 1", text, [("functions", ", ".join(functions()))])
