"""What belongs to no resource of HTTP."""

from __future__ import annotations

from agave_wasi.component.types import Case
from agave_wasi.preview2.http.types import HttpTypes
from agave_wasi.preview2.io import Error
from tests.kernel_sim.scripts import world


def test_what_an_error_of_a_stream_was() -> None:
    k = world()
    types = HttpTypes(k.sys)
    assert types.http_error_code(Error(k.sys, "IO")) is None
    code = Case("HTTP-response-incomplete")
    assert types.http_error_code(Error(k.sys, "IO", code)) == code
