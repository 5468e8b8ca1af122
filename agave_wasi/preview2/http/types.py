"""wasi:http/types: all resources of HTTP."""

from __future__ import annotations

from agave_wasi.component.host import Host, interface
from agave_wasi.component.types import Case
from agave_wasi.preview2.http.bodies import FutureIncomingResponse, FutureTrailers, IncomingBody, OutgoingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.messages import (
    IncomingRequest,
    IncomingResponse,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
    ResponseOutparam,
)  # fmt: skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview2.io import Error


@interface(
    "wasi:http/types@0.2", Fields, IncomingRequest, OutgoingRequest, RequestOptions, ResponseOutparam, IncomingResponse,
    IncomingBody, FutureTrailers, OutgoingResponse, OutgoingBody, FutureIncomingResponse,
)  # fmt: skip
class HttpTypes(Host):
    """What belongs to no resource."""

    __slots__ = ()

    def http_error_code(self, err: Error) -> Case | None:
        """What went wrong with a stream, if it was about HTTP."""
        return err.detail if isinstance(err.detail, Case) else None
