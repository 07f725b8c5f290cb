"""What the title of a sheet says beside its name: the fiscal year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from toolkit.form.labels import normalise
from toolkit.form.model import Form
from toolkit.submission.model import Answer, Cell
from toolkit.submission.places import View

TITLE_ROWS = 6
_YEAR = re.compile(r"(20\d\d)\s*年?度?")


def year_in_title(form: Form, views: Sequence[View]) -> Answer | None:
    """Return the year of `（2022年度）` or `2022年度…自评表` near the top of a sheet."""
    titles = [normalise(title) for title in (form.title, *form.aliases)]
    for view in views:
        for row, values in enumerate(view.grid.rows[:TITLE_ROWS]):
            for column, value in enumerate(values):
                if not isinstance(value, str) or not value or len(value) > 80:
                    continue
                text = normalise(value)
                alone = re.fullmatch(r"\(?(20\d\d)年度?\)?", text)
                match = alone or (_YEAR.search(text) if any(title in text for title in titles) else None)
                if match:
                    return Answer(Decimal(match.group(1)), value, Cell(view.grid.name, row, column))
    return None
