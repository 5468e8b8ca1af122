"""Requests and responses: plain data round their headers and bodies (RFC 9110)."""

from __future__ import annotations

from agave_wasi.component.host import Host, constructor, resource, static
from agave_wasi.component.types import Case, WitError
from agave_wasi.preview2.http.bodies import IncomingBody, OutgoingBody
from agave_wasi.preview2.http.fields import Fields, is_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.types import Err, Ok
    from kernel_sim.syscalls import Syscalls

    Line = tuple[Case, str | None, Case | None, str | None]

OK = 200
STATUS_CODES = range(100, 1000)
TEXT_MAX = 1 << 16
"""So many characters a path, an authority, a method or a scheme may have."""
_SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
_NOT_IN_AUTHORITY = frozenset("/?#\\<>\"^`{|}")
_NOT_IN_PATH = frozenset("#\\<>\"^`{|}")


class Outgoing(Host):
    """A message of the guest's: headers, and a body that can be asked for once."""

    __slots__ = ("fields", "bodied")

    def __init__(self, kernel: Syscalls, fields: Fields) -> None:
        super().__init__(kernel)
        self.fields = fields
        self.bodied = False

    def body(self) -> OutgoingBody:
        """The body, to be written; once only."""
        if self.bodied:
            raise WitError
        self.bodied = True
        return OutgoingBody(self.kernel)

    def headers(self) -> Fields:
        """The headers, which can't be changed any more."""
        return Fields(self.kernel, self.fields.rows, True)

    def drop(self) -> None:
        """It is not needed any more."""
        self.fields.drop()


class Incoming(Host):
    """A message that came to the guest: headers, and a body that can be asked for once."""

    __slots__ = ("fields", "content")

    def __init__(self, kernel: Syscalls, fields: Fields, content: IncomingBody | None) -> None:
        super().__init__(kernel)
        self.fields = fields
        self.content = content

    def headers(self) -> Fields:
        """The headers, which can't be changed."""
        return Fields(self.kernel, self.fields.rows, True)

    def consume(self) -> IncomingBody:
        """The body, to be read; once only."""
        content, self.content = self.content, None
        if content is None:
            raise WitError
        return content

    def drop(self) -> None:
        """Nobody wants it any more, nor the body, if it has not been asked for."""
        self.fields.drop()
        if self.content is not None:
            self.content.drop()


@resource(
    "wasi:http/types@0.2", "outgoing-request", fields="fields", bodied="flag", verb="method", path="text?",
    protocol="scheme?", host="text?",
)  # fmt: skip
class OutgoingRequest(Outgoing):
    """A request of the guest's: at first GET, of nothing and nobody."""

    __slots__ = ("verb", "path", "protocol", "host")

    def __init__(self, kernel: Syscalls, fields: Fields) -> None:
        super().__init__(kernel, fields)
        self.verb = Case("get")
        self.path: str | None = None
        self.protocol: Case | None = None
        self.host: str | None = None

    @constructor
    @staticmethod
    def constructor(types: Host, headers: Fields) -> OutgoingRequest:
        """With these headers."""
        return OutgoingRequest(types.kernel, headers)

    def method(self) -> Case:
        """The method."""
        return self.verb

    def set_method(self, method: Case) -> None:
        """Set it, if it is one."""
        if method.name == "other" and not (len(method.value) <= TEXT_MAX and is_token(method.value)):
            raise WitError
        self.verb = method

    def path_with_query(self) -> str | None:
        """The path and the query; None is an empty path."""
        return self.path

    def set_path_with_query(self, path_with_query: str | None) -> None:
        """Set it, if it is one."""
        if path_with_query is not None and not _consists(path_with_query, _NOT_IN_PATH):
            raise WitError
        self.path = path_with_query

    def scheme(self) -> Case | None:
        """The scheme; None is HTTPS."""
        return self.protocol

    def set_scheme(self, scheme: Case | None) -> None:
        """Set it, if it is one."""
        if scheme is not None and scheme.name == "other":
            text = scheme.value
            if not 0 < len(text) <= TEXT_MAX or not text[0].isalpha() or not _SCHEME.issuperset(text):
                raise WitError
        self.protocol = scheme

    def authority(self) -> str | None:
        """Whom it goes to: a host, maybe with a port."""
        return self.host

    def set_authority(self, authority: str | None) -> None:
        """Set it, if it is one."""
        if authority is not None and not (authority and _consists(authority, _NOT_IN_AUTHORITY)):
            raise WitError
        self.host = authority


@resource("wasi:http/types@0.2", "outgoing-response", fields="fields", bodied="flag", status="status")
class OutgoingResponse(Outgoing):
    """A response of the guest's: at first 200."""

    __slots__ = ("status",)

    def __init__(self, kernel: Syscalls, fields: Fields) -> None:
        super().__init__(kernel, fields)
        self.status = OK

    @constructor
    @staticmethod
    def constructor(types: Host, headers: Fields) -> OutgoingResponse:
        """With these headers."""
        return OutgoingResponse(types.kernel, headers)

    def status_code(self) -> int:
        """The status."""
        return self.status

    def set_status_code(self, status_code: int) -> None:
        """Set it, if it is one."""
        if status_code not in STATUS_CODES:
            raise WitError
        self.status = status_code


@resource("wasi:http/types@0.2", "incoming-request", fields="fields", content="body?", line="line")
class IncomingRequest(Incoming):
    """A request to the guest; `line` has method, path with query, scheme and authority."""

    __slots__ = ("line",)

    def __init__(self, kernel: Syscalls, line: Line, fields: Fields, content: IncomingBody | None) -> None:
        super().__init__(kernel, fields, content)
        self.line = line

    def method(self) -> Case:
        """The method."""
        return self.line[0]

    def path_with_query(self) -> str | None:
        """The path and the query."""
        return self.line[1]

    def scheme(self) -> Case | None:
        """The scheme."""
        return self.line[2]

    def authority(self) -> str | None:
        """Whom it was for."""
        return self.line[3]


@resource("wasi:http/types@0.2", "incoming-response", fields="fields", content="body?", code="status")
class IncomingResponse(Incoming):
    """A response to the guest."""

    __slots__ = ("code",)

    def __init__(self, kernel: Syscalls, code: int, fields: Fields, content: IncomingBody | None) -> None:
        super().__init__(kernel, fields, content)
        self.code = code

    def status(self) -> int:
        """The status."""
        return self.code


@resource("wasi:http/types@0.2", "response-outparam", response="nothing")
class ResponseOutparam(Host):
    """Where the answer to a request is put; `response` is the answer when there is one."""

    __slots__ = ("response",)

    def __init__(self, kernel: Syscalls) -> None:
        super().__init__(kernel)
        self.response: Ok | Err | None = None

    def send_informational(self, status: int, headers: Fields) -> None:
        """A word before the answer, which must be a 1xx; nobody hears it."""
        if status not in range(100, 200):
            raise WitError(Case("HTTP-protocol-error"))

    @static
    @staticmethod
    def set(types: Host, param: ResponseOutparam, response: Ok | Err) -> None:
        """This is the answer, or what went wrong."""
        param.response = response


@resource("wasi:http/types@0.2", "request-options", connect="natural?", first_byte="natural?", between_bytes="natural?")
class RequestOptions(Host):
    """How long to wait for what, in nanoseconds; None leaves it to the host."""

    __slots__ = ("connect", "first_byte", "between_bytes")

    def __init__(self, kernel: Syscalls) -> None:
        super().__init__(kernel)
        self.connect: int | None = None
        self.first_byte: int | None = None
        self.between_bytes: int | None = None

    @constructor
    @staticmethod
    def constructor(types: Host) -> RequestOptions:
        """Without any."""
        return RequestOptions(types.kernel)

    def connect_timeout(self) -> int | None:
        """For a connection."""
        return self.connect

    def set_connect_timeout(self, duration: int | None) -> None:
        """Set it."""
        self.connect = duration

    def first_byte_timeout(self) -> int | None:
        """For the first byte of the response's body."""
        return self.first_byte

    def set_first_byte_timeout(self, duration: int | None) -> None:
        """Set it."""
        self.first_byte = duration

    def between_bytes_timeout(self) -> int | None:
        """For any further part of it."""
        return self.between_bytes

    def set_between_bytes_timeout(self, duration: int | None) -> None:
        """Set it."""
        self.between_bytes = duration


def _consists(text: str, wrong: frozenset[str]) -> bool:
    """Has it only characters that a URI may have (RFC 3986), none of `wrong`, and not too many?"""
    return len(text) <= TEXT_MAX and all(" " < each < "\x7f" for each in text) and wrong.isdisjoint(text)
