"""The whole kernel as bytes and back: what comes back behaves as what was saved, in this process and in a fresh one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.snapshot import save
from tests.kernel_sim.calls import Call, calls, crowded, perform, show
from tests.kernel_sim.snapshot.copies import again

PROJECT = Path(__file__).parents[3]


@settings(max_examples=150, deadline=None)
@given(st.booleans(), calls(15), calls(15))
def test_what_comes_back_behaves_the_same(strict: bool, before: list[Call], after: list[Call]) -> None:
    k = crowded(strict)
    for call in before:
        perform(k, call)
    data = save(k.kernel)
    copy = again(k, data)
    assert save(copy.kernel) == data
    for call in after:
        assert perform(copy, call) == perform(k, call), show(call)
        assert copy.kernel.clock.monotonic() == k.kernel.clock.monotonic()
    assert save(copy.kernel) == save(k.kernel)
    assert copy.stdout.written == k.stdout.written


def test_in_a_fresh_process(tmp_path: Path) -> None:
    k = crowded()
    k.sys.getrandom(memoryview(bytearray(100)))
    k.unlink("f")
    snapshot = tmp_path / "state"
    snapshot.write_bytes(save(k.kernel))
    program = """
import sys
from kernel_sim.snapshot import load, save
with open(sys.argv[1], "rb") as file:
    data = file.read()
kernel = load(data).kernel
assert save(kernel) == data
call = kernel.door(kernel.processes[1])
buffer = bytearray(40)
call.getrandom(memoryview(buffer))
room = bytearray(9)
count = call.preadv(5, [memoryview(room)], 0)  # the file that has no name any more
call.mkdirat(3, b"from-there")
print(buffer.hex(), bytes(room[:count]).decode(), call.clock_gettime("monotonic"))
with open(sys.argv[1], "wb") as file:
    file.write(save(kernel))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(snapshot)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    random, content, time = ran.stdout.split()
    buffer = bytearray(40)
    k.sys.getrandom(memoryview(buffer))
    assert (random, content) == (buffer.hex(), k.pread(5, 9, 0).decode()) == (buffer.hex(), "hello")
    k.mkdir("from-there")
    assert int(time) == k.sys.clock_gettime("monotonic")
    assert snapshot.read_bytes() == save(k.kernel)
