"""The descriptor table against the plainest model: a dict, and a search from 0 for the lowest free number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import OpenFile
from tests.kernel_sim.scripts import errno, world

FDS = st.integers(0, 9)
ACTIONS = st.lists(
    st.one_of(
        st.just(("add",)),
        st.tuples(st.just("remove"), FDS),
        st.tuples(st.just("put"), FDS),
        st.tuples(st.just("renumber"), FDS, FDS),
    ),
    max_size=40,
)
INODE = world().kernel.root


@given(ACTIONS)
def test_against_a_model(actions: list[tuple[str, *tuple[int, ...]]]) -> None:
    table, model, limit = FdTable(8), dict[int, OpenFile](), 8
    for what, *fds in actions:
        file = OpenFile(INODE, True, True)
        if what == "add":
            lowest = next(fd for fd in range(20) if fd not in model)
            if len(model) >= limit:
                assert errno(table.add, file) == "MFILE"
            else:
                assert table.add(file) == lowest
                model[lowest] = file
        elif what == "put":
            table.put(fds[0], file)
            model[fds[0]] = file
        elif not set(fds) <= set(model):
            assert errno(getattr(table, what), *fds) == "BADF"
        elif what == "remove":
            assert table.remove(fds[0]) is model.pop(fds[0])
        elif fds[0] == fds[1]:
            assert table.renumber(*fds) is None
        else:
            assert table.renumber(*fds) is model[fds[1]]
            model[fds[1]] = model.pop(fds[0])
        assert dict(table) == model
    assert errno(lambda: table[99]) == "BADF"


def test_a_full_table_and_numbers_that_were_put_where_they_are() -> None:
    table = FdTable(3)
    files = [OpenFile(INODE, True, True) for _ in range(4)]
    table.put(1, files[0])
    assert [table.add(files[1]), table.add(files[2])] == [0, 2]
    assert errno(table.add, files[3]) == "MFILE"
    table.remove(0)
    table.put(0, files[3])
    table.remove(2)
    assert table.add(files[1]) == 2
