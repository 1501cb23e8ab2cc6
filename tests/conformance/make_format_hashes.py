"""Prints format_hashes.inc: FNV-1a of what gguf-py makes of 1,000 blocks of each format."""
import pathlib
import re

import gguf
import numpy as np
from gguf import quants

ORACLE = pathlib.Path(__file__).parent / "../../plugins/conformance/oracle/formats.hpp"
ROW = re.compile(r'\{"(\w+)", (?:32|256), ')  # of a type whose blocks hold several values


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


for name in ROW.findall(ORACLE.read_text()):
    kind = gguf.GGMLQuantizationType[name.upper()]
    with np.errstate(all="ignore"):
        floats = quants.dequantize(blocks(gguf.GGML_QUANT_SIZES[kind][1]), kind).astype("<f4")
    floats[np.isnan(floats)] = np.float32(np.nan)
    bits = floats.view("<u4")
    bits[np.isnan(floats)] = 0x7FC00000
    print(f'{{"{name}", 0x{fnv1a(bits.tobytes()):016x}u}},')
