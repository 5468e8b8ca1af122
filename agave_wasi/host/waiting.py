"""Waiting for the host, when every process of the simulation waits for something outside."""

from __future__ import annotations

from agave_wasi.host.readiness import READ, WRITE, wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


NOTHING: dict[str, int] = {}


class HostWait:
    """A wait device over the devices of a run, by the names under which the kernel knows them.

    `devices` is looked at anew for each wait, so a mapping that grows while the run accepts connections is fine. A
    device that has no host descriptor, or a closed one, counts as ready: there is nothing to wait for.
    """

    __slots__ = ("_devices",)

    def __init__(self, devices: Mapping[str, object]) -> None:
        self._devices = devices

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int] = NOTHING) -> bool:
        """Return when one of `devices` (name, for writing?) may be ready (True), or after `timeout` ns (None: never).

        A socket that is in `least` is only ready for reading when so many bytes are there, or no more can come. May return
        early, as the kernel looks again anyway. A KeyboardInterrupt comes out at once.
        """
        wanted: dict[int, int] = {}
        for name, write in devices:
            fileno = getattr(self._devices[name], "fileno", None)
            fd = -1 if fileno is None else fileno()
            if fd < 0:
                return True
            wanted[fd] = wanted.get(fd, 0) | (WRITE if write else READ)
        late = [(getattr(self._devices[name], "wake_at", None), count) for name, count in least.items() if count > 1]
        try:
            for wake_at, count in late:
                if wake_at is not None:
                    wake_at(count)
            return bool(wait(wanted, timeout))
        finally:
            for wake_at, _ in late:
                if wake_at is not None:
                    wake_at(1)
