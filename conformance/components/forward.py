"""Components that only forward: each function of some interfaces is imported, called by core code, and exported again.

So a function of an interface can be called from outside with values, and reaches the host as a guest's call does: arguments are
lowered into the component, lifted from it, and the result goes the same way back. Exported functions stand at the root, under
names made of interface and function (`exported`). Borrowed handles are given back before the call ends, and what a call has put
into the memory is forgotten behind it.

    forward([interface, ...]) -> the component's bytes
    echo([type, ...]) -> a component that imports agave:test/echo, with a function `tN` for each type, exported as `echo-tN`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agave_wasi.engines.capi import to_wasm
from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import layout
from conformance.components.layout import Type
from conformance.components.text import DROP, LIFTING, Imports, called, component, core_type, definitions, signature

ECHO = "agave:test/echo"
SCRATCH = 16
"""Where the core code has results put; the arena is elsewhere."""


def exported(interface: model.Interface, function: model.Function) -> str:
    """The name under which a function is exported: `streams-input-stream-read`, `monotonic-clock-now`."""
    plain = [interface.name, *([function.resource.name] if function.resource else []), function.plain]
    return "-".join(plain)


def forward(interfaces: Sequence[model.Interface], names: Iterable[str] | None = None) -> bytes:
    """The component for all functions of some interfaces, or for those exported names; interfaces behind those they use."""
    chosen = None if names is None else set(names)
    functions = [
        (interface, function)
        for interface in interfaces
        for function in interface.functions.values()
        if chosen is None or exported(interface, function) in chosen
    ]
    return to_wasm(text(interfaces, functions).encode())


def echo(types: Sequence[Type]) -> bytes:
    """The component for some types: the host's function `tN` of agave:test/echo is reached by the export `echo-tN`."""
    return forward([echo_interface(types)])


def echo_interface(types: Sequence[Type]) -> model.Interface:
    """agave:test/echo: the definitions that the types need, which it owns, and `tN: func(value: T) -> T` for each."""
    named: dict[str, Type] = {each.name: each for type in types for each in definitions(type)}
    functions = [model.Function(f"t{n}", "function", (model.Case("value", type),), type) for n, type in enumerate(types)]
    return model.Interface(ECHO, named, {each.name: each for each in functions})


def text(interfaces: Sequence[model.Interface], functions: Sequence[tuple[model.Interface, model.Function]]) -> str:
    """The component's text."""
    imports = Imports(interfaces)
    for interface, function in functions:
        imports.want(interface.id, function.name)
        for resource in _lent(function):
            imports.want(resource.owner, DROP + resource.name)
    lifted = (_lifted(*each) for each in functions)
    return component(imports, "\n".join(_module(imports, functions)), lifted)


def _module(imports: Imports, functions: Sequence[tuple[model.Interface, model.Function]]) -> Iterator[str]:
    """The core module: for each function one that calls the import, and one that forgets what the call has put into memory."""
    yield '  (core module $main (import "env" "memory" (memory 1))'
    yield '    (import "arena" "mark" (func $mark (result i32))) (import "arena" "release" (func $release (param i32)))'
    for interface, function in functions:
        place = f'(import "{interface.id}" "{function.name}" (func {called(interface.id, function.name)}'
        yield f"    {place} {core_type(function)}))"
    for interface_id, resources in imports.resources.items():
        for name in resources:
            yield f'    (import "{interface_id}" "{DROP}{name}" (func {called(interface_id, DROP + name)} (param i32)))'
    yield "    (global $before (mut i32) (i32.const 0)) (func $start (global.set $before (call $mark))) (start $start)"
    for interface, function in functions:
        yield from _forwarder(interface, function)
    yield "  )"


def _forwarder(interface: model.Interface, function: model.Function) -> Iterator[str]:
    name, core = exported(interface, function), layout.Signature(function)
    params = core.params[:-1] if core.through else core.params
    results = ["i32"] if core.through else core.results
    shown = [f"(param {' '.join(params)})" if params else "", f"(result {results[0]})" if results else ""]
    arguments = [f"(local.get {number})" for number in range(len(params))]
    arguments += [f"(i32.const {SCRATCH})"] if core.through else []
    yield f'    (func (export "{name}") {" ".join(shown)} (local $result {results[0] if results else "i32"})'
    call = f"(call {called(interface.id, function.name)} {' '.join(arguments)})"
    yield f"      {f'(local.set $result {call})' if core.results else call}"
    yield from _given_back(function, core)
    yield f"      {f'(i32.const {SCRATCH})' if core.through else '(local.get $result)' if results else ''})"
    behind = f"(param {results[0]})" if results else ""
    yield f'    (func (export "behind-{name}") {behind} (call $release (global.get $before)))'


def _given_back(function: model.Function, core: layout.Signature) -> Iterator[str]:
    """Drops every borrowed handle: one that is an argument itself, and those in a list."""
    at = 0
    for param in function.params:
        assert param.type is not None
        width = len(layout.flat(param.type))
        match param.type:
            case t.Borrow() if not core.spilled:
                yield f"      (call {_drop(param.type)} (local.get {at}))"
            case t.List(t.Borrow() as item) if not core.spilled:
                yield f"      (block $end{at} (loop $next{at} (br_if $end{at} (i32.eqz (local.get {at + 1})))"
                yield f"        (call {_drop(item)} (i32.load (local.get {at})))"
                yield f"        (local.set {at} (i32.add (local.get {at}) (i32.const 4)))"
                yield f"        (local.set {at + 1} (i32.sub (local.get {at + 1}) (i32.const 1))) (br $next{at})))"
        at += width


def _drop(type: t.Borrow) -> str:
    assert isinstance(type.resource, model.Resource)
    return called(type.resource.owner, DROP + type.resource.name)


def _lent(function: model.Function) -> Iterator[model.Resource]:
    for param in function.params:
        type = param.type.item if isinstance(param.type, t.List) else param.type
        if isinstance(type, t.Borrow) and isinstance(type.resource, model.Resource):
            yield type.resource


def _lifted(interface: model.Interface, function: model.Function) -> str:
    name = exported(interface, function)
    behind = f'(post-return (core func $main "behind-{name}"))'
    lift = f'(canon lift (core func $main "{name}") {LIFTING} {behind})'
    return f'  (func (export "{name}") {signature(function)} {lift})'
