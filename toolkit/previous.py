"""Last year's collection, which `previous` in xlreport.toml names: its folder, or a 报送.xlsx of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from toolkit.checks.last_year import LastYear
from toolkit.checks.model import Collected
from toolkit.checks.runner import Task
from toolkit.collection import Collection, open_collection
from toolkit.issues.model import Severity
from toolkit.mirror import mirrored
from toolkit.remote_folder import Folder, RemoteFolder, folder_at, is_address, looked_up
from toolkit.settings import SETTINGS, CollectionError
from toolkit.submission.remote import AnyPath, RemoteFile


def previous(collection: Collection) -> Collection | None:
    """Return last year's collection, None when none is named; CollectionError when it cannot be used.

    Of a file it is a collection of that file alone, under the forms of this one.
    """
    named = collection.settings.previous
    if not named:
        return None
    options, today = collection.settings.remote, collection.policy.today
    path = folder_at(collection.home, named, options)
    if isinstance(path, RemoteFolder):
        found = looked_up(str(path), options)
        if isinstance(found, RemoteFile):
            return _of_file(collection, found)
    elif path.is_file():
        return _of_file(collection, path)
    elif not path.is_dir():
        raise _unusable(named, "找不到这个文件夹或文件")
    if _where(path) == _where(collection.home):
        raise _unusable(named, "是本汇总文件夹自己")
    if not ((path / SETTINGS).is_file() if isinstance(path, Path) else path.file(SETTINGS)):
        raise _unusable(named, f"里没有 {SETTINGS}，不是汇总文件夹；也可以写上年的 报送.xlsx")
    try:
        root, address = (path, None) if isinstance(path, Path) else mirrored(str(path), options)
        earlier = open_collection(root, today=today, address=address)
    except CollectionError as error:
        raise _unusable(named, f"不能使用：{str(error).rstrip('。')}") from error
    return replace(earlier, settings=replace(earlier.settings, previous=""))


def _where(folder: Folder) -> str:
    return str(folder.resolve() if isinstance(folder, Path) else folder)


def _of_file(collection: Collection, path: AnyPath) -> Collection:
    """Return a collection of one file alone."""
    alone = replace(collection.settings, previous="", fiscal_year=None, due=None)
    only = (Task(path, path.name),)
    return replace(collection, settings=alone, roster=(), waivers=(), ledger=(), only=only)


def last_year(collection: Collection, collect: Callable[[Collection], Collected]) -> LastYear | None:
    """Return what counted last year, read by `collect`; CollectionError when it cannot be told."""
    found = previous(collection)
    if found is None:
        return None
    named = collection.settings.previous
    collected = collect(found)
    if found.only:
        _refuse_damaged(named, collected)
    counting = collected.results.where(lambda head: head.file in collected.counting)
    known = LastYear(counting, found.forms_by_id)
    year = collection.settings.fiscal_year
    if year is not None and known.years and not known.years & {None, year - 1}:
        years = "、".join(str(one) for one in sorted(one for one in known.years if one is not None))
        raise _unusable(named, f"是 {years} 年度的，本汇总是 {year} 年度，应为 {year - 1} 年度")
    return known


def _refuse_damaged(named: str, collected: Collected) -> None:
    """Refuse what is no 报送 file, or was edited: last year's figures must be beyond doubt."""
    if not any(head.merged is not None for head in collected.results.heads):
        issues = [item for result in collected.results.bare() for item in result.issues]
        why = issues[0].message if issues and not collected.counting else "不是 报送.xlsx"
        raise _unusable(named, f"不能使用：{why.rstrip('。')}")
    for result in collected.results.bare():
        for item in result.issues if result.merged is not None else ():
            if item.severity is Severity.ERROR and item.code in ("M01", "M02"):
                raise _unusable(named, f"不能使用：{item.message.rstrip('。')}")


def _unusable(named: str, why: str) -> CollectionError:
    shown = named if is_address(named) else Path(named).as_posix()
    return CollectionError(f"{SETTINGS} 的“previous”（上年汇总）“{shown}”{why}。")
