"""A collection of the disk with every kind of file, and the same one at an address."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import fsspec
from collections_made import project, run, start
from filling import form
from valid import answers

from toolkit.writers.blank import write_blank

SECRET = "very-secret-value"


def every_kind(root: Path) -> Path:
    """Build a collection of files that are good, wrong, archived, torn, hidden and none at all.

    No two are of one unit and year: which of them counts would hang on when they were saved.
    """
    start(root)
    project(root, {(1, "actual"): ""})
    years = {year: _of_year(root.parent / "别的.xlsx", year) for year in (2021, 2022, 2023)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("乙/好.xlsx", years[2021])
        archive.writestr("坏.xlsx", b"PK\x03\x04 torn")
    others = {
        "包.zip": held.getvalue(),
        "图.png": b"\x89PNG\r\n\x1a\n",
        "空.xlsx": b"",
        "~$项目.xlsx": b"lock",
        ".隐藏/表.xlsx": years[2022],
        "带 空格 #1?.xlsx": years[2022],
        "甲/乙/另一年.xlsx": years[2023],
    }
    for name, content in others.items():
        path = root / "workbooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert run("-C", str(root), "build").exit_code == 1
    return root


def _of_year(path: Path, year: int) -> bytes:
    given = answers("project")
    given["project"]["fiscal_year"] = year
    write_blank(form("project"), path, answers=given, year=year)
    return path.read_bytes()


def on_disk(folder: Path) -> dict[str, bytes]:
    """Return what lies below a folder of the disk."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def moved(collection: Path, root: Path, address: str, settings: str = "", system: Any = None) -> Path:
    """Return a collection whose workbooks and outputs are at an address, as they are on the disk."""
    system = system or fsspec.url_to_fs(address)[0]
    for name, content in on_disk(collection / "workbooks").items():
        system.pipe_file(f"{address}/workbooks/{name}", content)
    shutil.copytree(collection / "templates", root / "templates")
    places = f'workbooks = "{address}/workbooks"\nout = "{address}/out"\n'
    text = places + (collection / "xlreport.toml").read_text(encoding="utf-8") + settings
    (root / "xlreport.toml").write_text(text, encoding="utf-8")
    return root
