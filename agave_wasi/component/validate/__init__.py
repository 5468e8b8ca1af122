"""Strict validation of decoded components, and the static types that it finds.

`component` walks; `scope` is what is known at a point of it; `shapes` and `entities` are the types, `subtyping` compares them;
`typedefs`, `instances`, `externs` and `canonicals` hold the rules by kind of definition, `names` those of names, `cores` what
is read of core modules.
"""

from __future__ import annotations

from agave_wasi.component.validate.component import Validated, validate
from agave_wasi.component.validate.invalid import InvalidComponent

__all__ = ["InvalidComponent", "Validated", "validate"]
