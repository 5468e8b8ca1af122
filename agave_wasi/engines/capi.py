"""wasmtime's C API, as much as we use, declared by hand.

The wasmtime package takes longer to import than a small program takes to run, and its calls convert every value; so only
its shared library is used. It is pinned exactly (pyproject.toml) because struct layouts and functions of the C API may
change with any release; tests/agave_wasi/engines/test_capi.py compares these declarations with the package's own.
"""

from __future__ import annotations

import os
import sys
from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    Structure,
    Union,
    byref,
    c_bool,
    c_char_p,
    c_double,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_ubyte,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
    string_at,
)  # fmt: skip
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

VERSION = "50.0.1"
"""The release of wasmtime that these declarations are for."""

I32, I64, F32, F64, V128, FUNCREF, EXTERNREF = range(7)
KINDS = {"i": I32, "I": I64, "f": F32, "F": F64}
"""Value kinds by the letters of core types; wasm_valtype_new numbers these four in the same way."""
EXTERN_FUNC, EXTERN_GLOBAL, EXTERN_TABLE, EXTERN_MEMORY, EXTERN_SHARED_MEMORY = range(5)


class EngineMissing(Exception):
    """wasmtime isn't installed, or not for this platform."""


class Bytes(Structure):
    """wasm_byte_vec_t, and every other vector of the API."""

    _fields_ = [("size", c_size_t), ("data", c_void_p)]


class Func(Structure):
    _fields_ = [("store", c_uint64), ("private", c_void_p)]


class Memory(Structure):
    _fields_ = [("store", c_uint64), ("private1", c_uint64), ("private2", c_uint32)]


class _ExternUnion(Union):
    _fields_ = [("func", Func), ("memory", Memory), ("shared", c_void_p)]


class Extern(Structure):
    _fields_ = [("kind", c_uint8), ("of", _ExternUnion)]


class Instance(Structure):
    _fields_ = [("store", c_uint64), ("private", c_size_t)]


class _ValueUnion(Union):
    _fields_ = [
        ("i32", c_int32), ("i64", c_int64), ("f32", c_float), ("f64", c_double), ("v128", c_ubyte * 16), ("func", Func),
        ("reference", c_uint64 * 3),
    ]  # fmt: skip


class Value(Structure):
    _fields_ = [("kind", c_uint8), ("of", _ValueUnion)]


class Continuation(Structure):
    _fields_ = [("callback", c_void_p), ("env", c_void_p), ("finalizer", c_void_p)]


RawCallback = CFUNCTYPE(c_size_t, c_size_t, c_size_t, c_size_t)
"""environment, caller, slots -> trap or 0. The C type has a fourth parameter, the number of slots; ignoring it is legal in
every calling convention there is."""
AsyncCallback = CFUNCTYPE(
    None, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p, POINTER(Continuation)
)
ContinuationCallback = CFUNCTYPE(c_bool, c_void_p)
EpochCallback = CFUNCTYPE(c_size_t, c_void_p, c_void_p, POINTER(c_uint64), POINTER(c_uint8))
"""context, data, how many ticks until the next call, continue (0) or yield (1) -> an error, or 0."""


def package_folder() -> str:
    """Where the wasmtime package is installed, found without importing it."""
    spec = PathFinder.find_spec("wasmtime", sys.path)
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissing(f"the engine is missing: pip install wasmtime=={VERSION}")
    return next(iter(spec.submodule_search_locations))


def library_path(folder: str) -> str:
    """The shared library for this platform."""
    machine = os.uname().machine if hasattr(os, "uname") else "x86_64"
    machine = {"AMD64": "x86_64", "arm64": "aarch64", "ARM64": "aarch64"}.get(machine, machine)
    name = {"linux": "_libwasmtime.so", "darwin": "_libwasmtime.dylib", "win32": "_wasmtime.dll"}.get(sys.platform)
    path = os.path.join(folder, f"{sys.platform}-{machine}", str(name))
    if not os.path.exists(path):
        raise EngineMissing(f"wasmtime has no library for {sys.platform} on {machine} (looked for {path})")
    return path


def _load() -> CDLL:
    return CDLL(library_path(package_folder()))


lib = _load()


def _function(name: str, result: Any, *parameters: Any) -> Callable[..., Any]:
    function = getattr(lib, name)
    function.restype = result
    function.argtypes = parameters
    return function  # type: ignore[no-any-return]


_P, _N = c_void_p, c_size_t

config_new = _function("wasm_config_new", _P)
engine_new_with_config = _function("wasm_engine_new_with_config", _P, _P)
engine_delete = _function("wasm_engine_delete", None, _P)
config_target = _function("wasmtime_config_target_set", _P, _P, c_char_p)
config_flag = _function("wasmtime_config_cranelift_flag_enable", None, _P, c_char_p)
increment_epoch = _function("wasmtime_engine_increment_epoch", None, _P)


def config_set(config: int, name: str, value: bool | int) -> None:
    """Call wasmtime_config_`name`_set."""
    kind = c_bool if isinstance(value, bool) else c_uint64
    _function(f"wasmtime_config_{name}_set", None, _P, kind)(config, value)


module_new = _function("wasmtime_module_new", _P, _P, c_char_p, _N, _P)
module_serialize = _function("wasmtime_module_serialize", _P, _P, _P)
module_deserialize = _function("wasmtime_module_deserialize", _P, _P, c_char_p, _N, _P)
module_deserialize_file = _function("wasmtime_module_deserialize_file", _P, _P, c_char_p, _P)
module_delete = _function("wasmtime_module_delete", None, _P)
wat2wasm = _function("wasmtime_wat2wasm", _P, c_char_p, _N, _P)
bytes_delete = _function("wasm_byte_vec_delete", None, _P)

store_new = _function("wasmtime_store_new", _P, _P, _P, _P)
store_context = _function("wasmtime_store_context", _P, _P)
store_delete = _function("wasmtime_store_delete", None, _P)
store_limiter = _function("wasmtime_store_limiter", None, _P, c_int64, c_int64, c_int64, c_int64, c_int64)
store_epoch_deadline_callback = _function(
    "wasmtime_store_epoch_deadline_callback", None, _P, EpochCallback, _P, _P
)
set_epoch_deadline = _function("wasmtime_context_set_epoch_deadline", None, _P, c_uint64)
set_fuel = _function("wasmtime_context_set_fuel", _P, _P, c_uint64)
get_fuel = _function("wasmtime_context_get_fuel", _P, _P, _P)

func_new_unchecked = _function("wasmtime_func_new_unchecked", None, _P, _P, RawCallback, _P, _P, _P)
instance_new = _function("wasmtime_instance_new", _P, _P, _P, c_char_p, _N, _P, _P)
linker_new = _function("wasmtime_linker_new", _P, _P)
linker_delete = _function("wasmtime_linker_delete", None, _P)
linker_define = _function("wasmtime_linker_define", _P, _P, _P, c_char_p, _N, c_char_p, _N, _P)
linker_define_func_unchecked = _function(
    "wasmtime_linker_define_func_unchecked", _P, _P, c_char_p, _N, c_char_p, _N, _P, RawCallback, _P, _P
)
linker_define_async_func = _function(
    "wasmtime_linker_define_async_func", _P, _P, c_char_p, _N, c_char_p, _N, _P, AsyncCallback, _P, _P
)
linker_instantiate_async = _function("wasmtime_linker_instantiate_async", _P, _P, _P, _P, _P, _P, _P)
instance_export_get = _function("wasmtime_instance_export_get", c_bool, _P, _P, c_char_p, _N, _P)
caller_export_get = _function("wasmtime_caller_export_get", c_bool, _P, c_char_p, _N, _P)

func_call_unchecked = _function("wasmtime_func_call_unchecked", _P, _P, _P, _P, _N, _P)
call_prepared: Any = lib["wasmtime_func_call_unchecked"]
"""The same for arguments that are ctypes objects already, made once for many calls: nothing is converted."""
call_prepared.restype = _P
func_call_async = _function("wasmtime_func_call_async", _P, _P, _P, _P, _N, _P, _N, _P, _P)
future_poll = _function("wasmtime_call_future_poll", c_bool, _P)
future_delete = _function("wasmtime_call_future_delete", None, _P)
func_type = _function("wasmtime_func_type", _P, _P, _P)
functype_new = _function("wasm_functype_new", _P, _P, _P)
functype_delete = _function("wasm_functype_delete", None, _P)
functype_params = _function("wasm_functype_params", _P, _P)
functype_results = _function("wasm_functype_results", _P, _P)
valtype_new = _function("wasm_valtype_new", _P, c_uint8)
valtype_equal = _function("wasmtime_wasm_valtype_equal", c_bool, _P, _P)
valtype_vec_new = _function("wasm_valtype_vec_new", None, _P, _N, _P)

memory_data = _function("wasmtime_memory_data", _P, _P, _P)
memory_data_size = _function("wasmtime_memory_data_size", _N, _P, _P)
memory_type = _function("wasmtime_memory_type", _P, _P, _P)
memorytype_is64 = _function("wasmtime_memorytype_is64", c_bool, _P)
memorytype_delete = _function("wasm_memorytype_delete", None, _P)
sharedmemory_data = _function("wasmtime_sharedmemory_data", _P, _P)
sharedmemory_data_size = _function("wasmtime_sharedmemory_data_size", _N, _P)
extern_delete = _function("wasmtime_extern_delete", None, _P)

trap_new = _function("wasmtime_trap_new", _P, c_char_p, _N)
trap_delete = _function("wasm_trap_delete", None, _P)
trap_message = _function("wasm_trap_message", None, _P, _P)
trap_code = _function("wasmtime_trap_code", c_bool, _P, _P)
trap_trace = _function("wasm_trap_trace", None, _P, _P)
error_new = _function("wasmtime_error_new", _P, c_char_p)
error_message = _function("wasmtime_error_message", None, _P, _P)
error_trace = _function("wasmtime_error_wasm_trace", None, _P, _P)
error_delete = _function("wasmtime_error_delete", None, _P)
frame_func_index = _function("wasm_frame_func_index", c_uint32, _P)
frame_func_offset = _function("wasm_frame_func_offset", _N, _P)
frame_module_offset = _function("wasm_frame_module_offset", _N, _P)
frame_func_name = _function("wasmtime_frame_func_name", _P, _P)
frames_delete = _function("wasm_frame_vec_delete", None, _P)


def take_bytes(vector: Bytes) -> bytes:
    """The bytes of a vector, which is given back."""
    data = string_at(vector.data, vector.size) if vector.size else b""
    bytes_delete(byref(vector))
    return data


def take_error(error: int) -> str:
    """The text of an error, which is given back."""
    vector = Bytes()
    error_message(error, byref(vector))
    text = take_bytes(vector).decode("utf-8", "replace")
    error_delete(error)
    return text


def to_wasm(text: bytes) -> bytes:
    """The binary form of a module or component in text; ValueError with the place of a mistake."""
    vector = Bytes()
    error = wat2wasm(text, len(text), byref(vector))
    if error:
        raise ValueError(take_error(error))
    return take_bytes(vector)
