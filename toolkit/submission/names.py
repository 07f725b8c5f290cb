"""Names of submitted files: decoded as their writer meant them, and harmless wherever they become a path."""

from __future__ import annotations

import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

LONGEST_NAME, LONGEST_PATH = 100, 200  # characters; Windows allows 260 with the folder above
_IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_IGNORED_PREFIXES = (".", "~$", "~")
_IGNORED_SUFFIXES = (".tmp", ".temp", ".crdownload", ".part", ".download")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)", re.I)
_DRIVE = re.compile(r"[A-Za-z]:(?=/|$)")
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075


def is_ignored(path: str) -> bool:
    """Return whether a file is a lock, hidden, temporary or system file, or lies in a folder of such.

    >>> [is_ignored(path) for path in ("~$表.xlsx", "__MACOSX/._表.xlsx", "甲/.DS_Store", "甲/表.xlsx")]
    [True, True, True, False]
    """
    return any(
        part in _IGNORED_NAMES or part.startswith(_IGNORED_PREFIXES) or part.endswith(_IGNORED_SUFFIXES)
        for part in path.lower().replace("\\", "/").split("/")
        if part not in {"", ".", ".."}
    )


def shown(path: str) -> str:
    r"""Return the name a file of the disk goes by: readable, on one line, and fit to be printed.

    A name that is no UTF-8 comes from a Chinese Windows.

    >>> shown("甲/自评\n表.xlsx"), shown(os.fsdecode("花都区.xlsx".encode("gbk")))
    ('甲/自评_表.xlsx', '花都区.xlsx')
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        path = os.fsencode(path).decode("gb18030", "replace")
    return "".join("_" if _is_unprintable(char) else char for char in path)


def sane_key(key: str) -> str:
    """Return the name a file at an address goes by: as on a disk, unless no disk would have such a name.

    >>> sane_key("甲/表?.xlsx"), sane_key("甲//../表.xlsx")
    ('甲/表?.xlsx', '甲/表.xlsx')
    """
    return sane(key) if any(part in {"", ".", ".."} for part in key.split("/")) else shown(key)


def safe_below(key: str) -> bool:
    """Return whether a key can be a path below a folder of any disk as it is.

    >>> safe_below("narratives/区里.docx"), safe_below("../x"), safe_below("C:/x"), safe_below("a//b")
    (True, False, False, False)
    """
    return key != "" and key == sane(key)


def sane(path: str) -> str:
    r"""Return a name out of an archive as a path that stays below its folder on every system.

    >>> sane("../../etc/表.xlsx"), sane("C:\\报送\\con.xlsx"), sane("甲/..."), sane("甲/ 表?.xlsx ")
    ('etc/表.xlsx', '报送/_con.xlsx', '甲', '甲/表_.xlsx')
    """
    text = _DRIVE.sub("", unicodedata.normalize("NFC", path.replace("\\", "/")))
    parts = [part for raw in text.split("/") if (part := _sane_part(raw))]
    while len(parts) > 1 and len("/".join(parts)) > LONGEST_PATH:
        del parts[-2]
    return "/".join(parts) or "未命名"


def unique(names: Iterable[str]) -> list[str]:
    """Return names of which no two are one name on a system without case.

    >>> unique(["a.xlsx", "A.xlsx", "b/a.xlsx"])
    ['a.xlsx', 'A~2.xlsx', 'b/a.xlsx']
    """
    taken: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for name in names:
        path, free = PurePosixPath(name), name
        while free.casefold() in taken:
            counts[name.casefold()] = counts.get(name.casefold(), 1) + 1
            free = str(path.with_name(f"{path.stem}~{counts[name.casefold()]}{path.suffix}"))
        taken.add(free.casefold())
        found.append(free)
    return found


def decoded(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the names of an archive's entries as their writer meant them.

    An entry says UTF-8 by a flag or in a field beside the name. Names of which nothing is said are UTF-8 when
    all of them can be, as some programs leave the flag out; else they come from a Chinese Windows.
    """
    raw = [_raw(info) for info in infos]
    plain = b"\n".join(name for name, said in raw if not said)
    try:
        plain.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "gb18030"
    return [name.decode("utf-8" if said else encoding, "replace") for name, said in raw]


def _raw(info: zipfile.ZipInfo) -> tuple[bytes, bool]:
    """Return the bytes of an entry's name, and whether they are said to be UTF-8."""
    name = info.orig_filename
    if info.flag_bits & _UTF8_FLAG:
        return name.encode("utf-8", "replace"), True
    raw = name.encode("cp437", "replace")
    extra, start = info.extra, 0
    while start + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, start)
        body = extra[start + 4 : start + 4 + length]
        if (
            kind == _UNICODE_PATH
            and len(body) > 5
            and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw)
        ):
            return body[5:], True
        start += 4 + length
    return raw, False


def _sane_part(raw: str) -> str:
    part = "".join("_" if _is_unprintable(char) else char for char in raw)
    part = _FORBIDDEN.sub("_", part).strip().rstrip(". ")
    if _DEVICES.match(part):
        part = f"_{part}"
    if len(part) > LONGEST_NAME:
        stem, dot, suffix = part.rpartition(".")
        keeps = bool(dot) and len(suffix) <= 5
        part = f"{stem[: LONGEST_NAME - 6]}.{suffix}" if keeps else part[:LONGEST_NAME]
    return part


def _is_unprintable(char: str) -> bool:
    """Return whether a character would steer a terminal or turn the direction of the text around."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
