"""As much of MP4 (ISO/IEC 14496-12) as it takes to move the second half of a film far behind the first."""

import os
import struct

_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def _boxes(data):
    at = 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if not 8 <= length <= len(data) - at:
            raise ValueError(f"a box {kind} of {length} bytes")
        yield kind, data[at + 8:at + length]
        at += length


def _box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _tables(data, found):
    """Bodies of the boxes that hold no others, by kind; the film has one track."""
    for kind, body in _boxes(data):
        if kind in _PARENTS:
            _tables(body, found)
        else:
            found[kind] = body
    return found


def _with(data, changed):
    """The same boxes, those of the kinds in `changed` with these bodies."""
    return b"".join(_box(kind, _with(body, changed) if kind in _PARENTS else changed.get(kind, body))
                    for kind, body in _boxes(data))


def _numbers(body, at):
    return struct.unpack_from(f">{(len(body) - at) // 4}I", body, at)


def _table(*rows):
    """Version and flags, how many rows, the rows."""
    return struct.pack(">II", 0, len(rows)) + b"".join(struct.pack(f">{len(row)}I", *row) for row in rows)


def stretch(source, target, gap):
    """Copies a film whose samples stand together, with `gap` bytes, which take no room on the disk, amid them.

    Where the samples behind the gap begin."""
    with open(source, "rb") as file:
        film = file.read()
    top = dict(_boxes(film))
    moov = _box(b"moov", top[b"moov"])
    tables = _tables(moov, {})
    sizes = _numbers(tables[b"stsz"], 12)
    (start,) = _numbers(tables[b"stco"], 8)  # one chunk has them all
    keys = _numbers(tables[b"stss"], 8)
    half = keys[len(keys) // 2] - 1  # the second half begins with a key frame; samples are counted from 1
    cut = start + sum(sizes[:half])
    front = _box(b"ftyp", top[b"ftyp"])

    def changed(first, second):
        """Each half is a chunk of its own."""
        kind = _numbers(tables[b"stsc"], 8)[2]
        return _with(moov, {b"stsc": _table((1, half, kind), (2, len(sizes) - half, kind)),
                            b"stco": _table((first,), (second,))})

    first = len(front) + len(changed(0, 0)) + 8
    second = first + (cut - start) + gap + 8
    with open(target, "wb") as file:
        file.write(front + changed(first, second) + _box(b"mdat", film[start:cut]))
        file.write(struct.pack(">I4s", gap, b"free"))
        file.seek(gap - 8, os.SEEK_CUR)
        file.write(_box(b"mdat", film[cut:start + sum(sizes)]))
    return second
