"""Functions of an adapter that copy a string from one side's memory to the other's, in whatever encoding each side has.

They ask for memory in the steps that the specification prescribes, which a callee can see: first what suffices where all is
well, then the worst case, then what was used. The string is checked as a whole before the other side is asked for anything.

Source: Component Model, Canonical ABI, "Loading" (load_string) and "Storing" (store_string).
"""

from __future__ import annotations

from agave_wasi.component.adapters import codepoints
from agave_wasi.component.adapters.traps import TOO_LONG
from agave_wasi.component.strings import MAX_BYTES
from agave_wasi.component.strings import UTF16_TAG as TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.adapters.module import Module

UNIT = {"utf8": 1, "utf16": 2, "latin1": 1}
"""Bytes of a code unit."""
_SIGNATURE = "(param $from i32) (param $units i32) (result i32 i32)"


def transcoder(module: Module, name: str, here: str, there: str, encodings: tuple[str, str], site: int) -> None:
    """Make the function `name`: (pointer, length) in the memory of `here` -> the same in that of `there`."""
    source, target = encodings
    if source != "latin1+utf16":
        _simple(module, name, _Body(module, here, there, source, target, site), False)
        return
    for each in ("utf16", "latin1"):
        _simple(module, f"{name}-{each}", _Body(module, here, there, each, target, site), True)
    module.functions.append(f""" (func ${name} {_SIGNATURE}
  local.get $from
  (i32.lt_s (local.get $units) (i32.const 0))
  (if (param i32) (result i32 i32)
   (then (i32.xor (local.get $units) (i32.const {TAG:#x})) call ${name}-utf16) (else local.get $units call ${name}-latin1)))""")


def _simple(module: Module, name: str, body: _Body, tagged: bool) -> None:
    """The function for a source of one encoding; `tagged` if the source might as well have had another."""
    source, target, site = body.source, body.target, body.site
    align = 1 if source == "utf8" else 2
    bytes = f"(i64.mul (i64.extend_i32_u (local.get $units)) (i64.const {UNIT[source]}))"
    lines = [
        f"(local.set $bytes {_fits(module, bytes, site)})",
        f"local.get $from (i64.extend_i32_u (local.get $bytes)) i32.const {align} i32.const {site} {module.region(body.here)}",
        "(local.set $end (i32.add (local.get $from) (local.get $bytes)))",
    ]
    if source != "latin1":
        lines.append(f"local.get $from local.get $end i32.const {site} {codepoints.validate(module, body.here, source)}")
    if source == target or (source, target) == ("latin1", "latin1+utf16"):
        lines += body.copy(align)
    elif target == "utf8":
        lines += body.to_utf8(2 if source == "latin1" else 3)
    elif target == "utf16":
        lines += body.to_utf16()
    elif tagged:
        lines += body.probably_utf16()
    else:
        lines += body.to_latin1()
    made = "".join(f" (local ${each} i32)" for each in ("bytes", "end", "to", "at", "out", "room"))
    text = "\n  ".join(lines)
    module.functions.append(f" (func ${name} {_SIGNATURE}{made}\n  {text})")


def _fits(module: Module, bytes: str, site: int) -> str:
    """So many bytes (i64) as i32, if a string may have them."""
    if "fits" not in module.routines:
        module.routines["fits"] = f""" (func $fits (param $bytes i64) (param $site i32) (result i32)
  (i64.gt_u (local.get $bytes) (i64.const {MAX_BYTES}))
  if i32.const {TOO_LONG} local.get $site local.get $bytes i64.const {MAX_BYTES} i64.const 0 {module.trap()} end
  (i32.wrap_i64 (local.get $bytes)))"""
    return f"(call $fits {bytes} (i32.const {site}))"


class _Body:
    """What follows once the source is checked; each method is one way of the specification."""

    __slots__ = ("module", "here", "there", "source", "target", "site")

    def __init__(self, module: Module, here: str, there: str, source: str, target: str, site: int) -> None:
        self.module = module
        self.here = here
        self.there = there
        self.source = source
        self.target = target
        self.site = site

    def realloc(self, old: str, before: str, align: int, bytes: str) -> str:
        """Sets $to to memory of the other side."""
        call = self.module.realloc(self.there)
        return f"{old} {before} i32.const {align} {bytes} i32.const {self.site} {call} local.set $to"

    def fresh(self, align: int, bytes: str) -> str:
        """Sets $to to new memory of the other side."""
        return self.realloc("i32.const 0", "i32.const 0", align, bytes)

    def worst(self, factor: int) -> str:
        """Sets $room to as many bytes as there may be at the most."""
        most = f"(i64.mul (i64.extend_i32_u (local.get $units)) (i64.const {factor}))"
        return f"(local.set $room {_fits(self.module, most, self.site)})"

    def transcode(self, target: str) -> str:
        """Pushes where the text from $at on ends, written from $out on."""
        call = codepoints.transcode(self.module, self.here, self.there, self.source, target)
        return f"local.get $at local.get $end local.get $out i32.const {self.site} {call}"

    def copy(self, align: int) -> list[str]:
        """The same bytes."""
        memories = f"{self.module.memory(self.there)} {self.module.memory(self.here)}"
        return [
            self.fresh(align, "local.get $bytes"),
            f"(memory.copy {memories} (local.get $to) (local.get $from) (local.get $bytes))",
            "local.get $to local.get $units",
        ]

    def to_utf8(self, factor: int) -> list[str]:
        """As many bytes as code units, until a character needs more."""
        ascii = codepoints.skip_ascii(self.module, self.here, self.source)
        lines = [
            self.fresh(1, "local.get $units"),
            "(local.set $out (local.get $to))",
            f"(local.set $room {ascii.format(at='(local.get $from)', end='(local.get $end)')})",
            "(local.set $at (local.get $from)) (local.set $bytes (local.get $end)) (local.set $end (local.get $room))",
            f"{self.transcode('utf8')} local.set $out",
            "(local.set $at (local.get $end)) (local.set $end (local.get $bytes))",
            "(if (i32.eq (local.get $at) (local.get $end)) (then local.get $to local.get $units return))",
            "(local.set $bytes (i32.sub (local.get $out) (local.get $to)))",
            self.worst(factor),
            self.realloc("local.get $to", "local.get $units", 1, "local.get $room"),
            "(local.set $out (i32.add (local.get $to) (local.get $bytes)))",
            f"{self.transcode('utf8')} local.get $to i32.sub local.set $bytes",
        ]
        return [*lines, *self._shrink(1), "local.get $to local.get $bytes"]

    def to_utf16(self) -> list[str]:
        """Two bytes for each code unit."""
        lines = [
            self.worst(2),
            self.fresh(2, "local.get $room"),
            "(local.set $at (local.get $from)) (local.set $out (local.get $to))",
            f"{self.transcode('utf16')} local.get $to i32.sub local.set $bytes",
        ]
        return [*lines, *self._shrink(2), "local.get $to (i32.shr_u (local.get $bytes) (i32.const 1))"]

    def to_latin1(self) -> list[str]:
        """One byte for each code unit, until a character doesn't fit in one; all is UTF-16 then."""
        narrow = codepoints.narrow(self.module, self.here, self.there, self.source)
        lines = [
            self.fresh(2, "local.get $units"),
            f"local.get $from local.get $end local.get $to i32.const {self.site} {narrow} local.set $out local.set $at",
            "(local.set $bytes (i32.sub (local.get $out) (local.get $to)))",
            "(local.set $room (local.get $units))",
            "(i32.eq (local.get $at) (local.get $end))",
            "if",
            *self._shrink(2),
            "local.get $to local.get $bytes return end",
            self.worst(2),
            self.realloc("local.get $to", "local.get $units", 2, "local.get $room"),
            f"local.get $to local.get $bytes {codepoints.inflate(self.module, self.there)}",
            "(local.set $out (i32.add (local.get $to) (i32.shl (local.get $bytes) (i32.const 1))))",
            f"{self.transcode('utf16')} local.get $to i32.sub local.set $bytes",
        ]
        length = f"(i32.or (i32.shr_u (local.get $bytes) (i32.const 1)) (i32.const {TAG:#x}))"
        return [*lines, *self._shrink(2), f"local.get $to {length}"]

    def probably_utf16(self) -> list[str]:
        """The same code units, and one byte for each after all if all of them fit."""
        memories = f"{self.module.memory(self.there)} {self.module.memory(self.here)}"
        deflate = codepoints.deflate(self.module, self.there)
        return [
            self.fresh(2, "local.get $bytes"),
            f"(memory.copy {memories} (local.get $to) (local.get $from) (local.get $bytes))",
            f"local.get $to local.get $units {deflate}",
            f"i32.eqz if local.get $to (i32.or (local.get $units) (i32.const {TAG:#x})) return end",
            self.realloc("local.get $to", "local.get $bytes", 1, "local.get $units"),
            "local.get $to local.get $units",
        ]

    def _shrink(self, align: int) -> list[str]:
        """Give back what $bytes leave of $room."""
        return [
            "(i32.lt_u (local.get $bytes) (local.get $room))",
            f"if {self.realloc('local.get $to', 'local.get $room', align, 'local.get $bytes')} end",
        ]
