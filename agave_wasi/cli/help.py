"""--help of the whole and of each command, from the tables of options."""

from __future__ import annotations

from agave_wasi.cli.main import COMMANDS
from agave_wasi.cli.options import HELP, JSON, MORE, RUN_OPTIONS, Option
from agave_wasi.cli.page import Heading, Paragraph, Rows, Sample, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_CODES = (
    ("0-255", "the guest's own"),
    ("134", "the guest trapped; a backtrace is on stderr"),
    ("124", "--timeout was reached"),
    ("125", "an error of ours: the file can't be run, a limit was reached, an option's file can't be had"),
    ("2", "wrong usage"),
    ("130", "Ctrl-C"),
    ("141", "nobody reads the output any more"),
)


OF_GUESTS = ("run", "strace", "resume", "fork", "profile", "coverage")
"""Commands that run a program: what stands behind it is its own, and so is the exit code."""


class Manual:
    """What is told of a command beside its options."""

    def __init__(self, usage: str, text: Sequence[str], examples: Sequence[str], options: Sequence[Option] = (HELP,)) -> None:
        self.usage = usage
        self.text = text
        self.examples = examples
        self.options = options


def manual(command: str) -> Manual:
    """The manual of one of our commands."""
    if command == "strace":
        from agave_wasi.cli.strace import STRACE_OPTIONS

        return Manual("strace [OPTIONS] PROG.wasm [ARGS...]", _STRACE, _STRACE_EXAMPLES, STRACE_OPTIONS)
    if command == "resume":
        from agave_wasi.cli.resume import RESUME_OPTIONS

        return Manual("resume [OPTIONS] FILE.agave", _RESUME, _RESUME_EXAMPLES, RESUME_OPTIONS)
    if command == "fork":
        from agave_wasi.cli.fork import FORK_OPTIONS

        return Manual("fork [OPTIONS] FILE.agave", _FORK, _FORK_EXAMPLES, FORK_OPTIONS)
    if command == "profile":
        from agave_wasi.cli.profile import PROFILE_OPTIONS

        return Manual("profile [OPTIONS] PROG.wasm [ARGS...]", _PROFILE, _PROFILE_EXAMPLES, PROFILE_OPTIONS)
    if command == "coverage":
        from agave_wasi.cli.coverage import COVERAGE_OPTIONS

        return Manual("coverage [OPTIONS] PROG.wasm [ARGS...]", _COVERAGE, _COVERAGE_EXAMPLES, COVERAGE_OPTIONS)
    if command == "disasm":
        from agave_wasi.cli.disasm import DISASM_OPTIONS

        return Manual("disasm [OPTIONS] PROG.wasm [[MODULE/]FUNCTION]", _DISASM, _DISASM_EXAMPLES, DISASM_OPTIONS)
    if command == "wit":
        from agave_wasi.cli.wit import MANUAL

        return MANUAL
    return _MANUALS[command]


_STRACE = (
    "Run a program as `run` does and write each of its host calls as one line: arguments by name, descriptors with what "
    "they refer to, data shortened, errors with their meaning. The same run gives the same lines.",
)
_STRACE_EXAMPLES = (
    "agave-wasi strace hello.wasm",
    "agave-wasi strace -c hello.wasm",
    "agave-wasi strace -e trace=path_*,!path_filestat_get -o calls.txt --dir . prog.wasm in.txt",
)
_RESUME = (
    "Go on with a program that `run --engine x86 --snapshot-at POINT --save FILE.agave` has stopped, here or elsewhere. What "
    "it does from there is what it would have done, byte for byte; what it has written already isn't written again. An input "
    "from a file goes on where it was; a pipe or terminal is this command's own.",
    "The program may be a core module, a component or an ELF program. Points of a component are call:descriptor.read:2, with "
    "the names of traces or with interfaces (call:wasi:io/poll.poll), and func:NAME in a module within it. What lies within a "
    "host call (a function of the embedder's that calls back, a list for which the guest gives memory) is stopped behind it.",
    "Folders and sockets of the host are not opened because a file says so: give them again, under the guest's names.",
)
_RESUME_EXAMPLES = (
    "agave-wasi run --engine x86 --snapshot-at call:fd_write:3 --save prog.agave prog.wasm",
    "agave-wasi run --engine x86 --snapshot-at call:descriptor.read:2 --save prog.agave component.wasm",
    "agave-wasi resume prog.agave",
    "agave-wasi resume --dir other::/work:ro prog.agave",
    "agave-wasi resume --snapshot-at icount:5000000 --save later.agave prog.agave",
)
_FORK = (
    "Go on as `resume` does, but to another future: random numbers of another seed, other variables or files. The past is "
    "the same. From one snapshot there can be as many forks as one likes.",
)
_FORK_EXAMPLES = (
    "agave-wasi fork --seed 7 prog.agave",
    "agave-wasi fork --env MODE=fast --file /config.txt=other.txt prog.agave",
)
_PROFILE = (
    "Run a program on the CPU model (--engine x86) and count the instructions of its machine code: by function, by host call, "
    "by path of calls. The numbers are exact: the same run has the same, on every machine. Code between functions and the "
    "kernel's stubs count for who calls them.",
    "The table is on stderr. It shows what a function executed itself, and with what it has called.",
)
_PROFILE_EXAMPLES = (
    "agave-wasi profile hello.wasm",
    "agave-wasi profile --html fib.html --invoke fib fib.wat 25",
    "agave-wasi profile -o wc.speedscope.json --dir . wc.wasm notes.txt",
    "agave-wasi profile demo/metal/hello.elf",
)
_COVERAGE = (
    "Run a program on the CPU model (--engine x86) and show which of its functions ran, and of those how many of their "
    "blocks: pieces of machine code without a jump into or out of them. Code that only traps is none.",
    "The table is on stderr; functions come first of which most is left. lcov's tracefiles have instructions or source lines.",
)
_COVERAGE_EXAMPLES = (
    "agave-wasi coverage hello.wasm",
    "agave-wasi coverage --lcov wc.info --dir . wc.wasm notes.txt",
    "agave-wasi coverage --json hello.wasm | jq '.modules[0].functions_run'",
)
_DISASM = (
    "Show the machine code that the CPU model runs (--engine x86): instructions with their offsets, beside them the offset in "
    "the module that they come from, and what they call. FUNCTION is an index, an export, or a name as the module has it.",
    "Of a component, MODULE is one of its core modules, by number or by name; it can be left out where one alone has FUNCTION.",
    "On a terminal it is coloured, unless NO_COLOR is set, and shown by $PAGER, or less.",
)
_DISASM_EXAMPLES = (
    "agave-wasi disasm hello.wasm _start",
    "agave-wasi disasm --source wasm hello.wasm 12",
    "agave-wasi disasm app.wasm libc.so/memcpy",
    "agave-wasi disasm --json hello.wasm main | jq '.functions[0].code[].text'",
)
_MANUALS = {
    "run": Manual(
        "run [OPTIONS] PROG.wasm|PROG.wat [ARGS...]",
        (
            "Run a WASI Preview 1 program in a world of its own: an empty file system in memory, a clock that starts at the "
            "same moment every time, random numbers from a seed, no network, nothing of the host but its standard streams. "
            "The same command gives the same output on every machine.",
            "Options stand before the program; everything behind it is the guest's. A flag is taken back by --no- in front "
            "of its name.",
        ),
        (
            "agave-wasi run hello.wasm one two",
            "agave-wasi run --dir .::/work:ro --cwd /work wc.wasm notes.txt",
            "agave-wasi run --invoke add math.wasm 1 2",
            "agave-wasi run --timeout 10 --max-memory 256M --env LANG=C unknown.wasm < in.txt",
        ),
        RUN_OPTIONS,
    ),
    "inspect": Manual(
        "inspect [--json] PROG.wasm",
        ("Show what a module imports, exports and needs, and which of its imports can't be had here, and why. It isn't run.",),
        ("agave-wasi inspect hello.wasm", "agave-wasi inspect --json hello.wasm | jq .unsatisfied"),
        (JSON, HELP),
    ),
    "explain": Manual(
        "explain [NAME]",
        ("Say what an error, a host function, a right, a system call or an import is; without a name, list what is known.",),
        (
            "agave-wasi explain NOTCAPABLE",
            "agave-wasi explain 44",
            "agave-wasi explain path_open",
            "agave-wasi explain env.emscripten_notify_memory_growth",
            "agave-wasi explain wasi:http/types",
        ),
    ),
    "syscalls": Manual(
        "syscalls [--json | --markdown]",
        ("List the system calls of the kernel below WASI, with the errors that each may answer.",),
        ("agave-wasi syscalls", "agave-wasi syscalls --markdown > docs/SYSCALLS.md"),
        (JSON, Option("markdown", "", None, "Print a Markdown page.", "--markdown", None, MORE), HELP),
    ),
    "cache": Manual(
        "cache list | clear | path",
        (
            "Compiled code is kept, so that a program starts at once the next time. AGAVE_WASI_CACHE names another folder; "
            "off keeps nothing. Beyond 4 GiB, what was used longest ago is removed.",
        ),
        ("agave-wasi cache list", "agave-wasi cache clear", "AGAVE_WASI_CACHE=off agave-wasi run hello.wasm"),
    ),
    "completion": Manual(
        "completion bash | zsh | fish",
        ("Print a script that lets the shell complete commands, options and names.",),
        (
            'bash: eval "$(agave-wasi completion bash)" in ~/.bashrc',
            "zsh:  agave-wasi completion zsh > a folder of $fpath/_agave-wasi",
            "fish: agave-wasi completion fish > ~/.config/fish/completions/agave-wasi.fish",
        ),
    ),
}


def main(arguments: Sequence[str]) -> int:
    """`agave-wasi --help`, or `agave-wasi help COMMAND`."""
    if arguments and arguments[0] in COMMANDS:
        return command_help(arguments[0])
    from agave_wasi import __version__
    from agave_wasi.cli.others import announced, find

    if arguments and not arguments[0].startswith("-"):
        return find(arguments[0])(["--help"])
    commands = list(COMMANDS.items())
    commands += [(name, f"of {found.value.partition(':')[0].partition('.')[0]}") for name, found in announced().items()]
    show(
        [
            Paragraph(f"agave-wasi {__version__}: an operating system, in Python, for WebAssembly programs"),
            Heading("Usage"),
            Sample(["agave-wasi COMMAND [OPTIONS] ..."]),
            Heading("Commands"),
            Rows([*commands, ("--version", "print the versions of agave-wasi, wasmtime and Python")]),
            Heading("Examples"),
            Sample(
                [
                    "agave-wasi run hello.wasm",
                    "agave-wasi strace hello.wasm",
                    "agave-wasi inspect hello.wasm",
                    "agave-wasi run --help",
                ]
            ),
        ]
    )
    return 0


def command_help(command: str) -> int:
    """--help of one of our commands."""
    return show_manual(manual(command), EXIT_CODES if command in OF_GUESTS else ())


def show_manual(told: Manual, exit_codes: Sequence[tuple[str, str]] = ()) -> int:
    """Print a manual as a page; other packages' commands have theirs shown in the same way. 0."""
    blocks: list[Heading | Paragraph | Rows | Sample] = [Heading("Usage"), Sample([f"agave-wasi {told.usage}"])]
    blocks += [Heading("About"), *map(Paragraph, told.text)]
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in told.options:
        groups.setdefault(option.group, []).append((_written(option), _explained(option)))
    for title, rows in groups.items():
        blocks += [Heading(title), Rows(rows, prose=True)]
    if exit_codes:
        blocks += [Heading("Exit codes"), Rows(exit_codes, prose=True)]
    blocks += [Heading("Examples"), Sample(told.examples)]
    show(blocks)
    return 0


def _written(option: Option) -> str:
    if option.name in ("summary", "expression", "output"):  # known by the letters that strace(1) has
        return f"-{option.short} {option.value}".rstrip()
    short = f"-{option.short}, " if option.short else ""
    return f"{short}--{option.name} {option.value}".rstrip()


def _explained(option: Option) -> str:
    shows_more = option.example not in ("", f"--{option.name}", f"-{option.short}")
    return f"{option.help} Example: {option.example}" if shows_more else option.help
