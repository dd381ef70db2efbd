"""Which characters a font file can print: the character map of an OpenType file (ISO/IEC 14496-22, 5.2.1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LARGEST = 16_000_000  # bytes of a character map; the largest fonts have less than one million
PREFERENCE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))  # platform, encoding


def characters(path: Path, index: int) -> frozenset[int]:
    """Code points with a glyph in the `index`-th font of the file; empty for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            table = subtable(character_map(file, index))
        return frozenset(mapped(table))
    except (OSError, struct.error, ValueError):
        return frozenset()


def character_map(file: BinaryIO, index: int) -> bytes:
    """The table `cmap`. Raises ValueError when the font has none."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * index)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H", file.read(2))
    file.seek(start + 12)
    for tag, _, offset, length in struct.iter_unpack(">4sIII", file.read(16 * count)):
        if tag == b"cmap" and length <= LARGEST:
            file.seek(offset)
            return file.read(length)
    raise ValueError("no character map")


def subtable(table: bytes) -> bytes:
    """The widest Unicode map of the table. Raises ValueError when there is none."""
    (count,) = struct.unpack_from(">H", table, 2)
    offsets = {
        (platform, encoding): offset
        for platform, encoding, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])
    }
    for key in PREFERENCE:
        if key in offsets:
            return table[offsets[key] :]
    raise ValueError("no Unicode map")


def mapped(table: bytes) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", table)
    if kind == 12:
        (groups,) = struct.unpack_from(">I", table, 12)
        for first, last, glyph in struct.iter_unpack(">III", table[16 : 16 + 12 * groups]):
            yield from range(first if glyph else first + 1, min(last, 0x10FFFF) + 1)
    elif kind == 4:
        yield from mapped_by_segments(table)


def mapped_by_segments(table: bytes) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">H", table, 6)
    count = doubled // 2
    lasts = struct.unpack_from(f">{count}H", table, 14)
    firsts = struct.unpack_from(f">{count}H", table, 16 + doubled)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * doubled)
    offsets = struct.unpack_from(f">{count}H", table, 16 + 3 * doubled)
    for segment, (first, last, delta, offset) in enumerate(zip(firsts, lasts, deltas, offsets, strict=True)):
        place = 16 + 3 * doubled + 2 * segment + offset
        for code in range(first, last + 1):
            glyph = (code + delta) & 0xFFFF if offset == 0 else glyph_at(table, place + 2 * (code - first))
            if glyph and code != 0xFFFF:
                yield code


def glyph_at(table: bytes, place: int) -> int:
    (glyph,) = struct.unpack_from(">H", table, place)
    return int(glyph)
