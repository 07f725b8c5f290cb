"""A collection at an address: what decides about it is kept on this machine as well, as it is now.

These are its settings, its lists and its templates; workbooks and outputs stay where they are. Beside them
lies what every collection keeps for itself (`.xlreport`), so that a second build is as quick as on a disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from toolkit.checks.files import trouble
from toolkit.checks.ledger import LEDGER
from toolkit.collection import WAIVERS
from toolkit.remote_folder import Options, RemoteFolder, folder_of
from toolkit.settings import SETTINGS, CollectionError, names_password
from toolkit.submission.guard import MIB, SourceError
from toolkit.submission.names import safe_below
from toolkit.submission.remote import RemoteFile
from toolkit.writers.files import write_whole

TEMPLATES = "templates"
LARGEST = 64 * MIB  # bytes of one of these files
_STAMPS = "mirror.json"
_LISTS = (WAIVERS, LEDGER)


def mirrored(address: str, options: Options) -> tuple[Path, RemoteFolder]:
    """Return the folder of this machine that stands for a collection at an address, and the address.

    `options` are those of [remote], where they are known: those of the collection itself lie at the address.
    CollectionError when there is no collection, or it cannot be had.
    """
    if names_password(address):
        raise CollectionError("不要在地址里写密码；请按这种存储的程序包的说明，写在它的配置或环境变量里。")
    home = folder_of(address.rstrip("/"), options)
    root = _cache() / "xlreport" / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    files = dict(_files(home))
    if SETTINGS not in files:
        raise CollectionError(
            f"“{home}”里没有 {SETTINGS}；请核对地址。新的汇总文件夹先在本机用 xlreport init 建好，再传上去。"
        )
    before = _stamps(root)
    for name, file in files.items():
        if not file.stamp or before.get(name) != file.stamp or not (root / name).is_file():
            write_whole(root / name, _content(file))
    for name in {*before, *_LISTS} - files.keys():
        (root / name).unlink(missing_ok=True)
    stamps = {name: file.stamp for name, file in files.items()}
    if stamps != before:
        write_whole(root / _STAMPS, json.dumps(stamps, ensure_ascii=False).encode())
    return root, home


def _cache() -> Path:
    """Return where programs keep on this machine what can be had again."""
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"


def _files(home: RemoteFolder) -> Iterator[tuple[str, RemoteFile]]:
    for name in (SETTINGS, *_LISTS):
        if (file := home.file(name)) is not None:
            yield name, file
    templates = home / TEMPLATES
    if templates.is_there():
        for below, file in templates.files.items():
            if safe_below(below):
                yield f"{TEMPLATES}/{below}", file


def _content(file: RemoteFile) -> bytes:
    try:
        return file.read(LARGEST)
    except SourceError as error:
        why = trouble(error) if error.code == "F14" else f"大于 {LARGEST // MIB} MB，或不是文件"
        raise CollectionError(f"“{file}”没有取到：{why}。") from error


def _stamps(root: Path) -> Mapping[str, str]:
    """Return by name what was had last time, as it was; nothing when that is not known."""
    with suppress(OSError, ValueError, AttributeError):
        known = json.loads((root / _STAMPS).read_text(encoding="utf-8"))
        return {str(name): str(stamp) for name, stamp in known.items() if safe_below(str(name))}
    return {}
