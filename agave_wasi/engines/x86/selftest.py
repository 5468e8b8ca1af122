"""Does the wasmtime that compiles lay things out as `vmctx` says? Probes are compiled, and their machine code is read.

A fact is a field of the table, a function of a probe, and a path (see `paths`) that its code must take if the field is right.
Facts come in the order in which fields build on each other, so the first that fails names the field to look at. What compiled
code never touches with our settings is in `UNSEEN`: it doesn't matter to it.

It costs some compilations and half a second, so that it has passed is kept in the code cache, for this release, table and
probes.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86.vmctx import WASMTIME, Layout, Version, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agave_wasi.cache import CodeCache
    from agave_wasi.engines.x86.image import Image
    from agave_wasi.engines.x86.module import CoreModule
    from agave_wasi.engines.x86.paths import Path, Paths

    Compile = Callable[[bytes, EngineConfig], bytes]
    Expected = Path | tuple[Path, Path]
    """A path that is reached; or one that is stored to, and the path of what is stored."""
    Fact = tuple[str, str, str, Expected]
    """Field, probe, function (its export or symbol), what its code does."""

PROBES = {
    "main": b"""(module
      (import "" "f0" (func $f0)) (import "" "f1" (func $f1))
      (import "" "t0" (table $t0 1 funcref)) (import "" "t1" (table $t1 1 funcref))
      (import "" "m0" (memory $m0 1)) (import "" "m1" (memory $m1 1))
      (import "" "g0" (global $g0 (mut i64))) (import "" "g1" (global $g1 (mut i64)))
      (import "" "e0" (tag $e0 (param i32))) (import "" "e1" (tag $e1 (param i32)))
      (memory $m2 1) (memory $m3 1) (table $t2 2 funcref) (table $t3 3 funcref) (table $x 1 externref)
      (global $g2 (mut i64) (i64.const 1)) (global $g3 (mut i64) (i64.const 1)) (global $gx (mut externref) (ref.null extern))
      (tag $e2 (param i64)) (data $d0 "a") (data $d1 "b") (elem $s func $f0)
      (func (export "call0") (call $f0)) (func (export "call1") (call $f1))
      (func (export "load0") (param i32) (result i32) (i32.load $m0 (local.get 0)))
      (func (export "load1") (param i32) (result i32) (i32.load $m1 (local.get 0)))
      (func (export "load2") (param i32) (result i32) (i32.load $m2 (local.get 0)))
      (func (export "load3") (param i32) (result i32) (i32.load $m3 (local.get 0)))
      (func (export "grow0") (param i32) (result i32) (memory.grow $m0 (local.get 0)))
      (func (export "fill") (memory.fill $m2 (i32.const 0) (i32.const 1) (i32.const 900)))
      (func (export "copy") (memory.copy $m2 $m3 (i32.const 0) (i32.const 1) (i32.const 900)))
      (func (export "get0") (param i32) (result funcref) (table.get $t0 (local.get 0)))
      (func (export "get1") (param i32) (result funcref) (table.get $t1 (local.get 0)))
      (func (export "get2") (param i32) (result funcref) (table.get $t2 (local.get 0)))
      (func (export "get3") (param i32) (result funcref) (table.get $t3 (local.get 0)))
      (func (export "widen0") (result i32) (table.grow $t0 (ref.null func) (i32.const 1)))
      (func (export "init") (table.init $t2 $s (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $s))
      (func (export "through") (param i32) (call_indirect $t2 (param i32) (local.get 0) (i32.const 0)))
      (func (export "global0") (result i64) (global.get $g0)) (func (export "global1") (result i64) (global.get $g1))
      (func (export "global2") (result i64) (global.get $g2)) (func (export "global3") (result i64) (global.get $g3))
      (func (export "setx") (param externref) (global.set $gx (local.get 0)))
      (func (export "getx") (result externref) (global.get $gx))
      (func (export "throw0") (throw $e0 (i32.const 1))) (func (export "throw1") (throw $e1 (i32.const 1)))
      (func (export "throw2") (throw $e2 (i64.const 1)))
      (func (export "catch") (result i64) (block $h (result i64) (try_table (catch $e2 $h) (call $f0)) (i64.const 0)))
      (func (export "data0") (memory.init $m2 $d0 (i32.const 0) (i32.const 0) (i32.const 1)))
      (func (export "data1") (memory.init $m2 $d1 (i32.const 0) (i32.const 0) (i32.const 1)))
      (func $me (export "me") (result funcref) (ref.func $me)))""",
    "globals": b'(module (memory 1) (global $g (mut i64) (i64.const 1)) (func (export "f") (result i64) (global.get $g)))',
    "table": b'(module (memory 1) (table $t 1 9 funcref) (func (export "f") (result i32) (table.size $t)))',
    "data": b'(module (memory 1) (data $d "a") (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))',
    "start": b"""(module (memory 1) (data $d "a") (data (i32.const 1) "b")
      (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))""",
    "tags": b"""(module (memory 1) (data $d "a") (tag) (tag) (tag) (tag)
      (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))""",
    "tag": b"""(module (memory 1) (data $d "a") (tag)
      (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))""",
}
"""By name; they are compiled with fuel, whose counter is one of the fields."""


UNSEEN = {
    "context.magic": "for people who look at memory",
    "context.epoch": "epochs are off",
    "store.epoch_deadline": "epochs are off",
    "store.execution_version": "for debuggers",
    "store.stack_chain": "stack switching is off",
    "store.store_data": "the host's own",
    "store.async_guard_range": "the host's own",
    "store.component_context": "components' own",
    "store.size": "nothing follows",
    "host_context.magic": "for people who look at memory",
    "host_context.size": "nothing follows",
    "global_import.vmctx": "the host's own",
    "global_import.index": "the host's own",
    "tag_import.from": "the host's own: it is who compares tags",
    "tag.type": "the host's own",
    "gc_data.size": "nothing follows",
    "exception.type": "who allocates writes it",
    "exception.object_size": "the host's own",
}
"""Fields that compiled code never touches, and why."""


class Probe:
    """A compiled probe."""

    __slots__ = ("module", "image", "layout")

    def __init__(self, wasm: bytes, image: bytes, table: Version) -> None:
        from agave_wasi.engines.capi import to_wasm
        from agave_wasi.engines.x86.image import read_image
        from agave_wasi.engines.x86.module import CoreModule

        self.module: CoreModule = CoreModule(to_wasm(wasm))
        self.image: Image = read_image(image)
        self.layout = Layout(self.module, self.image, table)

    def paths(self, function: str) -> Paths:
        """What memory a function goes to."""
        from agave_wasi.engines.x86.paths import Paths

        image = self.image
        kind, _, name = function.rpartition(":")
        if kind == "builtin":
            start = image.builtins[name]
        elif kind == "to array":
            start = image.wasm_to_array[int(name)]
        elif kind == "to wasm":
            start = image.array_to_wasm[self.module.exports[name][1]]
        else:
            start = image.functions[self.module.exports[name][1]]
        places = [*image.functions.values(), *image.array_to_wasm.values(), *image.wasm_to_array.values()]
        places += [*image.builtins.values(), *(each for each in (image.start, image.start_code) if each is not None)]
        end = min((each for each in places if each > start), default=len(image.text))
        return Paths(bytes(image.text[start:end]))


def facts(probes: dict[str, Probe], table: Version) -> Iterator[Fact]:
    """What must be true of the probes' code if the table is right."""
    structs, main = table.structs, probes["main"]
    context, saved, exception, data = (structs[name] for name in ("context", "store", "exception", "gc_data"))
    memory, tables, function = structs["memory"], structs["table"], structs["func_ref"]
    store: Path = ("rdi", context["store_context"])
    heap: Path = (*store, saved["gc_heap_base"])
    at = main.layout

    yield "context.store_context", "main", "call0", store
    yield "store.stack_limit", "main", "call0", (*store, saved["stack_limit"])
    yield "store.fuel", "main", "call0", (*store, saved["fuel"])
    yield "context.builtins", "main", "builtin:trap", ("rdi", context["builtins"])
    for index, name in enumerate(table.builtins):
        if name in main.image.builtins:
            target: Path = ("rdi", context["builtins"], structs["pointer"]["size"] * index)
            yield f"builtins.{name}", "main", f"builtin:{name}", (("call", "target"), target)
    for field, value in (("trampoline_fp", ("rbp",)), ("pc", ("rbp", 8))):
        yield f"store.last_wasm_exit_{field}", "main", "builtin:trap", ((*store, saved[f"last_wasm_exit_{field}"]), value)
    for field, value in (("sp", ("rsp",)), ("fp", ("rbp",)), ("trap_handler", ("rip",))):
        yield f"store.last_wasm_entry_{field}", "main", "to wasm:call0", ((*store, saved[f"last_wasm_entry_{field}"]), value)
    yield "store.current_thread", "main", "to wasm:call0", ((*store, saved["current_thread"]), ("number", 1))
    called: Path = ("rdi", structs["host_context"]["func_ref"] + function["array_call"])
    yield "host_context.func_ref + func_ref.array_call", "main", "to array:0", (("call", "target"), called)

    for index, also in enumerate(("context.size", "memory_import.size")):
        imported = structs["memory_import"]
        start = at.imported_memories + index * imported["size"]
        yield f"{also}, memory_import.from", "main", f"load{index}", ("rdi", start + imported["from"])
        yield "memory.base", "main", f"load{index}", ("rdi", start + imported["from"], memory["base"], 0)
        yield "memory.length", "main", f"load{index}", ("rdi", start + imported["from"], memory["length"])
        if not index:
            yield "memory_import.vmctx", "main", "grow0", (("call", "rdi"), ("rdi", start + imported["vmctx"]))
            yield "memory_import.index", "main", "grow0", (("call", "rdx"), ("rdi", start + imported["index"]))
    for index, also in enumerate(("pointer.size", "memory.size")):
        start = at.owned_memories + index * memory["size"]
        yield also, "main", f"load{index + 2}", ("rdi", start + memory["base"], 0)
        yield also, "main", f"load{index + 2}", ("rdi", start + memory["length"])
    for index, also in enumerate(("func_ref.wasm_call", "func_ref.size")):
        start = at.imported_functions + index * function["size"]
        yield also, "main", f"call{index}", (("call", "target"), ("rdi", start + function["wasm_call"]))
        yield "func_ref.vmctx", "main", f"call{index}", (("call", "rdi"), ("rdi", start + function["vmctx"]))
    for index, also in enumerate(("table_import.from", "table_import.size")):
        imported = structs["table_import"]
        start = at.imported_tables + index * imported["size"]
        yield also, "main", f"get{index}", ("rdi", start + imported["from"])
        yield "table.base", "main", f"get{index}", ("rdi", start + imported["from"], tables["base"], 0)
        yield "table.count", "main", f"get{index}", ("rdi", start + imported["from"], tables["count"])
        if not index:
            yield "table_import.vmctx", "main", "widen0", (("call", "rdi"), ("rdi", start + imported["vmctx"]))
            yield "table_import.index", "main", "widen0", (("call", "rsi"), ("rdi", start + imported["index"]))
    for index, also in enumerate(("global_import.from + global.value", "global_import.size")):
        imported = structs["global_import"]
        start = at.imported_globals + index * imported["size"]
        yield also, "main", f"global{index}", ("rdi", start + imported["from"], structs["global"]["value"])
    yield "store.gc_heap_base", "main", "throw0", heap
    for index, also in enumerate(("tag_import.vmctx", "tag_import.size")):
        imported = structs["tag_import"]
        start = at.imported_tags + index * imported["size"]
        yield also, "main", f"throw{index}", (("call", "rdi"), ("rdi", start + imported["vmctx"]))
        stored: Path = (*heap, exception["tag"])
        yield "exception.tag, tag_import.index", "main", f"throw{index}", (stored, ("rdi", start + imported["index"]))
    for index, also in enumerate(("tables", "table.size")):
        start = at.tables + index * tables["size"]
        yield also, "main", f"get{index + 2}", ("rdi", start + tables["base"], 0)
        yield also, "main", f"get{index + 2}", ("rdi", start + tables["count"])
    element: Path = ("rdi", at.tables + tables["base"], 0)
    yield "func_ref.type", "main", "through", (("bytes", 4), (*element, function["type"]))
    yield "func_ref.wasm_call", "main", "through", (("call", "target"), (*element, function["wasm_call"]))
    yield "func_ref.vmctx", "main", "through", (("call", "rdi"), (*element, function["vmctx"]))

    type_id = main.module.signatures[main.module.functions[main.module.exports["through"][1]]]
    yield "context.type_ids", "main", "through", ("rdi", context["type_ids"], 4 * type_id)
    for index in range(3):
        thrown: Path = ("rdi", context["type_ids"], 4 * main.module.exceptions[index])
        yield "context.type_ids", "main", f"throw{index}", (("call", "rdx"), thrown)
    yield "exception.instance", "main", "throw2", ((*heap, exception["instance"]), ("result",))
    yield "exception.tag", "main", "throw2", ((*heap, exception["tag"]), ("number", 0))
    yield "exception.values", "main", "throw2", ((*heap, exception["values"]), ("number", 1))
    yield "exception.values", "main", "catch", (*heap, exception["values"])
    yield "store.gc_heap_length", "main", "catch", (*store, saved["gc_heap_length"])
    yield "exception.count", "main", "setx", (*heap, exception["count"])
    kept: Path = ("rdi", context["gc_heap_data"])
    yield "context.gc_heap_data", "main", "getx", kept
    yield "exception.kind", "main", "getx", (("bytes", 4), (*heap, exception["kind"]))
    yield "exception.next, gc_data.first", "main", "getx", ((*heap, exception["next"]), (*kept, data["first"]))
    yield "gc_data.count", "main", "getx", ((*kept, data["count"]), ("unknown",))
    yield "gc_data.kept", "main", "getx", (*kept, data["kept"])

    yield "tables", "table", "f", ("rdi", probes["table"].layout.tables + tables["count"])
    yield "globals_alignment.size", "globals", "f", ("rdi", probes["globals"].layout.globals + structs["global"]["value"])
    for index, also in enumerate(("globals", "global.size")):
        start = at.globals + index * structs["global"]["size"]
        yield also, "main", f"global{index + 2}", ("rdi", start + structs["global"]["value"])
    for probe, also in (
        ("data", "func_ref.size"), ("start", "start_func_ref"), ("tags", "tag.size"), ("tag", "func_refs_alignment.size"),
    ):  # fmt: skip
        layout = probes[probe].layout
        index = layout.data_order.index(0)
        yield also, probe, "f", ("rdi", layout.data_bases + structs["pointer"]["size"] * index, 0)
        yield also, probe, "f", ("rdi", layout.data_lengths + structs["length"]["size"] * index)
    for index, also in enumerate(("pointer.size", "length.size")):
        yield also, "main", f"data{index}", ("rdi", at.data_bases + structs["pointer"]["size"] * index, 0)
        yield also, "main", f"data{index}", ("rdi", at.data_lengths + structs["length"]["size"] * index)


def check(compile: Compile, table: Version | None = None) -> None:
    """Compile the probes and compare; EngineError with the release and the first field that isn't as the table says."""
    table = table or version()
    probes = {name: Probe(wasm, compile(wasm, EngineConfig(fuel=True)), table) for name, wasm in PROBES.items()}
    seen: dict[tuple[str, str], Paths] = {}
    for field, probe, function, expected in facts(probes, table):
        try:
            paths = seen.get((probe, function)) or probes[probe].paths(function)
        except KeyError:
            raise EngineError(_mismatch(table, field, f"the function {function} of the probe {probe} isn't there")) from None
        seen[probe, function] = paths
        if expected not in (paths.stored if isinstance(expected[0], tuple) else paths.reached):
            raise EngineError(_mismatch(table, field, f"{function} of the probe {probe} doesn't go to {expected}"))


def _mismatch(table: Version, field: str, what: str) -> str:
    return (
        f"the wasmtime that is installed doesn't lay out memory as the x86 engine knows it of {table.name}: {field} ({what}): "
        f"pip install wasmtime=={WASMTIME}"
    )


_passed: set[str] = set()


def ensure(cache: CodeCache) -> None:
    """As `check`, once for each release and table; what has passed is remembered in the cache."""
    from agave_wasi.cache import digest
    from agave_wasi.engines.x86.compile import can_compile, compile_module, key

    table = version()
    mark = digest(repr((table.name, table.parts, table.structs, table.builtins, PROBES)).encode())
    name = "selftest-" + key(EngineConfig(fuel=True))
    if mark in _passed or not can_compile():
        return
    if cache.find(name, mark) is None:
        check(compile_module, table)
        cache.store(name, mark, b"passed")
    _passed.add(mark)
