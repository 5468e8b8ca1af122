"""The tree of calls that a run made, from the events of its machine's blocks.

A call puts a frame on the stack of frames, with the address to which it will return; a return takes off what lies above
that address, so that frames that were unwound don't stay. A jump to another function, a tail call, replaces the frame on top.
A jump out of the engine's stubs into a function is where something thrown lands: in the nearest frame of that function,
since nothing tells which of several it is. A call within a host function lies above that function's frame, and nothing of it
is left when it is over, however it ended.
"""

from __future__ import annotations

from agave_wasi.engines.x86.space import STUBS, STUBS_SIZE
from kernel_sim.cpu.recorder import ADDRESS, CALL, ENTRY, JUMP, RETURN, SHIFT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agave_wasi.profiling.places import Place

DEEPEST = 1000
"""Calls deeper than this are counted at this depth."""
MOST_NODES = 1 << 20
"""In larger trees what is new is counted without who has called it."""


class Node:
    """A place, called by way of its parents: `calls`, and the `own` instructions of all of them. The root has no place."""

    __slots__ = ("place", "parent", "depth", "calls", "own", "children")

    def __init__(self, place: Place | None, parent: Node | None) -> None:
        self.place = place
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.calls = 0
        self.own = 0
        self.children: dict[Place | None, Node] = {}


class CallTree:
    """What `take` has been told, as a tree below `root`, whose own instructions are of the code that enters the guest."""

    __slots__ = ("root", "nodes", "_place_at", "_known", "_frames", "_returns", "_bases", "_latest")

    def __init__(self, place_at: Callable[[int], Place | None]) -> None:
        self.root = Node(None, None)
        self.nodes = 1
        self._place_at = place_at
        self._known: dict[int, Place | None] = {}
        self._frames = [self.root]
        self._returns = [0]
        self._bases = [1]
        self._latest = 0

    def take(self, events: Sequence[int]) -> None:
        """Events of a recorder, three words each."""
        frames, returns, base, known = self._frames, self._returns, self._bases[-1], self._known
        for total, what, before in zip(events[::3], events[1::3], events[2::3]):
            top = frames[-1]
            top.own += total - self._latest
            self._latest = total
            kind, address = what >> SHIFT, what & ADDRESS
            if kind == CALL:
                place = known[address] if address in known else self._place(address)
                if place in top.children:
                    top = top.children[place]
                    top.calls += 1
                elif place is not None:
                    top = self._child(top, place)
                frames.append(top)
                returns.append((before & ADDRESS) + (before >> SHIFT))
            elif kind == RETURN:
                if returns[-1] == address and len(frames) > base:
                    frames.pop()
                    returns.pop()
                else:
                    self._return_to(address)
            elif kind & ENTRY:
                self._cut(base)
            elif kind == JUMP:
                place = self._place(address)
                if place is None:
                    continue
                if STUBS <= before & ADDRESS < STUBS + STUBS_SIZE:
                    self._land_in(place)
                elif place is not top.place or len(frames) <= base:
                    self._replace(place)

    def begin(self, address: int) -> None:
        """The code there is what begins, without having been called."""
        place = self._place(address)
        if place is not None:
            self._replace(place)

    def ask(self, place: Place, framed: bool) -> None:
        """The code at work asks the kernel for `place`; in a call of its own, if that is `framed`."""
        if framed:
            self._replace(place)
        else:
            self._child(self._frames[-1], place)

    def settle(self, total: int) -> None:
        """So many instructions there are now; what isn't accounted for belongs to who is at work."""
        self._frames[-1].own += total - self._latest
        self._latest = total

    def nest(self, begins: bool) -> None:
        """A call within a host function begins or is over."""
        if begins:
            self._bases.append(len(self._frames))
        else:
            self._cut(self._bases.pop())

    def walk(self) -> Iterator[Node]:
        """Every node, each before those below it, in the order in which they were first called."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children.values())

    def _place(self, address: int) -> Place | None:
        try:
            return self._known[address]
        except KeyError:
            place = self._known[address] = self._place_at(address)
            return place

    def _child(self, node: Node, place: Place) -> Node:
        found = node.children.get(place)
        if found is None:
            if node.depth >= DEEPEST and node.parent is not None:
                return self._child(node.parent, place)
            if self.nodes >= MOST_NODES and node is not self.root:
                return self._child(self.root, place)
            self.nodes += 1
            found = node.children[place] = Node(place, node)
        found.calls += 1
        return found

    def _cut(self, length: int) -> None:
        del self._frames[length:], self._returns[length:]

    def _return_to(self, address: int) -> None:
        for at in range(len(self._returns) - 1, self._bases[-1] - 1, -1):
            if self._returns[at] == address:
                self._cut(at)
                return

    def _replace(self, place: Place) -> None:
        frames, base = self._frames, self._bases[-1]
        if len(frames) > base:
            frames[-1] = self._child(frames[-2], place)
        else:
            frames.append(self._child(frames[-1], place))
            self._returns.append(0)

    def _land_in(self, place: Place) -> None:
        for at in range(len(self._frames) - 1, self._bases[-1] - 1, -1):
            if self._frames[at].place is place:
                self._cut(at + 1)
                return
