"""Write a zip archive of entries already packed: zipfile can only pack anew, which would change them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s4B4H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_UTF8, _SIZES_BEHIND = 0x800, 0x8
_VERSION = 20  # what a reader must know: deflate
Moment: TypeAlias = tuple[int, int, int, int, int, int]  # year, month, day, hour, minute, second


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive; `packed` are its bytes as compressed by `method`."""

    name: bytes
    flags: int
    method: int
    time: Moment
    crc: int
    size: int
    packed: bytes
    system: int = 0
    attributes: int = 0

    @classmethod
    def of(cls, info: zipfile.ZipInfo, data: bytes) -> Entry:
        """Return an entry of an archive as it is."""
        lengths = struct.unpack_from("<HH", data, info.header_offset + 26)
        start = info.header_offset + 30 + sum(lengths)
        packed = data[start : start + info.compress_size]
        flags = info.flag_bits & ~_SIZES_BEHIND  # the sizes stand in front, as they are known
        return cls(
            _name(info.orig_filename, flags),
            flags,
            info.compress_type,
            info.date_time,
            info.CRC,
            info.file_size,
            packed,
            info.create_system,
            info.external_attr,
        )


def pack(name: str, content: bytes, created: datetime, info: zipfile.ZipInfo | None = None) -> Entry:
    """Return an entry of new content; `info` is the one it takes the place of."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    time = (max(created.year, 1980), created.month, created.day, created.hour, created.minute, created.second)
    flags = (info.flag_bits if info else 0 if name.isascii() else _UTF8) & _UTF8
    system, attributes = (info.create_system, info.external_attr) if info else (0, 0)
    crc = zlib.crc32(content)
    method = zipfile.ZIP_DEFLATED
    return Entry(_name(name, flags), flags, method, time, crc, len(content), packed, system, attributes)


def write_zip(entries: Iterable[Entry]) -> bytes:
    """Return the archive."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        offset = len(body)
        shared = (entry.flags, entry.method, *_dos(entry.time), entry.crc, len(entry.packed), entry.size)
        body += _LOCAL.pack(b"PK\x03\x04", _VERSION, *shared, len(entry.name), 0)
        body += entry.name + entry.packed
        made_by = (_VERSION, entry.system, _VERSION, 0)
        where = (len(entry.name), 0, 0, 0, 0, entry.attributes, offset)
        directory += _CENTRAL.pack(b"PK\x01\x02", *made_by, *shared, *where) + entry.name
        count += 1
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def _name(name: str, flags: int) -> bytes:
    return name.encode("utf-8" if flags & _UTF8 else "cp437")


def _dos(time: Moment) -> tuple[int, int]:
    """Return time and date as MS-DOS packs them.

    >>> _dos((2024, 1, 1, 12, 0, 0))
    (24576, 22561)
    """
    year, month, day, hour, minute, second = time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
