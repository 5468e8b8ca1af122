"""Instructions that bring values from one side of a call to the other: read, checked, and written in one go.

A value is read from a `Flat` (core values in locals) or a `Place` (memory), and goes to the stack as core values or to a
`Place`. What is small stands in line; variants, strings, lists and large records become functions of the module, one for each
type and way, so that a module is never larger than its types are, however often one is part of another.

Source: Component Model, Canonical ABI, "Loading", "Storing", "Flat Lifting", "Flat Lowering".
"""

from __future__ import annotations

from agave_wasi.component import types as t
from agave_wasi.component.adapters import shapes
from agave_wasi.component.adapters.module import CORE, Function
from agave_wasi.component.adapters.strings import transcoder
from agave_wasi.component.adapters.traps import TOO_LONG, Site
from agave_wasi.component.layout import layout
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.component.adapters.module import Module

IN_LINE = 8
"""Records of so many values stand where they are used."""
MAX_BYTES = (1 << 32) - 1
"""So many bytes any region may have."""
INTEGERS = {
    "u8": ("load8_u", "store8", "i32.const 0xff i32.and"), "s8": ("load8_s", "store8", "i32.extend8_s"),
    "u16": ("load16_u", "store16", "i32.const 0xffff i32.and"), "s16": ("load16_s", "store16", "i32.extend16_s"),
    "u32": ("load", "store", ""), "s32": ("load", "store", ""), "u64": ("load", "store", ""), "s64": ("load", "store", ""),
}  # fmt: skip
"""How an integer is loaded, stored, and cut to its width when it is a core value."""
UNSIGNED = {1: ("load8_u", "store8"), 2: ("load16_u", "store16"), 4: ("load", "store")}
CASTS = {
    "if": "f32.reinterpret_i32", "Ii": "i32.wrap_i64", "If": "i32.wrap_i64 f32.reinterpret_i32", "IF": "f64.reinterpret_i64",
    "fi": "i32.reinterpret_f32", "iI": "i64.extend_i32_u", "fI": "i32.reinterpret_f32 i64.extend_i32_u",
    "FI": "i64.reinterpret_f64",
}  # fmt: skip
"""From one core type to another, where cases of a variant share a place."""
ZEROS = {"i": "i32.const 0", "I": "i64.const 0", "f": "f32.const 0", "F": "f64.const 0"}


class Flat:
    """Core values: one or more instructions that push each, and their types as letters."""

    __slots__ = ("pushes", "letters")

    def __init__(self, pushes: Sequence[str], letters: str) -> None:
        self.pushes = pushes
        self.letters = letters

    def part(self, start: int, letters: str) -> Flat:
        """Those from `start` on, as `letters` want them."""
        found = []
        for have, want, push in zip(self.letters[start:], letters, self.pushes[start:]):
            found.append(push if have == want else f"{push} {CASTS[have + want]}")
        return Flat(found, letters)


class Place:
    """Memory at a pointer, which is a local, plus an offset."""

    __slots__ = ("pointer", "offset")

    def __init__(self, pointer: str, offset: int = 0) -> None:
        self.pointer = pointer
        self.offset = offset

    def plus(self, offset: int) -> Place:
        """The place so many bytes further on."""
        return Place(self.pointer, self.offset + offset)

    def push(self) -> str:
        """Pushes the address."""
        return f"local.get {self.pointer}" + (f" i32.const {self.offset} i32.add" if self.offset else "")


class Way:
    """One direction through an adapter: from a side's memory to the other's. `result` says which it is.

    `encodings` are those of strings, here and there. `resources` are numbered in the order in which they come up. `allocates`
    says whether the other side is asked for memory.
    """

    __slots__ = (
        "module", "result", "from_side", "to_side", "encodings", "resources", "allocates", "_made", "_weights", "_sites",
    )  # fmt: skip

    def __init__(self, module: Module, result: bool, encodings: tuple[str, str], resources: list[t.ResourceType]) -> None:
        self.module = module
        self.result = result
        self.from_side, self.to_side = ("callee", "caller") if result else ("caller", "callee")
        self.encodings = encodings
        self.resources = resources
        self.allocates = False
        self._made: dict[tuple[object, ...], str] = {}
        self._weights: dict[t.ValType, int] = {}
        self._sites: dict[t.ValType | None, int] = {}

    def site(self, type: t.ValType | None) -> int:
        """The number by which a trap says what was being copied."""
        if type not in self._sites:
            self._sites[type] = self.module.site(Site(type, self.result))
        return self._sites[type]

    def load(self, letter: str, operation: str, source: Place) -> str:
        """Loads a core value of that type letter."""
        memory = self.module.memory(self.from_side)
        return f"local.get {source.pointer} {CORE[letter]}.{operation} {memory} offset={source.offset}"

    def room(self, type: t.ValType) -> tuple[int, int]:
        """Size and alignment of what is to lie in memory."""
        found = layout(type)
        if found.size > MAX_BYTES:
            raise LinkError(f"a {type.kind} of {found.size} bytes fits into no memory")
        return found.size, found.align

    def region(self, side: str, type: t.ValType) -> str:
        """Checks that the pointer on the stack is one to a value of `type`."""
        size, align = self.room(type)
        return f"i64.const {size} i32.const {align} i32.const {self.site(None)} {self.module.region(side)}"

    def allocate(self, type: t.ValType) -> str:
        """Pushes a pointer to new memory for a value of `type`."""
        self.allocates = True
        size, align = self.room(type)
        call = self.module.realloc(self.to_side)
        return f"i32.const 0 i32.const 0 i32.const {align} i32.const {size} i32.const {self.site(None)} {call}"

    # Values

    def push(self, function: Function, type: t.ValType, source: Flat | Place) -> None:
        """Leave the core values of `type` on the stack."""
        scalar = self._scalar(type, source)
        if scalar is not None:
            function.body.append(scalar)
        elif shapes.is_pair(type):
            function.body.append(f"{self._pair(source)} {self._copy_pair(type)}")
        elif self._is_in_line(type):
            for each, part in self._parts(type, source):
                self.push(function, each, part)
        else:
            function.body.append(self._call(type, source, None))

    def store(self, function: Function, type: t.ValType, source: Flat | Place, target: Place) -> None:
        """Write a value of `type` to `target`."""
        scalar = self._scalar(type, source)
        if scalar is not None:
            memory = self.module.memory(self.to_side)
            operation = f"{CORE[layout(type).flat]}.{self._widths(type)[1]}"
            function.body.append(f"local.get {target.pointer} {scalar} {operation} {memory} offset={target.offset}")
        elif shapes.is_pair(type):
            memory = self.module.memory(self.to_side)
            begin, length = function.local("$begin"), function.local("$length")
            function.body += [
                f"{self._pair(source)} {self._copy_pair(type)} local.set {length} local.set {begin}",
                f"local.get {target.pointer} local.get {begin} i32.store {memory} offset={target.offset}",
                f"local.get {target.pointer} local.get {length} i32.store {memory} offset={target.offset + 4}",
            ]
        elif self._is_in_line(type):
            for (each, part), (_, place) in zip(self._parts(type, source), self._parts(type, target)):
                assert isinstance(place, Place)
                self.store(function, each, part, place)
        else:
            function.body.append(self._call(type, source, target))

    def _widths(self, type: t.ValType) -> tuple[str, str]:
        """How a value of one core value is loaded and stored."""
        if type.kind in INTEGERS:
            return INTEGERS[type.kind][:2]
        if type.kind in ("bool", "flags", "enum", "variant", "option", "result"):
            return UNSIGNED[layout(type).size]
        return "load", "store"

    def _scalar(self, type: t.ValType, source: Flat | Place) -> str | None:
        """Instructions that push a value of one core value, checked; None for other types."""
        kind = type.kind
        cases = shapes.payloads(type)
        if kind in ("list", "map", "string", "record", "tuple") or (cases is not None and any(cases)):
            return None
        found = source.pushes[0] if isinstance(source, Flat) else self.load(layout(type).flat, self._widths(type)[0], source)
        module = self.module
        if cases is not None:
            return f"{found} i32.const {len(cases)} i32.const {self.site(type)} {module.below()}"
        if kind in INTEGERS:
            return f"{found} {INTEGERS[kind][2]}" if isinstance(source, Flat) else found
        if kind == "bool":
            return f"{found} i32.const 0 i32.ne"
        if kind == "char":
            return f"{found} i32.const {self.site(type)} {module.char()}"
        if kind in ("f32", "f64"):
            return f"{found} {module.number('f' if kind == 'f32' else 'F')}"
        if isinstance(type, t.Flags):
            return f"{found} i32.const {(1 << len(type.names)) - 1:#x} i32.and"
        if isinstance(type, t.Own | t.Borrow):
            return f"{found} i32.const {self._resource(type.resource)} {self._transfer(kind)}"
        raise LinkError(f"a function with {kind} needs Preview 3")

    def _resource(self, resource: t.ResourceType) -> int:
        for at, each in enumerate(self.resources):
            if each is resource:
                return at
        self.resources.append(resource)
        return len(self.resources) - 1

    def _transfer(self, kind: str) -> str:
        """The leaf function that moves a handle. (handle, resource) -> handle"""
        if kind == "borrow":
            if self.result:
                raise LinkError("a result can't have a borrow in it")
            return self.module.host("lend", "ii", "i")
        return self.module.host("take" if self.result else "give", "ii", "i")

    # Records

    def _parts(self, type: t.ValType, where: Flat | Place) -> list[tuple[t.ValType, Flat | Place]]:
        """The fields of a record, or the elements of a list of fixed length, and where each is."""
        found: list[tuple[t.ValType, Flat | Place]] = []
        at = 0
        if isinstance(where, Flat):
            for each in shapes.fields(type):
                letters = layout(each).flat
                found.append((each, where.part(at, letters)))
                at += len(letters)
        else:
            for each, at in zip(shapes.fields(type), shapes.offsets(type)):
                found.append((each, where.plus(at)))
        return found

    def _is_in_line(self, type: t.ValType) -> bool:
        return type.kind in ("record", "tuple", "list") and self._weight(type) <= IN_LINE

    def _weight(self, type: t.ValType) -> int:
        """How many values a type is when it stands in line: what is a function counts as one."""
        found = self._weights.get(type)
        if found is None:
            found = 1
            if type.kind in ("record", "tuple"):
                found = sum([self._whole(each) for each in shapes.fields(type)])
            elif isinstance(type, t.List) and type.length is not None:
                found = self._whole(type.element) * type.length
            self._weights[type] = found
        return found

    def _whole(self, type: t.ValType) -> int:
        weight = self._weight(type)
        return weight if weight <= IN_LINE else 1

    # Functions of the module

    def _call(self, type: t.ValType, source: Flat | Place, target: Place | None) -> str:
        """Calls the function that copies a value of `type`, which is made the first time."""
        flat = isinstance(source, Flat)
        pushes = " ".join(source.pushes) if isinstance(source, Flat) else source.push()
        if target is not None:
            pushes += f" {target.push()}"
        key = type, flat, target is not None
        name = self._made.get(key)
        if name is None:
            name = self._made[key] = f"{self.to_side}-{type.kind}-{len(self._made)}"
            letters = layout(type).flat if flat or target is None else ""
            parameters = letters if flat else "i"
            function = Function(name, parameters + "i" * (target is not None), letters if target is None else "")
            inner: Flat | Place = Flat([f"local.get $p{at}" for at in range(len(letters))], letters) if flat else Place("$p0")
            place = Place(f"$p{len(parameters)}") if target is not None else None
            if shapes.payloads(type) is not None:
                self._variant(function, type, inner, place)
            elif isinstance(type, t.List) and isinstance(inner, Place) and place is not None:
                assert type.length is not None
                self._elements(function, type.element, f"i32.const {layout(type).size}", inner.pointer, place.pointer)
            else:
                for at, (each, part) in enumerate(self._parts(type, inner)):
                    if place is None:
                        self.push(function, each, part)
                    else:
                        self.store(function, each, part, place.plus(shapes.offsets(type)[at]))
            self.module.add(function)
        return f"{pushes} call ${name}"

    def _variant(self, function: Function, type: t.ValType, source: Flat | Place, target: Place | None) -> None:
        """One arm for each type of payload that there is."""
        cases = shapes.payloads(type)
        assert cases is not None
        letters = layout(type).flat
        arms = list(dict.fromkeys(cases))
        case = function.local("$case")
        load, store = UNSIGNED[layout(type).tag]
        found = source.pushes[0] if isinstance(source, Flat) else self.load("i", load, source)
        function.body.append(
            f"{found} i32.const {len(cases)} i32.const {self.site(type)} {self.module.below()} local.set {case}"
        )
        if target is not None:
            memory = self.module.memory(self.to_side)
            function.body.append(f"local.get {target.pointer} local.get {case} i32.{store} {memory} offset={target.offset}")
        number = {arm: f"$arm{at}" for at, arm in enumerate(arms)}
        function.body += [f"block {number[arm]}" for arm in reversed(arms)]
        function.body.append(f"local.get {case} br_table {' '.join(number[each] for each in cases)} {number[cases[-1]]}")
        payload = layout(type).offsets[0]
        for arm in arms:
            function.body.append(f"end ;; {number[arm]}")
            inner = ""
            if target is None:
                function.body.append(f"local.get {case}")
            if arm is not None:
                inner = layout(arm).flat
                part = source.part(1, inner) if isinstance(source, Flat) else source.plus(payload)
                if target is None:
                    self.push(function, arm, part)
                    self._widen(function, inner, letters[1:])
                else:
                    self.store(function, arm, part, target.plus(payload))
            if target is None:
                function.body += [ZEROS[letter] for letter in letters[1 + len(inner) :]]
            function.body.append("return")
        function.body.append("unreachable")

    def _widen(self, function: Function, have: str, want: str) -> None:
        """Turn the core values on the stack into those that the cases of a variant share."""
        want = want[: len(have)]
        if have == want:
            return
        if len(have) > 1:
            names = [function.local(f"${letter}{at}", letter) for at, letter in enumerate(have)]
            function.body += [f"local.set {name}" for name in reversed(names)]
            for name, pair in zip(names, zip(have, want)):
                function.body.append(f"local.get {name} {CASTS.get(''.join(pair), '')}")
        else:
            function.body.append(CASTS[have + want])

    # Strings and lists

    def _pair(self, source: Flat | Place) -> str:
        """Pushes pointer and length."""
        if isinstance(source, Flat):
            return " ".join(source.pushes)
        return f"{self.load('i', 'load', source)} {self.load('i', 'load', source.plus(4))}"

    def _copy_pair(self, type: t.ValType) -> str:
        """Calls what copies a string or a list. (pointer, length) -> pointer, length"""
        self.allocates = True
        name = self._made.get((type,))
        if name is None:
            name = self._made[(type,)] = f"{self.to_side}-{type.kind}-{len(self._made)}"
            if type.kind == "string":
                transcoder(self.module, name, self.from_side, self.to_side, self.encodings, self.site(type))
            else:
                assert isinstance(type, t.List | t.Map)
                element = type.element if isinstance(type, t.List) else t.Tuple((type.name, type.value))
                self._list(name, element, self.site(type))
        return f"call ${name}"

    def _list(self, name: str, element: t.ValType, site: int) -> None:
        """A function that copies a list of any length."""
        size, align = self.room(element)
        module = self.module
        trap = module.trap()
        function = Function(name, "ii", "ii")
        bytes, to = function.local("$bytes", "I"), function.local("$to")
        function.body += [
            f"local.get $p1 i64.extend_i32_u i64.const {size} i64.mul local.tee {bytes} i64.const {MAX_BYTES} i64.gt_u",
            f"if i32.const {TOO_LONG} i32.const {site} local.get {bytes} i64.const {MAX_BYTES} i64.const 0 {trap} end",
            f"local.get $p0 local.get {bytes} i32.const {align} i32.const {site} {module.region(self.from_side)}",
            f"i32.const 0 i32.const 0 i32.const {align} local.get {bytes} i32.wrap_i64 i32.const {site}",
            f"{module.realloc(self.to_side)} local.tee {to}",
            "local.get $p1",
        ]
        self._elements(function, element, f"local.get {bytes} i32.wrap_i64", "$p0", to)
        module.add(function)

    def _elements(self, function: Function, element: t.ValType, bytes: str, source: str, target: str) -> None:
        """Copy elements that lie one behind the other, from one pointer to the other: both are locals, and are used up."""
        if shapes.is_plain(element):
            memories = f"{self.module.memory(self.to_side)} {self.module.memory(self.from_side)}"
            function.body.append(f"local.get {target} local.get {source} {bytes} memory.copy {memories}")
            return
        size = layout(element).size
        target_now, end = function.local("$target"), function.local("$end")
        function.body += [
            f"local.get {target} local.set {target_now} local.get {source} {bytes} i32.add local.set {end}",
            f"block $done loop $more local.get {source} local.get {end} i32.eq br_if $done",
        ]
        self.store(function, element, Place(source), Place(target_now))
        function.body += [
            f"local.get {source} i32.const {size} i32.add local.set {source}",
            f"local.get {target_now} i32.const {size} i32.add local.set {target_now}",
            "br $more end end",
        ]
