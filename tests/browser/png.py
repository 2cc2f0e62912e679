"""As much of PNG as browsers write: 8 bits a sample, RGB or RGBA, not interlaced."""

import struct
import zlib


def _paeth(left, above, corner):
    guess = left + above - corner
    distances = abs(guess - left), abs(guess - above), abs(guess - corner)
    return (left, above, corner)[distances.index(min(distances))]


def _unfilter(kind, row, above, step):
    for i, value in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            row[i] = value + left & 255
        elif kind == 2:
            row[i] = value + above[i] & 255
        elif kind == 3:
            row[i] = value + (left + above[i]) // 2 & 255
        elif kind == 4:
            row[i] = value + _paeth(left, above[i], corner) & 255
    return row


def decode(data):
    """(width, height, count of pixels by colour)"""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG")
    at, header, pixels, ended = 8, None, b"", False
    while at < len(data) and not ended:
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if zlib.crc32(kind + body) != struct.unpack_from(">I", data, at + 8 + length)[0]:
            raise ValueError(f"a broken chunk {kind}")
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            pixels += body
        ended = kind == b"IEND"
        at += 12 + length
    if not ended or header is None:
        raise ValueError("cut short")
    width, height, depth, colour, _, _, interlaced = header
    if depth != 8 or colour not in (2, 6) or interlaced:
        raise ValueError(f"a PNG of another kind: {header}")
    step = 3 if colour == 2 else 4
    raw = zlib.decompress(pixels)
    stride = width * step
    above, counts = bytearray(stride), {}
    for y in range(height):
        start = y * (stride + 1)
        above = _unfilter(raw[start], bytearray(raw[start + 1:start + 1 + stride]), above, step)
        for x in range(0, stride, step):
            pixel = bytes(above[x:x + 3])
            counts[pixel] = counts.get(pixel, 0) + 1
    return width, height, counts
