"""The frames of compiled code on a guest's stack, and where an exception lands among them.

Compiled code keeps rbp: at rbp lies the caller's, and above it the address to return to. Between the trampoline through
which the guest was entered and the stub through which it left, all frames are compiled code's; the store's context has where
both are. So an exception never passes a host function: who entered the guest sees it end there, as in wasmtime itself.

A handler is entered with rax being the exception, rdx 0, rsp and rbp those of its frame; it reads all else from there.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agave_wasi.engines.x86.exceptions import Site

WORD = 8


class Landing:
    """Where a guest goes on: the registers rip, rsp and rbp."""

    __slots__ = ("rip", "rsp", "rbp")

    def __init__(self, rip: int, rsp: int, rbp: int) -> None:
        self.rip = rip
        self.rsp = rsp
        self.rbp = rbp


def frames(word: Callable[[int], int], exit_pc: int, exit_fp: int, entry_fp: int) -> Iterator[tuple[int, int]]:
    """Each frame of compiled code, the innermost first: the address to which its call returns, and its rbp.

    `word` reads 64 bits of the stack. `exit_pc` and `exit_fp` are the return address and rbp of the stub through which the
    guest left, `entry_fp` is the trampoline's. EngineError if the stack doesn't lead there.
    """
    pc, fp = exit_pc, word(exit_fp)
    inner = exit_fp
    while fp != entry_fp:
        if not inner < fp < entry_fp:
            raise EngineError(f"the guest's stack is damaged: behind the frame at {inner:#x} comes {fp:#x}")
        yield pc, fp
        pc, inner, fp = word(fp + WORD), fp, word(fp)


def landing(
    trace: Iterable[tuple[int, int]],
    site_of: Callable[[int], Site | None],
    word: Callable[[int], int],
    matches: Callable[[int, int], bool],
) -> Landing | None:
    """Where an exception is caught, going out along `trace`; None if it isn't.

    `site_of` finds the handlers of a call by the address to which it returns. `matches`(VMContext's address, number of a tag in
    its module) tells whether that is the exception's tag.
    """
    for pc, fp in trace:
        site = site_of(pc)
        if site is not None:
            rsp = fp - site.size
            for handler in site.handlers:
                if handler.tag is None or matches(word(rsp + handler.context), handler.tag):
                    return Landing(handler.address, rsp, fp)
    return None
