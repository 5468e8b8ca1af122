"""A C header for the imports of some interfaces: their types as C lays them out, and each function under a name of its own.

A function of an interface is `INTERFACE_NAME`, one of a resource `RESOURCE_NAME`, and dropping a handle `RESOURCE_drop`; types
end in `_t`. The import itself has core parameters, as the canonical ABI flattens them; what a program calls takes and returns
whole values. C's own layout of these structures is the canonical ABI's, which the header asserts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import layout
from conformance.components.layout import Type

KEYWORDS = frozenset(
    (
        "auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
        "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
        "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
    )
)  # fmt: skip
PRIMITIVES = {"bool": "uint8_t", "char": "uint32_t", "f32": "float", "f64": "double", "string": "string_t"}
CORE = {"i32": "uint32_t", "i64": "uint64_t", "f32": "float", "f64": "double"}
INTEGERS = {1: "uint8_t", 2: "uint16_t", 4: "uint32_t"}


def c_name(name: str) -> str:
    """A name of WIT's as C writes it."""
    found = name.replace("-", "_")
    return found + "_" if found in KEYWORDS else found


def function_name(interface: model.Interface, function: model.Function) -> str:
    """What a program calls a function."""
    if function.resource is not None:
        return f"{c_name(function.resource.name)}_{c_name(function.plain)}"
    return f"{c_name(interface.name)}_{c_name(function.name)}"


def header(interfaces: Iterable[model.Interface], about: str) -> str:
    """The whole header; `about` is what its first line says. Interfaces stand behind those whose types they use."""
    writer = Header()
    chosen = list(interfaces)
    for interface in chosen:
        writer.interface(interface)
    guard = "IMPORTS_H"
    begins = [f"/* {about} Made by conformance.components.header: don't edit. */", f"#ifndef {guard}", f"#define {guard}", ""]
    begins += ["#include <stddef.h>", "#include <stdint.h>", ""]
    begins += ["#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))", ""]
    begins += ["typedef struct { const char *data; size_t size; } string_t;", ""]
    return "\n".join([*begins, *writer.lines, "#endif", ""])


class Header:
    """A header as it grows. A type is declared before the first thing that needs it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[Type, str] = {}
        self._taken: dict[str, Type] = {}

    def interface(self, interface: model.Interface) -> None:
        """Declare an interface's resources, types and functions."""
        self.lines += [f"/* {interface.id} */", ""]
        for type in interface.types.values():
            if not isinstance(type, model.Definition) or type.owner == interface.id:
                self.name(type)
        for name in interface.resources:
            imported = _imported(interface.id, f"[resource-drop]{name}")
            self.lines.append(f"{imported} void {c_name(name)}_drop({c_name(name)}_t self);")
        for function in interface.functions.values():
            self._function(interface, function)
        self.lines.append("")

    def name(self, type: Type) -> str:
        """The C type for a type, declared if it hasn't been."""
        match type:
            case t.Primitive() if type.name in PRIMITIVES:
                return PRIMITIVES[type.name]
            case t.Primitive():
                return f"{'u' if type.name[0] == 'u' else ''}int{type.name[1:]}_t"
            case t.Own() | t.Borrow():
                return self.name(type.resource)
        if type not in self._names:
            name = self._free(type)
            self._names[type] = name
            self._taken[name] = type
            self.lines += [*self._declared(type, name), ""]
        return self._names[type]

    def _free(self, type: Type) -> str:
        """A name that no other type has: the first of two definitions has the plain one, later ones say whose they are."""
        plain = c_name(self._plain(type).removesuffix("_t")) + "_t"
        if plain in self._taken and isinstance(type, model.Definition):
            return f"{c_name(type.owner.partition('@')[0].rpartition('/')[2])}_{plain}"
        return plain

    def _plain(self, type: Type | None) -> str:
        match type:
            case None:
                return "void"
            case model.Definition():
                return self._names.get(type) or type.name.replace("-", "_")
            case t.Primitive():
                return type.name
            case t.Own() | t.Borrow():
                return self._plain(type.resource)
            case t.Result():
                words = ["result", self._plain(type.ok), self._plain(type.error)]
            case t.List() if type.length is not None:
                words = [f"list{type.length}", self._plain(type.item)]
            case t.List() | t.Option():
                words = [type.__class__.__name__.lower(), self._plain(type.item)]
            case t.Tuple():
                words = ["tuple", *map(self._plain, type.items)]
            case _:
                raise ValueError(f"there is no C for {type!r}")
        return "_".join(word.removesuffix("_t") for word in words)

    def _declared(self, type: Type, name: str) -> Iterator[str]:
        match type:
            case model.Resource():
                yield f"typedef uint32_t {name};"
                return
            case model.Enum():
                yield f"typedef {INTEGERS[layout.number_size(len(type.cases))]} {name};"
                yield from _constants(name, type.cases, "{}")
                return
            case model.Flags():
                yield f"typedef {INTEGERS[layout.flags_size(len(type.flags))]} {name};"
                yield from _constants(name, type.flags, "1u << {}")
                return
            case model.Record():
                body = [f"{self.name(each.type)} {c_name(each.name)};" for each in type.fields if each.type is not None]
            case t.Tuple():
                body = [f"{self.name(each)} f{number};" for number, each in enumerate(type.items)]
            case t.List():
                body = [f"const {self.name(type.item)} *data;", "size_t size;"]
            case model.Variant():
                names = [each.name for each in type.cases]
                body = self._variant(names, layout.cases(type) or ())
                yield from _constants(name, names, "{}")
            case t.Option():
                body = ["uint8_t is_some;", f"{self.name(type.item)} some;"]
            case t.Result():
                body = ["uint8_t is_err;", *self._variant(("ok", "err"), (type.ok, type.error))[1:]]
        yield f"typedef struct {{ {' '.join(body)} }} {name};"
        size, align = layout.measure(type)
        yield f'_Static_assert(sizeof({name}) == {size} && _Alignof({name}) == {align}, "{name}");'

    def _variant(self, names: Iterable[str], payloads: tuple[Type | None, ...]) -> list[str]:
        named = list(zip(names, payloads, strict=True))
        inner = " ".join(f"{self.name(each)} {c_name(name)};" for name, each in named if each is not None)
        return [f"{INTEGERS[layout.number_size(len(payloads))]} tag;", *([f"union {{ {inner} }};"] if inner else [])]

    def _function(self, interface: model.Interface, function: model.Function) -> None:
        name, signature = function_name(interface, function), layout.Signature(function)
        if signature.spilled:
            raise ValueError(f"{interface.id} {function.name} has more parameters than C is written for")
        params = [(c_name(each.name), each.type) for each in function.params if each.type is not None]
        declared = ", ".join(f"{self.name(type)} {param}" for param, type in params) or "void"
        gives = "void" if function.result is None else self.name(function.result)
        core = [f"{CORE[each]} p{number}" for number, each in enumerate(signature.params)]
        if signature.through:
            core[-1] = f"{gives} *result"
        values = [each for param, type in params for each in _flattened(param, type)]
        returns = CORE[signature.results[0]] if signature.results else "void"
        self.lines.append(f"{_imported(interface.id, function.name)} {returns} {name}_core({', '.join(core) or 'void'});")
        call = f"{name}_core({', '.join(values + (['&result'] if signature.through else []))})"
        if signature.through:
            body = f"{gives} result; {call}; return result;"
        elif function.result is None:
            body = f"{call};"
        elif isinstance(function.result, t.Result):  # without payloads
            body = f"return ({gives}){{(uint8_t){call}}};"
        else:
            body = f"return ({gives}){call};"
        self.lines.append(f"static inline {gives} {name}({declared}) {{ {body} }}")


def _imported(module: str, name: str) -> str:
    return f'IMPORT("{module}", "{name}")'


def _constants(type: str, names: Iterable[str], value: str) -> Iterator[str]:
    prefix = type.removesuffix("_t").upper()
    shown = (f"{prefix}_{name.replace('-', '_').upper()} = {value.format(number)}" for number, name in enumerate(names))
    yield f"enum {{ {', '.join(shown)} }};"


def _flattened(value: str, type: Type) -> list[str]:
    """The core values of a C expression."""
    match type:
        case model.Record():
            inner = [(f"{value}.{c_name(each.name)}", each.type) for each in type.fields]
            return [each for name, field in inner if field is not None for each in _flattened(name, field)]
        case t.Tuple():
            return [each for number, item in enumerate(type.items) for each in _flattened(f"{value}.f{number}", item)]
        case t.List() if type.length is None:
            return [f"(uint32_t)(uintptr_t){value}.data", f"(uint32_t){value}.size"]
        case t.Primitive() if type.name == "string":
            return [f"(uint32_t)(uintptr_t){value}.data", f"(uint32_t){value}.size"]
        case model.Variant():
            return _flattened_cases(f"{value}.tag", [(f"{value}.{c_name(each.name)}", each.type) for each in type.cases], type)
        case t.Option():
            return _flattened_cases(f"{value}.is_some", [("", None), (f"{value}.some", type.item)], type)
        case t.Result():
            return _flattened_cases(f"{value}.is_err", [(f"{value}.ok", type.ok), (f"{value}.err", type.error)], type)
    core = CORE[layout.flat(type)[0]]
    return [f"({core}){value}"]


def _flattened_cases(number: str, payloads: list[tuple[str, Type | None]], type: Type) -> list[str]:
    """A variant's core values: the case's number, then what the case has, widened to what all cases have there."""
    slots = layout.flat(type)[1:]
    if any(each.startswith("f") for payload in payloads if payload[1] for each in layout.flat(payload[1])):
        raise ValueError(f"there is no C for a parameter with floating-point cases: {type!r}")
    found = ["0"] * len(slots)
    for case, (value, payload) in enumerate(payloads):
        for at, each in enumerate(_flattened(value, payload) if payload is not None else ()):
            found[at] = f"{number} == {case} ? ({CORE[slots[at]]}){each} : {found[at]}"
    return [f"(uint32_t){number}", *found]
