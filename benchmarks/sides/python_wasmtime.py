"""The least that runs a cached component with wasmtime-py: `python python_wasmtime.py COMPONENT.cwasm FOLDER ARGS...`."""

import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
wasi = WasiConfig()
wasi.inherit_stdout()
wasi.argv = ["python", *sys.argv[3:]]
wasi.preopen_dir(sys.argv[2], "/")
store = Store(engine)
store.set_wasi(wasi)
linker = Linker(engine)
linker.add_wasip2()
instance = linker.instantiate(store, Component.deserialize_file(engine, sys.argv[1]))
interface = instance.get_export_index(store, "wasi:cli/run@0.2.12")
index = interface and instance.get_export_index(store, "run", interface)
run = index and instance.get_func(store, index)
assert run
run(store)
