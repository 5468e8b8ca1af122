"""A child process that runs one guest on wasmtime's own WASI (`conformance.adapters.job`). wasmtime keeps its code."""

from __future__ import annotations

import sys

import wasmtime

from conformance.adapters.job import GuestRefused, GuestTrapped, Job, serve
from conformance.adapters.unstable_bridge import OLD, bridge
from conformance.case import COMPONENT


def make_engine() -> wasmtime.Engine:
    """An engine with wasmtime's defaults, and its cache of compiled code if that can be had."""
    config = wasmtime.Config()
    try:
        config.cache = True
    except wasmtime.WasmtimeError:  # no folder for it: then everything is compiled anew
        pass
    return wasmtime.Engine(config)


def run(job: Job) -> int:
    """Run the guest to its end; its exit code."""
    engine = make_engine()
    try:
        if is_component(job.program):
            from wasmtime.component import Component

            from conformance.adapters.wasmtime_component import run_component

            return run_component(Component.from_file(engine, job.program), engine, world(job))
        module = wasmtime.Module.from_file(engine, job.program)
    except wasmtime.WasmtimeError as error:
        raise GuestRefused(str(error)) from None
    return run_module(job, module, engine)


def run_module(job: Job, module: wasmtime.Module, engine: wasmtime.Engine) -> int:
    """Run a guest that is compiled; its exit code, GuestTrapped, GuestRefused."""
    store = wasmtime.Store(engine)
    store.set_wasi(world(job))
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    try:
        old = any(item.module == OLD for item in module.imports)
        later = bridge(store, linker, module) if old else None
    except wasmtime.WasmtimeError as error:
        raise GuestRefused(str(error)) from None
    try:
        exports = linker.instantiate(store, module).exports(store)
        start = exports.get("_start")
        if not isinstance(start, wasmtime.Func):
            raise GuestRefused("the module exports no function _start")
        memory = exports.get("memory")
        if later is not None and isinstance(memory, wasmtime.Memory):
            later(memory)
        start(store)
    except wasmtime.ExitTrap as error:
        return error.code
    except wasmtime.Trap as error:
        raise GuestTrapped(str(error)) from None
    except wasmtime.WasmtimeError as error:
        if "unknown import" in str(error) or "incompatible import" in str(error):
            raise GuestRefused(str(error)) from None
        raise GuestTrapped(str(error)) from None
    return 0


def is_component(program: str) -> bool:
    """Does a file begin as a component does?"""
    with open(program, "rb") as file:
        return file.read(len(COMPONENT)) == COMPONENT


def world(job: Job) -> wasmtime.WasiConfig:
    """What the guest is given; standard streams are this process's own."""
    config = wasmtime.WasiConfig()
    config.argv = job.argv
    config.env = list(job.env.items())
    config.inherit_stdin()
    config.inherit_stdout()
    config.inherit_stderr()
    for each in job.folders:
        config.preopen_dir(each["host"], each["guest"], each["mode"] != "ro")
    return config


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:], run))
