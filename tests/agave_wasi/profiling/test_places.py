"""What stands at an address: functions by name or index, host functions, the engine's own, glue."""

from __future__ import annotations

from agave_wasi.engines.x86.space import IMAGES, STUBS
from tests.agave_wasi.guests import modelled
from tests.agave_wasi.profiling.measured import CALLS, calling, profiled

GROWS = """(module (memory 1) (func (export "_ZN3one3twoE") (drop (memory.grow (i32.const 1)))) (func) (start 1))"""


def test_names_and_kinds() -> None:
    profiler, _ = profiled(GROWS, name="_ZN3one3twoE")
    found = {(row.place.kind, row.place.name, row.place.index, row.calls) for row in profiler.rows()}
    assert found >= {("function", "one::two", 0, 1), ("function", "function 1", 1, 1)}
    assert [(name, calls) for kind, name, _, calls in found if kind == "engine"] == [("memory_grow", 1)]


def test_addresses_of_a_run() -> None:
    world = calling()
    program = world.load(CALLS.encode())
    from agave_wasi.profiling.places import Places
    from agave_wasi.streams import standard_streams

    guest = world.start(["program"], *standard_streams(b"", None, None, False))
    try:
        guest.load(program)
        places = Places(modelled(guest.store))
        image = program.module.image
        start, end = (IMAGES + offset for offset in image.function_range(3))
        even = places.at(start)
        assert even is not None and even is places.at(end - 1) and (even.name, even.index) == ("even", 3)
        assert places.within(start, start + 4) and not places.within(start, start) and not places.within(start, end + 64)
        assert not places.within(STUBS, start)
        (address,) = (address for address, name in modelled(guest.store).gate_names.items() if name == "host.again")
        again = places.at(address + 5)
        assert again is not None and (again.kind, again.name) == ("host", "host.again")
        for glue in (STUBS, STUBS + 128, IMAGES + image.array_to_wasm[6], IMAGES - 1, IMAGES + (1 << 30), 5):
            assert places.at(glue) is None
    finally:
        guest.close()
