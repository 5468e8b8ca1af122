"""Machine code: programs that run on the CPU model (`kernel_sim.cpu`) instead of wasmtime's JIT. `elf` loads them."""
