"""The same job without xlreport: a library alone, and the scripts one would write with openpyxl and pandas.

The scripts know the form's labels, as their authors would have typed them, and read what `check` reads: the
value beside each label, and the rows below each heading. They check nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook

from toolkit.form.model import Form, Section, SectionKind

Reading = Callable[[Sequence[Path]], Any]
Rows = Sequence[Sequence[Any]]


def calamine_alone(paths: Sequence[Path]) -> int:
    """Read every cell with python-calamine; how many there are."""
    cells = 0
    for path in paths:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            cells += sum(map(len, rows))
    return cells


def openpyxl_load(paths: Sequence[Path]) -> int:
    """Load with openpyxl and do nothing more; how many sheets there are."""
    return sum(len(openpyxl.load_workbook(path, data_only=True).sheetnames) for path in paths)


def openpyxl_script(form: Form) -> Reading:
    """Return a script that collects the form's answers with openpyxl."""

    def run(paths: Sequence[Path]) -> list[dict[str, Any]]:
        found = []
        for path in paths:
            book = openpyxl.load_workbook(path, data_only=True)
            for section in form.sections:
                rows = list(book[section.sheet].iter_rows(values_only=True))
                found += [{"file": path.name, **record} for record in _records(section, rows)]
        return found

    return run


def pandas_script(form: Form, engine: str) -> Reading:
    """Return a script that collects the form's answers in pandas frames, one for each section."""

    def run(paths: Sequence[Path]) -> dict[str, pd.DataFrame]:
        frames: dict[str, list[pd.DataFrame]] = {section.id: [] for section in form.sections}
        for path in paths:
            book = pd.read_excel(path, sheet_name=None, header=None, engine=engine)
            for section in form.sections:
                records = list(_records(section, book[section.sheet].values.tolist()))
                frames[section.id].append(pd.DataFrame(records).assign(file=path.name))
        return {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}

    return run


def _records(section: Section, rows: Rows) -> Iterator[dict[str, Any]]:
    if section.kind is SectionKind.ANSWERS:
        yield _beside_labels(section, rows)
    else:
        yield from _below_heading(section, rows)


def _label(value: Any) -> str:
    """Return a label without its unit and its spaces."""
    return "".join(value.split()).partition("（")[0] if isinstance(value, str) else ""


def _beside_labels(section: Section, rows: Rows) -> dict[str, Any]:
    """Return the value right of each label."""
    labels = {_label(field.label): field.id for field in section.fields}
    found = {}
    for row in rows:
        for column, value in enumerate(row):
            name = labels.get(_label(value))
            if name is not None and name not in found:
                found[name] = next((other for other in row[column + 1 :] if other not in (None, "")), None)
    return found


def _below_heading(section: Section, rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield the rows below the first row that has most of a section's labels."""
    labels = {_label(field.label): field.id for field in section.fields}
    heading: dict[str, int] = {}
    for row in rows:
        named = {labels[_label(value)]: column for column, value in enumerate(row) if _label(value) in labels}
        if not heading:
            heading = named if len(named) > len(labels) / 2 else {}
        elif named and len(named) > len(labels) / 2:
            return
        else:
            record = {name: row[column] for name, column in heading.items()}
            if any(value not in (None, "") for value in record.values()):
                yield record
