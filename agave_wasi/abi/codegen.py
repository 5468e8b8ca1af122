"""Generates the code between a guest's raw call and a host function: lift, call, lower, for a whole interface at once.

The generated module has one function, `link(host)`, whose inner functions are the raw callbacks (environment, caller,
address of the slots) -> 0 or the address of a trap. They share the view of guest memory through closure cells, which is
what makes a call cost about as much as two Python calls. `SIGNATURES` has the core type of each function and whether it may
wait. `host` is an `agave_wasi.hostcall.HostCalls`.

A traced variant of the same code differs by a few lines a function. The plain variant of Preview 1 is kept in the project
as a module (compiling it takes longer than a small guest runs); a test compares it with what this would generate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from struct import calcsize

from agave_wasi.abi.signature import Signature
from agave_wasi.abi.types import Bool, Enum, Flags, Slot

_STRUCT = {"i": "I12x", "I": "Q8x", "q": "q8x"}
_PADDING = {"i": 3, "I": 2, "q": 2}

_PROLOGUE = '''
def link(host):
    """The raw callbacks of this interface by name, sharing `host` and one view of the guest's memory."""
    methods, errno, park = host.methods, host.errno, host.park
    frames, frame = host.frames, host.frame
    memory, memory_size = host.no_memory, 0
    memory_16 = memory_32 = memory_64 = memory
    last_4 = last_8 = near = -1

    def check(pointer, length, align, caller):
        nonlocal memory, memory_size, memory_16, memory_32, memory_64, last_4, last_8, near
        if pointer & (align - 1) or pointer + length > memory_size:
            memory = host.memory(caller)
            memory_size = len(memory)
            memory_16, memory_32, memory_64 = memory.cast("H"), memory.cast("I"), memory.cast("Q")
            last_4, last_8, near = memory_size - 4, memory_size - 8, min(memory_size, IO_MAX)
            if pointer & (align - 1) or pointer + length > memory_size:
                raise bad_region(pointer, length, align, memory_size)

    def region_for(caller):
        def region(pointer, length, align):
            check(pointer, length, align, caller)
            return memory[pointer : pointer + length]

        return region

    def vectors(pointer, count, caller):
        if count >= VECTOR_MAX:
            raise KernelError("NOMEM")
        room = IO_MAX
        found = []
        for at in range(pointer, pointer + 8 * count, 8):
            start, length = unpack_pair(memory, at)
            if start + length > memory_size and length:
                check(start, length, 1, caller)
            if length and len(found) < IOV_MAX and room:
                found.append(memory[start : start + min(length, room)])
                room -= len(found[-1])
        return found
'''

_RESUME = '''
    def resume(env, caller, args):
        try:
            try:
                slots = frames[args]
            except KeyError:
                slots = frame(args)
            slots[0] = resumes[host.process.parked[0]](caller)
            return 0
'''
_STOP = [
    "    except BaseException as error:",
    "        store = host.store",
    "        store.pending = error",
    "        trap, store.spare = store.spare, 0",
    "        return trap",
    "",
]
"""What ends every callback. It calls nothing, for a call may fail (at the limit of recursion, say), and an exception that
leaves a callback would be taken for a result."""


def generate(
    signatures: Iterable[Signature], abi_module: str, traced: bool, docstring: str
) -> str:
    """The source of a module for `signatures`; names that types mention are imported from `abi_module`."""
    signatures = list(signatures)
    code = [f"{name} = Struct({form!r}).unpack_from" for name, form in sorted(_formats(signatures).items())]
    code += [f"{name} = {value!r}" for name, value in sorted(_tables(signatures, traced).items())]
    core = {each.name: (*each.core_type(), each.blocking) for each in signatures}
    code += ["SIGNATURES = {", *(f"    {name!r}: {value!r}," for name, value in core.items()), "}"]
    code += ["", _PROLOGUE]
    for each in signatures:
        code += _indented(_function(each, traced), 4) + [""]
    blocking = [each.name for each in signatures if each.blocking]
    code += _indented(["resumes = {"] + [f"    {name!r}: resume_{name}," for name in blocking] + ["}"], 4)
    code += [_RESUME.rstrip(), *_indented(_STOP, 4)]
    names = [each.name for each in signatures] + ["resume"]
    code += _indented(["return {"] + [f"    {name!r}: {name}," for name in names] + ["}"], 4)
    text = "\n".join(code).rstrip() + "\n"
    header = [f'"""{docstring}"""', "", "# ruff: noqa", "# mypy: ignore-errors", "", "from struct import Struct", ""]
    words = set(re.findall(r"\b[A-Za-z_]\w*", text)) - {"Struct"}
    for module in ("kernel_sim.errors", "agave_wasi.abi.memory", abi_module):
        used = sorted(words & vars(import_module(module)).keys())
        words.difference_update(used)
        if used:
            header.append(f"from {module} import {', '.join(used)}")
    return "\n".join([*header, "", text])


def _indented(lines: Iterable[str], spaces: int) -> list[str]:
    return [" " * spaces + line if line else line for line in lines]


def _format_name(slots: list[Slot]) -> str:
    return "unpack_" + "".join(slot.letter for slot in slots)


def _formats(signatures: Iterable[Signature]) -> Mapping[str, str]:
    """The struct formats of all slot arrays: 16 bytes a slot, of which 4 or 8 count."""
    found = {}
    for each in signatures:
        slots = each.slots()
        if slots:
            form = "<" + "".join(_STRUCT[slot.letter] for slot in slots)
            found[_format_name(slots)] = form[: -_PADDING[slots[-1].letter]]
            assert calcsize(found[_format_name(slots)]) <= 16 * len(slots)
    return found


def _tables(signatures: Iterable[Signature], traced: bool) -> Mapping[str, tuple[str, ...]]:
    """Enum members, and for the trace the names of flags."""
    found: dict[str, tuple[str, ...]] = {}
    for each in signatures:
        for parameter in each.parameters:
            abi = parameter.abi
            if isinstance(abi, Flags | Bool) and traced:
                found[f"{abi.title.upper()}_NAMES"] = abi.names
            elif isinstance(abi, Enum) and abi.title.upper() not in found:
                found[f"{abi.title.upper()}"] = abi.members
    return found


def _function(each: Signature, traced: bool) -> list[str]:
    """The callback of one host function, and for one that may wait what resumes it."""
    name = each.name
    slots = each.slots()
    arguments = ", ".join(parameter.name for parameter in each.parameters)
    outputs = each.result.pointers()
    lines = [f"{name}_method = methods[{name!r}]", ""]
    lines += [f"def {name}(env, caller, args):", "    try:", "        try:", "            try:"]
    lines += ["                slots = frames[args]", "            except KeyError:", "                slots = frame(args)"]
    inner = ["begun = False"] if traced else []
    if slots:
        targets = ", ".join(slot.name for slot in slots) + ("," if len(slots) == 1 else "")
        inner.append(f"{targets} = {_format_name(slots)}(slots)")
    for parameter in each.parameters:
        inner += parameter.abi.lift(parameter.name)
    inner += each.result.check()
    if traced:
        shown = ", ".join(f"{parameter.name!r}: {parameter.abi.show(parameter.name)}" for parameter in each.parameters)
        inner += [f"host.enter({name!r}, {{{shown}}})", "begun = True"]
    call = f"{name}_method({arguments})"
    keeps = outputs or traced
    inner.append(f"value = {call}" if keeps else call)
    inner += each.result.lower()
    if traced:
        inner.append(_leave(each))
    inner += ["slots[0] = 0", "return 0"]
    lines += _indented(inner, 12)
    raw = "{" + ", ".join(f"{slot.name!r}: {slot.name}" for slot in slots) + "}"
    unlifted = ["            if not begun:", f"                host.enter({name!r}, {raw})"] if traced else []
    lines += ["        except KernelError as error:", *unlifted]
    if traced:
        lines.append("            host.leave_error(error.errno)")
    lines += ["            slots[0] = errno[error.args[0]]", "            return 0"]
    if each.blocking:
        values = f"({arguments}{',' if arguments else ''})"
        kept = "(" + "".join(f"{output}, " for output in outputs).rstrip() + ")"
        lines += ["        except WouldBlock as blocked:"]
        lines += [f"            slots[0] = park({name!r}, {values}, {kept}, blocked.wait)", "            return 0"]
    if traced:  # arguments that can't be lifted are shown as they are
        lines += ["        except Trap:", *unlifted, "            raise"]
    lines += _STOP
    if each.blocking:
        lines += _resume_function(each, traced)
    return lines


def _leave(each: Signature) -> str:
    parts = dict(each.result.show())
    for parameter in each.parameters:
        filled = parameter.abi.show_filled(parameter.name, each.result.count())
        if filled:
            parts["data"] = filled
    shown = ", ".join(f"{name!r}: {source}" for name, source in parts.items())
    return f"host.leave({{{shown}}})"


def _resume_function(each: Signature, traced: bool) -> list[str]:
    """Starts a parked call again at the method, with the values that were lifted before."""
    outputs = each.result.pointers()
    lines = [f"def resume_{each.name}(caller):", "    _, values, outputs = host.process.parked", "    try:"]
    inner = [f"value = {each.name}_method(*values)"]
    if outputs:
        inner += [f"{', '.join(outputs)}{',' if len(outputs) == 1 else ''} = outputs"]
        inner += each.result.check()
    inner += each.result.lower()
    if traced:
        if each.parameters:
            inner.append(f"{', '.join(parameter.name for parameter in each.parameters)}, = values")
        inner.append(_leave(each))
    inner.append("code = 0")
    lines += _indented(inner, 8)
    lines += ["    except KernelError as error:"]
    if traced:
        lines.append("        host.leave_error(error.errno)")
    lines += ["        code = errno[error.args[0]]"]
    lines += ["    except WouldBlock as blocked:"]
    lines += [f"        return park({each.name!r}, values, outputs, blocked.wait)"]
    lines += ["    host.process.parked = None", "    return code", ""]
    return lines
