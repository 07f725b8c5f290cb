"""Files at an address (`s3://…`): read within the limits by whatever process has one, and no secret is told.

Every kind of storage is reached through fsspec, which is loaded when an address is met and not before. What a
storage says of an error may hold keys, so nothing of it is passed on but which kind of error it was.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeVar

from toolkit.submission.guard import MIB, SourceError, over
from toolkit.submission.room import is_lack_of_room

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PAUSES = (0.5, 2.0)  # seconds before the second and the third attempt
NO_FILE, NO_PERMISSION, NO_CONNECTION, REFUSED = "no such file", "no permission", "no connection", "refused"
NO_PACKAGE, NO_KIND, NO_VARIABLE = "no package", "no kind", "no variable"
_KINDS = {
    "FileNotFoundError": NO_FILE,
    "IsADirectoryError": NO_FILE,
    "PermissionError": NO_PERMISSION,
    "NoCredentialsError": NO_PERMISSION,  # botocore
    "AuthenticationException": NO_PERMISSION,  # paramiko
    "error_perm": NO_PERMISSION,  # ftplib
    "ConnectionError": NO_CONNECTION,  # Python, botocore and requests
    "TimeoutError": NO_CONNECTION,
    "Timeout": NO_CONNECTION,  # requests
    "gaierror": NO_CONNECTION,
    "ClientConnectionError": NO_CONNECTION,  # aiohttp
    "TransportError": NO_CONNECTION,  # httpx, for WebDAV
    "SSHException": NO_CONNECTION,  # paramiko
}
_Any = TypeVar("_Any")


class RemoteError(Exception):
    """Say why a storage did not do what it was asked; `found` is one of the words above.

    `detail` is the package (NO_PACKAGE), kind of storage (NO_KIND) or environment variable (NO_VARIABLE).
    """

    def __init__(self, found: str, detail: str = "") -> None:
        super().__init__(found, detail)
        self.found = found
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Store:
    """A folder at an address, and how it is reached; it can be sent to another process.

    `options` is the JSON of what its file systems are opened with, by kind of storage. `{"env": "NAME"}` in
    it is an environment variable of the process that opens them, so that no secret travels or is kept.
    """

    address: str
    options: str = field(default="{}", repr=False)

    @property
    def protocols(self) -> list[str]:
        """Return the kinds of storage the address goes through, as in `simplecache::s3://…`."""
        return [part.partition("://")[0] for part in self.address.split("::")]

    @property
    def is_shared(self) -> bool:
        """Return whether another process finds the same files there."""
        from fsspec.registry import known_implementations

        return all(name in known_implementations and name != "memory" for name in self.protocols)

    def opened(self) -> tuple[AbstractFileSystem, str]:
        """Return the file system and the folder's path in it; RemoteError when there is none.

        fsspec gives the same file system as long as the options are the same.
        """
        try:
            from fsspec.core import url_to_fs
            from fsspec.registry import get_filesystem_class

            for name in self.protocols:
                get_filesystem_class(name)
            options = _resolved(json.loads(self.options))
            system, path = attempted(lambda: url_to_fs(self.address, **options))
        except ImportError as error:
            cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
            package = (cause.name or "fsspec").partition(".")[0]
            if package == "fsspec" and self.protocols[-1] == "s3":
                package = "s3fs"  # which brings fsspec along
            raise RemoteError(NO_PACKAGE, package) from error
        except ValueError as error:
            raise RemoteError(NO_KIND, self.protocols[0]) from error
        return system, path.rstrip("/")

    def trouble(self) -> tuple[str, str]:
        """Return what a RemoteError tells that keeps this process from the folder; nothing when none does."""
        try:
            system, path = self.opened()
            attempted(lambda: system.info(path))
        except RemoteError as error:
            return error.found, error.detail
        return "", ""


def _resolved(options: Any) -> Any:
    """Return options with the values of the environment variables they name."""
    if isinstance(options, list):
        return tuple(_resolved(one) for one in options)
    if not isinstance(options, dict):
        return options
    if options.keys() == {"env"}:
        name = str(options["env"])
        if name not in os.environ:
            raise RemoteError(NO_VARIABLE, name)
        return os.environ[name]
    return {key: _resolved(value) for key, value in options.items()}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as it was listed: `below` is its path below the store, `size` in bytes, None when not told.

    `stamp` changes with the content as far as the storage tells, and is empty when it tells nothing.
    """

    store: Store
    below: str
    size: int | None = None
    stamp: str = ""
    saved: int | None = None  # nanoseconds since the epoch
    is_regular: bool = True

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return PurePosixPath(self.below).name

    def is_file(self) -> bool:
        """Return whether there are bytes to be read; paths of the disk are asked the same way."""
        return self.is_regular

    def __str__(self) -> str:
        """Return the address."""
        return f"{self.store.address.rstrip('/')}/{self.below}"

    def read(self, most: int) -> bytes:
        """Return the content; SourceError when it is more than `most` bytes, or cannot be had (F14)."""
        self._check(most, "max_bytes")
        if self.size == 0:
            return b""  # many storages refuse a range of nothing
        try:
            content = attempted(lambda: self._taken(most + 1))
        except RemoteError as error:
            raise SourceError("F14", error.found, error.detail) from error
        if len(content) > most:
            raise over("max_bytes", len(content), most)
        return content

    def fetched(self, most: int) -> IO[bytes]:
        """Return a zip in a file of the disk that has no name and goes when it is closed.

        SourceError when it is over `most` bytes, cannot be had (F14), or is no zip, which its start tells.
        """
        self._check(most, "max_archive")
        target = TemporaryFile()  # noqa: SIM115 - it stays open for whoever asked
        try:
            attempted(lambda: self._copy(target, most))
        except RemoteError as error:
            target.close()
            raise SourceError("F14", error.found, error.detail) from error
        except BaseException:
            target.close()
            raise
        return target

    def _check(self, most: int, limit: str) -> None:
        if not self.is_regular:
            raise SourceError("F01", "not a regular file")
        if self.size is not None and self.size > most:
            raise over(limit, self.size, most)

    def _taken(self, most: int) -> bytes:
        system, root = self.store.opened()
        if self.size is not None:
            return bytes(system.cat_file(f"{root}/{self.below}", start=0, end=min(self.size + 1, most)))
        with system.open(f"{root}/{self.below}", "rb") as file:
            return bytes(file.read(most))

    def _copy(self, target: IO[bytes], most: int) -> None:
        target.seek(0)
        target.truncate()
        system, root = self.store.opened()
        path = f"{root}/{self.below}"
        if not system.cat_file(path, start=0, end=4).startswith(b"PK"):
            raise SourceError("F01", "damaged zip")
        with system.open(path, "rb", block_size=8 * MIB) as file:
            while chunk := file.read(MIB):
                target.write(chunk)
                if target.tell() > most:
                    raise over("max_archive", target.tell(), most)
        target.flush()


AnyPath: TypeAlias = Path | RemoteFile


def is_within_reach(path: AnyPath, *, distant: bool) -> bool:
    """Return whether a worker finds a file by its path; a distant one is on another machine."""
    return not distant if isinstance(path, Path) else path.store.is_shared


def attempted(act: Callable[[], _Any]) -> _Any:
    """Return what a request to a storage gives; what may pass is tried again; RemoteError when all fails."""
    for pause in (*PAUSES, None):
        try:
            return act()
        except (RemoteError, SourceError, MemoryError, ImportError):
            raise
        except Exception as error:  # every storage has errors of its own
            if is_lack_of_room(error):  # of our disk
                raise
            found = _kind_of(error)
            if pause is None or found in (NO_FILE, NO_PERMISSION):
                raise RemoteError(found) from error
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _kind_of(error: Exception) -> str:
    """Return which kind of error it was, by name: the libraries below fsspec have errors of their own."""
    for base in type(error).__mro__:
        if base.__name__ in _KINDS:
            return _KINDS[base.__name__]
    status: Any = getattr(error, "status_code", getattr(error, "status", None))  # of answers over HTTP
    return {401: NO_PERMISSION, 403: NO_PERMISSION, 404: NO_FILE}.get(status, REFUSED)
