"""Names for the functions and locals of a module, for backtraces.

The "name" custom section maps indices to names: subsection 0 names the module, 1 the functions, 2 the locals of each
function. A stripped module has none, but its imports and exports have names as well. Nothing is decoded before it is
asked for, because a backtrace asks for a handful of a hundred thousand names. A section that breaks off is no error:
the names before the break are used, and `problem` says what is wrong. Source: core specification, appendix A.7.4.
"""

from __future__ import annotations

from agave_wasi.binary.reader import (
    CODE,
    CUSTOM,
    EXPORT,
    FUNCTION,
    IMPORT,
    MalformedModule,
    Reader,
    function_bodies,
    walk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Data, Section

_MODULE, _FUNCTIONS, _LOCALS = 0, 1, 2
_REFERENCES = (0x63, 0x64)


class Names:
    """The names in the module `data`; every answer is None (or empty) where the module has none.

    Raises nothing for a malformed module: `problem` is its first error, or None.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.problem: MalformedModule | None = None
        self._sections: dict[int | str, Section] | None = None
        self._parts: dict[int, tuple[int, int]] | None = None
        self._functions: dict[int, int] | None = None
        self._locals: dict[int, int] | None = None
        self._symbols: dict[int, str] | None = None
        self._bodies: list[tuple[int, int]] | None = None
        self._imported = 0

    def module(self) -> str | None:
        """The module's own name."""
        part = self._part(_MODULE)
        return self._name(part.pos) if part else None

    def function(self, index: int) -> str | None:
        """The name of function `index` in the name section; without it, of its import ("module.name") or export."""
        name = self.given(index)
        return self._symbol(index) if name is None else name

    def given(self, index: int) -> str | None:
        """The name of function `index` in the name section."""
        if self._functions is None:
            self._functions = {}
            self._index_names(self._part(_FUNCTIONS), self._functions)
        position = self._functions.get(index)
        return None if position is None else self._name(position)

    def local(self, function: int, index: int) -> str | None:
        """The name of local `index` (parameters come first) of a function."""
        if self._locals is None:
            self._locals = {}
            self._index_locals(self._part(_LOCALS), self._locals)
        position = self._locals.get(function)
        if position is None:
            return None
        names: dict[int, int] = {}
        self._index_names(Reader(self.data, position), names)
        return self._name(names[index]) if index in names else None

    def function_at(self, offset: int) -> int | None:
        """The index of the function whose body holds the byte at `offset` of the file."""
        bodies = self._code()
        low, high = 0, len(bodies)
        while low < high:
            middle = (low + high) // 2
            if bodies[middle][1] <= offset:
                low = middle + 1
            else:
                high = middle
        if low == len(bodies) or offset < bodies[low][0]:
            return None
        return self._imported_count() + low

    def body(self, index: int) -> tuple[int, int] | None:
        """Where the body of function `index` starts and ends in the file; None for an imported one."""
        defined = index - self._imported_count()
        bodies = self._code()
        return bodies[defined] if 0 <= defined < len(bodies) else None

    def _failed(self, error: MalformedModule) -> None:
        if self.problem is None:
            self.problem = error

    def _section(self, key: int | str) -> Section | None:
        """The section with that id, or the custom section of that name."""
        if self._sections is None:
            self._sections = {}
            try:
                for section in walk(self.data):
                    self._sections.setdefault(section.name if section.id == CUSTOM else section.id, section)
            except MalformedModule as error:
                self._failed(error)
        return self._sections.get(key)

    def _part(self, id: int) -> Reader | None:
        """A reader of that subsection."""
        if self._parts is None:
            self._parts = {}
            section = self._section("name")
            reader = section.reader(self.data) if section else Reader(b"")
            try:
                while reader:
                    key, part = reader.u8(), reader.part()
                    self._parts.setdefault(key, (part.pos, part.end))
            except MalformedModule as error:
                self._failed(error)
        bounds = self._parts.get(id)
        return Reader(self.data, *bounds) if bounds else None

    def _index_names(self, reader: Reader | None, found: dict[int, int]) -> None:
        """Note where each name of a name map is, without decoding it."""
        try:
            for _ in range(reader.count(2) if reader else 0):
                assert reader
                index = reader.u32()
                found.setdefault(index, reader.pos)
                reader.skip(reader.u32())
        except MalformedModule as error:
            self._failed(error)

    def _index_locals(self, reader: Reader | None, found: dict[int, int]) -> None:
        """Note where the name map of each function's locals is."""
        try:
            for _ in range(reader.count(2) if reader else 0):
                assert reader
                function = reader.u32()
                found.setdefault(function, reader.pos)
                for _ in range(reader.count(2)):
                    reader.u32()
                    reader.skip(reader.u32())
        except MalformedModule as error:
            self._failed(error)

    def _name(self, position: int) -> str | None:
        try:
            return Reader(self.data, position).name()
        except MalformedModule as error:
            self._failed(error)
            return None

    def _symbol(self, index: int) -> str | None:
        """The name under which a function is imported or exported."""
        if self._symbols is None:
            self._symbols = {}
            try:
                self._read_imports(self._symbols)
            except MalformedModule as error:
                self._failed(error)
                self._bodies = []  # without the number of imports no body has an index
            try:
                self._read_exports(self._symbols)
            except MalformedModule as error:
                self._failed(error)
        return self._symbols.get(index)

    def _imported_count(self) -> int:
        self._symbol(0)
        return self._imported

    def _read_imports(self, found: dict[int, str]) -> None:
        section = self._section(IMPORT)
        reader = section.reader(self.data) if section else Reader(b"\0")
        for _ in range(reader.count(3)):
            module, name = reader.name(), reader.name()
            kind = reader.u8()
            if kind == 0x7F and not name:
                for _ in range(reader.count(3)):
                    name = reader.name()
                    self._add_import(found, f"{module}.{name}", _skip_extern(reader, reader.u8()))
            elif kind == 0x7E and not name:
                function = _skip_extern(reader, reader.u8())
                for _ in range(reader.count()):
                    self._add_import(found, f"{module}.{reader.name()}", function)
            else:
                self._add_import(found, f"{module}.{name}", _skip_extern(reader, kind))

    def _add_import(self, found: dict[int, str], name: str, function: bool) -> None:
        if function:
            found[self._imported] = name
            self._imported += 1

    def _read_exports(self, found: dict[int, str]) -> None:
        section = self._section(EXPORT)
        reader = section.reader(self.data) if section else Reader(b"\0")
        for _ in range(reader.count(3)):
            name = reader.name()
            kind, index = reader.u8(), reader.u32()
            if kind == 0:
                found.setdefault(index, name)

    def _code(self) -> list[tuple[int, int]]:
        """Start and end of each defined function's body."""
        self._imported_count()
        if self._bodies is None:
            self._bodies = []
            section = self._section(CODE)
            try:
                if section and self._section(FUNCTION):
                    self._bodies = function_bodies(self.data, section)
            except MalformedModule as error:
                self._failed(error)
        return self._bodies


def _skip_extern(reader: Reader, kind: int) -> bool:
    """Skip the type of an import; is it a function?"""
    if kind == 0:
        reader.u32()
    elif kind in (1, 2):
        if kind == 1:
            _skip_value(reader)
        flags = reader.u8()
        for wanted in (1, flags & 1):
            if wanted:
                reader.unsigned(64)
        if flags & 8:
            reader.u32()
    elif kind == 3:
        _skip_value(reader)
        reader.u8()
    elif kind == 4:
        reader.u8()
        reader.u32()
    else:
        raise MalformedModule(reader.pos, f"{kind:#04x} is no kind of an import")
    return kind == 0


def _skip_value(reader: Reader) -> None:
    if reader.u8() in _REFERENCES:
        reader.signed(33)
