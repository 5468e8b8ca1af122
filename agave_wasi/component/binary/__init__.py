"""Component binaries: bytes to `model.Component`, a definition at a time; nothing is resolved here.

A file a part of the format: `sections` walks, `definitions` reads what stands in most sections, `types`, `coretypes` and
`canonicals` what stands in theirs, `codes` what they share. Core modules stay views: the engine decodes those.
Source: Component Model, Binary.md.
"""

from __future__ import annotations

from agave_wasi.component.binary.sections import MalformedComponent, decode

__all__ = ["MalformedComponent", "decode"]
