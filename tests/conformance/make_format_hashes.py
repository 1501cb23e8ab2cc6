"""Prints format_hashes.inc: FNV-1a of what gguf-py makes of 1,000 blocks of each format."""
import gguf
import numpy as np
from gguf import quants

TYPES = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
         "IQ4_XS", "MXFP4"]


def blocks(block_bytes):
    """Block 0 is all 0x00, block 1 all 0xff, the rest the low bytes of mt19937(31)."""
    generator = np.random.MT19937()
    generator._legacy_seeding(31)  # as std::mt19937 seeds itself
    data = (generator.random_raw(1000 * block_bytes) & 255).astype(np.uint8)
    data = data.reshape(1000, block_bytes)
    data[0], data[1] = 0, 255
    return data


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


for name in TYPES:
    kind = gguf.GGMLQuantizationType[name]
    with np.errstate(all="ignore"):
        floats = quants.dequantize(blocks(gguf.GGML_QUANT_SIZES[kind][1]), kind).astype("<f4")
    floats[np.isnan(floats)] = np.float32(np.nan)
    bits = floats.view("<u4")
    bits[np.isnan(floats)] = 0x7FC00000
    print(f'{{"{name.lower().replace("_k", "_K")}", 0x{fnv1a(bits.tobytes()):016x}u}},')
