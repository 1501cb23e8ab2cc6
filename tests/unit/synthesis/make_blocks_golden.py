#!/usr/bin/env python3
"""The hash in blocks_test.cpp, worked out by other means: 16 blocks of each type, from block 16 on. Needs numpy."""
import hashlib
import struct

from numpy import float32 as f32

SEED, STREAM, FIRST, RMS = 7, 99, 16, 0.015625
MASK = 0xFFFFFFFF

# Type, bytes of a block, rms of its values where the scale is 1, place of the scale; then place of the minimum, twice
# the middle of the quants, whether the minimum is stored with its sign. In the order of the table of types.
TYPES = [("f32", 4, 147.8), ("f16", 2, 104.5), ("q4_0", 18, 4.637, 0), ("q4_1", 20, 4.61, 0, 2, 15, True),
         ("q5_0", 22, 9.247, 0), ("q5_1", 24, 9.233, 0, 2, 31, True), ("q8_0", 34, 73.9, 0),
         ("q2_K", 84, 13.87, 80, 82, 3, False), ("q3_K", 110, 43.34, 108), ("q4_K", 144, 258.3, 0, 2, 15, False),
         ("q5_K", 176, 526.9, 0, 2, 31, False), ("q6_K", 210, 1365.7, 208), ("iq4_nl", 18, 67.44, 0),
         ("iq4_xs", 136, 1246.2, 0), ("bf16", 2, 104.5), ("tq2_0", 66, 0.866, 64), ("mxfp4", 17, 2.926)]


def philox(counter, key):
    for _ in range(10):
        low, high = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(high >> 32) ^ counter[1] ^ key[0], high & MASK, (low >> 32) ^ counter[3] ^ key[1], low & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


def noise(size, first):
    words = [philox([i, 0, STREAM, 0], [SEED, 0]) for i in range(first, first + (size + 15) // 16)]
    return bytearray(b"".join(struct.pack("<4I", *w) for w in words)[:size])


def bits(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def half(x):
    if x < f32(2.0 ** -14):
        return int(f32(x * f32(2.0 ** 24)) + f32(0.5))
    return ((bits(x) + 0x1000) >> 13) - (112 << 10)


def finish(block, name, scale, place=None, minimum=None, middle=0, signed=False):
    if name == "f32":
        return struct.pack("<f", f32(sum(block) - 510) * scale)
    if place is None and name != "mxfp4":
        x = f32(sum(block) - 255) * scale
        return struct.pack("<f", x)[2:] if name == "bf16" else struct.pack("<H", half(abs(x)) | (0x8000 if x < 0 else 0))
    if name == "mxfp4":
        block[0] = bits(scale) >> 23 & 255
        return block
    if name == "tq2_0":
        for i, b in enumerate(block[:64]):
            block[i] = b & ~((b & b >> 1 & 0x55) * 3)
    d = f32(scale * f32(0.875 + block[place] / 1024))
    block[place:place + 2] = struct.pack("<H", half(d))
    if minimum is not None:
        block[minimum:minimum + 2] = struct.pack("<H", half(f32(d * f32(middle / 2))) | (0x8000 if signed else 0))
    return block


def main():
    digest = hashlib.sha256()
    for name, size, rms, *places in TYPES:
        data = noise(16 * size, FIRST * size // 16)
        for at in range(0, len(data), size):
            digest.update(bytes(finish(data[at:at + size], name, f32(RMS / rms), *places)))
    print(digest.hexdigest())


if __name__ == "__main__":
    main()
