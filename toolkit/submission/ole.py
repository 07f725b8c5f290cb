"""Read streams out of an OLE container, the file inside which .xls and encrypted workbooks live."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from toolkit.submission.guard import SourceError

_HEADER = 512
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks, not sectors
_MINI_SECTOR = 64
_MOST_MINI_FAT = 4096


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int  # 1 storage, 2 stream, 5 root
    left: int
    right: int
    child: int
    start: int
    size: int


class OleFile:
    """The streams at the top of a container; those of embedded objects are not looked at."""

    def __init__(self, data: bytes) -> None:
        try:
            self._open(data)
        except (struct.error, IndexError, ValueError) as error:
            raise SourceError("F01", "damaged ole", str(error)) from error

    def _open(self, data: bytes) -> None:
        self._data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in {9, 12}:
            raise SourceError("F01", "damaged ole", f"sector shift {shift}")
        self._sector: int = 1 << shift
        fat_count, directory = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
        limit, mini_fat, mini_count, difat, _ = struct.unpack_from("<5I", data, 56)
        self._mini_limit: int = limit
        # calamine reserves memory by these counts before it looks at anything.
        if fat_count > len(data) // self._sector or mini_count > _MOST_MINI_FAT:
            raise SourceError("F01", "damaged ole", f"{fat_count} and {mini_count} tables")
        self._fat = self._read_fat(fat_count, difat)
        self._entries = [_entry(raw) for raw in _pieces(self._chain(directory), 128)]
        root = self._entries[0]
        self._mini_fat = _numbers(self._chain(mini_fat)) if mini_fat < _LAST_SECTOR else []
        self._mini = self._chain(root.start) if root.start < _LAST_SECTOR else b""
        for entry in self._entries:  # calamine follows chains of its own choice and does not notice a circle
            if entry.kind == 2:
                self._sectors_of(entry)
        self._top = {entry.name.lower(): entry for entry in self._siblings(root.child)}

    def names(self) -> set[str]:
        """Return the names at the top in lower case."""
        return set(self._top)

    def stream(self, name: str) -> bytes:
        """Return a stream; F01 when it is absent or its chain of sectors is broken."""
        entry = self._top.get(name.lower())
        if entry is None or entry.kind != 2:
            raise SourceError("F01", "missing part", name)
        source, size = (self._data, self._sector) if self._is_large(entry) else (self._mini, _MINI_SECTOR)
        starts = self._sectors_of(entry)
        return b"".join(source[start : start + size] for start in starts)[: entry.size]

    def place(self, name: str, offset: int) -> int:
        """Return where in the file a byte of a stream lies."""
        entry = self._top[name.lower()]
        if self._is_large(entry):
            return self._sectors_of(entry)[offset // self._sector] + offset % self._sector
        inside = self._sectors_of(entry)[offset // _MINI_SECTOR] + offset % _MINI_SECTOR
        chain = _follow(self._entries[0].start, self._fat)
        return self._start(chain[inside // self._sector]) + inside % self._sector

    def _is_large(self, entry: _Entry) -> bool:
        return entry.size >= self._mini_limit

    def _sectors_of(self, entry: _Entry) -> list[int]:
        """Return where the sectors of a stream begin: in the file, or in the mini stream for a small one."""
        if self._is_large(entry):
            return [self._start(number) for number in _follow(entry.start, self._fat)]
        return [number * _MINI_SECTOR for number in _follow(entry.start, self._mini_fat)]

    def _read_fat(self, count: int, difat: int) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self._data, 76))
        seen: set[int] = set()
        while difat < _LAST_SECTOR:  # the list goes on in sectors of its own
            if difat in seen:
                raise SourceError("F01", "damaged ole", f"sector {difat}")
            seen.add(difat)
            *more, difat = _numbers(self._sector_bytes(difat))
            sectors += more
        return _numbers(b"".join(self._sector_bytes(n) for n in sectors[:count] if n < _LAST_SECTOR))

    def _sector_bytes(self, number: int) -> bytes:
        start = self._start(number)
        return self._data[start : start + self._sector]

    def _start(self, number: int) -> int:
        return max(_HEADER, self._sector) + number * self._sector

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector_bytes(number) for number in _follow(start, self._fat))

    def _siblings(self, first: int) -> list[_Entry]:
        """Return the entries of one storage, which are kept as a binary tree."""
        found, seen, waiting = [], {0}, [first]
        while waiting:
            number = waiting.pop()
            if number < len(self._entries) and number not in seen:
                seen.add(number)
                entry = self._entries[number]
                found.append(entry)
                waiting += (entry.left, entry.right)
        return found


def _follow(start: int, table: list[int]) -> list[int]:
    """Return the sectors of a chain; F01 when it bites its tail or leaves the table."""
    chain: list[int] = []
    seen: set[int] = set()
    while start < _LAST_SECTOR:
        if start in seen or start >= len(table):
            raise SourceError("F01", "damaged ole", f"sector {start}")
        seen.add(start)
        chain.append(start)
        start = table[start]
    return chain


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data) - size + 1, size)]


def _entry(raw: bytes) -> _Entry:
    length = min(max(struct.unpack_from("<H", raw, 64)[0] - 2, 0), 62)
    left, right, child = struct.unpack_from("<3I", raw, 68)
    start, size = struct.unpack_from("<II", raw, 116)
    return _Entry(raw[:length].decode("utf-16-le", "replace"), raw[66], left, right, child, start, size)
