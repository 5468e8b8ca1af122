"""One module for one function that a component calls and another has: everything between the two calls.

The module is the same for the same types and sides, to the byte, whatever is named how; so its code is compiled once.

Source: Component Model, Canonical ABI, "canon lift", "canon lower", "Lifting and Lowering Values".
"""

from __future__ import annotations

from agave_wasi.component import types as t
from agave_wasi.component.adapters.module import Function, Module, signature
from agave_wasi.component.adapters.places import Flat, Place
from agave_wasi.component.adapters.traps import EXCEPTION
from agave_wasi.component.adapters.values import Way
from agave_wasi.component.layout import MAX_FLAT_PARAMS, core_type, layout
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    Core = tuple[str, str]

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
    """A module in text that exports `call`, for calls of a function of `type`, and what it is about.

    `imports` has (module, name) of each import: "caller" and "callee" have "memory" and "realloc", the callee also "function"
    and "post-return"; "host" has leaf functions, which `crossing` makes. `core` is the core type of `call` as letters, `callee`
    that of the callee's function. The module has numbers for `sites` and `resources`.
    """

    __slots__ = ("type", "text", "imports", "sites", "resources", "core", "callee")

    def __init__(
        self, type: t.FuncType, module: Module, resources: list[t.ResourceType], core: Core, callee: Core
    ) -> None:
        self.type = type
        self.text = module.text()
        self.imports = tuple(module.imports)
        self.sites = module.sites
        self.resources = resources
        self.core = core
        self.callee = callee


def fuse(type: t.FuncType, caller: Side, callee: Side) -> Adapter:
    """The adapter for calls of a function of `type`, which `callee` lifts and `caller` lowers.

    LinkError if a side lacks what the type needs, or the type can't be called in this version.
    """
    try:
        adapter = _fuse(type, caller, callee)
    except RecursionError:
        raise LinkError("a type is nested too deeply") from None
    for name, side in (("caller", caller), ("callee", callee)):
        for what, there in (("memory", side.has_memory), ("realloc", side.has_realloc)):
            if (name, what) in adapter.imports and not there:
                raise LinkError(f"a call needs {what}, which the canonical options of the {name} lack")
    return adapter


def _fuse(type: t.FuncType, caller: Side, callee: Side) -> Adapter:
    module = Module()
    resources: list[t.ResourceType] = []
    there = Way(module, False, (caller.encoding, callee.encoding), resources)
    back = Way(module, True, (callee.encoding, caller.encoding), resources)
    core, callee_core = core_type(type, "lower"), core_type(type, "lift")
    run = Function("adapter", *core)
    run.body.append(module.host("enter"))
    out = f"$p{len(core[0]) - 1}"
    in_memory = None if core[1] else type.result
    if in_memory is not None:  # checked before anything has happened
        run.body.append(f"local.get {out} {back.region('caller', in_memory)}")
    _arguments(module, there, type, run)
    if there.allocates:
        run.body.append(module.host("begin"))
    module.imports["callee", "function"] = f"(func $function{signature(*callee_core)})"
    run.body.append("call $function")
    raw = run.local("$raw", callee_core[1]) if callee_core[1] else ""
    if raw:
        run.body.append(f"local.set {raw}")
    after = len(run.body)
    if in_memory is not None:
        run.body.append(f"local.get {raw} {back.region('callee', in_memory)}")
        back.store(run, in_memory, Place(raw), Place(out))
    elif type.result is not None:
        back.push(run, type.result, Flat([f"local.get {raw}"], core[1]))
    if back.allocates:
        run.body.insert(after, module.host("returned"))
    if callee.has_post_return:
        module.imports["callee", "post-return"] = f"(func $post-return{signature(callee_core[1], '')})"
        run.body.append(f"{module.host('post')}{f' local.get {raw}' if raw else ''} call $post-return")
    run.body.append(module.host("leave"))
    module.add(run)
    module.functions.append(guarded(*core, module))
    return Adapter(type, module, resources, core, callee_core)


def _arguments(module: Module, way: Way, type: t.FuncType, run: Function) -> None:
    """Push the callee's core arguments: what the caller gave flat is given flat, and what it has in memory goes to memory."""
    flats = [layout(each).flat for _, each in type.parameters]
    if sum(map(len, flats)) <= MAX_FLAT_PARAMS:
        at = 0
        for (_, each), letters in zip(type.parameters, flats):
            way.push(run, each, Flat([f"local.get $p{at + place}" for place in range(len(letters))], letters))
            at += len(letters)
        return
    whole = t.Tuple(tuple([each for _, each in type.parameters]))
    run.body += [
        f"local.get $p0 {way.region('caller', whole)}",
        f"{way.allocate(whole)} local.set {run.local('$arguments')}",
    ]
    way.store(run, whole, Place("$p0"), Place("$arguments"))
    run.body.append("local.get $arguments")


def guarded(parameters: str, results: str, module: Module) -> str:
    """The export round `$adapter`: what a component throws is none of another's business, so it ends both."""
    arguments = " ".join([f"local.get $p{at}" for at in range(len(parameters))])
    return f""" (func $guard (export "{CALL}"){signature(parameters, results)}
  block $thrown
   try_table{signature("", results)} (catch_all $thrown) {arguments} call $adapter end
   return
  end
  i32.const {EXCEPTION} i32.const -1 i64.const 0 i64.const 0 i64.const 0 {module.trap()})"""
