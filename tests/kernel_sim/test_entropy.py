"""Seeded entropy: published vectors of ChaCha20, a block function written plainly, and every way of taking bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.entropy import BLOCK, SeededEntropy, key_of, key_stream

VECTORS = [
    # RFC 8439, appendix A.1: (key, block counter, key stream) with an all-zero nonce
    (bytes(32), 0,
     "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"),
    (bytes(32), 1,
     "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"),
    (bytes(31) + b"\x01", 1,
     "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"),
    (b"\x00\xff" + bytes(30), 2,
     "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"),
]  # fmt: skip


@pytest.mark.parametrize("key, counter, stream", VECTORS)
def test_published_vectors(key: bytes, counter: int, stream: str) -> None:
    assert key_stream(key, counter, 1).hex() == stream


def plain_block(key: bytes, counter: int) -> bytes:
    """One block of key stream, word by word as RFC 8439 describes it, with a 64-bit counter."""

    def rotate(word: int, by: int) -> int:
        return (word << by | word >> 32 - by) & 0xFFFFFFFF

    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), counter & 0xFFFFFFFF, counter >> 32, 0, 0]
    state = list(start)

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = state[x] + state[y] & 0xFFFFFFFF
            state[z] = rotate(state[z] ^ state[x], by)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for column in range(4):
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, start)))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(0, (1 << 64) - 9), st.integers(1, 8))
def test_against_the_plain_block_function(key: bytes, counter: int, blocks: int) -> None:
    expected = b"".join(plain_block(key, counter + number) for number in range(blocks))
    assert key_stream(key, counter, blocks) == expected


def test_the_counter_carries_into_its_upper_half() -> None:
    counter = (1 << 32) - 2
    assert key_stream(bytes(32), counter, 4) == b"".join(plain_block(bytes(32), counter + number) for number in range(4))


STREAM = b"".join(plain_block(key_of(7), number) for number in range(160))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.lists(st.integers(0, 700), max_size=12))
def test_the_stream_is_the_same_however_it_is_taken(taken: int, counts: list[int]) -> None:
    entropy = SeededEntropy(7, taken)
    for count in counts:
        assert entropy.take(count) == STREAM[taken : taken + count]
        taken += count
        assert entropy.taken == taken


def test_a_lot_at_once_and_far_into_the_stream() -> None:
    assert SeededEntropy(7).take(len(STREAM)) == STREAM
    far = 10**15 * BLOCK + 5
    assert SeededEntropy(7, far).take(9) == plain_block(key_of(7), 10**15)[5:14]


def test_another_seed_for_the_same_device() -> None:
    device = SeededEntropy(5)
    device.take(100)
    device.begin(7)
    assert device.take(100) == SeededEntropy(7).take(100)
    device.begin(7, 30)
    assert device.take(70) == SeededEntropy(7).take(100)[30:]


def test_seeds() -> None:
    assert SeededEntropy(0).take(32) == bytes.fromhex(VECTORS[0][2])[:32]
    assert key_of(1) == b"\x01" + bytes(31)
    assert key_of(-1) == b"\xff" * 32 == key_of((1 << 300) - 1)
    assert len({SeededEntropy(seed).take(16) for seed in range(50)}) == 50
