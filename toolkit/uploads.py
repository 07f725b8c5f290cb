"""Outputs on their way to an address: what lies there unchanged is not sent again, the manifest comes last.

A storage has no renaming of many files at once. Each file is replaced by itself, and the manifest, which
names them all, only when every other one is there; what is no longer made goes after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from toolkit.remote_folder import RemoteFolder
from toolkit.settings import CollectionError
from toolkit.writers.files import write_whole

_FILE, _LAST = "published.json", "manifest.json"
AT_ONCE = 8  # uploads, where the file system takes several


@dataclass(frozen=True, slots=True)
class Published:
    """What we put at an address: by name the SHA-256 of a file and the stamp it had there afterwards."""

    address: str = ""
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, work: Path) -> Published:
        """Return what was published last, as far as it is known."""
        with suppress(OSError, ValueError, TypeError):
            return cls(**json.loads((work / _FILE).read_text(encoding="utf-8")))
        return cls()

    def keep(self, work: Path) -> None:
        """Keep it for the next build to compare."""
        write_whole(work / _FILE, json.dumps(asdict(self), ensure_ascii=False).encode())

    def digests(self, out: RemoteFolder) -> dict[str, str]:
        """Return the SHA-256 of the files that are as we left them; none of them is fetched for it."""
        if self.address != str(out):
            return {}
        return {
            name: digest
            for name, (digest, stamp) in self.files.items()
            if stamp and name in out.files and out.files[name].stamp == stamp
        }


def upload(
    out: RemoteFolder, stage: Path, digests: Mapping[str, str], ours: Sequence[str], work: Path
) -> None:
    """Put the files of `stage` at the address; CollectionError names the first that could not be put there.

    A file goes from the stage as soon as it is in its place, so that the next build goes on from there.
    """
    before = Published.read(work)
    there = before.digests(out)
    waiting = [name for name in digests if (stage / name).is_file()]
    for name in [name for name in waiting if there.get(name) == digests[name]]:
        (stage / name).unlink()
        waiting.remove(name)
    first, last = [name for name in waiting if name != _LAST], [name for name in waiting if name == _LAST]
    sizes: dict[str, int] = {}

    def put(name: str) -> None:
        size = (stage / name).stat().st_size
        out.put(name, stage / name)
        sizes[name] = size
        (stage / name).unlink()

    try:
        with ThreadPoolExecutor(AT_ONCE if out.takes_several else 1) as pool:
            try:
                for done in [pool.submit(put, name) for name in first]:
                    done.result()
            finally:
                pool.shutdown(cancel_futures=True)
        for name in last:
            put(name)
        _check(out, sizes)
    except CollectionError as error:
        left = len(waiting) - len(sizes)
        raise CollectionError(
            f"{error}已传 {len(sizes)} 个文件，还有 {left} 个没有传，仍是原来的；再次运行会接着传完。"
        ) from error
    for name in out.matching(ours):
        if name not in digests and not name.rpartition("/")[2].startswith(("~$", ".")):
            out.remove(name)
    marks: dict[str, Sequence[str]] = {name: before.files[name] for name in there if name in out.files}
    marks |= {name: (digest, out.files[name].stamp) for name, digest in digests.items() if name in out.files}
    Published(str(out), marks).keep(work)


def _check(out: RemoteFolder, sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        listed = out.files.get(name)
        if listed is None or listed.size not in (None, size):
            raise CollectionError(f"“{out / name}”传上去后大小不对。")
