"""The options of `run` as one table, and the parser over it.

A row says what an option is called, how its text is read, and how it is explained: help, completion and configuration
files are made from the same rows. Options stand before the program, everything behind it is the guest's. A plain run
imports this module, so it does without those that make such parsers.
"""

from __future__ import annotations

from agave_wasi.cli import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Settings = dict[str, Any]


class UsageError(Exception):
    """The command line, or a configuration file, asks for something that there isn't; the text says what to write."""


class Option:
    """One row. `read` makes the value of a text and is None for a flag; `value` is what help calls the text.

    `key` makes an option repeatable: the key of a value, so that a later one of the same key replaces the earlier one.
    `choices` are completed by the shell.
    """

    __slots__ = ("name", "value", "read", "help", "example", "key", "group", "short", "choices")

    def __init__(
        self,
        name: str,
        value: str,
        read: Callable[[str], Any] | None,
        help: str,
        example: str = "",
        key: Callable[[Any], object] | None = None,
        group: str = "",
        short: str = "",
        choices: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.value = value
        self.read = read
        self.help = help
        self.example = example
        self.key = key
        self.group = group
        self.short = short
        self.choices = choices

    @property
    def takes_file(self) -> bool:
        """Does the value name a file or folder of the host?"""
        return "://" not in self.value and any(word in self.value for word in ("FILE", "HOST", "IMAGE", "OUT"))

    def choosing(self, choices: tuple[str, ...]) -> Option:
        """The same row with other choices."""
        return Option(self.name, self.value, self.read, self.help, self.example, self.key, self.group, self.short, choices)


def _first(value: Any) -> object:
    return value[0]


def _itself(value: Any) -> object:
    return value


FILES, PROGRAM, CHANCE, LIMITS, LINKING, WATCHING, MORE = (
    "Files", "What the program is given", "Time and chance", "Limits", "Linking", "Watching", "More",
)  # fmt: skip

HELP = Option("help", "", None, "Show this.", "--help", None, MORE, "h")

RUN_OPTIONS = (
    Option("dir", "HOST[::GUEST][:ro|:rw|:overlay]", values.folder,
           "Give the guest a folder of the host, under the same name or as GUEST: to read and write (rw, the default), to "
           "read only (ro), or as an overlay, whose changes stay in memory. Once there is a --dir, / is no longer preopened.",
           "--dir .::/work:overlay", _first, FILES),
    Option("mem", "GUEST", values.guest_name, "Give the guest an empty folder in memory.", "--mem /scratch", _itself, FILES),
    Option("fs", "IMAGE.tar", values.text,
           "Begin with the files of a tar archive in /, which the guest sees unless there is a --dir.",
           "--fs image.tar", None, FILES),
    Option("save-fs", "OUT.tar", values.text,
           "Keep the files of / as a tar archive when the guest has ended. Paths of 4096 bytes or more are left out, which is "
           "then an error.",
           "--save-fs out.tar", None, FILES),
    Option("commit", "", None,
           "Write what changed in overlays (--dir ...:overlay) back to the host, file by file, if the guest exits with 0.",
           "--commit", None, FILES),
    Option("cwd", "DIR", values.guest_name,
           "Preopen this folder of the guest's as . too, so that relative names work in it. wasi-libc (C, Rust) then looks "
           "there for absolute names as well.",
           "--cwd /work", None, FILES),
    Option("stdin", "FILE", values.text, "Read standard input from a file.", "--stdin in.txt", None, FILES),
    Option("env", "NAME[=VALUE]", values.variable,
           "Set a variable; without a value it is taken from the host, if it is set there.", "--env LANG=C", _first, PROGRAM),
    Option("env-file", "FILE", values.text, "Set the variables in a file: NAME=VALUE lines; # begins a comment.",
           "--env-file vars.env", _itself, PROGRAM),
    Option("arg0", "NAME", values.text, "What the program is told that its name is; else the file's name.",
           "--arg0 busybox", None, PROGRAM),
    Option("tty", "", None, "Show standard streams as what they are: terminals, if they are. Else they look like pipes.",
           "--tty", None, PROGRAM),
    Option("seed", "N", values.natural, "Where the guest's random numbers begin; 0 unless it is said.",
           "--seed 42", None, CHANCE),
    Option("clock-start", "ISO", values.moment, "When the guest's virtual time begins; else 2026-01-01, 0:00 UTC.",
           "--clock-start 2030-05-01T12:00Z", None, CHANCE),
    Option("clock-step", "NS", values.clock_step, "How far each look at the virtual clock moves it, in nanoseconds; else 1000.",
           "--clock-step 1000000", None, CHANCE),
    Option("clock-ips", "N", values.ips,
           "Let virtual time go by the instructions of the CPU model (--engine x86), N of them a second, CPU time included.",
           "--clock-ips 1000000000", None, CHANCE),
    Option("realtime", "", None, "Use the host's clock and entropy. Runs are then no longer repeatable.",
           "--realtime", None, CHANCE),
    Option("timeout", "S", values.seconds, "Stop the guest after so many seconds of the host's time; exit code 124.",
           "--timeout 10", None, LIMITS),
    Option("fuel", "N", values.natural, "Stop the guest after so much fuel, about one unit an instruction; exit code 125.",
           "--fuel 1000000", None, LIMITS),
    Option("instructions", "N", values.count,
           "Stop the guest after exactly so many instructions of the CPU model (--engine x86); exit code 125. The kernel's own "
           "stubs, through which the guest calls it, count too.",
           "--instructions 1000000", None, LIMITS),
    Option("max-stack", "SIZE", values.stack_size, "Stack for WebAssembly frames; 512K unless it is said.",
           "--max-stack 8M", None, LIMITS),
    Option("max-memory", "SIZE", values.size,
           "How large all memories of the guest together may grow; several get equal shares. So do tables.",
           "--max-memory 256M", None, LIMITS),
    Option("fs-quota", "SIZE", values.size, "How much the files in memory may hold, with the targets of links; 1G unless said.",
           "--fs-quota 64M", None, LIMITS),
    Option("max-fds", "N", values.descriptors, "How many descriptors may be open at once; 1024 unless it is said.",
           "--max-fds 64", None, LIMITS),
    Option("max-output", "SIZE", values.size, "Stop a guest that writes more to stdout and stderr; exit code 125.",
           "--max-output 10M", None, LIMITS),
    Option("engine", "wasmtime|x86", values.engine,
           "Who executes: wasmtime (the default), or a model of an x86-64 CPU, for WebAssembly as machine code and for static "
           "ELF programs that call this kernel (docs/METAL.md).",
           "--engine x86", None, LINKING, "", ("wasmtime", "x86")),
    Option("rights", "lenient|strict", values.rights,
           "Enforce Preview 1's rights (strict), or only show them, as runtimes of today do (lenient, the default).",
           "--rights strict", None, LINKING, "", ("lenient", "strict")),
    Option("invoke", "NAME", values.text,
           "Call this export instead of _start, with the arguments as numbers, and print its results. Of a component, the call "
           "as it would be written in WAVE: --invoke 'add(1, [2, 3])'.",
           "--invoke add math.wasm 1 2", None, LINKING),
    Option("preload", "NAME=MOD.wasm", values.named_module, "Satisfy imports from NAME with the exports of another module.",
           "--preload env=env.wasm", _first, LINKING),
    Option("link", "NAME=COMP.wasm", values.named_module,
           "Satisfy a component's import NAME, an interface or function, with the exports of another component.",
           "--link local:calc/ops=calc.wasm", _first, LINKING),
    Option("listen", "ADDR:PORT", values.address, "Listen there, and give the guest the socket for sock_accept.",
           "--listen 127.0.0.1:8080", _itself, LINKING),
    Option("trace", "FILE.jsonl", values.text, "Write every host call to a file, a line of JSON each.",
           "--trace calls.jsonl", None, WATCHING),
    Option("snapshot-at", "POINT", values.point,
           "Stop there, and --save: icount:N (N instructions), call:NAME:K (before a host function's K-th call), func:NAME "
           "(a function's beginning). A guest that is called within a host call is stopped behind that. Needs --engine x86; "
           "agave-wasi resume goes on.",
           "--snapshot-at call:fd_write:3", None, WATCHING),
    Option("save", "FILE.agave", values.text, "Where the snapshot goes that --snapshot-at takes.",
           "--save prog.agave", None, WATCHING),
    Option("icount", "", None,
           "At the end, say on stderr how many instructions the CPU model executed (--engine x86): as many each time.",
           "--icount", None, WATCHING),
    Option("result", "FILE.json", values.text,
           "At the end, write as JSON how it ended: its exit code, what ended it, with --icount the number of instructions.",
           "--result result.json", None, WATCHING),
    Option("coredump", "FILE", values.text, "If the guest traps, write its memory and stack there as a WebAssembly core dump.",
           "--coredump core.wasm", None, WATCHING),
    Option("config", "FILE.toml", values.text,
           "Take options from a file, by the same names; what the command line says too, it says last.",
           "--config run.toml", None, MORE),
    HELP,
)  # fmt: skip
JSON = Option("json", "", None, "Print JSON, for programs.", "--json", None, MORE)


def parse(command: str, arguments: Sequence[str], options: Sequence[Option]) -> tuple[Settings, list[str]]:
    """(values by option name, arguments from the first that is no option on); UsageError."""
    settings: Settings = {}
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if not word.startswith("-") or word == "-":
            break
        at += 1
        if word == "--":
            break
        option, given, value = _recognise(command, word, options)
        if option.read is None:
            if given is not None:
                raise UsageError(f"{command}: {_shown(option)} takes no value; write {_shown(option)} or leave it out")
            settings[option.name] = value
            continue
        if given is None:
            if at == len(arguments):
                raise UsageError(f"{command}: {_shown(option)} needs a value, for example {option.example}")
            given = arguments[at]
            at += 1
        enter(settings, option, read(option, given, f"{command}: "))
    return settings, list(arguments[at:])


def _recognise(command: str, word: str, options: Sequence[Option]) -> tuple[Option, str | None, bool]:
    """The option that a word names, the value attached to it if there is one, and false for a flag's --no- form."""
    if word.startswith("--"):
        name, equals, given = word[2:].partition("=")
        for option in options:
            if option.name == name:
                return option, given if equals else None, True
            if option.read is None and name == f"no-{option.name}":
                return option, given if equals else None, False
    else:
        for option in options:
            if option.short and word[1] == option.short:
                return option, word[2:] or None, True
    from agave_wasi.nearest import nearest

    typed = word.partition("=")[0]
    found = nearest(typed.lstrip("-"), [option.name for option in options])
    cure = f"did you mean --{found}?" if found else f"agave-wasi {command} --help lists them"
    raise UsageError(f"{command}: there is no option {typed}; {cure}")


def _shown(option: Option) -> str:
    return f"--{option.name}"


def read(option: Option, given: str, where: str) -> Any:
    """The value of an option's text; UsageError with an example if it has none."""
    assert option.read is not None
    try:
        return option.read(given)
    except ValueError as error:
        raise UsageError(
            f"{where}--{option.name} {given!r}: {error}; it takes {option.value}, for example {option.example}"
        ) from None


def enter(settings: Settings, option: Option, value: Any) -> None:
    """Set an option; a repeatable one is added, in place of an earlier one of the same key."""
    if option.key is None:
        settings[option.name] = value
        return
    several = settings.setdefault(option.name, [])
    key = option.key(value)
    for at, earlier in enumerate(several):
        if option.key(earlier) == key:
            several[at] = value
            return
    several.append(value)
