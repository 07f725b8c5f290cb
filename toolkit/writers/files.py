"""Outputs are whole or untouched: written beside their place, then renamed; and file names are safe."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.submission.room import named

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
UNNAMED = "未命名"
LONGEST_NAME = 80  # characters; Chinese names take three bytes each and file systems allow 255 bytes


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    with whole(path) as beside:
        beside.write_bytes(content)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside the final one to write to, and rename it when the block ends well.

    PermissionError means that another program holds the final file open; it is then unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with named(path):
            yield beside
        beside.replace(path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def safe_name(text: str) -> str:
    """Return a text as a file name that every system accepts and that cannot leave its folder.

    >>> safe_name("../某区/街道办"), safe_name("CON"), safe_name("  ")
    ('某区_街道办', '_CON', '未命名')
    """
    name = unicodedata.normalize("NFC", _FORBIDDEN.sub("_", text))
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cf", "Cs", "Co"))
    name = " ".join(name.split()).strip("._ ")[:LONGEST_NAME].rstrip("._ ")
    return f"_{name}" if _RESERVED.fullmatch(name) else name or UNNAMED
