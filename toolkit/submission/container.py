"""A zip archive of workbooks: a folder whose members are read as bytes and never laid down by their names."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO
from weakref import finalize

from toolkit.submission.guard import Limits, SourceError, inflated, over, zip_entries
from toolkit.submission.names import decoded, is_ignored, sane, unique
from toolkit.submission.remote import AnyPath

_AES = 99
_NOT_UNLOCKED = (RuntimeError, NotImplementedError, zipfile.BadZipFile, ValueError, EOFError, zlib.error)
_PACKAGE_PARTS = frozenset({"[content_types].xml", "mimetype", "meta-inf/manifest.mf", "ofd.xml"})
_CENTRAL = re.compile(re.escape(b"PK\x01\x02"))
Inside = tuple[str, ...]  # the way to a member: its name in the archive, after those of archives around it


@dataclass(frozen=True, slots=True)
class Listing:
    """What an archive holds: names of its members, their inflated bytes in all, how many are passed over.

    `is_package` says that it is one file of another program, although a zip.
    """

    names: tuple[str, ...]
    size: int
    ignored: int
    is_package: bool


class Container:
    """An opened archive. Its limits are those on a whole archive; each member has those of a file."""

    def __init__(self, file: IO[bytes], data: bytes | mmap, limits: Limits) -> None:
        for count, _ in enumerate(_CENTRAL.finditer(data), 1):
            if count > limits.max_members:
                raise over("max_members", count, limits.max_members)
        self._file = file
        self._data = data
        self._limits = limits
        infos = [
            info for info in zip_entries(file, len(data)) if not info.orig_filename.endswith(("/", "\\"))
        ]
        named = [(name, info) for name, info in zip(decoded(infos), infos, strict=True)]
        kept = [(name, info) for name, info in named if not is_ignored(name)]
        names = unique(sane(name) for name, _ in kept)
        self._members = {name: info for name, (_, info) in zip(names, kept, strict=True)}
        self.listing = Listing(
            tuple(sorted(names)),
            sum(info.file_size for _, info in kept),
            len(named) - len(kept),
            any(name.lower() in _PACKAGE_PARTS for name, _ in named),
        )
        if self.listing.size > limits.max_archive:
            raise over("max_archive", self.listing.size, limits.max_archive)

    def read(self, name: str, passwords: Sequence[str]) -> bytes:
        """Return the bytes of a member; F02 when none of the passwords opens it."""
        info = self._members.get(name)
        if info is None:
            raise SourceError("F01", "missing part", name)
        if info.file_size > self._limits.max_bytes:
            raise over("max_bytes", info.file_size, self._limits.max_bytes)
        if info.flag_bits & 0x1:
            return self._unlocked(info, passwords)
        return inflated(self._data, info)

    def _unlocked(self, info: zipfile.ZipInfo, passwords: Sequence[str]) -> bytes:
        """Return the bytes of a member under the old cipher of zip; the newer one is not known here."""
        if info.compress_type == _AES:
            raise SourceError("F02", "unknown encryption")
        archive = zipfile.ZipFile(self._file)
        for key in _spellings(passwords):
            try:
                with archive.open(info, pwd=key) as member:
                    content = member.read(info.file_size)
                    if len(content) == info.file_size and zlib.crc32(content) == info.CRC:
                        return content
            except _NOT_UNLOCKED:
                continue  # the check byte lets one wrong password of 256 pass, and garbage is unpacked
        raise SourceError("F02", "password", str(len(passwords)))


def _spellings(passwords: Sequence[str]) -> Iterator[bytes]:
    """Yield the passwords as the bytes they may have been typed in as."""
    for password in passwords:
        yield password.encode()
        if not password.isascii():
            yield password.encode("gb18030")


def check_depth(inside: Inside, limits: Limits) -> None:
    """Refuse (F05) an archive inside too many others."""
    if len(inside) >= limits.max_depth:
        raise over("max_depth", len(inside) + 1, limits.max_depth)


def open_container(path: AnyPath, inside: Inside, limits: Limits, passwords: Sequence[str]) -> Container:
    """Return an archive, or one inside it; F05 when it is over a limit, F01 when it is none.

    One at an address is fetched to the disk once by every process that opens it.
    """
    check_depth(inside, limits)
    try:
        if isinstance(path, Path):
            status = path.stat()
            return _opened(path, (status.st_mtime_ns, status.st_size), inside, limits, tuple(passwords))
        return _opened(path, (0, 0), inside, limits, tuple(passwords))
    except OSError as error:
        raise SourceError("F01", "cannot be opened", str(error)) from error


@lru_cache(maxsize=4)  # its members are asked for one after the other
def _opened(
    path: AnyPath, stamp: tuple[int, int], inside: Inside, limits: Limits, passwords: tuple[str, ...]
) -> Container:
    if inside:
        around = _opened(path, stamp, inside[:-1], limits, passwords)
        data = around.read(inside[-1], passwords)
        return Container(io.BytesIO(data), data, limits)
    if stamp[1] > limits.max_archive:
        raise over("max_archive", stamp[1], limits.max_archive)
    # It stays open as long as the archive is remembered.
    file = path.open("rb") if isinstance(path, Path) else path.fetched(limits.max_archive)
    try:
        container = Container(file, mmap(file.fileno(), 0, access=ACCESS_READ), limits)
    except BaseException:
        file.close()
        raise
    finalize(container, file.close)
    return container


def member_bytes(path: AnyPath, inside: Inside, limits: Limits, passwords: Sequence[str] = ()) -> bytes:
    """Return the bytes of a member of an archive on the disk."""
    return open_container(path, inside[:-1], limits, passwords).read(inside[-1], passwords)


def way_to(path: AnyPath, name: str, limits: Limits, passwords: Sequence[str] = ()) -> Inside:
    """Return the way to a member by the name it goes by, that of archives around it in front; F01 if none."""
    inside: Inside = ()
    while True:
        names = open_container(path, inside, limits, passwords).listing.names
        if name in names:
            return (*inside, name)
        around = next((one for one in names if name.startswith(f"{one}/")), None)
        if around is None:
            raise SourceError("F01", "missing part", name)
        inside, name = (*inside, around), name.removeprefix(f"{around}/")
