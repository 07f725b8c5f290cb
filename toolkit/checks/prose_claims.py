"""What long texts claim beside amounts: how many there are of something, which year it is, and the result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from toolkit.checks.context import Context
from toolkit.checks.figures import figure
from toolkit.checks.identity import stated_year
from toolkit.checks.printing import plain
from toolkit.checks.prose import long_texts, plain_text
from toolkit.checks.rules import check
from toolkit.form.model import MoneyUnit
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.numerals import spoken

_NUMBER = r"(?<![\d.第\-至到])(?P<number>\d{1,4}|[一二两三四五六七八九十]{1,3})(?:个|项|条|家)"
# Words before a count of all the things; after any other word it may count some of them (完成三级指标18个).
_START = r"(?:^|(?<=[,。;:!?()、\n]))(?:\d{4}年度?|全年|年度|年初|本?单位|我?街道?)*"
_SET = r"(?:设置|设定|设有|设立|下设|设|共有|共|总计|包括|确定|主要|整体|全部)"
_LINK = r"(?:共有|共计|共|有|为|合计|总计|包括|分为)?"
_SOME = r"(?![个项条家类]?(?:中|里|未|没|尚|已完|完成|达|得|需|以))"
_ALL = r"(?=均|全部|都)"

_YEAR_OF_BALANCE = re.compile(
    r"(20\d\d)年?度?年?([初末])(?:结转和?结余|结转|结余)?(?:资金)?为?(\d+(?:\.\d+)?)(万元|元)"
)
_YEAR_OF_REPORT = re.compile(
    r"(?<![比较与同和至到\-])(20\d\d)年?度?"
    r"(?:部门整体支出|整体支出|部门整体绩效|绩效自评|部门自评|全年预算数|全年执行数)(?!相比)"
)
_SCORE = re.compile(r"得分|总分|\d分")
FARTHEST_BACK = 10  # years; earlier ones are history


@check
def prose_counts(context: Context, code: str, *, counts: Mapping[str, Sequence[str]]) -> Iterator[Issue]:
    """A count stated in a text (三级指标21个) is the number of rows of that table, or the answer so named.

    `counts` gives for each table, or each answer `section.field`, the words texts use for its things.
    """
    for ref, answer in long_texts(context):
        for name, words in counts.items():
            if not _holds(answer.text, words):
                continue
            said = stated_counts(plain_text(answer.text), tuple(words))
            held = _count(context, name)
            if held is None or len(set(said.values())) != 1:
                continue  # several counts of one thing are counts of its parts
            written, number = next(iter(said.items()))
            if number != held:
                place, what = context.place(ref, answer), _counted(context, name)
                expected = plain(held) if "." in name else f"{plain(held)} 行"
                yield issue(code, place, found=written, expected=expected, what=what)


def _holds(text: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110 - runs for every text of every workbook
        if word in text:
            return True
    return False


def stated_counts(text: str, words: tuple[str, ...]) -> dict[str, Decimal]:
    """Return the counts that a plain text states of all the things so called, each as written.

    >>> stated_counts("共设置三级绩效指标21个,均已完成", ("三级绩效指标",))
    {'三级绩效指标21个': Decimal('21')}
    >>> stated_counts("26个三级指标均达到目标值,18个三级指标超额完成", ("三级指标",))
    {'26个三级指标': Decimal('26')}
    """
    found = {}
    for pattern in _count_patterns(words):
        for match in pattern.finditer(text):
            number = spoken(match["number"])
            if number is not None:
                found[match["written"]] = number
    return found


@lru_cache(maxsize=256)
def _count_patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a thing with its number behind it, and ahead of it."""
    thing = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    behind = rf"(?P<written>(?:{thing}){_LINK}{_NUMBER}){_SOME}"
    ahead = rf"(?P<written>{_NUMBER}的?(?:{thing}))"
    return (
        re.compile(rf"(?:{_START}|{_SET}的?){behind}"),
        re.compile(rf"{_SET}{ahead}{_SOME}"),
        re.compile(rf"{_START}{ahead}{_ALL}"),
    )


def _count(context: Context, name: str) -> Decimal | None:
    """Return how many things a table or an answer counts; None when it is not filled."""
    if "." in name:
        return figure(context.form, context.submission, context.ref(name))
    rows = len(list(context.rows(name)))
    return Decimal(rows) if rows else None


def _counted(context: Context, name: str) -> str:
    """Return in words where the things are counted."""
    if "." in name:
        return f"“{context.label(context.ref(name))}”填的是"
    return f"“{context.form.section(name).title}”表中有"


@check
def prose_years(context: Context, code: str, *, opening: str = "", closing: str = "") -> Iterator[Issue]:
    """A text that speaks of the year reported names that year.

    Told are a balance that is this year's by its amount but another year's by its words (2023年年末结转
    5.76万元 in a form for 2024), and a text about an earlier year's self-evaluation that never names this.
    """
    year = stated_year(context.form, context.submission)
    if year is None:
        return
    for ref, answer in long_texts(context):
        if "20" not in answer.text and "２０" not in answer.text:
            continue
        text = plain_text(answer.text)
        wrong = [*_balances(context, text, year, {"初": opening, "末": closing}), *_reports(text, year)]
        if wrong:
            place = context.place(ref, answer)
            yield issue(code, place, found="、".join(dict.fromkeys(wrong)), expected=str(year))


def _balances(context: Context, text: str, year: int, names: Mapping[str, str]) -> Iterator[str]:
    for written_year, end, number, unit in _YEAR_OF_BALANCE.findall(text):
        if not names[end] or int(written_year) == year:
            continue
        held = context.answer(context.ref(names[end])).number
        if held and Decimal(number) * MoneyUnit(unit).yuan == held:
            yield f"{written_year}年年{end}"


def _reports(text: str, year: int) -> Iterator[str]:
    if str(year) in text:
        return
    for match in _YEAR_OF_REPORT.finditer(text):
        if year - FARTHEST_BACK <= int(match[1]) < year:
            yield match[0]


@check
def prose_tells_result(context: Context, code: str, *, text: str, score: str, grade: str) -> Iterator[Issue]:
    """The conclusion tells the score or the grade when the form states both."""
    ref, grade_ref = context.ref(text), context.ref(grade)
    answer, given = context.answer(ref), context.answer(grade_ref)
    total = figure(context.form, context.submission, context.ref(score))
    if not answer.text or not given.text or total is None or context.is_blamed(answer):
        return
    said = plain_text(answer.text)
    if _SCORE.search(said) or plain(total) in said or _grade_words(context).search(said):
        return
    yield issue(code, context.place(ref, answer), found=plain(total), expected=given.text)


@check
def prose_grade(context: Context, code: str, *, text: str, grade: str) -> Iterator[Issue]:
    """The grade a text states is the one the form states."""
    ref, grade_ref = context.ref(text), context.ref(grade)
    answer, given = context.answer(ref), context.answer(grade_ref)
    if not answer.text or not given.text or context.is_blamed(given):
        return
    names = {name: item.name for item in context.form.grades for name in (item.name, *item.aliases)}
    said = {names[match[1]] for match in _grade_words(context).finditer(plain_text(answer.text))}
    if len(said) != 1 or given.text in said:
        return
    written = next(iter(said))
    place = f"{given.cell.sheet} {given.cell.a1} " if given.cell is not None else "表中"
    what = f"“{context.label(grade_ref)}”文中写“{written}”，{place}为“{given.text}”"
    yield issue(code, context.place(ref, answer), found=written, expected=given.text, what=what)


def _grade_words(context: Context) -> re.Pattern[str]:
    names = (name for item in context.form.grades for name in (item.name, *item.aliases))
    return _grade_pattern(tuple(names))


@lru_cache(maxsize=32)
def _grade_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of a sentence that gives the grade; `优` alone is part of many words."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(
        r"(?:(?:自评|评价|绩效|评定)等级(?:评定)?|自评结果|自评结论|整体支出状况|绩效自评|^等级|(?<=[,。;])等级)"
        rf"(?:评定|被评)?(?:为|是|:)?({words})(?![\u4e00-\u9fff])"
    )
