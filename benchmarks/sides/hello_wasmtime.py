"""The least that runs a cached program with wasmtime-py: `python hello_wasmtime.py PROG.cwasm`."""

import sys

from wasmtime import Engine, Func, Linker, Module, Store, WasiConfig

engine = Engine()
wasi = WasiConfig()
wasi.inherit_stdout()
store = Store(engine)
store.set_wasi(wasi)
linker = Linker(engine)
linker.define_wasi()
instance = linker.instantiate(store, Module.deserialize_file(engine, sys.argv[1]))
start = instance.exports(store)["_start"]
assert isinstance(start, Func)
start(store)
