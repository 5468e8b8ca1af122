"""The host calls of a component, recorded alike on agave-wasi and on the reference.

A component is rewritten: between each function that it lowers and the core modules that import it stands a shim of WebAssembly,
which shows a function of Python the core values and the guest's memory before the call and behind it (`shims`). That component
runs on both sides, and what the shims show is lifted by the same code (`observer`). `rules` compares two calls.
"""
