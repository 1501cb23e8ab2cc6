"""Reads float32 .npy files with the standard library."""
import ast
import pathlib
import struct


def read(path):
    """(rows, cols), values as bytes."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    (length,) = struct.unpack_from("<H", data, 8)
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    rows, cols = header["shape"]
    body = data[10 + length:]
    assert len(body) == 4 * rows * cols, (len(body), header)
    return (rows, cols), body


def floats(body):
    return struct.unpack(f"<{len(body) // 4}f", body)


def nmse(got, exact):
    pairs = list(zip(floats(got), floats(exact)))
    return sum((a - b) ** 2 for a, b in pairs) / sum(b * b for _, b in pairs)
