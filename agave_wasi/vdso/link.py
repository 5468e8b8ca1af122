"""Links the vDSO to a guest that has made enough hot calls: from then on its calls go there first.

Three modules stand in a row. The window holds the kernel's RAM and lets the vDSO see the guest's memory, `vdso.wasm` (built
from vdso.c) answers calls, and the last one puts its functions into the table that the guest's calls go through.
"""

from __future__ import annotations

from _thread import get_ident

from agave_wasi.engines.base import EngineError, HostFunction
from agave_wasi.engines.gates import switched
from agave_wasi.preview1.compiled import SIGNATURES
from agave_wasi.vdso import HOT
from kernel_sim.vdso.ram import Ram
from kernel_sim.vdso.vdso import Vdso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.engines.base import Callback
    from agave_wasi.engines.capi import Extern
    from agave_wasi.engines.wasmtime_instance import Instance
    from agave_wasi.engines.wasmtime_store import Store
    from agave_wasi.hostcall import HostCalls
    from agave_wasi.loader import Loader
    from kernel_sim.kernel import Kernel

WASM_PAGE = 1 << 16
FIRST_PAGES = 64
WINDOW = f"""(module
 (import "guest" "memory" (memory $guest 0))
 (memory $ram (export "ram") {FIRST_PAGES} 65535)
 (func $window_grow (export "grow") (param i32) (result i32) (memory.grow $ram (local.get 0)))
 (func $window_pages (export "pages") (result i32) (memory.size $guest))
 (func $window_load32 (export "load32") (param i32) (result i32) (i32.load $guest (local.get 0)))
 (func $window_store32 (export "store32") (param i32 i32) (i32.store $guest (local.get 0) (local.get 1)))
 (func $window_store64 (export "store64") (param i32 i64) (i64.store $guest (local.get 0) (local.get 1)))
 (func $window_give (export "give") (param i32 i32 i32) (memory.copy $guest $ram (local.get 0) (local.get 1) (local.get 2)))
 (func $window_zero (export "zero") (param i32 i32) (memory.fill $guest (local.get 0) (i32.const 0) (local.get 1)))
 (func $window_take (export "take") (param i32 i32 i32) (memory.copy $ram $guest (local.get 0) (local.get 1) (local.get 2))))
""".encode()


def link(
    kernel: Kernel,
    loader: Loader,
    host: HostCalls,
    guest: Instance,
    gates: Instance,
    hot: Sequence[str],
) -> Vdso | None:
    """The kernel's half of a vDSO that answers `guest` from now on; None if it can't have one.

    `hot` are the functions that the guest imports; the table of `gates` has a place for each.
    """
    store = guest.store
    try:
        memory = guest.export("memory")
        window = store.instantiate(store.engine.gate(WINDOW, loader.compile), {("guest", "memory"): memory})
    except (EngineError, KeyError):  # no memory, one of another kind, or no room for ours
        return None

    def grow(size: int) -> bool:
        call = window.start_call("grow", (-(-size // WASM_PAGE),))
        call.resume()
        return call.results != (-1,)

    def require_rest() -> None:
        if store.depth:
            store.require_thread(get_ident())

    vdso = Vdso(kernel, host.process, Ram(lambda: window.memory(name=b"ram"), grow), require_rest)
    imports: dict[tuple[str, str], HostFunction | Extern] = {
        ("guest", name): window.export(name) for name in ("pages", "load32", "store32", "store64", "give", "zero", "take")
    }
    imports["env", "memory"] = window.export("ram")
    for name in HOT:
        imports["kernel", name] = gates.export(f"kernel {name}") if name in hot else _uncalled(name)
    for name, (parameters, results, callback) in _services(vdso, store, host).items():
        imports["kernel", name] = HostFunction(parameters, results, callback)
    code = store.instantiate(store.engine.gate(_code(), loader.compile), imports)
    vdso.wake()
    types = {name: SIGNATURES[name][0] for name in hot}
    table = {("gates", "hot"): gates.export("hot"), **{("vdso", name): code.export(name) for name in hot}}
    store.instantiate(store.engine.gate(switched(types, hot), loader.compile), table)
    return vdso


def _uncalled(name: str) -> HostFunction:
    """Stands for a function of the kernel that the guest doesn't import, and so never calls."""
    parameters, results, _ = SIGNATURES[name]
    return HostFunction(parameters, results, lambda env, caller, args: 0)


def _services(vdso: Vdso, store: Store, host: HostCalls) -> dict[str, tuple[str, str, Callback]]:
    """What the vDSO asks of the kernel: (parameters, results, callback) by name."""

    def adopt_descriptor(args: int) -> None:
        slots = host.frame(args)
        slots[0] = vdso.pays() and vdso.slots.adopt(slots[0])

    def adopt_inode(args: int) -> None:
        slots = host.frame(args)
        slots[0] = vdso.pays() and vdso.inodes.adopt_record(slots[0])

    def grow(args: int) -> None:
        slots = host.frame(args)
        slots[0] = vdso.inodes.grow(slots[0], slots[4] | slots[5] << 32)

    def refill(args: int) -> None:
        host.frame(args)[0] = vdso.inodes.refill()

    return {
        "wake": ("", "", store.guarded(lambda args: vdso.stir())),
        "adopt_descriptor": ("i", "i", store.guarded(adopt_descriptor)),
        "adopt_inode": ("i", "i", store.guarded(adopt_inode)),
        "grow": ("iI", "i", store.guarded(grow)),
        "refill": ("", "i", store.guarded(refill)),
    }


def _code() -> bytes:
    """The bytes of vdso.wasm."""
    with open(__file__.removesuffix("link.py") + "vdso.wasm", "rb") as file:
        return file.read()
