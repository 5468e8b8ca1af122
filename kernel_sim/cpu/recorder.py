"""Which blocks of code a machine executes, how often, and how they lead to each other: exact, and quicker than counting.

A block is what the model translates at a time: code up to a jump, call, return or system call. A few bytes of machine code
(Python, on hosts that aren't x86-64 themselves) run before each. They find the block in a table, add one to its count and its
instructions to the total, and note an event where something else than the flow within a function has led here. Python is
asked what a block is when it is met for the first time, and takes the events when their buffer is full.

A machine that counts can stop in the middle of a block, which would then be begun twice; so only one that doesn't can be
recorded. Its total is as exact: whole blocks are executed, up to a fault that ends everything.
"""

from __future__ import annotations

import ctypes
import mmap
from struct import Struct

from unicorn import UC_HOOK_BLOCK

from kernel_sim.cpu.disassembly import disassemble
from kernel_sim.cpu.hooks import BEGUN, address_of, either, hook
from kernel_sim.cpu.trapframe import IDLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kernel_sim.cpu.machine import Machine

CODE = bytes.fromhex(
    "89d048c1e0304809f0"         # begin: mov eax, edx; shl rax, 48; or rax, rsi      size and address: the key
    "4c8b01"                     # mov r8, [rcx+TABLE]                                the model is in rdi, the cell in rcx
    "4989f149c1e9054931f1"       # mov r9, rsi; shr r9, 5; xor r9, rsi
    "4c234908"                   # probe: and r9, [rcx+MASK]
    "4d89ca49c1e2054d01c2"       # mov r10, r9; shl r10, 5; add r10, r8               the slot
    "493902740b"                 # cmp [r10+KEY], rax; je known
    "49833a007456"               # cmp qword [r10+KEY], 0; je new
    "49ffc1ebe2"                 # inc r9; jmp probe
    "49ff4208"                   # known: inc qword [r10+COUNT]
    "4c8b59104d8b4210"           # mov r11, [rcx+TOTAL]; mov r8, [r10+INSTRUCTIONS]
    "4d01d84c894110"             # add r8, r11; mov [rcx+TOTAL], r8
    "4c8b4928"                   # mov r9, [rcx+BEFORE]
    "418b411c410b4218"           # mov eax, [r9+LEAVES]; or eax, [r10+ENTERS]
    "4c895128"                   # mov [rcx+BEFORE], r10
    "7501c3"                     # jnz event; ret
    "4c8b4118"                   # event: mov r8, [rcx+NEXT]
    "4d8918"                     # mov [r8], r11                                      instructions before this block
    "48c1e0304809f049894008"     # shl rax, 48; or rax, rsi; mov [r8+8], rax          what led here, and where this is
    "498b0149894010"             # mov rax, [r9+KEY]; mov [r8+16], rax                the block before
    "4983c0184c894118"           # add r8, 24; mov [rcx+NEXT], r8
    "4c3b41207301c3"             # cmp r8, [rcx+END]; jae full; ret
    "ff6138"                     # full: jmp [rcx+DRAIN]
    "575652514883ec08"           # new: push rdi; push rsi; push rdx; push rcx; sub rsp, 8
    "ff5130"                     # call [rcx+MEET]
    "4883c408595a5e5f"           # add rsp, 8; pop rcx; pop rdx; pop rsi; pop rdi
    "e963ffffff"                 # jmp begin
)  # fmt: skip
TABLE, MASK, TOTAL, NEXT, END, BEFORE, MEET, DRAIN = range(8)
"""The cell's words."""
CALL, RETURN, JUMP, ENTRY = 1, 2, 4, 8
"""What leads to a block and makes that an event: how the one before ended, or that it is where a machine is entered."""
SLOT = Struct("<QQQII")
"""A row of the table: key, count, instructions, ENTRY or 0, how it ends."""
SHIFT = 48
ADDRESS = (1 << SHIFT) - 1
"""A key is the size of a block above its address; in an event, what led to a block is above its address."""
EVENT = 24
EVENTS = 1 << 15
FIRST_SLOTS = 1 << 12
_ENDS = {"call": CALL, "ret": RETURN}


class Block:
    """Code from `address` to `end`, with so many `instructions`, that was begun `count` times."""

    __slots__ = ("address", "end", "instructions", "count")

    def __init__(self, address: int, end: int, instructions: int, count: int) -> None:
        self.address = address
        self.end = end
        self.instructions = instructions
        self.count = count


class Recorder:
    """Records `machine`, which must not have run yet, and must not count.

    `events` takes what has happened, three words an event: the `total` before it, what led to the block and its address,
    the key of the block before. `within`(address, target) says whether a jump stays within a function. `entries` are
    addresses at which the machine is entered.
    """

    __slots__ = (
        "machine", "events", "within", "entries", "_cell", "_code", "_none", "_slots", "_table", "_buffer", "_words", "_used",
        "_hooks", "_handle",
    )  # fmt: skip

    def __init__(
        self,
        machine: Machine,
        events: Callable[[Sequence[int]], None],
        within: Callable[[int, int], bool],
        entries: Sequence[int] = (),
    ) -> None:
        if machine.counting:
            raise ValueError("only a machine that doesn't count can be recorded")
        self.machine = machine
        self.events = events
        self.within = within
        self.entries = frozenset(entries)
        self._none = ctypes.create_string_buffer(SLOT.size)
        self._buffer = mmap.mmap(-1, EVENT * EVENTS)
        self._words = memoryview(self._buffer).cast("Q")
        self._hooks = BEGUN(self._on_new), BEGUN(self._on_full)
        self._cell = (ctypes.c_uint64 * 8)()
        self._cell[BEFORE] = ctypes.addressof(self._none)
        self._cell[NEXT] = start = address_of(self._buffer)
        self._cell[END] = start + EVENT * EVENTS
        self._cell[MEET], self._cell[DRAIN] = (ctypes.cast(hook, ctypes.c_void_p).value or 0 for hook in self._hooks)
        self._used = 0
        self._make_table(FIRST_SLOTS)
        self._code, begin = either(CODE, self._on_block)
        self._handle = hook(machine.model, UC_HOOK_BLOCK, begin, self._cell)

    @property
    def total(self) -> int:
        """Instructions so far, the block that is at work included."""
        return int(self._cell[TOTAL])

    def blocks(self) -> Iterator[Block]:
        """Every block that has begun, in no order."""
        for key, count, instructions, _, _ in SLOT.iter_unpack(self._table):
            if count and instructions:
                address = key & ADDRESS
                yield Block(address, address + (key >> SHIFT), instructions, count)

    def drain(self) -> None:
        """Hand over the events that are in the buffer."""
        start = address_of(self._buffer)
        count = (self._cell[NEXT] - start) // 8
        self._cell[NEXT] = start
        if count:
            self.events(self._words[:count].tolist())

    # What the machine code calls; what is raised comes out of the machine's run

    def _on_block(self, model: int, address: int, size: int, data: int) -> None:
        """As `CODE`."""
        cell, key = self._cell, size << SHIFT | address
        slot = self._find(key)
        if slot is None:
            self._on_new(model, address, size, data)
            slot = self._find(key)
        assert slot is not None
        _, count, instructions, enters, leaves = SLOT.unpack_from(self._table, slot)
        SLOT.pack_into(self._table, slot, key, count + 1, instructions, enters, leaves)
        total, before = cell[TOTAL], SLOT.unpack(ctypes.string_at(cell[BEFORE], SLOT.size))
        cell[TOTAL] += instructions
        cell[BEFORE] = cell[TABLE] + slot
        led = before[-1] | enters
        if led:
            at = (cell[NEXT] - address_of(self._buffer)) // 8
            self._words[at], self._words[at + 1], self._words[at + 2] = total, led << SHIFT | address, before[0]
            cell[NEXT] += EVENT
            if cell[NEXT] >= cell[END]:
                self._on_full(model, address, size, data)

    def _on_full(self, model: int, address: int, size: int, cell: int) -> None:
        try:
            self.drain()
        except BaseException as error:
            self.machine.fail(error)

    def _on_new(self, model: int, address: int, size: int, cell: int) -> None:
        instructions = leaves = 0
        try:
            instructions, leaves = self._look_at(address, size)
        except BaseException as error:
            self.machine.fail(error)
        self._insert(SLOT.pack(size << SHIFT | address, 0, instructions, ENTRY if address in self.entries else 0, leaves))

    def _look_at(self, address: int, size: int) -> tuple[int, int]:
        """How many instructions a block has, and how it ends."""
        if address == IDLE:
            return 0, 0
        region = self.machine.memory.find(address)
        if region is None:
            raise AssertionError(f"a block at {address:#x}, where no memory is")
        found = disassemble(bytes(region.view[address - region.start : address - region.start + size]), address)
        if not found:
            return 0, 0
        name, _, operand = found[-1].text.partition(" ")
        if name == "jmp":
            stays = operand[:1].isdigit() and self.within(address, int(operand, 0))
            return len(found), 0 if stays else JUMP
        return len(found), _ENDS.get(name, 0)

    # The table: open addressing, at most half full

    def _make_table(self, slots: int) -> None:
        self._slots = mmap.mmap(-1, SLOT.size * slots)
        self._table = memoryview(self._slots)
        self._cell[TABLE] = address_of(self._slots)
        self._cell[MASK] = slots - 1

    def _insert(self, row: bytes) -> None:
        if 2 * (self._used + 1) > self._cell[MASK]:
            self._grow()
        self._used += 1
        self._put(row)

    def _put(self, row: bytes) -> int:
        """Where the row is now."""
        at = self._place(int.from_bytes(row[:8], "little"))
        self._table[at : at + SLOT.size] = row
        return at

    def _place(self, key: int) -> int:
        """Where the row of that key is, or where it would be."""
        mask = self._cell[MASK]
        address = key & ADDRESS
        at = (address ^ address >> 5) & mask
        while int.from_bytes(self._table[SLOT.size * at : SLOT.size * at + 8], "little") not in (0, key):
            at = at + 1 & mask
        return SLOT.size * at

    def _find(self, key: int) -> int | None:
        """Where the row of that key is, if there is one."""
        at = self._place(key)
        return at if any(self._table[at : at + 8]) else None

    def _grow(self) -> None:
        old, start = bytes(self._table), self._cell[TABLE]
        before = self._cell[BEFORE] - start
        self._make_table(2 * (self._cell[MASK] + 1))
        for at in range(0, len(old), SLOT.size):
            if any(old[at : at + 8]):
                place = self._put(old[at : at + SLOT.size])
                if at == before:
                    self._cell[BEFORE] = self._cell[TABLE] + place
