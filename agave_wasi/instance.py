"""A live instance: a module whose exports are called one after the other, in its own process of a world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kernel_sim.errors import ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.program import Guest
    from agave_wasi.world import World
    from kernel_sim.devices import StreamDevice
    from kernel_sim.trace import Event


class LiveInstance:
    """`exports` maps names to functions. Close it, or use it in a `with` statement, to end its process."""

    def __init__(
        self, world: World, guest: Guest, devices: tuple[StreamDevice, ...], trace: list[Event]
    ) -> None:
        self.world = world
        self.trace = trace
        self.exit_code: int | None = None
        self._guest = guest
        self._devices = devices
        self.exports = self._make_exports()

    def _make_exports(self) -> Mapping[str, Callable[..., object]]:
        return Exports(self)

    @property
    def stdout(self) -> bytes:
        """What was written to stdout so far."""
        return bytes(getattr(self._devices[1], "data", b""))

    @property
    def stderr(self) -> bytes:
        """What was written to stderr so far."""
        return bytes(getattr(self._devices[2], "data", b""))

    def call(self, name: str, *arguments: int | float) -> int | float | tuple[int | float, ...] | None:
        """Call an export: its result, a tuple of several, or None.

        Raises KeyError if there is none, TypeError if the arguments don't fit, GuestTrap and the other endings, and
        RuntimeError once the program has exited.
        """
        if self.exit_code is not None:
            raise RuntimeError(f"the program has exited with code {self.exit_code}")
        try:
            with self._guest.watch(self.world.settings.timeout):
                results = self._guest.call(name, arguments)
        except ProcessExit as exit:
            self.exit_code = exit.code
            raise RuntimeError(f"the program exited with code {exit.code}") from None
        return results[0] if len(results) == 1 else results or None

    def read(self, pointer: int, length: int) -> bytes:
        """A copy of the guest's memory; IndexError if it doesn't lie within."""
        return bytes(self._region(pointer, length))

    def write(self, pointer: int, data: bytes) -> None:
        """Write to the guest's memory; IndexError if it doesn't lie within."""
        self._region(pointer, len(data))[:] = data

    def _region(self, pointer: int, length: int) -> memoryview:
        self._guest.store.require_open()
        assert self._guest.instance is not None
        memory = self._guest.instance.memory()
        if pointer < 0 or length < 0 or pointer + length > len(memory):
            raise IndexError(f"{length} bytes at {pointer:#x} are not within memory, which has {len(memory):#x}")
        return memory[pointer : pointer + length]

    def close(self) -> None:
        """End the process."""
        self._guest.close()

    def __enter__(self) -> LiveInstance:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Exports(Mapping[str, "Callable[..., object]"]):
    """The exported functions by name."""

    def __init__(self, instance: LiveInstance) -> None:
        program = instance._guest.program
        assert program is not None
        self._names = [item.name for item in program.outline.exports if item.kind == "func"]
        self._instance = instance

    def __getitem__(self, name: str) -> Callable[..., object]:
        if name not in self._names:
            raise KeyError(name)

        def call(*arguments: int | float) -> object:
            return self._instance.call(name, *arguments)

        call.__name__ = name
        return call

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
