"""What a guest holds is plain data beside the kernel, so that it can be kept (rule 2 of the plan)."""

from __future__ import annotations

import io
import pickle
from typing import Any

from agave_wasi.component.types import Case
from agave_wasi.preview2.cli import Stdin, Stdout, Terminal
from agave_wasi.preview2.clocks import MonotonicClock
from agave_wasi.preview2.http.bodies import IncomingBody, OutgoingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.messages import OutgoingRequest, RequestOptions
from agave_wasi.preview2.io import Error
from agave_wasi.preview2.lookup import IpNameLookup
from agave_wasi.preview2.network import InstanceNetwork
from agave_wasi.preview2.streams import SharedFd
from agave_wasi.preview2.tcp import TcpCreateSocket
from agave_wasi.preview2.udp import UdpCreateSocket
from kernel_sim.syscalls import Syscalls
from tests.agave_wasi.preview2.guest import WAITS, Files, files, outcome


class Keeper(pickle.Pickler):
    """Writes everything but the door to the kernel, and only what is data."""

    def persistent_id(self, value: Any) -> str | None:
        return "kernel" if isinstance(value, Syscalls) else None


class Finder(pickle.Unpickler):
    """Reads that, with another door."""

    door: Syscalls

    def persistent_load(self, pid: Any) -> Syscalls:
        return self.door


def kept(value: Any, door: Syscalls) -> Any:
    """The value as it comes back."""
    data = io.BytesIO()
    Keeper(data).dump(value)
    data.seek(0)
    finder = Finder(data)
    finder.door = door
    return finder.load()


def everything(f: Files) -> list[Any]:
    """A resource of every kind that a guest can have."""
    sys = f.k.sys
    file = f.open("f", "read write")
    stdin = Stdin(sys).get_stdin()
    network = InstanceNetwork(sys).instance_network()
    return [
        file, file.read_via_stream(1), file.write_via_stream(2), file.append_via_stream(), f.root, f.root.read_directory(),
        stdin, stdin.subscribe(), MonotonicClock(sys).subscribe_duration(5), Error(sys, "IO"), Terminal(sys), network,
        TcpCreateSocket(sys).create_tcp_socket("ipv4"), UdpCreateSocket(sys).create_udp_socket("ipv6"),
        IpNameLookup(sys).resolve_addresses(network, "::1"), Fields(sys, [("a", b"1")]), RequestOptions(sys),
        OutgoingRequest(sys, Fields(sys)), OutgoingBody(sys), IncomingBody(sys, SharedFd(sys.pipe()[0])),
    ]  # fmt: skip


def test_every_resource_can_be_kept() -> None:
    f = files()
    given = everything(f)
    back = kept(given, f.k.sys)
    assert [type(each) for each in back] == [type(each) for each in given]
    assert back[0].shared is back[1].shared and back[7].source is back[6]
    assert outcome(back[1].read, 3) == b"ell" == outcome(given[1].read, 3)
    assert back[14].resolve_next_address() == Case("ipv6", (0, 0, 0, 0, 0, 0, 0, 1))


def test_a_stream_in_the_middle_of_something_can_be_kept() -> None:
    f = files()
    stdout = Stdout(f.k.sys).get_stdout()
    f.k.stdout.room = 2
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") == WAITS
    back = kept(stdout, f.k.sys)
    f.k.stdout.room = 99
    assert outcome(back.blocking_write_and_flush, b"abcdef") is None and f.k.stdout.written == b"abcdef"
    f.k.stdout.room = 0
    outcome(back.check_write)
    outcome(back.write, b"later")
    f.k.stdout.failure = "IO"
    assert back.subscribe().ready() and outcome(kept(back, f.k.sys).check_write) == "last-operation-failed: IO"
