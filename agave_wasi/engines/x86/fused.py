"""Fused multiply-add, exactly: compiled code asks for it where the CPU has no such instruction, and the model hasn't.

IEEE 754: x * y + z as if it were computed without limits, then rounded once, to the nearest, ties to even. Every NaN is the
canonical one, as everywhere in compiled code.
"""

from __future__ import annotations

from struct import Struct


class Format:
    """A binary format: bits of its `fraction`; the rest follows from its `size` in bytes."""

    __slots__ = ("lanes", "fraction", "sign", "infinity", "nan", "least")

    def __init__(self, size: int, fraction: int) -> None:
        self.lanes = Struct("<4I" if size == 4 else "<2Q")
        self.fraction = fraction
        self.sign = 1 << 8 * size - 1
        self.infinity = self.sign - (1 << fraction)
        self.nan = self.infinity | 1 << fraction - 1
        self.least = 2 - (1 << 8 * size - fraction - 2) - fraction
        """The exponent of the smallest number's last bit."""

    def decoded(self, bits: int) -> tuple[int, int]:
        """A finite number's magnitude as an integer and the exponent of that one's last bit."""
        biased = (bits & self.infinity) >> self.fraction
        fraction = bits & (1 << self.fraction) - 1
        return (fraction | 1 << self.fraction, self.least + biased - 1) if biased else (fraction, self.least)

    def rounded(self, value: int, exponent: int) -> int:
        """The bits of the number nearest to value * 2**exponent; a zero is positive."""
        sign, value = (self.sign, -value) if value < 0 else (0, value)
        shift = max(value.bit_length() - self.fraction - 1, self.least - exponent)
        exponent += shift
        if shift > 0:
            rest, half = value & (1 << shift) - 1, 1 << shift - 1
            value >>= shift
            value += rest > half or (rest == half and value & 1)
        else:
            value <<= -shift
        # a carry out of the fraction goes into the exponent's bits, where it belongs
        bits = value + (exponent - self.least << self.fraction) if value >> self.fraction else value
        return sign | min(bits, self.infinity)


SINGLE, DOUBLE = Format(4, 23), Format(8, 52)


def multiply_add(x: int, y: int, z: int, format: Format) -> int:
    """The bits of x * y + z, which are bits of the format."""
    sign, infinity = format.sign, format.infinity
    magnitudes = x & ~sign, y & ~sign, z & ~sign
    if max(magnitudes) > infinity:
        return format.nan
    product_sign = (x ^ y) & sign
    if infinity in magnitudes[:2]:
        opposed = magnitudes[2] == infinity and z & sign != product_sign
        return format.nan if 0 in magnitudes[:2] or opposed else product_sign | infinity
    if magnitudes[2] == infinity:
        return z
    (x_value, x_exponent), (y_value, y_exponent), (addend, exponent) = (format.decoded(each) for each in magnitudes)
    product, product_exponent = x_value * y_value, x_exponent + y_exponent
    if not product and not addend:
        return product_sign & z
    least = min(exponent, product_exponent)
    product <<= product_exponent - least
    addend <<= exponent - least
    total = (-product if product_sign else product) + (-addend if z & sign else addend)
    return format.rounded(total, least)


def multiply_add_lanes(operands: bytes | memoryview, format: Format) -> bytes:
    """The three vectors of `operands`, lane by lane."""
    size = format.lanes.size
    x, y, z = (format.lanes.unpack_from(operands, size * number) for number in range(3))
    return format.lanes.pack(*(multiply_add(*lane, format) for lane in zip(x, y, z)))
