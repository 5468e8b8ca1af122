"""Entropy from a seed: the ChaCha20 key stream (RFC 8439), so that a seed gives the same bytes on every machine.

The block function runs on many blocks at once: each of the 16 state words is one big integer with a lane of 40 bits per
block, so an addition, rotation or exclusive-or of big integers works on all of them. The upper 8 bits of a lane take the
carries of all 40 additions that a word can meet; a rotation masks away what is not of its own 32 bits.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.vdso.shared import Place

LANE = 5
"""Bytes in a lane."""
BLOCK = 64
"""Bytes in a block of key stream."""
FIRST_BATCH = 8
LARGEST_BATCH = 512
"""Blocks computed at once: few at first, since most guests want little, then more and more."""

_ROUNDS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
"""A double round: four columns, four diagonals."""
_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)


def key_of(seed: int) -> bytes:
    """The 32-byte key that a seed stands for: its lowest 256 bits."""
    return (seed % (1 << 256)).to_bytes(32, "little")


def key_stream(key: bytes, counter: int, blocks: int) -> bytes:
    """`blocks` blocks of ChaCha20 key stream from block number `counter` on, with an all-zero nonce.

    The counter takes words 12 and 13, as in Bernstein's original, so it never wraps.
    """
    ones = int.from_bytes(b"\1\0\0\0\0" * blocks, "little")
    high16, high12, high8, high7 = [ones * (0xFFFFFFFF << bits & 0xFFFFFFFF) for bits in (16, 12, 8, 7)]
    low16, low12, low8, low7 = [ones * ((1 << bits) - 1) for bits in (16, 12, 8, 7)]
    words = [word * ones for word in _CONSTANTS]
    words += [int.from_bytes(key[at : at + 4], "little") * ones for at in range(0, 32, 4)]
    words += [_lanes([value >> shift & 0xFFFFFFFF for value in range(counter, counter + blocks)]) for shift in (0, 32)]
    words += [0, 0]
    state = list(words)
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            va, vb, vc, vd = state[a], state[b], state[c], state[d]
            va += vb
            vd ^= va
            vd = vd << 16 & high16 | vd >> 16 & low16
            vc += vd
            vb ^= vc
            vb = vb << 12 & high12 | vb >> 20 & low12
            va += vb
            vd ^= va
            vd = vd << 8 & high8 | vd >> 24 & low8
            vc += vd
            vb ^= vc
            vb = vb << 7 & high7 | vb >> 25 & low7
            state[a], state[b], state[c], state[d] = va, vb, vc, vd
    stream = bytearray(blocks * BLOCK)
    for index in range(16):
        lanes = (state[index] + words[index]).to_bytes(blocks * LANE, "little")
        for byte in range(4):
            stream[4 * index + byte :: BLOCK] = lanes[byte::LANE]
    return bytes(stream)


def _lanes(values: list[int]) -> int:
    return int.from_bytes(b"".join([value.to_bytes(LANE, "little") for value in values]), "little")


class SeededEntropy:
    """An entropy device that is part of the simulation. Its state is the seed and how many bytes were taken."""

    __slots__ = ("seed", "taken", "key", "_buffer", "_start", "_batch", "mapped")

    mapped: Place

    def __init__(self, seed: int = 0, taken: int = 0) -> None:
        self.begin(seed, taken)

    def begin(self, seed: int, taken: int = 0) -> None:
        """Go on in the stream of `seed`, where `taken` bytes are gone already; so do all who hold this device."""
        self.seed = seed
        self.taken = taken
        self.key = key_of(seed)
        self._buffer = b""
        self._start = taken  # the position of _buffer[0] in the stream
        self._batch = FIRST_BATCH

    def take(self, count: int) -> bytes:
        start = self.taken - self._start
        piece = self._buffer[start : start + count]
        self.taken += len(piece)
        if len(piece) == count:
            return piece
        pieces = [piece]
        missing = count - len(piece)
        while missing:
            self._refill()
            start = self.taken - self._start
            piece = self._buffer[start : start + missing]
            pieces.append(piece)
            self.taken += len(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _refill(self) -> None:
        block = self.taken // BLOCK
        self._buffer = key_stream(self.key, block, self._batch)
        self._start = block * BLOCK
        self._batch = min(self._batch * 4, LARGEST_BATCH)
