"""`agave-wasi completion`: scripts for shells, made from the tables of commands and options."""

from __future__ import annotations

from agave_wasi.cli.help import manual
from agave_wasi.cli.main import COMMANDS
from agave_wasi.cli.options import HELP, Option, UsageError, parse
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = {"cache": ("list", "clear", "path"), "completion": ("bash", "zsh", "fish")}
"""Commands whose argument is one of a few words."""
PROGRAM_COMMANDS = ("run", "strace", "inspect")


def main(arguments: Sequence[str]) -> int:
    """Print the script for a shell."""
    settings, rest = parse("completion", arguments, (HELP,))
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("completion")
    scripts = {"bash": bash, "zsh": zsh, "fish": fish}
    if len(rest) != 1:
        raise UsageError(f"completion: for which shell? There are {', '.join(scripts)}: agave-wasi completion bash")
    if rest[0] not in scripts:
        raise UsageError(unknown("completion: there is no shell", rest[0], scripts, f"there are {', '.join(scripts)}"))
    print(scripts[rest[0]](), end="")
    return 0


def _words(command: str) -> tuple[str, ...]:
    """What may stand behind a command, if it isn't a file."""
    if command == "explain":
        from agave_wasi.explain import names

        return tuple(names())
    return WORDS.get(command, ())


def _flags(option: Option) -> list[str]:
    """An option as it is typed, in all its forms."""
    return [f"--{option.name}"] + ([f"-{option.short}"] if option.short else [])


def _brief(option: Option) -> str:
    """The first clause of what an option does."""
    return option.help.partition(". ")[0].partition(": ")[0].removesuffix(".")


def bash() -> str:
    """For bash: a function that looks at the word before the cursor."""
    lines = ["# bash completion of agave-wasi", "_agave_wasi() {", '    local word="${COMP_WORDS[COMP_CWORD]}"']
    lines += ['    local before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" words=""', "    COMPREPLY=()"]
    lines += ["    if [ \"$COMP_CWORD\" -eq 1 ]; then"]
    lines += [f"        COMPREPLY=($(compgen -W '{' '.join(COMMANDS)} --help --version' -- \"$word\"))", "        return"]
    lines += ["    fi", '    case "$command,$before" in']
    for command in COMMANDS:
        for option in manual(command).options:
            if option.read is None:
                continue
            patterns = "|".join(f"{command},{flag}" for flag in _flags(option))
            if option.choices:
                action = f"COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$word\"))"
            else:
                action = 'compopt -o default' if option.takes_file else ":"
            lines.append(f"        {patterns}) {action}; return;;")
    lines += ["    esac", '    case "$command" in']
    for command in COMMANDS:
        flags = [flag for option in manual(command).options for flag in _flags(option)]
        words = [*flags, *_words(command)]
        lines.append(f"        {command}) words='{' '.join(words)}';;")
    lines += ["    esac", '    COMPREPLY=($(compgen -W "$words" -- "$word"))']
    lines += ["    [ ${#COMPREPLY[@]} -eq 0 ] && compopt -o default", "}", "complete -F _agave_wasi agave-wasi", ""]
    return "\n".join(lines)


def _zsh_quoted(text: str) -> str:
    """Text within a specification in single quotes."""
    escaped = text.replace("\\", "\\\\").replace(":", "\\:").replace("[", "\\[").replace("]", "\\]")
    return escaped.replace("'", "'\\''")


def zsh() -> str:
    """For zsh: specifications for _arguments."""
    lines = ["#compdef agave-wasi", "", "local -a commands", "commands=("]
    lines += [f"    '{name}:{_zsh_quoted(summary)}'" for name, summary in COMMANDS.items()]
    lines += [")", "if (( CURRENT == 2 )); then", "    _describe command commands", "    return", "fi"]
    lines += ["local command=$words[2]", "shift words", "(( CURRENT-- ))", "case $command in"]
    for command in COMMANDS:
        lines += [f"    {command})", "        _arguments -S \\"]
        for option in manual(command).options:
            star = "*" if option.key else ""
            for flag in _flags(option):
                spec = f"{star}{flag}[{_zsh_quoted(_brief(option))}]"
                if option.read is not None:
                    action = f"({' '.join(option.choices)})" if option.choices else "_files" if option.takes_file else " "
                    spec += f":{_zsh_quoted(option.value)}:{action}"
                lines.append(f"            '{spec}' \\")
        words = _words(command)
        kind = f"({' '.join(map(_zsh_quoted, words))})" if words else "_files"
        rest = "'*::argument:_files'" if command in ("run", "strace") else "''"
        lines += [f"            '1:argument:{kind}' \\", f"            {rest}", "        ;;"]
    return "\n".join([*lines, "esac", ""])


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish() -> str:
    """For fish: a complete command for each word."""
    lines = ["# fish completion of agave-wasi", "complete -c agave-wasi -n __fish_use_subcommand -f"]
    for name, summary in COMMANDS.items():
        lines.append(f"complete -c agave-wasi -n __fish_use_subcommand -a {name} -d {_fish_quoted(summary)}")
    for command in COMMANDS:
        inside = f"complete -c agave-wasi -n '__fish_seen_subcommand_from {command}'"
        for option in manual(command).options:
            parts = [inside, f"-l {option.name}", f"-s {option.short}" if option.short else ""]
            if option.choices:
                parts.append(f"-x -a {_fish_quoted(' '.join(option.choices))}")
            elif option.read is not None:
                parts.append("-r" if option.takes_file else "-x")
            lines.append(" ".join(part for part in [*parts, f"-d {_fish_quoted(_brief(option))}"] if part))
        words = _words(command)
        if words:
            lines.append(f"{inside} -f -a {_fish_quoted(' '.join(words))}")
    return "\n".join([*lines, ""])
