"""Values are of the types that WIT gives them: of every function that gives one, `outcome` looks at one at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import Case
from agave_wasi.preview2.cli import Environment, Stdin, Stdout, TerminalStderr, TerminalStdin, TerminalStdout
from agave_wasi.preview2.clocks import MonotonicClock, Timezone, WallClock
from agave_wasi.preview2.filesystem import Descriptor, Filesystem
from agave_wasi.preview2.http.bodies import FutureIncomingResponse, IncomingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.messages import (
    IncomingRequest,
    IncomingResponse,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
)
from agave_wasi.preview2.http.types import HttpTypes
from agave_wasi.preview2.io import Error, Poll
from agave_wasi.preview2.lookup import IpNameLookup
from agave_wasi.preview2.network import InstanceNetwork
from agave_wasi.preview2.preopens import Preopens
from agave_wasi.preview2.random import Insecure, InsecureSeed, Random
from agave_wasi.preview2.streams import SharedFd
from agave_wasi.preview2.tcp import TcpCreateSocket
from agave_wasi.preview2.udp import UdpCreateSocket
from tests.agave_wasi.preview2.guest import FOLLOW, Files, files, outcome, types

Calls = Iterator[tuple[Any, ...]]


def about_a_program(f: Files) -> Calls:
    sys = f.k.sys
    stdin, stdout = Stdin(sys).get_stdin(), Stdout(sys).get_stdout()
    for plain in (Environment(sys).get_environment, Environment(sys).get_arguments, Environment(sys).initial_cwd):
        yield (plain,)
    for terminal in (TerminalStdin(sys).get_terminal_stdin, TerminalStdout(sys).get_terminal_stdout):
        yield (terminal,)
    f.k.kernel.devices["stderr"].terminal = True
    yield (TerminalStderr(sys).get_terminal_stderr,)
    for clock in (MonotonicClock(sys), WallClock(sys)):
        yield (clock.now,)
        yield (clock.resolution,)
    yield Timezone(sys).display, (0, 0)
    yield Timezone(sys).utc_offset, (0, 0)
    yield MonotonicClock(sys).subscribe_instant, 5
    yield MonotonicClock(sys).subscribe_duration, 0
    pollable = stdout.subscribe()
    yield Poll(sys).poll, [pollable, pollable]
    yield (pollable.ready,)
    for number in (Random(sys).get_random_u64, Insecure(sys).get_insecure_random_u64, InsecureSeed(sys).insecure_seed):
        yield (number,)
    yield (stdin.subscribe,)
    yield (stdout.check_write,)
    yield stdin.skip, 0
    yield stdout.splice, stdin, 0
    yield (Error(sys, "IO").to_debug_string,)
    yield Filesystem(sys).filesystem_error_code, Error(sys, "IO")
    yield (Preopens(sys).get_directories,)


def about_files(f: Files) -> Calls:
    file: Descriptor = f.open("f", "read write")
    for plain in (file.get_flags, file.get_type, file.stat, file.metadata_hash, file.append_via_stream, f.root.read_directory):
        yield (plain,)
    yield f.root.stat_at, FOLLOW, "d"
    yield f.root.metadata_hash_at, FOLLOW, "d"
    yield file.read, 3, 0
    yield file.write, b"x", 0
    yield file.read_via_stream, 0
    yield file.write_via_stream, 0
    yield f.root.readlink_at, "l"
    yield file.is_same_object, f.root
    yield f.root.open_at, FOLLOW, "d", frozenset({"directory"}), frozenset({"read"})
    yield (f.root.read_directory().read_directory_entry,)


def about_sockets(f: Files) -> Calls:
    sys = f.k.sys
    yield (InstanceNetwork(sys).instance_network,)
    network = InstanceNetwork(sys).instance_network()
    yield IpNameLookup(sys).resolve_addresses, network, "1.2.3.4"
    for address in ("1.2.3.4", "1::2"):
        yield (IpNameLookup(sys).resolve_addresses(network, address).resolve_next_address,)
    yield TcpCreateSocket(sys).create_tcp_socket, "ipv4"
    yield UdpCreateSocket(sys).create_udp_socket, "ipv6"
    tcp, udp = TcpCreateSocket(sys).create_tcp_socket("ipv4"), UdpCreateSocket(sys).create_udp_socket("ipv6")
    for socket in (tcp, udp):
        for each in (socket.address_family, socket.receive_buffer_size, socket.send_buffer_size, socket.subscribe):
            yield (each,)
    yield (udp.unicast_hop_limit,)
    for name in ("keep_alive_enabled", "keep_alive_idle_time", "keep_alive_interval", "keep_alive_count", "hop_limit"):
        yield (getattr(tcp, name),)
    yield (tcp.is_listening,)


def about_messages(f: Files) -> Calls:
    sys = f.k.sys
    types, headers = HttpTypes(sys), Fields(sys, [("a", b"1")])
    yield Fields.from_list, types, [("b", b"2")]
    yield headers.get, "a"
    yield headers.has, "a"
    yield (headers.entries,)
    request = OutgoingRequest(sys, headers)
    request.set_scheme(Case("other", "x"))
    came = IncomingRequest(sys, (Case("other", "Q"), "/", None, "here"), headers, IncomingBody(sys, SharedFd(sys.pipe()[0])))
    for line in (request, came):
        for each in (line.method, line.path_with_query, line.scheme, line.authority, line.headers):
            yield (each,)
    response, answer = OutgoingResponse(sys, headers), IncomingResponse(sys, 200, headers, None)
    for plain in (request.body, came.consume, response.status_code, response.headers, answer.status, answer.headers):
        yield (plain,)
    body = IncomingBody(sys, SharedFd(sys.pipe()[0]))
    yield (body.stream,)
    yield (response.body().write,)
    future = IncomingBody.finish(types, body)
    for trailers in (future.subscribe, future.get, future.get, FutureIncomingResponse(sys, None).get):
        yield (trailers,)
    options = RequestOptions(sys)
    for timeout in (options.connect_timeout, options.first_byte_timeout, options.between_bytes_timeout):
        yield (timeout,)
    yield types.http_error_code, Error(sys, "IO", Case("HTTP-request-body-size", 5))


@pytest.mark.parametrize("calls", [about_a_program, about_files, about_sockets, about_messages])
def test_values_fit(calls: Any) -> None:
    for call, *values in calls(files()):
        assert getattr(call, "__func__", call) in types(), call
        outcome(call, *values)  # which looks at the type


def test_a_value_that_does_not_fit_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    f = files()
    monkeypatch.setitem(types(), Descriptor.get_type, types()[Descriptor.get_flags])
    with pytest.raises(Misfit):
        outcome(f.root.get_type)
