"""What is said of imports that nobody provides."""

from __future__ import annotations

import pytest

from agave_wasi.component.missing import explained


def test_every_interface_has_a_line_with_the_cure() -> None:
    text = explained(
        [
            ("wasi:http/types@0.2.0", "a-b"), ("wasi:http/types@0.2.0", "c"), ("my:own/thing@1.4.0", "go"), ("", "run-me"),
            ("wasi:cli/stdin@0.3.0", "read"), ("wasi:nn/graph@0.2.0-rc", "load"), ("wasi:io/poll@0.2.99", "spin"),
        ]
    )  # fmt: skip
    assert text.splitlines() == [
        "  wasi:http/types@0.2.0: a-b, c: wasi:http/types@0.2.12 has no such function; build it for a released version",
        "  my:own/thing@1.4.0: go: nothing provides it; link a component that provides it with --link my:own/thing@1=FILE.wasm",
        "  run-me: nothing provides it; link a component that does with --link run-me=FILE.wasm",
        "  wasi:cli/stdin@0.3.0: read: this is Preview 3, and this version runs Preview 2; build it for wasm32-wasip2 (0.2)",
        "  wasi:nn/graph@0.2.0-rc: load: wasmtime built with -S nn has it; here, link a component that provides it with "
        "--link wasi:nn/graph@0.2.0-rc=FILE.wasm",
        "  wasi:io/poll@0.2.99: spin: wasi:io/poll@0.2.12 has no such function; build it for a released version",
    ]


def test_many_functions_are_not_all_named() -> None:
    text = explained([("a:b/c", f"f{number}") for number in range(20)])
    assert "f11 and 8 more" in text and "f12" not in text


@pytest.mark.parametrize(
    ("package", "where"),
    [
        ("wasi:sockets", "wasmtime run -S inherit-network has it"), ("wasi:nn", "wasmtime built with -S nn has it"),
        ("wasi:config", "wasmtime run -S config has it"), ("wasi:keyvalue", "wasmtime run -S keyvalue has it"),
        ("wasi:tls", "wasmtime run -S tls has it"), ("wasi:webgpu", "wasi-gfx-runtime has it"),
        ("wasi:blobstore", "wasmCloud has it"), ("wasi:messaging", "wasmCloud has it"), ("wasmcloud:bus", "wasmCloud has it"),
        ("wasi:logging", "wasmCloud and Spin have it"), ("fermyon:spin", "Spin has it"),
    ],
)  # fmt: skip
def test_who_has_it_elsewhere(package: str, where: str) -> None:
    assert f": go: {where}; here, link a component" in explained([(f"{package}/thing@0.1.0", "go")])
