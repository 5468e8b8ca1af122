"""Who executes a guest's code: wasmtime's JIT now, an x86-64 CPU model later, behind one small interface."""
