"""Drive traps.toml on wasmtime, the reference it was measured on, and print every row that no longer holds.

    python -m conformance.suites.trap_reference

Each row calls one function of raw_calls.wasm once, in a store and a folder of its own.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import wasmtime

SUITE = Path(__file__).parent / "preview1"
# The errnos that the table mentions.
ERRNOS = {0: "SUCCESS", 8: "BADF", 28: "INVAL", 37: "NAMETOOLONG", 48: "NOMEM", 57: "NOTSOCK", 58: "NOTSUP"}


def world(setup: dict[str, Any], folder: Path, module: wasmtime.Module, on: wasmtime.Engine) -> wasmtime.Store:
    """A store whose WASI state is as [setup] says."""
    root, stdin = folder / "root", folder / "stdin"
    root.mkdir()
    stdin.write_text(setup["stdin"])
    for name, text in setup["files"].items():
        (root / name).write_text(text)
    for name, target in setup["links"].items():
        (root / name).symlink_to(target)
    for name in setup["directories"]:
        (root / name).mkdir()
    config = wasmtime.WasiConfig()
    config.argv, config.env = setup["args"], list(setup["env"].items())
    config.stdin_file, config.stdout_file = str(stdin), str(folder / "stdout")
    config.preopen_dir(str(root), "/")
    store = wasmtime.Store(on)
    store.set_wasi(config)
    return store


def signed(value: int) -> int:
    """An i32 argument as wasmtime's Python interface wants it."""
    return value - (1 << 32) if 1 << 31 <= value < 1 << 32 else value


def outcome(
    setup: dict[str, Any],
    name: str,
    arguments: list[Any],
    pokes: list[list[Any]],
    module: wasmtime.Module,
    on: wasmtime.Engine,
) -> str:
    """Call one function in a new world: an errno's name, "exit N" or "trap"."""
    with tempfile.TemporaryDirectory() as folder:
        store = world(setup, Path(folder), module, on)
        linker = wasmtime.Linker(on)
        linker.define_wasi()
        exports = linker.instantiate(store, module).exports(store)
        memory, path_open, function = exports["memory"], exports["path_open"], exports[name]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(path_open, wasmtime.Func) and isinstance(function, wasmtime.Func)
        for at, text in [*setup["memory"], *pokes]:
            memory.write(store, bytes.fromhex(text), at)
        rights = 1 << 1 | 1 << 6  # fd_read, fd_write
        assert path_open(store, 3, 0, 0x500, 1, 0, rights, rights, 0, 0x300) == 0
        file = int.from_bytes(memory.read(store, 0x300, 0x304), "little")
        try:
            result = function(store, *[file if value == "file" else signed(value) for value in arguments])
        except wasmtime.ExitTrap as error:
            return f"exit {error.code}"
        except (wasmtime.Trap, wasmtime.WasmtimeError):
            return "trap"
        finally:
            store.close()
        return ERRNOS.get(result, f"errno {result}")


def rows(table: dict[str, Any]) -> Iterator[tuple[str, list[Any], list[list[Any]], str, str]]:
    """Every call of the table: function, arguments, what to put in memory, what is expected, why."""
    for name, entry in table.items():
        yield name, entry["sound"], [], entry["gives"], "sound"
        for index, value, expected, why in entry.get("cases", []):
            arguments = list(entry["sound"])
            arguments[index] = value
            yield name, arguments, [], expected, f"argument {index} is {value:#x}: {why}"
        for at, text, expected, why in entry.get("memory", []):
            yield name, entry["sound"], [[at, text]], expected, f"{text} at {at:#x}: {why}"


def main() -> int:
    """Check every row; 0 when all hold."""
    table = tomllib.loads((SUITE / "traps.toml").read_text(encoding="utf-8"))
    setup = table.pop("setup")
    on = wasmtime.Engine()
    module = wasmtime.Module.from_file(on, str(SUITE / "raw_calls.wasm"))
    count = wrong = 0
    for name, arguments, pokes, expected, why in rows(table):
        count += 1
        got = outcome(setup, name, arguments, pokes, module, on)
        if got not in expected.split("|"):
            wrong += 1
            print(f"{name}: {why}: {got}, expected {expected}")
    print(f"{count - wrong} of {count} rows hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
