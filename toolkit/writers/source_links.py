"""Links from a cell of 汇总表 to the workbook its figure came from, while both folders stay in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

FOLDER = "../workbooks/"  # where they are, seen from out/, unless the settings say otherwise
MOST_LINKS = 60_000  # on a sheet; Excel takes 65,530
LONGEST_LINK = 2_000  # characters; Excel takes 2,079
_RESERVED = re.compile(r'[\x00-\x20"#%<>?\[\]^`{|}\\]')
_ARCHIVE = re.compile(r"^(.*?\.(?:zip|rar|7z|tar|gz|tgz))/", re.IGNORECASE)


def source_link(file: str, place: str = "", folder: str = FOLDER) -> str:
    """Return the link to a submitted file, at `sheet!cell` if that is known; empty when there can be none.

    A workbook that came in an archive is linked by its archive.

    >>> source_link("甲 街道#1.xlsx", "收支情况!B7")
    "external:../workbooks/甲%20街道%231.xlsx#'收支情况'!B7"
    >>> source_link("一批.zip/甲.xlsx", "收支情况!B7"), source_link("")
    ('external:../workbooks/一批.zip', '')
    """
    path, is_archive = _path(file, folder)
    sheet, mark, cell = place.rpartition("!")
    anchor = f"#'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}" if mark and not is_archive else ""
    link = f"external:{path}{anchor}"
    return link if file and len(link) <= LONGEST_LINK and not re.search(r"[\r\n]", anchor) else ""


@lru_cache(maxsize=1024)
def _path(file: str, folder: str) -> tuple[str, bool]:
    """Return the path of a file as links spell it, and whether it is that of the archive it came in."""
    archive = _ARCHIVE.match(file)
    path = folder + (archive[1] if archive else file)
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", path), archive is not None


def links_of(record: Mapping[str, Any], folder: str = FOLDER) -> dict[str, str]:
    """Return column -> link of a row: its file, its cell, and the figures that stand in a cell each."""
    file = str(record.get("file") or "")
    cell, sheet = str(record.get("cell") or ""), str(record.get("sheet") or "")
    places = {
        "file": "",
        "cell": f"{sheet}!{cell}" if sheet and cell else cell,
        **(record.get("places") or {}),
    }
    links = {column: source_link(file, place or "", folder) for column, place in places.items()}
    return {column: link for column, link in links.items() if link}
