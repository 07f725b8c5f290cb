"""Who reports, and for which year: the first stage of the judgement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.checks.context import Context
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer, Submission, place_of

_CODE = re.compile(r"^[0-9A-Za-z]{3,20}\s*[-－—_ ]\s*(?=\D)")


def check_identity(context: Context) -> Iterator[Issue]:
    """Yield an issue when the year in the title is not the fiscal year answered."""
    year, stated = stated_year(context.form, context.submission), context.submission.title_year
    if year is None or stated is None or stated.number is None or int(stated.number) == year:
        return
    place = place_of(stated.cell, "标题年度")
    yield issue("S01", place, found=str(int(stated.number)), expected=str(year))


def summary_answer(form: Form, submission: Submission, key: str) -> Answer | None:
    """Return the first answer with a value that the form offers under a summary key."""
    for ref in form.summary.get(key, ()):
        answer = submission.at(ref)
        if answer.value is not None:
            return answer
    return None


def stated_unit(form: Form, submission: Submission) -> str:
    """Return the unit's name as answered, without a leading code and without line breaks."""
    answer = summary_answer(form, submission, "unit")
    return unit_name(answer.text) if answer else ""


def unit_name(text: str) -> str:
    """Return a unit name without its code.

    >>> unit_name("440114001-新华街道办事处"), unit_name(" 前进街道 ")
    ('新华街道办事处', '前进街道')
    """
    return _CODE.sub("", " ".join(text.split()))


def stated_year(form: Form, submission: Submission) -> int | None:
    """Return the fiscal year as answered."""
    answer = summary_answer(form, submission, "year")
    return int(answer.number) if answer and answer.number is not None else None
