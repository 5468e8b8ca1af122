"""One module for one function that a component calls and another has: everything between the two calls.

The module is the same for the same types and sides, to the byte, whatever is named how; so its code is compiled once.

Source: Component Model, Canonical ABI, "canon lift", "canon lower", "Lifting and Lowering Values".
"""

from __future__ import annotations

from agave_wasi.component import types as t
from agave_wasi.component.adapters import layout
from agave_wasi.component.adapters.module import Function, Module, signature
from agave_wasi.component.adapters.traps import EXCEPTION, Site
from agave_wasi.component.adapters.values import Flat, Place, Way
from agave_wasi.engines.base import LinkError

MAX_FLAT_PARAMETERS, MAX_FLAT_RESULTS = 16, 1
CALL = "call"
"""The export of an adapter's module."""


class Side:
    """How one of the two calls is made: canonical options, by whether they are there."""

    __slots__ = ("encoding", "has_memory", "has_realloc", "has_post_return")

    def __init__(
        self, encoding: str = "utf8", has_memory: bool = True, has_realloc: bool = True, has_post_return: bool = False
    ) -> None:
        self.encoding = encoding
        self.has_memory = has_memory
        self.has_realloc = has_realloc
        self.has_post_return = has_post_return


class Adapter:
    """A module in text, which exports `call`, and what its imports are about.

    `imports` has (module, name) of each: "caller" and "callee" have "memory" and "realloc", the callee "function" and "post-return";
    those of "host" are leaf functions, which `crossing` makes. `sites` and `resources` are what the module has numbers for.
    `parameters` and `results` are the core type of `call` as letters, `callee` that of the callee's function.
    """

    __slots__ = ("text", "imports", "sites", "resources", "parameters", "results", "callee")

    def __init__(
        self,
        text: bytes,
        imports: tuple[tuple[str, str], ...],
        sites: list[Site],
        resources: list[t.ResourceType],
        core: tuple[str, str],
        callee: tuple[str, str],
    ) -> None:
        self.text = text
        self.imports = imports
        self.sites = sites
        self.resources = resources
        self.parameters, self.results = core
        self.callee = callee


def fuse(type: t.FuncType, caller: Side, callee: Side) -> Adapter:
    """The adapter for calls of a function of `type`, which `callee` lifts and `caller` lowers.

    LinkError if a side lacks what the type needs, or the type can't be called synchronously.
    """
    module = Module()
    resources: list[t.ResourceType] = []
    there = Way(module, False, (caller.encoding, callee.encoding), resources)
    back = Way(module, True, (callee.encoding, caller.encoding), resources)
    letters = "".join(layout.flat(each) for _, each in type.parameters)
    spilled = len(letters) > MAX_FLAT_PARAMETERS
    result = layout.flat(type.result) if type.result is not None else ""
    returned = len(result) > MAX_FLAT_RESULTS
    caller_core = ("i" if spilled else letters) + "i" * returned, "" if returned else result
    callee_core = "i" if spilled else letters, "i" if returned else result

    run = Function("run", *caller_core)
    arguments = Function("", "")  # only their bodies: what comes before depends on what they need
    results = Function("", "")
    _arguments(module, there, type, arguments, letters if not spilled else None)
    if type.result is not None:
        _result(module, back, type.result, results, f"$p{len(caller_core[0]) - 1}" if returned else None)
    if returned:
        assert type.result is not None
        region = _region(module, "caller", type.result, back.site(None))
        run.body.append(f"local.get $p{len(caller_core[0]) - 1} {region}")
    run.body.insert(0, module.host("enter"))
    run.body += arguments.body
    run.locals = {**arguments.locals, **results.locals}
    if there.allocates:
        run.body.append(module.host("begin"))
    module.imports["callee", "function"] = f"(func $function{signature(*callee_core)})"
    run.body.append("call $function")
    if callee_core[1]:
        run.body.append(f"local.set {run.local('$raw', callee_core[1])}")
    if back.allocates:
        run.body.append(module.host("returned"))
    run.body += results.body
    if callee.has_post_return:
        module.imports["callee", "post-return"] = f"(func $post-return{signature(callee_core[1], '')})"
        run.body.append(module.host("post") + (" local.get $raw" if callee_core[1] else "") + " call $post-return")
    run.body.append(module.host("leave"))
    module.add(run)
    module.functions.append(_guarded(*caller_core, module))
    _require(type, caller, callee, module)
    return Adapter(
        module.text(), tuple(module.imports), module.sites, resources, caller_core, callee_core
    )


def _arguments(module: Module, way: Way, type: t.FuncType, function: Function, letters: str | None) -> None:
    """Push the callee's core arguments; without `letters` all of them are in memory, on both sides."""
    if letters is not None:
        at = 0
        for _, each in type.parameters:
            count = len(layout.flat(each))
            pushes = [f"local.get $p{place}" for place in range(at, at + count)]
            way.push(function, each, Flat(pushes, letters[at : at + count]))
            at += count
        return
    whole = t.Tuple(tuple(each for _, each in type.parameters))
    site = way.site(None)
    to = function.local("$arguments")
    size, align = layout.size(whole), layout.align(whole)
    function.body += [
        f"local.get $p0 {_region(module, 'caller', whole, site)}",
        f"i32.const 0 i32.const 0 i32.const {align} i32.const {size} i32.const {site} {module.realloc('callee')} local.set {to}",
    ]
    way.allocates = True
    way.store(function, whole, Place("$p0"), Place(to))
    function.body.append(f"local.get {to}")


def _result(module: Module, way: Way, type: t.ValType, function: Function, pointer: str | None) -> None:
    """Push the caller's core result, or write it where it wants it, of what is in $raw."""
    if pointer is None:
        letters = layout.flat(type)
        way.push(function, type, Flat(["local.get $raw"] if letters else [], letters))
        return
    function.body.append(f"local.get $raw {_region(module, 'callee', type, way.site(None))}")
    way.store(function, type, Place("$raw"), Place(pointer))


def _region(module: Module, side: str, type: t.ValType, site: int) -> str:
    """Checks the pointer on the stack."""
    return f"i64.const {layout.size(type)} i32.const {layout.align(type)} i32.const {site} {module.region(side)}"


def _guarded(parameters: str, results: str, module: Module) -> str:
    """The export: exceptions of WebAssembly can't be seen by another component."""
    arguments = " ".join(f"local.get $p{at}" for at in range(len(parameters)))
    kind = signature("", results)
    return f""" (func (export "{CALL}"){signature(parameters, results)}
  block $thrown
   try_table{kind} (catch_all $thrown) {arguments} call $run end
   return
  end
  i32.const {EXCEPTION} i32.const -1 i64.const 0 i64.const 0 i64.const 0 {module.trap()})"""


def _require(type: t.FuncType, caller: Side, callee: Side, module: Module) -> None:
    """LinkError if a side has not what the module imports of it."""
    for name, side in (("caller", caller), ("callee", callee)):
        for what, there in (("memory", side.has_memory), ("realloc", side.has_realloc)):
            if (name, what) in module.imports and not there:
                raise LinkError(f"a {type} needs {what}, which the {name}'s canonical options lack")
