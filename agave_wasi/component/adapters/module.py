"""A core module in the making: imports, functions, and small routines that are there when something needs them.

Instructions are lines of text in the linear notation: every one takes its operands from the stack. `caller` and `callee`
are the two sides; each has its memory `$SIDE-memory`, and `$SIDE-realloc`.
"""

from __future__ import annotations

from agave_wasi.component.adapters import traps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.adapters.traps import Site

CORE = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
"""Core types by letter."""
REALLOC = "(param i32 i32 i32 i32) (result i32)"


def signature(parameters: str, results: str) -> str:
    """A core function type in text."""
    shown = "".join(f" (param $p{at} {CORE[letter]})" for at, letter in enumerate(parameters))
    return shown + (f" (result {' '.join(CORE[letter] for letter in results)})" if results else "")


class Function:
    """A function in the making. Parameters are $p0, $p1, ...; `local` makes more."""

    __slots__ = ("name", "parameters", "results", "locals", "body")

    def __init__(self, name: str, parameters: str, results: str = "") -> None:
        self.name = name
        self.parameters = parameters
        self.results = results
        self.locals: dict[str, str] = {}
        self.body: list[str] = []

    def local(self, name: str, letter: str = "i") -> str:
        """The local of that name, made at its first mention."""
        self.locals[name] = letter
        return name

    def text(self) -> str:
        """The function in text."""
        made = "".join(f" (local {name} {CORE[letter]})" for name, letter in self.locals.items())
        lines = "\n  ".join(self.body)
        return f" (func ${self.name}{signature(self.parameters, self.results)}{made}\n  {lines})"


class Module:
    """What an adapter consists of. `imports` by module and name, with their declarations; `sites` by their numbers."""

    __slots__ = ("imports", "sites", "functions", "routines")

    def __init__(self) -> None:
        self.imports: dict[tuple[str, str], str] = {}
        self.sites: list[Site] = []
        self.functions: list[str] = []
        self.routines: dict[str, str] = {}

    def site(self, site: Site) -> int:
        """The number of a new site."""
        self.sites.append(site)
        return len(self.sites) - 1

    def host(self, name: str, parameters: str = "", results: str = "") -> str:
        """The call of a leaf host function."""
        self.imports.setdefault(("host", name), f"(func $host-{name}{signature(parameters, results)})")
        return f"call $host-{name}"

    def memory(self, side: str) -> str:
        """The name of a side's memory."""
        self.imports.setdefault((side, "memory"), f"(memory ${side}-memory 0)")
        return f"${side}-memory"

    def add(self, function: Function) -> None:
        """Take a finished function."""
        self.functions.append(function.text())

    def trap(self) -> str:
        """Ends the run. (kind, site: i32; a, b, c: i64)"""
        return self.host("trap", "iiIII") + " unreachable"

    def size(self, side: str) -> str:
        """Pushes how many bytes a side's memory has, as i64."""
        return f"memory.size {self.memory(side)} i64.extend_i32_u i64.const 16 i64.shl"

    def region(self, side: str) -> str:
        """Checks a region of a side's memory. (pointer: i32, bytes: i64, align, site: i32)"""
        return self._checked(f"region-{side}", side, traps.MISALIGNED, traps.OUT_OF_BOUNDS)

    def realloc(self, side: str) -> str:
        """Has a side allocate, and checks what it answers. (old, old size, align, new size, site: i32) -> pointer: i32"""
        self.imports.setdefault((side, "realloc"), f"(func ${side}-realloc {REALLOC})")
        check = self._checked(f"fresh-{side}", side, traps.REALLOC_MISALIGNED, traps.REALLOC_OUT_OF_BOUNDS)
        name = f"realloc-{side}"
        self.routines.setdefault(
            name,
            f""" (func ${name} (param $old i32) (param $before i32) (param $align i32) (param $bytes i32) (param $site i32)
  (result i32)
  local.get $old local.get $before local.get $align local.get $bytes call ${side}-realloc local.tee $old
  local.get $bytes i64.extend_i32_u local.get $align local.get $site {check}
  local.get $old)""",
        )
        return f"call ${name}"

    def _checked(self, name: str, side: str, misaligned: int, out_of_bounds: int) -> str:
        if name not in self.routines:
            trap = self.trap()
            self.routines[name] = f""" (func ${name}
  (param $pointer i32) (param $bytes i64) (param $align i32) (param $site i32)
  local.get $pointer local.get $align i32.const 1 i32.sub i32.and
  if
   i32.const {misaligned} local.get $site local.get $pointer i64.extend_i32_u local.get $align i64.extend_i32_u
   i64.const 0 {trap}
  end
  local.get $pointer i64.extend_i32_u local.get $bytes i64.add {self.size(side)} i64.gt_u
  if
   i32.const {out_of_bounds} local.get $site local.get $pointer i64.extend_i32_u local.get $bytes {self.size(side)} {trap}
  end)"""
        return f"call ${name}"

    def below(self) -> str:
        """Checks a case's number. (number, count, site: i32) -> number: i32"""
        if "below" not in self.routines:
            self.routines["below"] = f""" (func $below (param $case i32) (param $count i32) (param $site i32) (result i32)
  local.get $case local.get $count i32.ge_u
  if
   i32.const {traps.CASE} local.get $site local.get $case i64.extend_i32_u local.get $count i64.extend_i32_u i64.const 0
   {self.trap()}
  end
  local.get $case)"""
        return "call $below"

    def char(self) -> str:
        """Checks a code point. (code point, site: i32) -> code point: i32"""
        if "char" not in self.routines:
            self.routines["char"] = f""" (func $char (param $code i32) (param $site i32) (result i32)
  local.get $code i32.const 0x110000 i32.ge_u local.get $code i32.const -0x800 i32.and i32.const 0xd800 i32.eq i32.or
  if
   i32.const {traps.CHAR} local.get $site local.get $code i64.extend_i32_u i64.const 0 i64.const 0 {self.trap()}
  end
  local.get $code)"""
        return "call $char"

    def number(self, letter: str) -> str:
        """Makes any NaN the canonical one, so that no run differs from another by what a NaN carries. (float) -> float"""
        name = CORE[letter]
        self.routines.setdefault(
            name,
            f" (func ${name} (param $x {name}) (result {name})"
            f" local.get $x {name}.const nan local.get $x local.get $x {name}.eq select)",
        )
        return f"call ${name}"

    def text(self) -> bytes:
        """The whole module."""
        imports = [f' (import "{space}" "{name}" {kind})' for (space, name), kind in self.imports.items()]
        return "\n".join(["(module", *imports, *self.routines.values(), *self.functions, ")", ""]).encode()
