"""The interfaces as wholes: complete, with the official core types, and the committed code is what is generated."""

from __future__ import annotations

import pytest

from agave_wasi import LinkError, World
from agave_wasi.preview1 import compiled, interface
from agave_wasi.preview1.interface import MODULE, UNSTABLE_MODULE, Preview1, Unstable, callbacks, function_names, signatures
from tests.agave_wasi.guests import wat

# wasi_snapshot_preview1.witx, lowered as its ABI says: a string or list is a pointer and a length, a result goes through
# a pointer after the parameters, a record or handle-sized flag set is one number.
CORE_TYPES = """
    args_get                  i32 i32
    args_sizes_get            i32 i32
    environ_get               i32 i32
    environ_sizes_get         i32 i32
    clock_res_get             i32 i32
    clock_time_get            i32 i64 i32
    fd_advise                 i32 i64 i64 i32
    fd_allocate               i32 i64 i64
    fd_close                  i32
    fd_datasync               i32
    fd_fdstat_get             i32 i32
    fd_fdstat_set_flags       i32 i32
    fd_fdstat_set_rights      i32 i64 i64
    fd_filestat_get           i32 i32
    fd_filestat_set_size      i32 i64
    fd_filestat_set_times     i32 i64 i64 i32
    fd_pread                  i32 i32 i32 i64 i32
    fd_prestat_get            i32 i32
    fd_prestat_dir_name       i32 i32 i32
    fd_pwrite                 i32 i32 i32 i64 i32
    fd_read                   i32 i32 i32 i32
    fd_readdir                i32 i32 i32 i64 i32
    fd_renumber               i32 i32
    fd_seek                   i32 i64 i32 i32
    fd_sync                   i32
    fd_tell                   i32 i32
    fd_write                  i32 i32 i32 i32
    path_create_directory     i32 i32 i32
    path_filestat_get         i32 i32 i32 i32 i32
    path_filestat_set_times   i32 i32 i32 i32 i64 i64 i32
    path_link                 i32 i32 i32 i32 i32 i32 i32
    path_open                 i32 i32 i32 i32 i32 i64 i64 i32 i32
    path_readlink             i32 i32 i32 i32 i32 i32
    path_remove_directory     i32 i32 i32
    path_rename               i32 i32 i32 i32 i32 i32
    path_symlink              i32 i32 i32 i32 i32
    path_unlink_file          i32 i32 i32
    poll_oneoff               i32 i32 i32 i32
    proc_exit                 i32
    proc_raise                i32
    sched_yield
    random_get                i32 i32
    sock_accept               i32 i32 i32
    sock_recv                 i32 i32 i32 i32 i32 i32
    sock_send                 i32 i32 i32 i32 i32
    sock_shutdown             i32 i32
"""
OFFICIAL = {line.split()[0]: line.split()[1:] for line in CORE_TYPES.strip().splitlines()}
LETTERS = {"i32": "i", "i64": "I"}


def test_all_46_functions_have_their_official_types() -> None:
    assert len(OFFICIAL) == 46
    assert set(function_names(Preview1)) == set(OFFICIAL) == set(compiled.SIGNATURES)
    for each in signatures(Preview1):
        expected = "".join(LETTERS[name] for name in OFFICIAL[each.name]), "" if each.name == "proc_exit" else "i"
        assert each.core_type() == expected, each.name
        assert compiled.SIGNATURES[each.name][:2] == expected


@pytest.mark.parametrize("module", [MODULE, UNSTABLE_MODULE])
def test_each_links_with_its_official_type_and_no_other(module: str) -> None:
    world = World()
    names = [name for name in OFFICIAL if module == MODULE or name != "sock_accept"]
    lines = []
    for name in names:
        result = "" if name == "proc_exit" else "(result i32)"
        lines.append(f'(import "{module}" "{name}" (func (param {" ".join(OFFICIAL[name])}) {result}))')
    text = "(module " + " ".join(lines) + ' (func (export "_start")))'
    assert world.run(wat(text)).ok
    for line in lines[::7]:
        wrong = line.replace("(param", "(param f32")
        with pytest.raises(LinkError, match=r"the module wants a function \(f32.*\) -> \w+, but it is a function"):
            world.run(wat(f'(module {wrong} (func (export "_start")))'))


def test_the_older_interface_has_one_function_less() -> None:
    assert set(function_names(Preview1)) - set(function_names(Unstable)) == {"sock_accept"}
    with pytest.raises(LinkError, match=r"wasi_unstable\.sock_accept"):
        World().run(wat('(module (import "wasi_unstable" "sock_accept" (func)) (func (export "_start")))'))


def test_one_program_uses_one_version() -> None:
    text = f"""(module (import "{MODULE}" "sched_yield" (func (result i32)))
        (import "{UNSTABLE_MODULE}" "sched_yield" (func (result i32))) (func (export "_start")))"""
    with pytest.raises(LinkError, match="mixes wasi_snapshot_preview1 and wasi_unstable"):
        World().run(wat(text))


def test_only_what_may_wait_blocks() -> None:
    blocking = {name for name, (_, _, blocks) in compiled.SIGNATURES.items() if blocks}
    assert blocking == {"fd_read", "fd_write", "poll_oneoff", "sched_yield", "sock_accept", "sock_recv", "sock_send"}


@pytest.mark.parametrize("kind", [Preview1, Unstable])
@pytest.mark.parametrize("traced", [False, True])
def test_every_variant_has_the_same_functions_and_types(kind: type[Preview1], traced: bool) -> None:
    made = callbacks(kind, traced)
    assert set(made.types) == set(function_names(kind))
    assert all(made.types[name] == compiled.SIGNATURES[name] for name in made.types)


def test_methods_are_documented_and_named_as_the_specification_has_it() -> None:
    for each in signatures(Preview1):
        assert each.summary.endswith((".", ";")) or each.summary, each.name
        assert each.name.partition("_")[0] in {
            "args", "clock", "environ", "fd", "path", "poll", "proc", "random", "sched", "sock",
        }  # fmt: skip


def test_source_names_everything_that_it_uses() -> None:
    for kind in (Preview1, Unstable):
        for traced in (False, True):
            text = interface.source(kind, traced)
            compile(text, "generated", "exec")
            assert "TODO" not in text
