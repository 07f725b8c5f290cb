"""What the letters to units may ask: 催报通知 (what is missing or late), 退回通知 (what to mend)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from toolkit.checks.model import CheckResult, Standing, StandingRow
from toolkit.form.model import Form
from toolkit.issues.model import Issue, Severity
from toolkit.writers.numbering import Numbering
from toolkit.writers.report_values import Values
from toolkit.writers.wording import missing

REMINDER, RETURNED = "reminder", "returned"
MOST_TOLD = 8  # problems of one workbook told in a letter; its marked copy has them all
MOST_CELLS = 5


@dataclass(frozen=True, slots=True)
class Letter:
    """Head and foot of a letter: to whom, from whom, of which day, and until when to answer."""

    unit: str
    district: str
    day: date
    due: date | None = None
    contact: str = ""
    phone: str = ""


def reminder_context(
    letter: Letter, rows: Sequence[StandingRow], forms: Mapping[str, Form]
) -> dict[str, object]:
    """Return the data of 催报通知 from what a unit has not sent, and what it sent late."""
    told = [_owed(row, forms, letter.day) for row in rows]
    return {
        **_common(letter, [row.year for row in rows]),
        "missing": [one for row, one in zip(rows, told, strict=True) if row.standing is Standing.MISSING],
        "late": [one for row, one in zip(rows, told, strict=True) if row.standing is not Standing.MISSING],
    }


def returned_context(
    letter: Letter, results: Sequence[CheckResult], forms: Mapping[str, Form]
) -> dict[str, object]:
    """Return the data of 退回通知 from a unit's workbooks that are to be mended or explained."""
    return {
        **_common(letter, [result.year for result in results]),
        "files": [_file(result, forms) for result in results],
        "errors": sum(result.count(Severity.ERROR) for result in results),
        "explains": sum(result.count(Severity.EXPLAIN) for result in results),
    }


def _common(letter: Letter, years: Iterable[int | None]) -> dict[str, object]:
    return {
        "unit": letter.unit,
        "years": _years(years),
        "author": f"{letter.district}财政局" if letter.district else missing("发文单位"),
        "date": letter.day,
        "due": letter.due,
        "contact": letter.contact,
        "phone": letter.phone,
        "number": Numbering(),
    }


def _years(years: Iterable[int | None]) -> str:
    """Return 2024年度 or 2023、2024年度, empty when no year is known.

    >>> _years([2024, None, 2023, 2024])
    '2023、2024年度'
    """
    known = sorted({year for year in years if year is not None})
    return f"{'、'.join(map(str, known))}年度" if known else ""


def _owed(row: StandingRow, forms: Mapping[str, Form], day: date) -> Values:
    """Return one form a unit owes; `overdue` counts days to the letter, or to the date it was filled in."""
    until = row.fill_date or day
    overdue = (until - row.due).days if row.due else None
    return {
        "form": row.title(forms),
        "year": row.year,
        "due": row.due,
        "fill_date": row.fill_date,
        "file": row.file,
        "overdue": overdue if overdue is not None and overdue > 0 else None,
    }


def _file(result: CheckResult, forms: Mapping[str, Form]) -> Values:
    form = forms.get(result.submission.form) if result.submission else None
    told = _told(item for item in result.issues if item.severity is not Severity.NOTE)
    return {
        "name": result.file.rpartition("/")[2],
        "file": result.file,
        "form": form.title if form else "",
        "year": result.year,
        "verdict": result.verdict.value,
        "errors": result.count(Severity.ERROR),
        "explains": result.count(Severity.EXPLAIN),
        "problems": told[:MOST_TOLD],
        "rest": len(told[MOST_TOLD:]),
    }


def _told(issues: Iterable[Issue]) -> list[Values]:
    """Return what is to be done, the gravest first; the same words on several cells once with the cells."""
    same: dict[tuple[str, str, str], list[Issue]] = {}
    for item in sorted(issues, key=lambda item: (item.severity.rank, item.order)):
        same.setdefault((item.code, item.message, item.hint), []).append(item)
    return [
        {
            "severity": items[0].severity.word,
            "code": items[0].code,
            "place": _places(items),
            "message": items[0].message,
            "hint": items[0].hint,
        }
        for items in same.values()
    ]


def _places(items: Sequence[Issue]) -> str:
    """Return the cells as staff type them: `收支情况!B7、C7`."""
    places: list[str] = []
    sheet = ""
    for item in items:
        where = item.location
        if where.cell:
            places.append(where.cell if where.sheet == sheet else f"{where.sheet}!{where.cell}")
            sheet = where.sheet
    places = list(dict.fromkeys(places))
    more = f"等{len(places)}处" if len(places) > MOST_CELLS else ""
    return "、".join(places[:MOST_CELLS]) + more
