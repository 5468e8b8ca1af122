"""WASI Preview 1 on the kernel: its 46 functions as annotated methods, each one kernel call between a lift and a lower."""
