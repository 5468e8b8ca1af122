"""What wasmtime's compiled code expects of memory: the layout of an instance's VMContext and of all that hangs off it.

None of this is a public interface of wasmtime, so there is one table per release (`VERSIONS`), found in the machine code that
the release emits, and `selftest` compares both whenever the engine is used for the first time. Offsets and sizes are in bytes.

ABI. System V. A WebAssembly function: rdi callee's VMContext, rsi caller's, then parameters (rdx, rcx, r8, r9, xmm0...). An
array call (`array_to_wasm`, `start`, host functions): rdi callee's context, rsi caller's, rdx 16-byte slots, rcx how many
-> al, 0 if it ended with a trap or exception. Slots hold parameters at first and results afterwards.

Instantiation, before `start` is called: the context's pointers; imports; each own memory of its minimum, zero, with
`memories[i]` pointing to `owned_memories[i]`; each own table of its minimum, elements null (1 for functions, 0 for others;
a 0 for a function is wasmtime's own "not there yet", which compiled code asks `table_get_lazy_init_func_ref` about); globals
that begin with one constant (`GlobalType.constant`); the first `CoreModule.static_elements` element segments, as addresses
of func_refs | 1; tags (their type id); func_refs; data_bases and data_lengths of each runtime data segment in `data_order`,
in rodata one behind the other.

Then, if the image has one, the code at `start` (an array call without slots) does, in this order: other globals in order (a
null reference too); items of passive element segments, through `passive_elem_segment_base`, 16 bytes each; active element
segments from `static_elements` on, each: bounds against the table's size (trap 3), then its items; active data segments in order,
each: bounds (trap 1), copied by `memory_copy` (or by moves if it is short); the start function. A trap there leaves what was
written before. Declared element segments don't exist, and active ones behave as dropped: compiled code knows.

Builtins are called through wasmtime_builtin_* (`Image.builtins`): rdi VMContext, then parameters, i32 ones zero-extended; the stub
has put its frame pointer and its return address into the store context (last_wasm_exit_*). The result is what `RESULTS` says; if
that tells of a trap or an exception, then the stub calls `raise`, which never returns: it goes to where the latest array call put
last_wasm_entry_trap_handler, with rsp and rbp from the store context as well, and that returns al = 0 to its caller. `trap(code)`
only notes the code; `raise` always follows.

Which features call which: memory.grow memory_grow; memory.copy, memory.init, active data memory_copy; memory.fill memory_fill;
table.init passive_elem_segment_len and _base, elem.drop _drop; ref.func and every value that is a function ref_func (its index);
table.get, call_indirect of a 0 element table_get_lazy_init_func_ref; table.grow table_grow, after which compiled code fills;
fuel out_of_gas, at a function's start and at a loop's head whenever the counter in `fuel` isn't negative; throw
get_instance_id, gc_alloc_raw, throw_ref, and intern_func_ref_for_gc_heap if a function is in it, get_interned_func_ref where that
is caught; a reference that is overwritten in a table or global drop_gc_ref when its count falls to 0. A table's and a memory's number
there is that among its owner's own ones, and the VMContext its owner's. Data.drop, table.copy, table.fill, table.set, table.size,
memory.size, global.* and float instructions call nothing (with SSE4.1).

References are 32 bits: offsets into the collected heap of the store context (gc_heap_base, gc_heap_length), 0 for null. Compiled code
counts references: 8 bytes at +8 of an object, so an object must be there for every reference that is neither 0 nor odd. Odd ones are
numbers (i31), which it leaves alone if they are externrefs: host values are best numbered so. An exception is an object: `EXCEPTION`.
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

BUILTINS = tuple(
    """memory_grow memory_copy memory_fill passive_elem_segment_len passive_elem_segment_base passive_elem_segment_drop ref_func
    table_get_lazy_init_func_ref table_grow memory_atomic_notify memory_atomic_wait32 memory_atomic_wait64 out_of_gas new_epoch
    check_malloc check_free check_load check_store malloc_start free_start update_stack_pointer update_mem_size drop_gc_ref
    grow_gc_heap gc_alloc_raw intern_func_ref_for_gc_heap get_interned_func_ref is_subtype ceil_f32 ceil_f64 floor_f32 floor_f64
    trunc_f32 trunc_f64 nearest_f32 nearest_f64 i8x16_swizzle i8x16_shuffle fma_f32x4 fma_f64x2 trap raise cont_new get_instance_id
    throw_ref force_gc breakpoint""".split()
)

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
"""The builtins that our settings allow compiled code to call: parameters behind the VMContext (i 32 bits, I 64, p an address, v a vector),
and
what the result is, see `RESULTS`. `trap`'s code are 8 bits."""
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
    """The facts of one release: `context` (fixed fields of a VMContext), `parts` (name and size of what follows), `structs`.

    `settings` are the bytes of an image's own record of wasmtime's settings, without and with fuel.
    """

    __slots__ = ("name", "context", "parts", "structs", "builtins", "settings")

    def __init__(
        self,
        name: str,
        context: Mapping[str, int],
        parts: Sequence[tuple[str, int]],
        structs: Mapping[str, Mapping[str, int]],
        builtins: Sequence[str],
        settings: Mapping[bool, bytes],
    ) -> None:
        self.name = name
        self.context = context
        self.parts = parts
        self.structs = structs
        self.builtins = builtins
        self.settings = settings


_SETTINGS = "0100000000000001 00{}0100 0101010100010000 00 0432d00f010000000000000001000100 fff986c8c001"
"""As they are in an image, with a place for whether fuel is counted; `compile.SETTINGS` made them."""
_IMPORT = {"from": 0, "vmctx": 8, "index": 16, "size": 24}
VERSIONS = {
    "50.0.1": Version(
        "50.0.1",
        context={
            "magic": 0, "store_context": 8, "builtins": 0x10, "epoch": 0x18, "gc_heap_data": 0x20, "type_ids": 0x28, "size": 0x30,
        },
        parts=(
            ("imported_memories", 24),
            ("memories", 8),
            ("owned_memories", 16),
            ("imported_functions", 32),
            ("imported_tables", 24),
            ("imported_globals", 24),
            ("imported_tags", 24),
            ("tables", 16),
            ("align", 16),
            ("globals", 16),
            ("tags", 4),
            ("align", 8),
            ("func_refs", 32),
            ("start_func_ref", 32),
            ("data_bases", 8),
            ("data_lengths", 4),
        ),
        structs={
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
            "exception": {
                "kind": 0, "type": 4, "count": 8, "next": 0x10, "object_size": 0x14, "instance": 0x18, "tag": 0x1C, "values": 0x20,
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
        raise EngineError(f"the x86 engine knows the layouts of wasmtime {known}, not of {name}: pip install wasmtime=={WASMTIME}")
    return found


class Layout:
    """Where everything is in the VMContext of a module's instances. `start_func_ref` is None if the image has no start code.

    `data_order` are the segments as compiled code numbers them, active ones first; `data_offsets` where each begins in rodata.
    """

    __slots__ = (
        "version", "imported_memories", "memories", "owned_memories", "imported_functions", "imported_tables", "imported_globals",
        "imported_tags", "tables", "globals", "tags", "func_refs", "start_func_ref", "data_bases", "data_lengths", "size",
        "data_order", "data_offsets",
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
        at = table.context["size"]
        for name, size in table.parts:
            if name == "align":
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
        if end > len(image.rodata):
            raise EngineError(f"the image has {len(image.rodata)} bytes of data, and its module {end}: they don't belong together")
