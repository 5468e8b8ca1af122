"""The marks on methods, from which an interface is put together."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi, wasi_blocking
from agave_wasi.preview1.interface import function_names
from kernel_sim.kernel import Kernel


class Group(Host):
    __slots__ = ()

    @wasi
    def plain(self) -> None:
        """Returns at once."""

    @wasi_blocking
    def slow(self) -> None:
        """May wait."""

    def helper(self) -> None:
        """Is no host function."""


def test_only_marked_methods_are_host_functions() -> None:
    assert function_names(Group) == ["plain", "slow"]  # type: ignore[arg-type]  # a group is enough
    assert "blocking" not in Group.plain.__dict__ and Group.slow.__dict__["blocking"]


def test_a_group_belongs_to_one_process() -> None:
    kernel = Kernel()
    process = kernel.new_process([], [])
    door = kernel.door(process)
    assert (Group(door).kernel, Group(door).process) == (door, process)
