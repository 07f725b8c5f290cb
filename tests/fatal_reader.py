"""A fault of a library: some workbooks are deadly to the process that reads them.

Reading one whose zip comment says `fatal:abort`, `fatal:hang` or `fatal:swell` does that to a process with
this fault, as a library of C or Rust does.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

_sha256 = hashlib.sha256


def _fatal(data: bytes = b"", **options: Any) -> Any:
    """Hash, which is the last thing the reader of workbooks does with their bytes."""
    what = bytes(data[-40:]).partition(b"fatal:")[2]
    if what and sys._getframe(1).f_code.co_name == "read_source":
        held = []
        while what != b"abort":
            held.append(b"x" * (1 << 25 if what == b"swell" else 0))
            held = held if what == b"swell" else []
        os.abort()
    return _sha256(data, **options)


def deadly(path: Path, what: str) -> None:
    """Make a workbook deadly."""
    with zipfile.ZipFile(path, "a") as package:
        package.comment = f"fatal:{what}".encode()


def install() -> None:
    """Give this process the fault."""
    hashlib.sha256 = _fatal  # type: ignore[assignment]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which every Python has the fault; `folder` is for what makes it so."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(
        "import fatal_reader\n\nfatal_reader.install()\n", encoding="utf-8"
    )
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(Path(__file__).parent)))}
