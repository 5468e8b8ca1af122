"""Waiting for the host, when every process of the simulation waits for something outside."""

from __future__ import annotations

from agave_wasi.host.readiness import READ, WRITE, wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class HostWait:
    """A wait device over the devices of a run, by the names under which the kernel knows them.

    `devices` is looked at anew for each wait, so a mapping that grows while the run accepts connections is fine. A
    device that has no host descriptor, or a closed one, counts as ready: there is nothing to wait for.
    """

    __slots__ = ("_devices",)

    def __init__(self, devices: Mapping[str, object]) -> None:
        self._devices = devices

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None) -> bool:
        """Return when one of `devices` (name, for writing?) may be ready (True), or after `timeout` ns (None: never).

        May return early, as the kernel looks again anyway. A KeyboardInterrupt comes out at once.
        """
        wanted: dict[int, int] = {}
        for name, write in devices:
            fileno = getattr(self._devices[name], "fileno", None)
            fd = -1 if fileno is None else fileno()
            if fd < 0:
                return True
            wanted[fd] = wanted.get(fd, 0) | (WRITE if write else READ)
        return bool(wait(wanted, timeout))
