"""A folder at an address (`s3://…`): what lies in it, and how outputs get there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

from toolkit.checks.files import trouble
from toolkit.settings import CollectionError
from toolkit.submission.remote import (
    NO_FILE,
    RemoteError,
    RemoteFile,
    Store,
    attempted,
)

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ETAGS = ("ETag", "etag", "md5Hash", "content_md5")
_TIMES = ("mtime", "modified", "LastModified", "last_modified", "updated", "modificationTime", "created")


class RemoteFolder:
    """A folder at an address. It is listed once, and anew after something in it was changed through it.

    Whatever a storage refuses is a CollectionError: one sentence that names the address and no secret.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._files: dict[str, RemoteFile] | None = None
        self._made: set[str] = set()

    def __str__(self) -> str:
        """Return the address."""
        return self.store.address

    def __truediv__(self, name: str) -> RemoteFolder:
        """Return a folder or file below this one; paths of the disk are joined the same way."""
        return RemoteFolder(Store(f"{self.store.address.rstrip('/')}/{name}", self.store.options))

    @property
    def files(self) -> Mapping[str, RemoteFile]:
        """Return everything that is no folder, by its path below this one."""
        if self._files is None:
            with _explained(f"“{self}”不能列出其中的文件"):
                self._files = dict(self._listed())
        return self._files

    def is_there(self) -> bool:
        """Return whether there is such a folder. Where there are no folders, it has a file."""
        return self._facts() is not None

    def file(self, name: str) -> RemoteFile | None:
        """Return a file below this folder, None when it is not there."""
        facts = (self / name)._facts()
        return _file(self.store, name, facts) if facts is not None else None

    def require(self) -> None:
        """Ask that the folder is there; CollectionError if not."""
        if not self.files and not self.is_there():
            raise CollectionError(f"“{self}”里没有文件：{trouble(RemoteError(NO_FILE))}。")

    def _facts(self) -> Mapping[str, Any] | None:
        with _explained(f"“{self}”"):
            try:
                system, path = self.store.opened()
                system.invalidate_cache()
                facts: Mapping[str, Any] = attempted(lambda: system.info(path))
            except RemoteError as error:
                if error.found != NO_FILE:
                    raise
                return None
        return facts

    def _listed(self) -> Iterator[tuple[str, RemoteFile]]:
        system, root = self.store.opened()
        system.invalidate_cache()
        for path, info in attempted(lambda: _found(system, root)).items():
            below = path.lstrip("/").removeprefix(root.lstrip("/")).removeprefix("/")
            if below and not path.endswith("/"):  # a key that ends so is a folder some program has made
                yield below, _file(self.store, below, info)

    @property
    def takes_several(self) -> bool:
        """Return whether several files may be put there at once."""
        with _explained(f"“{self}”"):
            system, _ = self.store.opened()
        return bool(system.async_impl)

    def put(self, name: str, path: Path) -> None:
        """Copy a file of the disk to its place below this folder."""
        with self._changing(name, "没有传上去") as (system, target):
            above = str(PurePosixPath(target).parent)
            if above not in self._made:
                attempted(lambda: system.makedirs(above, exist_ok=True))
                self._made.add(above)
            attempted(lambda: system.put_file(str(path), target))

    def remove(self, name: str) -> None:
        """Remove a file below this folder."""
        with self._changing(name, "没有删掉") as (system, target):
            attempted(lambda: system.rm_file(target))

    @contextmanager
    def _changing(self, name: str, failed: str) -> Iterator[tuple[AbstractFileSystem, str]]:
        self._files = None
        with _explained(f"“{self / name}”{failed}"):
            system, root = self.store.opened()
            yield system, f"{root}/{name}"

    def matching(self, patterns: Iterable[str]) -> list[str]:
        """Return the files that fit one of the patterns, in which `**/` is any depth of folders."""
        return [name for name in self.files if any(_fits(name, pattern) for pattern in patterns)]


Folder: TypeAlias = Path | RemoteFolder
Options: TypeAlias = Mapping[str, Mapping[str, Any]]  # of [remote] in the settings, by kind of storage


def folder_at(home: Folder, named: str, options: Options) -> Folder:
    """Return a folder of the settings: an address, or a path seen from where the collection lies."""
    if is_address(named):
        return folder_of(named, options)
    path = url2pathname(urlsplit(named).path) if named.startswith("file://") else named
    if isinstance(home, Path):
        return home / path
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return Path(path)
    return folder_of(_seen_from(str(home), path.replace("\\", "/")), options)


def folder_of(address: str, options: Options) -> RemoteFolder:
    """Return the folder at an address."""
    return RemoteFolder(_store(address, options))


def _seen_from(address: str, path: str) -> str:
    """Return the address of a path seen from another; CollectionError when it leads out of the storage.

    >>> _seen_from("s3://bucket/2024", "out"), _seen_from("s3://bucket/2024", "../2023")
    ('s3://bucket/2024/out', 's3://bucket/2023')
    """
    kind, _, rest = address.rpartition("://")
    first, *parts = rest.split("/")
    for part in path.split("/"):
        if part == ".." and not parts:
            raise CollectionError(f"从“{address}”看不到“{path}”：已经在存储的最上层。")
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in ("", ".") else parts
    return f"{kind}://{'/'.join([first, *parts])}"


def looked_up(named: str, options: Options) -> RemoteFile | RemoteFolder:
    """Return the file or the folder at an address."""
    with _explained(f"“{named}”"):
        system, path = _store(named, options).opened()
        info = attempted(lambda: system.info(path))
    if info.get("type") == "directory":
        return folder_of(named, options)
    above, _, name = named.rstrip("/").rpartition("/")
    return _file(_store(above, options), name, info)


def _store(named: str, options: Options) -> Store:
    bare = Store(named)
    known = {protocol: options[protocol] for protocol in bare.protocols if protocol in options}
    return Store(named, json.dumps(known, sort_keys=True))


def is_address(named: str) -> bool:
    """Return whether a text is an address, and no path of the disk.

    >>> is_address("s3://bucket/2024"), is_address("../收到"), is_address("file:///srv/收到")
    (True, False, False)
    """
    return "://" in named and not named.startswith("file://")


def _file(store: Store, below: str, info: Mapping[str, Any]) -> RemoteFile:
    size, saved = info.get("size"), _saved(info)
    etag = next((str(info[key]) for key in _ETAGS if info.get(key)), "")
    mark = etag or (str(saved) if saved is not None else "")
    stamp = f"{mark} {size}" if mark and size is not None else ""
    is_regular = info.get("type") in ("file", "link")
    return RemoteFile(store, below, size, stamp, saved, is_regular)


def _fits(name: str, pattern: str) -> bool:
    """Return whether a path fits a pattern as it does on the disk.

    >>> _fits("退回/甲/乙.xlsx", "退回/**/*"), _fits("报送-2.xlsx", "报送-*"), _fits("报送-2/乙", "报送-*")
    (True, True, False)
    """
    above, deep, last = pattern.rpartition("**/")
    if deep:
        return name.startswith(above) and fnmatchcase(name.rpartition("/")[2], last)
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)


def _saved(info: Mapping[str, Any]) -> int | None:
    """Return when a file was saved, in nanoseconds since the epoch, as each kind of storage tells it."""
    for key in _TIMES:
        told = info.get(key)
        try:
            if isinstance(told, str):
                told = datetime.fromisoformat(told)
            if isinstance(told, datetime):
                told = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
            if isinstance(told, int | float):
                return round(told * 1_000_000) * 1_000
        except (ValueError, OverflowError):
            continue
    return None


def _found(system: AbstractFileSystem, root: str) -> Mapping[str, Mapping[str, Any]]:
    """Return path -> facts of all files below; a folder that cannot be looked into is an error.

    Where fsspec walks from folder to folder, it passes over such unless told not to. Storages that list all
    keys at once have no folders, and do not know the word.
    """
    from fsspec import AbstractFileSystem
    from fsspec.asyn import AsyncFileSystem

    kind = type(system)
    walks = kind._find is AsyncFileSystem._find if system.async_impl else kind.find is AbstractFileSystem.find
    found: Mapping[str, Mapping[str, Any]] = system.find(
        root, detail=True, **({"on_error": "raise"} if walks else {})
    )
    return found


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except RemoteError as error:
        raise CollectionError(f"{what}：{trouble(error)}。") from error
