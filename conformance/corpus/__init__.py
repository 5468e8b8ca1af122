"""Real programs as a conformance suite: yosys, clang and wasm-ld, CPython, esbuild.

Small tests check what their author thought of; a compiler or an interpreter checks what programs really do. Each
program here is fetched by its own package manager, does the job that it was written for on agave-wasi and on
wasmtime's own WASI, and has to leave the same exit code, the same stdout and the same files behind.

    packages.py           what is fetched, pinned, and where it is kept
    jobs.py               what each program is asked to do
    runners.py            how a program is started on either runtime: a subprocess, an argv
    reference_runner.py   wasmtime-py's WASI behind the same command line
    compare.py            one job on the runtimes; the differences
    sealed.py             one job in a world without the host, on both engines of agave-wasi: call by call
    built.py              components, which are built here from recipes/
    inputs/               the sources that the programs work on: Verilog, C, Python, TypeScript
"""
