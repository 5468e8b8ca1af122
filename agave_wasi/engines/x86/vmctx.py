"""What wasmtime's compiled code expects of memory: the layout of an instance's VMContext and of all that hangs off it.

None of this is a public interface of wasmtime, so there is one table per release (`VERSIONS`), found in the machine code that
the release emits, and `selftest` compares both whenever the engine is used for the first time. Offsets and sizes are in bytes.

ABI. System V. A WebAssembly function: rdi callee's VMContext, rsi caller's, then parameters (rdx, rcx, r8, r9, xmm0...). An
array call (`array_to_wasm`, `start`, host functions): rdi callee's context, rsi caller's, rdx 16-byte slots, rcx how many
-> al, 0 if it ended with a trap or exception. Slots hold parameters at first and results afterwards.

Instantiation, before `start` is called, has to write: the context's pointers; imports; each own memory of its minimum, zero,
with `memories[i]` pointing to `owned_memories[i]`; each own table of its minimum, elements null (1 for functions, 0 for others;
a 0 for a function is wasmtime's "not there yet", which compiled code asks `table_get_lazy_init_func_ref` about); globals that
begin with one constant (`GlobalType.constant`); the first `CoreModule.static_elements` element segments, as addresses of
func_refs | 1; tags (their type id); func_refs; data_bases and data_lengths of each data segment in `data_order`, in rodata one
behind the other.

Then, if the image has one, the code at `start` (an array call without slots) does, in this order: other globals in order, null
references too; items of passive element segments, 16 bytes each, through `passive_elem_segment_base`; active element segments
from `static_elements` on, each: bounds against the table's size (trap 3), then its items; active data segments in order, each:
bounds (trap 1), then `memory_copy`; the start function. A trap there leaves what was written before. With fuel it costs some.
Declared element segments don't exist, and active segments are dropped from the start: compiled code knows.

Builtins are called through wasmtime_builtin_* (`Image.builtins`): rdi VMContext, then parameters, i32 ones zero-extended; the
stub has put its frame pointer and its return address into the store context (last_wasm_exit_*). The result is what `RESULTS`
says; if that tells of a trap or an exception, the stub calls `raise`, which never returns: it goes to where the latest array
call put last_wasm_entry_trap_handler, with rsp and rbp from the store context as well, and that returns al = 0 to its caller.
`trap(code)` only notes the code; `raise` always follows. An array call of a host function that gives al = 0 is followed by
`raise` too.

Which features call what:

* memory.grow `memory_grow`; memory.fill `memory_fill`; memory.copy, memory.init and active data `memory_copy`, unless they are
  short; data.drop nothing.
* table.init `passive_elem_segment_len` and `_base`; elem.drop `_drop`; table.grow `table_grow`, after which compiled code
  fills; table.get and call_indirect of a 0 element `table_get_lazy_init_func_ref`; ref.func and every value that is a function
  `ref_func` (the function's index). Other table instructions nothing.
* fuel `out_of_gas`, at a function's start, a loop's head and behind operations on many bytes or elements, which cost as many,
  while `fuel`, which counts up, isn't negative.
* throw `get_instance_id` (of the tag's owner), `gc_alloc_raw`, `throw_ref`; a function that is thrown
  `intern_func_ref_for_gc_heap`, where it is caught `get_interned_func_ref` (type 2^32-1); throw_ref `throw_ref`, of null too.
* an externref or exnref that is overwritten in a table or global `drop_gc_ref`, if nothing else counts it; one that is read
  from there is put into the list of `gc_data`, and `force_gc` is called when that has become long.
* floats nothing, since there is SSE4.1; memory.size, table.size, table.copy, table.fill, global.get of numbers nothing.

The numbers of memories and tables in `memory_grow` and `table_grow` are those among their owner's own ones, and the VMContext
is the owner's; everywhere else they are the module's, imported ones first, and the VMContext is the caller's.

References are 32 bits: offsets into the collected heap of the store context (gc_heap_base, gc_heap_length), 0 for null. Code
counts references (`exception.count`), so an object must be there for every one that is neither 0 nor odd. It leaves odd
externrefs alone: host values are best numbered so. A thrown exception is the struct "exception", with its values by size from
"values" on (v128 aligned to 16; a reference takes 4); an exception handler finds it in eax.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agave_wasi.engines.x86.image import Image
    from agave_wasi.engines.x86.module import CoreModule

WASMTIME = "50.0.1"
"""The release whose code is run; `capi.VERSION`, but known without its library."""
FUNCTION_NULL, FUNCTION_UNKNOWN, FUNCTION_SET = 1, 0, 1
"""An element of a table of functions: null; not there yet; what is or-ed to the address of a func_ref."""
PASSIVE_ITEM = 16
"""Bytes of an item of a passive element segment."""
GROW_FAILED, GROW_RAISES = -1, -2
TRAP_INTERNAL = 0xFE
"""Trap code: an object was not within the collected heap."""
CORE_MAGIC, HOST_MAGIC = int.from_bytes(b"core", "little"), int.from_bytes(b"ACHF", "little")

BUILTINS = (
    "memory_grow", "memory_copy", "memory_fill", "passive_elem_segment_len", "passive_elem_segment_base",
    "passive_elem_segment_drop", "ref_func", "table_get_lazy_init_func_ref", "table_grow", "memory_atomic_notify",
    "memory_atomic_wait32", "memory_atomic_wait64", "out_of_gas", "new_epoch", "check_malloc", "check_free", "check_load",
    "check_store", "malloc_start", "free_start", "update_stack_pointer", "update_mem_size", "drop_gc_ref", "grow_gc_heap",
    "gc_alloc_raw", "intern_func_ref_for_gc_heap", "get_interned_func_ref", "is_subtype", "ceil_f32", "ceil_f64", "floor_f32",
    "floor_f64", "trunc_f32", "trunc_f64", "nearest_f32", "nearest_f64", "i8x16_swizzle", "i8x16_shuffle", "fma_f32x4",
    "fma_f64x2", "trap", "raise", "cont_new", "get_instance_id", "throw_ref", "force_gc", "breakpoint",
)  # fmt: skip
"""By their index."""

SIGNATURES = {
    "memory_grow": ("delta:I memory:i", "grow"),
    "memory_copy": ("to:p from:p length:I", ""),
    "memory_fill": ("to:p value:i length:I", ""),
    "passive_elem_segment_len": ("segment:i", "count"),
    "passive_elem_segment_base": ("segment:i", "address"),
    "passive_elem_segment_drop": ("segment:i", "done"),
    "ref_func": ("function:i", "address"),
    "table_get_lazy_init_func_ref": ("table:i index:I", "address"),
    "table_grow": ("table:i delta:I", "grow"),
    "out_of_gas": ("", "done"),
    "drop_gc_ref": ("reference:i", ""),
    "gc_alloc_raw": ("kind:i type:i size:i align:i", "reference"),
    "intern_func_ref_for_gc_heap": ("func_ref:p", "number"),
    "get_interned_func_ref": ("number:i type:i", "address"),
    "trap": ("code:i", ""),
    "raise": ("", "never"),
    "get_instance_id": ("", "number"),
    "throw_ref": ("exception:i", "done"),
    "force_gc": ("", "done"),
    "fma_f32x4": ("x:v y:v z:v", "vector"),
    "fma_f64x2": ("x:v y:v z:v", "vector"),
}
"""The builtins that our settings allow compiled code to call: parameters behind the VMContext (i 32 bits, I 64, p an address, v
a vector), and what the result is, see `RESULTS`. The code of `trap` is 8 bits."""
RESULTS = {
    "": "nothing",
    "grow": "rax: the size before, in pages or elements; -1 if it can't grow; -2 raises",
    "count": "rax: a number of items, 0 when the segment is dropped",
    "address": "rax: 0 or an address (of a func_ref, of a passive segment's first item)",
    "done": "al: 1, or 0, which raises",
    "reference": "eax: a reference, or 0, which raises",
    "number": "eax: a number",
    "vector": "xmm0",
    "never": "it doesn't return",
}


class Version:
    """The facts of one release: `structs`, and the `parts` of a VMContext behind its fixed fields (the struct "context").

    A part is a name and the struct that it is made of, or without a name an alignment.
    `settings` are the bytes of an image's own record of wasmtime's settings, without and with fuel.
    """

    __slots__ = ("name", "parts", "structs", "builtins", "settings")

    def __init__(
        self,
        name: str,
        parts: Sequence[tuple[str, str]],
        structs: Mapping[str, Mapping[str, int]],
        builtins: Sequence[str],
        settings: Mapping[bool, bytes],
    ) -> None:
        self.name = name
        self.parts = parts
        self.structs = structs
        self.builtins = builtins
        self.settings = settings

    @property
    def context(self) -> Mapping[str, int]:
        """The fixed fields of a VMContext."""
        return self.structs["context"]


_SETTINGS = "0100000000000001 00{}0100 0101010100010000 00 0432d00f010000000000000001000100 fff986c8c001"
"""As they are in an image, with a place for whether fuel is counted; `compile.SETTINGS` made them."""
_IMPORT = {"from": 0, "vmctx": 8, "index": 16, "size": 24}
VERSIONS = {
    "50.0.1": Version(
        "50.0.1",
        parts=(
            ("imported_memories", "memory_import"),
            ("memories", "pointer"),
            ("owned_memories", "memory"),
            ("imported_functions", "func_ref"),
            ("imported_tables", "table_import"),
            ("imported_globals", "global_import"),
            ("imported_tags", "tag_import"),
            ("tables", "table"),
            ("", "globals_alignment"),
            ("globals", "global"),
            ("tags", "tag"),
            ("", "func_refs_alignment"),
            ("func_refs", "func_ref"),
            ("start_func_ref", "func_ref"),
            ("data_bases", "pointer"),
            ("data_lengths", "length"),
        ),
        structs={
            "context": {
                "magic": 0, "store_context": 8, "builtins": 0x10, "epoch": 0x18, "gc_heap_data": 0x20, "type_ids": 0x28,
                "size": 0x30,
            },
            "store": {
                "fuel": 0, "epoch_deadline": 8, "execution_version": 0x10, "stack_limit": 0x18, "gc_heap_base": 0x20,
                "gc_heap_length": 0x28, "last_wasm_exit_trampoline_fp": 0x30, "last_wasm_exit_pc": 0x38,
                "last_wasm_entry_sp": 0x40, "last_wasm_entry_fp": 0x48, "last_wasm_entry_trap_handler": 0x50,
                "stack_chain": 0x58, "store_data": 0x68, "async_guard_range": 0x70, "component_context": 0x80,
                "current_thread": 0x88, "size": 0x90,
            },
            "func_ref": {"array_call": 0, "wasm_call": 8, "type": 0x10, "vmctx": 0x18, "size": 32},
            "host_context": {"magic": 0, "func_ref": 8, "size": 48},
            "memory": {"base": 0, "length": 8, "size": 16},
            "table": {"base": 0, "count": 8, "size": 16},
            "memory_import": _IMPORT,
            "table_import": _IMPORT,
            "global_import": _IMPORT,
            "tag_import": _IMPORT,
            "global": {"value": 0, "size": 16},
            "tag": {"type": 0, "size": 4},
            "gc_data": {"first": 0, "count": 4, "kept": 8, "size": 16},
            "pointer": {"size": 8},
            "length": {"size": 4},
            "globals_alignment": {"size": 16},
            "func_refs_alignment": {"size": 8},
            "exception": {
                "kind": 0, "type": 4, "count": 8, "next": 0x10, "object_size": 0x14, "instance": 0x18, "tag": 0x1C,
                "values": 0x20,
            },
        },
        builtins=BUILTINS,
        settings={fuel: bytes.fromhex(_SETTINGS.format(text)) for fuel, text in ((False, "00"), (True, "01"))},
    ),
}  # fmt: skip


def version(name: str = WASMTIME) -> Version:
    """The table of a release; EngineError if there is none."""
    found = VERSIONS.get(name)
    if found is None:
        known = ", ".join(VERSIONS)
        raise EngineError(f"the x86 engine is for code of wasmtime {known}, not of {name}: pip install wasmtime=={WASMTIME}")
    return found


class Layout:
    """Where everything is in the VMContext of a module's instances. `start_func_ref` is None if the image has no start code.

    `data_order` are the segments as compiled code numbers them, active ones first; `data_offsets` where each begins in rodata.
    """

    __slots__ = (
        "version", "imported_memories", "memories", "owned_memories", "imported_functions", "imported_tables",
        "imported_globals", "imported_tags", "tables", "globals", "tags", "func_refs", "start_func_ref", "data_bases",
        "data_lengths", "size", "data_order", "data_offsets",
    )  # fmt: skip

    imported_memories: int
    memories: int
    owned_memories: int
    imported_functions: int
    imported_tables: int
    imported_globals: int
    imported_tags: int
    tables: int
    globals: int
    tags: int
    func_refs: int
    data_bases: int
    data_lengths: int

    def __init__(self, module: CoreModule, image: Image, table: Version | None = None) -> None:
        self.version = table = table or version()
        imported = module.imported
        own = len(module.memories) - imported["memory"]
        counts = {
            "imported_memories": imported["memory"],
            "memories": own,
            "owned_memories": own,
            "imported_functions": imported["func"],
            "imported_tables": imported["table"],
            "imported_globals": imported["global"],
            "imported_tags": imported["tag"],
            "tables": len(module.tables) - imported["table"],
            "globals": len(module.globals) - imported["global"],
            "tags": len(module.tags) - imported["tag"],
            "func_refs": len(module.escaped),
            "start_func_ref": int(image.start is not None),
            "data_bases": len(module.data),
            "data_lengths": len(module.data),
        }
        self.start_func_ref: int | None = None
        at = table.structs["context"]["size"]
        for name, kind in table.parts:
            size = table.structs[kind]["size"]
            if not name:
                at = -(-at // size) * size
                continue
            if name != "start_func_ref" or counts[name]:
                setattr(self, name, at)
            at += size * counts[name]
        self.size = at
        segments = range(len(module.data))
        self.data_order = [each for mode in ("active", "passive") for each in segments if module.data[each].mode == mode]
        self.data_offsets = []
        end = 0
        for each in self.data_order:
            self.data_offsets.append(end)
            end += module.data[each].length
        _match(module, image, end)


def _match(module: CoreModule, image: Image, data: int) -> None:
    """EngineError if an image was made of another module, as far as that shows; `data` are the bytes in segments."""
    own = range(module.imported["func"], len(module.functions))
    for what, has, wants in (
        ("bytes of data", len(image.rodata), data),
        ("functions", len(image.functions), len(own)),
        ("types of functions", len(image.wasm_to_array), len(set(module.signatures))),
    ):
        if has != wants:
            raise EngineError(f"the image has {has} {what}, and its module {wants}: they don't belong together")
    if any(index not in image.functions for index in own):
        raise EngineError("the image's functions have other numbers than its module's: they don't belong together")
