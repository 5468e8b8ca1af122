"""wasi:http/outgoing-handler: sending requests, which this world denies."""

from __future__ import annotations

from agave_wasi.component.host import Host, interface
from agave_wasi.component.types import Case, WitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never

    from agave_wasi.preview2.http.messages import OutgoingRequest, RequestOptions


@interface("wasi:http/outgoing-handler@0.2")
class OutgoingHandler(Host):
    """The way out."""

    __slots__ = ()

    def handle(self, request: OutgoingRequest, options: RequestOptions | None) -> Never:
        """Send a request: there is no network, so it is denied."""
        request.drop()
        raise WitError(Case("HTTP-request-denied"))
