"""Small collections made with `init`, filled with valid or altered workbooks, judged as the commands do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from filling import fill, form
from valid import answers

from toolkit.checks.model import Collected, RosterUnit
from toolkit.cli import cli
from toolkit.collecting import collect
from toolkit.collection import open_collection
from toolkit.issues.model import Issue
from toolkit.writers.roster import write_roster

UNIT = "青山区人民政府红桥街道办事处"
TODAY = date(2025, 6, 30)


def run(*words: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, list(words))


def start(root: Path, settings: str = "", *, units: Iterable[RosterUnit] | None = None) -> Path:
    """Make a collection with a roster of one unit, and add lines to its settings."""
    assert run("init", str(root)).exit_code == 0
    listed = [RosterUnit(code="0401", name=UNIT, aliases=("红桥街道",), forms=("project",), year=2024)]
    write_roster(list(units if units is not None else listed), root / "workbooks" / "名册.xlsx")
    return add(root, settings)


def add(root: Path, settings: str) -> Path:
    """Add lines to the settings of a collection."""
    path = root / "xlreport.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + settings, encoding="utf-8")
    return root


def project(root: Path, edits: Mapping[tuple[int, str], Any], name: str = "项目.xlsx") -> Path:
    """Put a project workbook into the collection, with other answers in rows of its indicators."""
    given = answers("project")
    for (row, field), value in edits.items():
        given["indicators"][row - 1][field] = value
    return fill(form("project"), given, root / "workbooks" / name, year=2024)


def judged(root: Path, today: date = TODAY) -> Collected:
    """Read and judge the collection as `build` does, on a day."""
    return collect(open_collection(root, today=today), jobs=1)


def issues(root: Path, code: str, today: date = TODAY) -> list[Issue]:
    """Return the issues of a code in the collection."""
    return [item for result in judged(root, today).results for item in result.issues if item.code == code]
