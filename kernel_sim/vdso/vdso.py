"""What moves into RAM and comes home again, for one process.

`wake` shares the clock, the entropy and the descriptor table; files and directories follow one by one, when calls have asked
for them often enough to pay for the copy. `release` brings everything home. What the kernel itself must do in RAM costs more
than at home, so where that outweighs the calls that are answered beside it (`pays`), everything comes home for a while.
"""

from __future__ import annotations

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import Rights
from kernel_sim.process import SHOWN_FILE
from kernel_sim.vdso import suits
from kernel_sim.vdso.descriptors import SharedFdTable
from kernel_sim.vdso.inodes import Inodes
from kernel_sim.vdso.layout import PAGE, State
from kernel_sim.vdso.ram import on_page
from kernel_sim.vdso.shared import TIME_MAX, U64_MAX, Place, SharedClock, SharedEntropy
from kernel_sim.vdso.slots import Slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.vdso.ram import Ram

READ_WRITE = Rights.FD_READ | Rights.FD_WRITE
ENOUGH = 64
"""What sharing must have cost before it is weighed. A look of the kernel's at a name in RAM costs 1."""
CREDIT = 128
"""What it may cost beyond that behind its waking, when things are only just moving to RAM, and few calls can be answered."""
GAIN = 4
"""What is gained by a call that is answered beside the kernel."""
FIRST_NAP = 2
"""It stays asleep for so many times AWAKE_AFTER calls, then for twice as many, and so on."""
LONGEST_NAP = 64
_ANSWERED = on_page("answered") >> 2


class Vdso:
    """The kernel's half of a vDSO of `process`, whose other half sees the same `ram`.

    `require_rest` raises if the other half may be at work at this moment, in another thread.
    """

    __slots__ = ("kernel", "process", "ram", "require_rest", "awake", "costs", "nap", "left", "inodes", "slots", "__weakref__")

    def __init__(
        self, kernel: Kernel, process: Process, ram: Ram, require_rest: Callable[[], None] = lambda: None
    ) -> None:
        self.kernel = kernel
        self.process = process
        self.ram = ram
        self.require_rest = require_rest
        self.awake = False
        self.costs = self.nap = self.left = 0
        self.inodes = Inodes(self, ram)
        self.slots = Slots(ram, process.fds, self.inodes)

    def pays(self) -> bool:
        """Is sharing worth what it costs? Else everything comes home, and stays there twice as long as the last time.

        It may be asked only while no call of the kernel's is at work.
        """
        if self.costs < ENOUGH or not self.awake:
            return self.awake
        gained = GAIN * self.ram.u32[_ANSWERED]
        paid = gained >= self.costs
        self.costs = self.ram.u32[_ANSWERED] = 0
        self.nap = 0 if paid else min(2 * self.nap or FIRST_NAP, LONGEST_NAP)
        if not paid:
            self.left = self.nap
            self.release()
        return paid

    def stir(self) -> None:
        """It is woken, unless it has been sent to sleep for longer."""
        self.left = max(self.left - 1, 0)
        if not self.left:
            self.wake()

    def wake(self) -> None:
        """Share clock, entropy and descriptors, unless something doesn't fit or another process shares them."""
        fds, clock = self.process.fds, self.kernel.clock
        if self.awake or type(fds) is not FdTable or not suits(self.kernel, self.process):
            return
        assert isinstance(clock, VirtualClock)
        times = clock.start, clock.step, clock.elapsed
        if any(fd >= fds.limit for fd in fds) or not all(0 <= each <= TIME_MAX for each in times):
            return
        self.ram.reset()
        self.costs, self.ram.u32[_ANSWERED] = -CREDIT, 0
        if not self.slots.lay_out():
            return
        u32, u64 = self.ram.u32, self.ram.u64
        for at, access in enumerate((0, Rights.FD_READ, Rights.FD_WRITE, READ_WRITE)):
            u64[(on_page("shown") >> 3) + at] = SHOWN_FILE[access]
        place = Place(self, PAGE)
        fds.mapped = clock.mapped = place
        fds.__class__ = SharedFdTable
        for name in ("start", "step", "elapsed"):
            u64[on_page(name) >> 3] = getattr(clock, name)
        clock.__class__ = SharedClock
        self._share_entropy(place)
        u32[on_page("has_clock") >> 2] = u32[on_page("awake") >> 2] = 1
        self.awake = True
        self.kernel.sharing.append(self)

    def _share_entropy(self, place: Place) -> None:
        entropy = self.kernel.entropy
        if type(entropy) is SeededEntropy and entropy.taken <= TIME_MAX:
            ram = self.ram
            ram.u64[on_page("taken") >> 3] = entropy.taken
            ram.u64[on_page("block") >> 3] = U64_MAX
            ram.bytes[on_page("key") : on_page("key") + len(entropy.key)] = entropy.key
            entropy.mapped = place
            entropy.__class__ = SharedEntropy
            ram.u32[on_page("has_entropy") >> 2] = 1

    def release(self) -> None:
        """Everything comes home; calls are the kernel's until it is woken again."""
        if not self.awake:
            return
        self.require_rest()
        self.kernel.sharing.remove(self)
        self.awake = False
        ram, fds = self.ram, self.process.fds
        for name in ("awake", "calls", "has_clock", "has_entropy"):
            ram.u32[on_page(name) >> 2] = 0
        for fd in self.slots.numbers():
            if self.slots.state(fd) == State.RAM:
                self.slots.take_home(fd)
        self.inodes.take_home()
        fds.__class__ = FdTable
        fds.recount()
        clock, entropy = self.kernel.clock, self.kernel.entropy
        assert type(clock) is SharedClock
        clock.__class__ = VirtualClock  # type: ignore[assignment]  # a class of the same layout
        clock.elapsed = ram.u64[on_page("elapsed") >> 3]
        del fds.mapped, clock.mapped  # they outlive the guest, which hangs off this
        if type(entropy) is SharedEntropy:
            entropy.__class__ = SeededEntropy  # type: ignore[assignment]  # likewise
            entropy.taken = ram.u64[on_page("taken") >> 3]
            del entropy.mapped
