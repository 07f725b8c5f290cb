"""What the five public reports print, by sample: tests/reports/*.toml, the one source of these facts.

`template` and `headings` are the outline, `figures` stand in sentences, `corrected` are figures printed
wrongly, `table` are tables with their rows as they begin, `prose` are figures of the clerk's own texts, and
`answers` say in which cells of the sample the figures stand.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reports"
Answer = tuple[str, str, dict[str, str]]  # section, row, {field: as printed}


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table of a report: its caption, some of its columns and its rows in them, in order."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """What one public report prints. Headings are stripped of the mark of the unit's own ones."""

    template: str
    headings: tuple[str, ...]
    figures: tuple[str, ...]
    corrected: tuple[tuple[str, str], ...]
    prose: tuple[str, ...]
    answers: tuple[Answer, ...]
    tables: tuple[PrintedTable, ...]


def _printed(raw: dict[str, Any]) -> Printed:
    return Printed(
        template=raw["template"],
        headings=tuple(heading.removeprefix("*") for heading in raw["headings"]),
        figures=tuple(raw["figures"]),
        corrected=tuple((wrong, right) for wrong, right in raw.get("corrected", ())),
        prose=tuple(raw.get("prose", ())),
        answers=tuple((section, row, values) for section, row, values in raw["answers"]),
        tables=tuple(
            PrintedTable(table["caption"], tuple(table["columns"]), tuple(map(tuple, table["rows"])))
            for table in raw.get("table", ())
        ),
    )


PRINTED: dict[str, Printed] = {
    path.stem: _printed(tomllib.loads(path.read_text(encoding="utf-8")))
    for path in sorted(FOLDER.glob("*.toml"))
}
REPORTS = tuple(stem for stem, printed in PRINTED.items() if printed.headings)  # the five departments
