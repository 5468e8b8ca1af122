"""Small routines of adapters over text in memory: one code point read or written, and loops over many.

Each function here makes the routine if the module has none yet, and returns the instruction that calls it.
"""

from __future__ import annotations

from agave_wasi.component.adapters.traps import UTF8, UTF16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.adapters.module import Module


def next_code(module: Module, side: str, encoding: str) -> str:
    """Reads a code point. (at, end, site: i32) -> code point, at: i32"""
    name = f"next-{encoding}-{side}"
    if name not in module.routines:
        memory = module.memory(side)
        body = {"utf8": _next_utf8, "utf16": _next_utf16, "latin1": _next_latin1}[encoding](memory, module)
        module.routines[name] = (
            f" (func ${name} (param $at i32) (param $end i32) (param $site i32) (result i32 i32)\n  {body})"
        )
    return f"call ${name}"


def _next_latin1(memory: str, module: Module) -> str:
    return f"(i32.load8_u {memory} (local.get $at)) (i32.add (local.get $at) (i32.const 1))"


def _next_utf8(memory: str, module: Module) -> str:
    first = [
        f"(if (i32.eq (i32.and (local.get $code) (i32.const {mask:#x})) (i32.const {lead:#x}))"
        f" (then (local.set $more (i32.const {more})) (local.set $least (i32.const {least:#x}))"
        f" (local.set $code (i32.and (local.get $code) (i32.const {0xFF & ~mask:#x})))))"
        for mask, lead, more, least in ((0xE0, 0xC0, 1, 0x80), (0xF0, 0xE0, 2, 0x800), (0xF8, 0xF0, 3, 0x10000))
    ]
    return f"""(local $code i32) (local $more i32) (local $least i32) (local $now i32) (local $byte i32)
  (local.set $code (i32.load8_u {memory} (local.get $at)))
  (if (i32.lt_u (local.get $code) (i32.const 0x80))
   (then local.get $code (i32.add (local.get $at) (i32.const 1)) return))
  {" ".join(first)}
  (block $bad
   (br_if $bad (i32.eqz (local.get $more)))
   (br_if $bad (i32.le_u (i32.sub (local.get $end) (local.get $at)) (local.get $more)))
   (local.set $now (local.get $at))
   (loop $again
    (local.set $now (i32.add (local.get $now) (i32.const 1)))
    (local.set $byte (i32.load8_u {memory} (local.get $now)))
    (br_if $bad (i32.ne (i32.and (local.get $byte) (i32.const 0xc0)) (i32.const 0x80)))
    (local.set $code (i32.or (i32.shl (local.get $code) (i32.const 6)) (i32.and (local.get $byte) (i32.const 0x3f))))
    (br_if $again (local.tee $more (i32.sub (local.get $more) (i32.const 1)))))
   (br_if $bad (i32.lt_u (local.get $code) (local.get $least)))
   (br_if $bad (i32.gt_u (local.get $code) (i32.const 0x10ffff)))
   (br_if $bad (i32.eq (i32.and (local.get $code) (i32.const -0x800)) (i32.const 0xd800)))
   local.get $code (i32.add (local.get $now) (i32.const 1)) return)
  {_malformed(UTF8, module)}"""


def _next_utf16(memory: str, module: Module) -> str:
    return f"""(local $code i32) (local $low i32)
  (local.set $code (i32.load16_u {memory} (local.get $at)))
  (if (i32.ne (i32.and (local.get $code) (i32.const 0xf800)) (i32.const 0xd800))
   (then local.get $code (i32.add (local.get $at) (i32.const 2)) return))
  (block $bad
   (br_if $bad (i32.ge_u (local.get $code) (i32.const 0xdc00)))
   (br_if $bad (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 4)))
   (local.set $low (i32.load16_u {memory} offset=2 (local.get $at)))
   (br_if $bad (i32.ne (i32.and (local.get $low) (i32.const 0xfc00)) (i32.const 0xdc00)))
   (i32.add
    (i32.add (i32.const 0x10000) (i32.shl (i32.and (local.get $code) (i32.const 0x3ff)) (i32.const 10)))
    (i32.and (local.get $low) (i32.const 0x3ff)))
   (i32.add (local.get $at) (i32.const 4)) return)
  {_malformed(UTF16, module)}"""


def _malformed(kind: int, module: Module) -> str:
    return f"i32.const {kind} local.get $site (i64.extend_i32_u (local.get $at)) i64.const 0 i64.const 0 {module.trap()}"


def put_code(module: Module, side: str, encoding: str) -> str:
    """Writes a code point. (code point, out: i32) -> out: i32"""
    name = f"put-{encoding}-{side}"
    if name not in module.routines:
        memory = module.memory(side)
        body = _put_utf8(memory) if encoding == "utf8" else _put_utf16(memory)
        module.routines[name] = f" (func ${name} (param $code i32) (param $out i32) (result i32)\n  {body})"
    return f"call ${name}"


def _put_utf8(memory: str) -> str:
    def byte(offset: int, shift: int, lead: int, mask: int) -> str:
        bits = f"(i32.and (i32.shr_u (local.get $code) (i32.const {shift})) (i32.const {mask:#x}))"
        return f"(i32.store8 {memory} offset={offset} (local.get $out) (i32.or (i32.const {lead:#x}) {bits}))"

    lines = []
    for length, limit, lead in ((1, 0x80, 0), (2, 0x800, 0xC0), (3, 0x10000, 0xE0), (4, 0x110000, 0xF0)):
        shifts = range(6 * (length - 1), -1, -6)
        stores = [byte(at, shift, 0x80 if at else lead, 0x3F if at else 0x7F) for at, shift in enumerate(shifts)]
        lines.append(
            f"(if (i32.lt_u (local.get $code) (i32.const {limit:#x}))"
            f" (then {' '.join(stores)} (i32.add (local.get $out) (i32.const {length})) return))"
        )
    return "\n  ".join([*lines, "unreachable"])


def _put_utf16(memory: str) -> str:
    return f"""(if (i32.lt_u (local.get $code) (i32.const 0x10000))
   (then (i32.store16 {memory} (local.get $out) (local.get $code)) (i32.add (local.get $out) (i32.const 2)) return))
  (i32.store16 {memory} (local.get $out)
   (i32.add (i32.const 0xd7c0) (i32.shr_u (local.get $code) (i32.const 10))))
  (i32.store16 {memory} offset=2 (local.get $out)
   (i32.or (i32.const 0xdc00) (i32.and (local.get $code) (i32.const 0x3ff))))
  (i32.add (local.get $out) (i32.const 4))"""


def validate(module: Module, side: str, encoding: str) -> str:
    """Checks a whole text. (at, end, site: i32)"""
    name = f"validate-{encoding}-{side}"
    if name not in module.routines:
        read = next_code(module, side, encoding)
        module.routines[name] = f""" (func ${name} (param $at i32) (param $end i32) (param $site i32)
  (loop $more
   (local.set $at {skip_ascii(module, side, encoding).format(at="(local.get $at)", end="(local.get $end)")})
   (if (i32.ne (local.get $at) (local.get $end))
    (then local.get $at local.get $end local.get $site {read} local.set $at drop br $more))))"""
    return f"call ${name}"


def skip_ascii(module: Module, side: str, encoding: str) -> str:
    """Finds the first unit that isn't ASCII, eight bytes at a time where it can: an expression of {{at}} and {{end}}."""
    name = f"ascii-{encoding}-{side}"
    if name not in module.routines:
        memory = module.memory(side)
        wide = encoding == "utf16"
        unit, load, mask = (2, "load16_u", 0xFF80_FF80_FF80_FF80) if wide else (1, "load8_u", 0x8080_8080_8080_8080)
        module.routines[name] = f""" (func ${name} (param $at i32) (param $end i32) (result i32)
  (block $slow
   (loop $fast
    (br_if $slow (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 8)))
    (br_if $slow (i64.ne (i64.and (i64.load {memory} (local.get $at)) (i64.const {mask:#x})) (i64.const 0)))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br $fast)))
  (block $done
   (loop $more
    (br_if $done (i32.eq (local.get $at) (local.get $end)))
    (br_if $done (i32.ge_u (i32.{load} {memory} (local.get $at)) (i32.const 0x80)))
    (local.set $at (i32.add (local.get $at) (i32.const {unit})))
    (br $more)))
  local.get $at)"""
    return f"(call ${name} {{at}} {{end}})"


def transcode(module: Module, here: str, there: str, source: str, target: str) -> str:
    """Copies text that has been checked. (at, end, out, site: i32) -> out: i32"""
    name = f"transcode-{source}-{target}-{there}"
    if name not in module.routines:
        read, write = next_code(module, here, source), put_code(module, there, target)
        load, step = ("load16_u", 2) if source == "utf16" else ("load8_u", 1)
        store, stride = ("store16", 2) if target == "utf16" else ("store8", 1)
        module.routines[name] = f""" (func ${name} (param $at i32) (param $end i32) (param $out i32) (param $site i32)
  (result i32) (local $code i32)
  (block $done
   (loop $more
    (br_if $done (i32.eq (local.get $at) (local.get $end)))
    (if (i32.lt_u (local.tee $code (i32.{load} {module.memory(here)} (local.get $at))) (i32.const 0x80))
     (then
      (i32.{store} {module.memory(there)} (local.get $out) (local.get $code))
      (local.set $at (i32.add (local.get $at) (i32.const {step})))
      (local.set $out (i32.add (local.get $out) (i32.const {stride})))
      (br $more)))
    local.get $at local.get $end local.get $site {read} local.set $at
    local.get $out {write} local.set $out
    (br $more)))
  local.get $out)"""
    return f"call ${name}"


def narrow(module: Module, here: str, there: str, source: str) -> str:
    """Copies as Latin-1 up to a character that doesn't fit. (at, end, out, site: i32) -> at, out: i32"""
    name = f"narrow-{source}-{there}"
    if name not in module.routines:
        read, memory = next_code(module, here, source), module.memory(there)
        module.routines[name] = f""" (func ${name} (param $at i32) (param $end i32) (param $out i32) (param $site i32)
  (result i32 i32) (local $next i32) (local $code i32)
  (block $done
   (loop $more
    (br_if $done (i32.eq (local.get $at) (local.get $end)))
    local.get $at local.get $end local.get $site {read} local.set $next local.set $code
    (br_if $done (i32.ge_u (local.get $code) (i32.const 0x100)))
    (i32.store8 {memory} (local.get $out) (local.get $code))
    (local.set $out (i32.add (local.get $out) (i32.const 1)))
    (local.set $at (local.get $next))
    (br $more)))
  local.get $at local.get $out)"""
    return f"call ${name}"


def inflate(module: Module, side: str) -> str:
    """Makes Latin-1 UTF-16, where it stands. (pointer, count: i32)"""
    name = f"inflate-{side}"
    if name not in module.routines:
        memory = module.memory(side)
        module.routines[name] = f""" (func ${name} (param $at i32) (param $count i32)
  (block $done
   (loop $more
    (br_if $done (i32.eqz (local.get $count)))
    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
    (i32.store16 {memory}
     (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 1)))
     (i32.load8_u {memory} (i32.add (local.get $at) (local.get $count))))
    (br $more))))"""
    return f"call ${name}"


def deflate(module: Module, side: str) -> str:
    """Makes UTF-16 Latin-1, where it stands, if all of it fits. (pointer, count: i32) -> whether: i32"""
    name = f"deflate-{side}"
    if name not in module.routines:
        memory = module.memory(side)
        unit = "(i32.add (local.get $from) (i32.shl (local.get $at) (i32.const 1)))"
        step = "(local.set $at (i32.add (local.get $at) (i32.const 1)))"
        module.routines[name] = f""" (func ${name} (param $from i32) (param $count i32) (result i32) (local $at i32)
  (block $fits
   (loop $more
    (br_if $fits (i32.eq (local.get $at) (local.get $count)))
    (if (i32.ge_u (i32.load16_u {memory} {unit}) (i32.const 0x100)) (then (return (i32.const 0))))
    {step}
    (br $more)))
  (local.set $at (i32.const 0))
  (block $done
   (loop $more
    (br_if $done (i32.eq (local.get $at) (local.get $count)))
    (i32.store8 {memory} (i32.add (local.get $from) (local.get $at)) (i32.load8_u {memory} {unit}))
    {step}
    (br $more)))
  i32.const 1)"""
    return f"call ${name}"
