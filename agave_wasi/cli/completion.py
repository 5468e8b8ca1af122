"""`agave-wasi completion`: scripts for shells, made from the tables of commands and options."""

from __future__ import annotations

from agave_wasi.cli.completed import commands, every
from agave_wasi.cli.options import HELP, Option, UsageError, parse
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.cli.completed import Node

TOP = ("--help", "--version")
"""What may stand in the place of a command."""


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


def _flags(option: Option) -> list[str]:
    """An option as it is typed, in all its forms."""
    return [f"--{option.name}"] + ([f"-{option.short}"] if option.short else [])


def _brief(option: Option) -> str:
    """The first clause of what an option does."""
    return option.help.partition(". ")[0].partition(": ")[0].removesuffix(".")


def _nested(nodes: dict[str, Node]) -> list[str]:
    """The paths of two words: commands below commands."""
    return [path for path in nodes if " " in path]


def bash() -> str:
    """For bash: a function that looks at the word before the cursor."""
    nodes = every(commands())
    tops = " ".join([*(path for path in nodes if " " not in path), *TOP])
    lines = ["# bash completion of agave-wasi", "_agave_wasi() {", '    local word="${COMP_WORDS[COMP_CWORD]}"']
    lines += ['    local before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" words=""', "    COMPREPLY=()"]
    lines += ['    if [ "$COMP_CWORD" -eq 1 ]; then']
    lines += [f"        COMPREPLY=($(compgen -W '{tops}' -- \"$word\"))", "        return", "    fi"]
    if _nested(nodes):
        paths = "|".join(f"'{path}'" for path in _nested(nodes))
        lines += ['    if [ "$COMP_CWORD" -gt 2 ]; then', '        case "$command ${COMP_WORDS[2]}" in']
        lines += [f'            {paths}) command="$command ${{COMP_WORDS[2]}}";;', "        esac", "    fi"]
    lines += ['    case "$command,$before" in']
    for path, node in nodes.items():
        for option in node.options:
            if option.read is None:
                continue
            patterns = "|".join(f"'{path},{flag}'" for flag in _flags(option))
            if option.choices:
                action = f"COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$word\"))"
            else:
                action = "compopt -o default" if option.takes_file else ":"
            lines.append(f"        {patterns}) {action}; return;;")
    lines += ["    esac", '    case "$command" in']
    for path, node in nodes.items():
        flags = [flag for option in node.options for flag in _flags(option)]
        lines.append(f"        '{path}') words='{' '.join([*node.below, *flags, *node.words])}';;")
    lines += ["    esac", '    COMPREPLY=($(compgen -W "$words" -- "$word"))']
    lines += ["    [ ${#COMPREPLY[@]} -eq 0 ] && compopt -o default", "}", "complete -F _agave_wasi agave-wasi", ""]
    return "\n".join(lines)


def _zsh_quoted(text: str) -> str:
    """Text within a specification in single quotes."""
    escaped = text.replace("\\", "\\\\").replace(":", "\\:").replace("[", "\\[").replace("]", "\\]")
    return escaped.replace("'", "'\\''")


def zsh() -> str:
    """For zsh: specifications for _arguments."""
    nodes = every(commands())
    lines = ["#compdef agave-wasi", "", "local -a commands", "commands=("]
    lines += [f"    '{path}:{_zsh_quoted(node.summary)}'" for path, node in nodes.items() if " " not in path]
    lines += [")", "if (( CURRENT == 2 )); then", "    _describe command commands", "    return", "fi"]
    lines += ["local command=$words[2]", "shift words", "(( CURRENT-- ))"]
    if _nested(nodes):
        paths = "|".join(f"'{path}'" for path in _nested(nodes))
        lines += ["if (( CURRENT > 2 )); then", '    case "$command $words[2]" in']
        lines += [f'        {paths}) command="$command $words[2]"; shift words; (( CURRENT-- ));;', "    esac", "fi"]
    lines += ["case $command in"]
    for path, node in nodes.items():
        lines += [f"    '{path}')"]
        if node.below:
            lines += ["        commands=("]
            lines += [f"            '{name}:{_zsh_quoted(each.summary)}'" for name, each in node.below.items()]
            lines += ["        )", "        (( CURRENT == 2 )) && _describe command commands"]
        lines += ["        _arguments -S \\"]
        for option in node.options:
            star = "*" if option.key else ""
            for flag in _flags(option):
                spec = f"{star}{flag}[{_zsh_quoted(_brief(option))}]"
                if option.read is not None:
                    action = f"({' '.join(option.choices)})" if option.choices else "_files" if option.takes_file else " "
                    spec += f":{_zsh_quoted(option.value)}:{action}"
                lines.append(f"            '{spec}' \\")
        kind = f"({' '.join(map(_zsh_quoted, node.words))})" if node.words else "_files"
        rest = "'*::argument:_files'" if node.guest else "''"
        if not node.below:
            lines += [f"            '1:argument:{kind}' \\"]
        lines += [f"            {rest}", "        ;;"]
    return "\n".join([*lines, "esac", ""])


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish() -> str:
    """For fish: a complete command for each word."""
    nodes = every(commands())
    lines = ["# fish completion of agave-wasi", "complete -c agave-wasi -n __fish_use_subcommand -f"]
    for path, node in nodes.items():
        command, _, below = path.partition(" ")
        seen = f"__fish_seen_subcommand_from {command}"
        others = f"; and not __fish_seen_subcommand_from {' '.join(node.below)}" if node.below else ""
        inside = f"complete -c agave-wasi -n '{seen}{f'; and __fish_seen_subcommand_from {below}' if below else others}'"
        offered = f"complete -c agave-wasi -n '{seen}; and not __fish_seen_subcommand_from {_beside(nodes, command)}' -f"
        lines.append(
            f"{offered if below else 'complete -c agave-wasi -n __fish_use_subcommand'} "
            f"-a {below or command} -d {_fish_quoted(node.summary)}"
        )
        for option in node.options:
            parts = [inside, f"-l {option.name}", f"-s {option.short}" if option.short else ""]
            if option.choices:
                parts.append(f"-x -a {_fish_quoted(' '.join(option.choices))}")
            elif option.read is not None:
                parts.append("-r" if option.takes_file else "-x")
            lines.append(" ".join(part for part in [*parts, f"-d {_fish_quoted(_brief(option))}"] if part))
        if node.words:
            lines.append(f"{inside} -f -a {_fish_quoted(' '.join(node.words))}")
    return "\n".join([*lines, ""])


def _beside(nodes: dict[str, Node], command: str) -> str:
    """The commands below one, in words."""
    return " ".join(nodes[command].below)
