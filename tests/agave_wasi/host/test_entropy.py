"""Real entropy: the right number of bytes, and other ones each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agave_wasi.host.entropy import HostEntropy

if TYPE_CHECKING:
    from kernel_sim.devices import EntropyDevice


def test_takes_what_is_asked_for() -> None:
    device: EntropyDevice = HostEntropy()
    assert [len(device.take(count)) for count in (0, 1, 257, 1 << 20)] == [0, 1, 257, 1 << 20]
    assert device.take(32) != device.take(32)
