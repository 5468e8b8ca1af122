"""Instructions that bring values from one side of a call to the other: read, checked, and written in one go.

What one side has as core values, the other gets as core values: both have the same types, and the same limits. So a value goes
from a `Flat` (core values in locals) to the stack, or from one `Place` (memory) to another. What is small stands in line;
variants, strings, lists and large records become functions of the module, one for each type and way, so that a module is never
larger than its types are, however often one is part of another.

Source: Component Model, Canonical ABI, "Loading", "Storing", "Flat Lifting", "Flat Lowering".
"""

from __future__ import annotations

from agave_wasi.component import types as t
from agave_wasi.component.adapters import shapes
from agave_wasi.component.adapters.module import CORE, Function
from agave_wasi.component.adapters.places import CASTS, ZEROS, Flat, Place
from agave_wasi.component.adapters.strings import transcoder
from agave_wasi.component.adapters.traps import TOO_LONG, Site
from agave_wasi.component.layout import layout
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.component.adapters.module import Module

    ValTypeOrNone = t.ValType | None

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
NO_WIDTH = ("", "", "")
COMPOUND = ("list", "map", "string", "record", "tuple")
UNSIGNED = {1: ("load8_u", "store8"), 2: ("load16_u", "store16"), 4: ("load", "store")}


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
        self._made: dict[object, str] = {}
        self._weights: dict[t.ValType, int] = {}
        self._sites: dict[t.ValType | None, int] = {}

    def site(self, type: t.ValType | None) -> int:
        """The number by which a trap says what was being copied."""
        if type not in self._sites:
            self._sites[type] = self.module.site(Site(type, self.result))
        return self._sites[type]

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

    def push(self, function: Function, type: t.ValType, source: Flat) -> None:
        """Leave the core values of `type` on the stack."""
        if self._is_scalar(type):
            function.body.append(self._checked(type, f"{source.pushes[0]} {INTEGERS.get(type.kind, NO_WIDTH)[2]}"))
        elif shapes.is_pair(type):
            function.body.append(f"{' '.join(source.pushes)} {self._copy_pair(type)}")
        elif self._is_in_line(type):
            self._push_fields(function, type, source)
        else:
            function.body.append(f"{' '.join(source.pushes)} {self._pushing(type)}")

    def store(self, function: Function, type: t.ValType, source: Place, target: Place) -> None:
        """Write a value of `type` to `target`."""
        if self._is_scalar(type):
            load, store = self._widths(type)
            found = self._checked(type, self._load(layout(type).flat, load, source))
            function.body.append(self._store(layout(type).flat, store, target, found))
        elif shapes.is_pair(type):
            begin, length = function.local("$begin"), function.local("$length")
            pair = f"{self._load('i', 'load', source)} {self._load('i', 'load', source.plus(4))}"
            function.body += [
                f"{pair} {self._copy_pair(type)} local.set {length} local.set {begin}",
                self._store("i", "store", target, f"local.get {begin}"),
                self._store("i", "store", target.plus(4), f"local.get {length}"),
            ]
        elif self._is_in_line(type):
            self._store_fields(function, type, source, target)
        else:
            function.body.append(f"{source.push()} {target.push()} {self._storing(type)}")

    def _load(self, letter: str, operation: str, source: Place) -> str:
        """Pushes a core value of that type letter."""
        memory = self.module.memory(self.from_side)
        return f"local.get {source.pointer} {CORE[letter]}.{operation} {memory} offset={source.offset}"

    def _store(self, letter: str, operation: str, target: Place, value: str) -> str:
        """Stores what `value` pushes."""
        memory = self.module.memory(self.to_side)
        return f"local.get {target.pointer} {value} {CORE[letter]}.{operation} {memory} offset={target.offset}"

    # Scalars

    def _is_scalar(self, type: t.ValType) -> bool:
        """Whether a value is one core value, and always the same one."""
        cases = shapes.payloads(type)
        return type.kind not in COMPOUND if cases is None else not any(cases)

    def _widths(self, type: t.ValType) -> tuple[str, str]:
        """How a value of one core value is loaded and stored."""
        if type.kind in INTEGERS:
            return INTEGERS[type.kind][:2]
        if type.kind in ("bool", "flags", "enum", "variant", "option", "result"):
            return UNSIGNED[layout(type).size]
        return "load", "store"

    def _checked(self, type: t.ValType, found: str) -> str:
        """What `found` pushes, once it is a value of a scalar type; it has the type's width already."""
        module = self.module
        cases = shapes.payloads(type)
        if cases is not None:
            return f"{found} i32.const {len(cases)} i32.const {self.site(type)} {module.below()}"
        if type.kind == "bool":
            return f"{found} i32.const 0 i32.ne"
        if type.kind == "char":
            return f"{found} i32.const {self.site(type)} {module.char()}"
        if type.kind in ("f32", "f64"):
            return f"{found} {module.number(layout(type).flat)}"
        if isinstance(type, t.Flags):
            return f"{found} i32.const {(1 << len(type.names)) - 1:#x} i32.and"
        if isinstance(type, t.Own | t.Borrow):
            return f"{found} i32.const {self._resource(type.resource)} {self._transfer(type.kind)}"
        return found

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

    def _push_fields(self, function: Function, type: t.ValType, source: Flat) -> None:
        at = 0
        for each in shapes.fields(type):
            letters = layout(each).flat
            self.push(function, each, source.part(at, letters))
            at += len(letters)

    def _store_fields(self, function: Function, type: t.ValType, source: Place, target: Place) -> None:
        for each, at in zip(shapes.fields(type), shapes.offsets(type)):
            self.store(function, each, source.plus(at), target.plus(at))

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

    def _name(self, key: object, type: t.ValType) -> tuple[str, bool]:
        """The name of a function, and whether it is to be made."""
        name = self._made.get(key)
        if name is not None:
            return name, False
        name = self._made[key] = f"{self.to_side}-{type.kind}-{len(self._made)}"
        return name, True

    def _pushing(self, type: t.ValType) -> str:
        """Calls what checks a value in core values. (core values) -> core values"""
        name, new = self._name(("push", type), type)
        if new:
            letters = layout(type).flat
            function = Function(name, letters, letters)
            source = Flat([f"local.get $p{at}" for at in range(len(letters))], letters)
            if shapes.payloads(type) is None:
                self._push_fields(function, type, source)
            else:
                self._push_variant(function, type, source)
            self.module.add(function)
        return f"call ${name}"

    def _storing(self, type: t.ValType) -> str:
        """Calls what copies a value from one memory to the other. (from, to: i32)"""
        name, new = self._name(("store", type), type)
        if new:
            function = Function(name, "ii")
            if shapes.payloads(type) is not None:
                self._store_variant(function, type)
            elif isinstance(type, t.List):
                self._elements(function, type.element, f"i32.const {layout(type).size}", "$p0", "$p1")
            else:
                self._store_fields(function, type, Place("$p0"), Place("$p1"))
            self.module.add(function)
        return f"call ${name}"

    # Variants

    def _push_variant(self, function: Function, type: t.ValType, source: Flat) -> None:
        letters = layout(type).flat
        self._case(function, type, source.pushes[0])
        for arm in self._arms(function, type):
            function.body.append("local.get $case")
            inner = ""
            if arm is not None:
                inner = layout(arm).flat
                self.push(function, arm, source.part(1, inner))
                self._widen(function, inner, letters[1:])
            function.body += [*(ZEROS[letter] for letter in letters[1 + len(inner) :]), "return"]
        function.body.append("unreachable")

    def _store_variant(self, function: Function, type: t.ValType) -> None:
        place = layout(type)
        load, store = UNSIGNED[place.tag]
        self._case(function, type, self._load("i", load, Place("$p0")))
        function.body.append(self._store("i", store, Place("$p1"), "local.get $case"))
        for arm in self._arms(function, type):
            if arm is not None:
                self.store(function, arm, Place("$p0", place.offsets[0]), Place("$p1", place.offsets[0]))
            function.body.append("return")
        function.body.append("unreachable")

    def _case(self, function: Function, type: t.ValType, found: str) -> None:
        """Set $case to the number of the case, once it is one."""
        count = len(shapes.payloads(type) or ())
        checked = f"{found} i32.const {count} i32.const {self.site(type)} {self.module.below()}"
        function.body.append(f"{checked} local.set {function.local('$case')}")

    def _arms(self, function: Function, type: t.ValType) -> Iterator[ValTypeOrNone]:
        """Branch to one arm for each type of payload that there is, and yield it where its instructions begin."""
        cases = shapes.payloads(type) or []
        number = {arm: f"$arm{at}" for at, arm in enumerate(dict.fromkeys(cases))}
        function.body += [f"block {label}" for label in reversed(number.values())]
        function.body.append(f"local.get $case br_table {' '.join([number[each] for each in cases])} {number[cases[-1]]}")
        for arm in number:
            function.body.append("end")
            yield arm

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

    def _copy_pair(self, type: t.ValType) -> str:
        """Calls what copies a string or a list. (pointer, length) -> pointer, length"""
        self.allocates = True
        name, new = self._name(type, type)
        if new:
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
