"""Sending requests: denied."""

from __future__ import annotations

import pytest

from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.handler import OutgoingHandler
from agave_wasi.preview2.http.messages import OutgoingRequest, RequestOptions
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world


@pytest.mark.parametrize("with_options", [False, True])
def test_a_request_is_denied(with_options: bool) -> None:
    k = world()
    request = OutgoingRequest(k.sys, Fields(k.sys))
    options = RequestOptions(k.sys) if with_options else None
    assert outcome(OutgoingHandler(k.sys).handle, request, options) == "HTTP-request-denied"
