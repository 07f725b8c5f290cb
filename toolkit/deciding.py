"""An officer's word on one file, from the command line into 台账.xlsx."""

from __future__ import annotations

import hashlib
from pathlib import Path

from toolkit.checks.ledger import GONE, LEDGER, decided
from toolkit.checks.model import Opinion
from toolkit.collection import Collection
from toolkit.form.toml_table import nearest
from toolkit.publication import alone
from toolkit.remote_folder import Folder
from toolkit.settings import CollectionError


def decide(collection: Collection, file: str, opinion: Opinion, why: str) -> str:
    """Record an opinion on a file and return the name it goes by; CollectionError when there is no such file.

    The file is named as the outputs name it (relative to workbooks/), or by its path.
    """
    with alone(collection.work):
        name, sha256 = _found(collection, file)
        rows = decided(collection.ledger, name, sha256, opinion, why)
        try:
            collection.keep_ledger(rows)
        except PermissionError as error:
            raise CollectionError(f"{LEDGER} 正被其他程序打开，没有登记。请关闭后重新运行。") from error
    return name


def _found(collection: Collection, file: str) -> tuple[str, str]:
    """Return name and SHA-256 of a file: as the ledger knows it, else as it lies among the workbooks."""
    wanted = [file.replace("\\", "/"), _relative(file, collection.workbooks)]
    for row in collection.ledger:
        if row.file in wanted and row.state != GONE and row.sha256:
            return row.file, row.sha256
    for name in wanted:
        if content := collection.content(name) if name else b"":
            return name, hashlib.sha256(content).hexdigest()
    names = [row.file for row in collection.ledger] or [task.name for task in collection.tasks()]
    hint = nearest(file, names)
    raise CollectionError(f"workbooks 中没有文件“{file}”{hint}；文件名以 xlreport status 所列的为准。")


def _relative(file: str, folder: Folder) -> str:
    """Return a path of the disk or an address as it is seen from a folder, empty when it is not below it."""
    if not isinstance(folder, Path):
        return file.removeprefix(f"{folder}/") if file.startswith(f"{folder}/") else ""
    try:
        return Path(file).resolve().relative_to(folder.resolve()).as_posix()
    except (OSError, ValueError):
        return ""
