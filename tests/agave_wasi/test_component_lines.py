"""Lines of strace for components."""

from __future__ import annotations

from typing import Any

from agave_wasi.component_lines import line, moved

READ = "wasi:filesystem/types@0.2.12#[method]descriptor.read"
HANDLE = {"resource": "descriptor", "handle": 3}


def event(call: str, args: dict[str, Any], errno: str = "SUCCESS", **result: Any) -> dict[str, Any]:
    return {"pid": 1, "call": call, "time": 0, "args": args, "errno": errno, "result": result}


def test_a_method_belongs_to_a_handle() -> None:
    read = event(READ, {"self": HANDLE, "length": 4096, "offset": 0}, result=[{"bytes": 6, "data": "hello\n"}, True])
    assert line(read) == 'descriptor#3.read(length=4096, offset=0) = ["hello\\n", true]'
    assert moved(read) == (6, 0)


def test_errors_and_calls_that_never_return() -> None:
    assert line(event(READ, {"self": HANDLE}, "no-entry")) == "descriptor#3.read() = no-entry"
    assert line(event("wasi:cli/exit@0.2.0#exit", {"status": "ok"}, "")) == 'exit.exit(status="ok") = ?'
    assert moved(event(READ, {"contents": {"bytes": 5, "data": ""}}, "closed")) == (0, 0)


def test_other_functions() -> None:
    assert line(event("wasi:http/types@0.2.0#[constructor]fields", {}, result={"resource": "fields", "handle": 5})) == (
        "fields() = fields#5"
    )
    assert line(event("wasi:http/types@0.2.0#[static]fields.from-list", {"entries": []}, result=None)) == (
        "fields.from-list(entries=[]) = none"
    )
    assert line(event("resource.drop descriptor", {"self": 4})) == "descriptor#4.drop() = ()"
    assert line(event("go", {"a": {"x": 1, "f": {"flags": ["r", "w"]}}})) == "go(a={x=1, f={r|w}}) = ()"


def test_what_a_guest_gives_is_counted() -> None:
    write = event("x:y/z#[method]s.write", {"self": HANDLE, "contents": {"bytes": 50, "data": "x" * 32}})
    assert moved(write) == (0, 50)
    assert line(write).startswith('descriptor#3.write(contents="xxx') and "..." in line(write)
