"""Outputs put in place together: made in a folder beside, and moved when all of them are whole.

A build that is killed while it writes leaves `out/` as it was. The moves are listed in a journal before the
first of them, so that the next build ends what was cut short among them.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.cache import digest_of
from toolkit.remote_folder import Folder, RemoteFolder
from toolkit.settings import CollectionError
from toolkit.submission.guard import SourceError
from toolkit.uploads import upload
from toolkit.writers.files import whole, write_whole

_LARGEST = 1 << 30  # bytes of an output that is looked into
_STAGE, _JOURNAL, _LOCK = "new", "publish.json", "build.lock"


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """Keep a collection to one build; CollectionError when another one is at it.

    The system frees the lock of a build that was killed.
    """
    from filelock import FileLock, Timeout

    work.mkdir(parents=True, exist_ok=True)
    lock = FileLock(work / _LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise CollectionError("另一个 xlreport build 正在处理这个汇总文件夹，请等它结束后再运行。") from error
    try:
        yield
    finally:
        lock.release()


@dataclass(slots=True)
class Publication:
    """The outputs of one build on their way to `out`; names are relative to it, with forward slashes.

    `ours` are patterns of what is only ever made by us: what an earlier build left there goes.
    """

    out: Folder
    work: Path
    ours: Sequence[str] = ()
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """End what an earlier build began to move, and drop what it did not finish."""
        if (self.work / _JOURNAL).is_file():
            journal = json.loads((self.work / _JOURNAL).read_text(encoding="utf-8"))
            if journal.get("address", "") == self._address:
                self._move(journal["names"], journal["ours"])
        shutil.rmtree(self.work / _STAGE, ignore_errors=True)

    @property
    def _address(self) -> str:
        """Return where the outputs go when that is no folder of the disk, which may be moved and renamed."""
        return str(self.out) if isinstance(self.out, RemoteFolder) else ""

    def staged(self, name: str) -> Path:
        """Return where an output lies until it is published."""
        return self.work / _STAGE / name

    def write(self, name: str, make: Callable[[Path], None]) -> None:
        """Make one output."""
        make(self.staged(name))
        self.names.append(name)

    def write_bytes(self, name: str, content: bytes) -> None:
        """Make one output of bytes."""
        self.write(name, lambda path: write_whole(path, content))

    def lay_down(self, name: str, content: bytes) -> None:
        """Lay down an output whose turn among the names comes later."""
        write_whole(self.staged(name), content)

    def there(self, patterns: Iterable[str]) -> list[str]:
        """Return the files that lie in `out` now and fit a pattern."""
        if isinstance(self.out, RemoteFolder):
            return self.out.matching(patterns)
        found = (path for pattern in patterns for path in sorted(self.out.glob(pattern)) if path.is_file())
        return [path.relative_to(self.out).as_posix() for path in found]

    def lying(self, name: str) -> bytes:
        """Return what lies in `out` now under a name, nothing when it cannot be read."""
        with suppress(OSError, SourceError):
            if isinstance(self.out, Path):
                return (self.out / name).read_bytes()
            if name in self.out.files:
                return self.out.files[name].read(_LARGEST)
        return b""

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every output made so far, by name."""
        return {name: digest_of(self.staged(name)) for name in self.names}

    def publish(self) -> list[str]:
        """Move every output to its place; return those that another program holds open, left as they were."""
        names = self.digests() if self._address else dict.fromkeys(self.names, "")
        journal = {"address": self._address, "names": names, "ours": list(self.ours)}
        write_whole(self.work / _JOURNAL, json.dumps(journal, ensure_ascii=False).encode())
        return self._move(names, self.ours)

    def _move(self, names: Mapping[str, str], ours: Sequence[str]) -> list[str]:
        """Put outputs (name -> SHA-256, which an address needs) in place of those before."""
        locked = []
        if isinstance(self.out, RemoteFolder):
            upload(self.out, self.work / _STAGE, names, ours, self.work)
        else:
            locked = self._move_here(self.out, names, ours)
        (self.work / _JOURNAL).unlink()
        shutil.rmtree(self.work / _STAGE, ignore_errors=True)
        return locked

    def _move_here(self, out: Path, names: Iterable[str], ours: Sequence[str]) -> list[str]:
        locked = []
        for name in names:
            try:
                _replace(self.staged(name), out / name)
            except FileNotFoundError:  # moved before the build was cut short
                continue
            except PermissionError:
                locked.append(name)
        _sweep(out, ours, {out / name for name in names})
        return locked


def _replace(staged: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        staged.replace(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with whole(final) as beside:  # `out` lies on another disk
            shutil.copyfile(staged, beside)


def _sweep(out: Path, ours: Sequence[str], kept: set[Path]) -> None:
    """Remove what an earlier build wrote and this one did not; it would be taken for current."""
    for path in sorted((path for pattern in ours for path in out.glob(pattern)), reverse=True):
        if path.is_dir():
            with suppress(OSError):  # it still holds something
                path.rmdir()
        elif path not in kept and not path.name.startswith(("~$", ".")):
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
