"""The canonical section: lift, lower, resources, options, and every built-in of Preview 3."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.component.binary.canonicals import canonical, options
from agave_wasi.component.model import CanonBuiltin, CanonLift, CanonLower, CanonResource, Options
from tests.agave_wasi.component.texts import decoded

NONE = Options()


def last(text: str) -> Any:
    return decoded(text).definitions[-1]._replace(offset=0)


def test_lift_and_lower() -> None:
    assert last("(func (type 3) (canon lift (core func 2)))") == CanonLift(0, 2, NONE, 3)
    given = Options("utf16", memory=1, realloc=2, post_return=3)
    text = "string-encoding=utf16 (memory 1) (realloc (core func 2)) (post-return (core func 3))"
    assert last(f"(func (type 0) (canon lift (core func 0) {text}))") == CanonLift(0, 0, given, 0)
    given = Options("latin1+utf16", is_async=True, callback=4)
    text = "string-encoding=latin1+utf16 async (callback (core func 4))"
    assert last(f"(func (type 0) (canon lift (core func 0) {text}))") == CanonLift(0, 0, given, 0)
    assert last("(core func (canon lower (func 5) (memory 0)))") == CanonLower(0, 5, Options(memory=0))
    given = Options(gc=True, core_type=2)
    assert last("(core func (canon lower (func 0) gc (core-type 2)))") == CanonLower(0, 0, given)


def test_resources() -> None:
    assert last("(core func (canon resource.new 1))") == CanonResource(0, "new", 1)
    assert last("(core func (canon resource.drop 2))") == CanonResource(0, "drop", 2)
    assert last("(core func (canon resource.rep 3))") == CanonResource(0, "rep", 3)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("backpressure.inc", "backpressure.inc", ()),
        ("backpressure.dec", "backpressure.dec", ()),
        ("task.return (result u32) (memory 1)", "task.return", ("u32", Options(memory=1))),
        ("task.return", "task.return", (None, NONE)),
        ("task.cancel", "task.cancel", ()),
        ("context.get i32 1", "context.get", ("i32", 1)),
        ("context.set i64 0", "context.set", ("i64", 0)),
        ("subtask.cancel async", "subtask.cancel", (True,)),
        ("subtask.drop", "subtask.drop", ()),
        ("stream.new 1", "stream.new", (1,)),
        ("stream.read 1 async", "stream.read", (1, Options(is_async=True))),
        ("stream.write 1", "stream.write", (1, NONE)),
        ("stream.cancel-read 1 async", "stream.cancel-read", (1, True)),
        ("stream.cancel-write 1", "stream.cancel-write", (1, False)),
        ("stream.drop-readable 1", "stream.drop-readable", (1,)),
        ("stream.drop-writable 1", "stream.drop-writable", (1,)),
        ("future.new 1", "future.new", (1,)),
        ("future.read 1", "future.read", (1, NONE)),
        ("future.write 1 async", "future.write", (1, Options(is_async=True))),
        ("future.cancel-read 1", "future.cancel-read", (1, False)),
        ("future.cancel-write 1 async", "future.cancel-write", (1, True)),
        ("future.drop-readable 1", "future.drop-readable", (1,)),
        ("future.drop-writable 1", "future.drop-writable", (1,)),
        ("error-context.new string-encoding=utf16", "error-context.new", (Options("utf16"),)),
        ("error-context.debug-message (memory 1)", "error-context.debug-message", (Options(memory=1),)),
        ("error-context.drop", "error-context.drop", ()),
        ("waitable-set.new", "waitable-set.new", ()),
        ("waitable-set.wait (memory 1)", "waitable-set.wait", (False, 1)),
        ("waitable-set.poll (memory 1)", "waitable-set.poll", (False, 1)),
        ("waitable-set.drop", "waitable-set.drop", ()),
        ("waitable.join", "waitable.join", ()),
        ("thread.yield", "thread.yield", (False,)),
        ("thread.index", "thread.index", ()),
        ("thread.new-indirect 1 (core table 2)", "thread.new-indirect", (1, 2)),
        ("thread.resume-later", "thread.resume-later", ()),
        ("thread.suspend", "thread.suspend", (False,)),
        ("thread.suspend-then-resume", "thread.suspend-then-resume", (False,)),
        ("thread.yield-then-resume", "thread.yield-then-resume", (False,)),
        ("thread.suspend-then-promote", "thread.suspend-then-promote", (False,)),
        ("thread.yield-then-promote", "thread.yield-then-promote", (False,)),
        ("thread.spawn-ref 1", "thread.spawn-ref", (1,)),
        ("thread.spawn-indirect 1 (core table 2)", "thread.spawn-indirect", (1, 2)),
        ("thread.available_parallelism", "thread.available-parallelism", ()),
    ],
)
def test_built_ins(text: str, name: str, arguments: object) -> None:
    assert last(f"(core func (canon {text}))") == CanonBuiltin(0, name, arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        ("07 00", 0, "0x07 is no canonical definition"),
        ("00 01 00 00 00", 1, "0 stands here, for the sort of a function"),
        ("0a 7d 00", 1, "0x7d is no type of a context's slot"),
        ("06 02", 1, "the mark of an asynchronous call is 0 or 1, not 0x02"),
        ("0c 02", 1, "0 stands here, not 0x02"),
    ],
)
def test_what_is_no_canonical_definition(data: str, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule) as found:
        canonical(Reader(bytes.fromhex(data)))
    assert (found.value.offset, found.value.reason) == (offset, reason)


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        ("01 0a", 1, "0x0a is no canonical option"),
        ("02 00 01", 2, "the canonical option encoding is given twice"),
        ("02 03 00 03 01", 3, "the canonical option memory is given twice"),
        ("02 05 00 05 00", 3, "the canonical option post-return is given twice"),
        ("0b 0000000000000000000000", 0, "a vector of 11 items, more than the implementation limit of 10"),
    ],
)
def test_what_no_option_is(data: str, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule) as found:
        options(Reader(bytes.fromhex(data)))
    assert (found.value.offset, found.value.reason) == (offset, reason)


@pytest.mark.parametrize("encoding", ["utf8", "utf16", "latin1+utf16"])
def test_encodings(encoding: str) -> None:
    assert last(f"(core func (canon lower (func 0) string-encoding={encoding}))") == CanonLower(0, 0, Options(encoding))
