"""From any figure of 汇总表 back to the cell a clerk filled: links that open it, words for the rest."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from builders import collected, forms, issue, result, sample, unreadable
from collections_made import project, run, start
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from report_reading import Report

from toolkit.form.model import FieldType
from toolkit.issues.model import Severity
from toolkit.summary.entries import counting_entries
from toolkit.summary.rows import Spools
from toolkit.summary.summarise import summarise
from toolkit.summary.trace import Trace
from toolkit.writers.narrative import Narrative
from toolkit.writers.report_context import unit_context
from toolkit.writers.sandbox import printed
from toolkit.writers.source_links import source_link
from toolkit.writers.summary_workbook import write_summary
from toolkit.writers.template_dump import dump
from toolkit.writers.wording import number, percent, score, wan

HEADING, FIRST = 3, 4  # rows of a sheet
CREATED = datetime(2025, 5, 1)
NARRATIVES = Path(__file__).resolve().parent.parent / "templates" / "narratives"
DEPARTMENT_TEMPLATES = sorted(NARRATIVES.glob("单位*.docx"))
VOCABULARY = {form.entity: form for form in forms().values()}
SAMPLES = ("qianjin-2023", "zhongcun-2024", "huadi-2021", "changhua-2024", "xinhua-2022")
ODD_NAME = "红桥 街道#1（50%）&'甲'^[终].xlsx"


def opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*xtension", category=UserWarning)
        return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Write a summary in which every sheet has rows: years differ, issues, projects told of twice."""
    results = []
    for name in ("xinhua-2022", "zhongcun-2024", "qianjin-2023", "xinhua-2022-longevity"):
        answers = sample(name)
        form, file = forms()[answers.pop("form")], answers.pop("file")
        results.append(result(form, answers, file, [issue(Severity.EXPLAIN)]))
    made = collected([*results, unreadable("坏.xlsx")])
    path = tmp_path_factory.mktemp("汇总") / "汇总表.xlsx"
    write_summary(summarise(made, forms(), title="汇总", district="某区"), path, created=datetime(2025, 5, 1))
    return opened(path)


def figures(sheet: Worksheet) -> list[Cell]:
    return [
        cell
        for row in sheet.iter_rows(min_row=FIRST)
        for cell in row
        if isinstance(cell.value, (int, float, datetime)) and not isinstance(cell.value, bool)
    ]


def leads_to_a_cell(cell: Any) -> bool:
    link = cell.hyperlink
    return link is not None and bool(link.target) and "!" in (link.location or "")


def told(book: Workbook) -> set[tuple[str, str]]:
    """Return (sheet, heading) of what 溯源 explains, in words or by cells."""
    sheet = book["溯源"]
    at = {cell.value: cell.column for cell in sheet[HEADING]}
    return {
        (sheet.cell(row, at["工作表或报告"]).value, sheet.cell(row, at["栏目"]).value)
        for row in range(FIRST, sheet.max_row + 1)
        if sheet.cell(row, at["取数公式"]).value
    }


def test_every_figure_of_every_sheet_can_be_followed(book: Workbook) -> None:
    explained = told(book)
    lost, followed = [], 0
    for sheet in book:
        for cell in figures(sheet):
            heading = sheet.cell(HEADING, cell.column).value
            beside = {sheet.cell(cell.row, column).value for column in (1, 2, 3)}
            total = bool(beside & {"合计", "平均", "其中：采用"})
            ways = (
                leads_to_a_cell(cell),
                (sheet.title, heading) in explained,
                total and ("各表", "合计行") in explained,
                sheet.title in ("看板", "图表数据") and any(place == sheet.title for place, _ in explained),
                sheet.title == "溯源",
            )
            followed += any(ways)
            lost += [] if any(ways) else [(sheet.title, cell.coordinate, heading)]
    assert lost == []
    assert followed > 900


def test_every_row_of_the_detailed_sheets_leads_to_the_cell_it_was_read_from(book: Workbook) -> None:
    for name in ("收支明细", "指标明细", "未完成指标", "项目汇总"):
        sheet = book[name]
        at = {cell.value: cell.column for cell in sheet[HEADING]}["单元格"]
        cells = [sheet.cell(row, at) for row in range(FIRST, sheet.max_row + 1)]
        assert all(leads_to_a_cell(cell) for cell in cells if cell.value)
        assert sum(bool(cell.value) for cell in cells) > 1


def test_a_link_opens_the_very_cell_whatever_the_file_is_called(tmp_path: Path) -> None:
    root = start(tmp_path / "集")
    source = project(root, {}, name=f"第1批 甲/{ODD_NAME}")
    assert run("-C", str(root), "build").exit_code in (0, 1)
    sheet = opened(root / "out" / "汇总表.xlsx")["溯源"]
    at = {cell.value: cell.column for cell in sheet[HEADING]}
    seen, sent = 0, opened(source)
    for row in range(FIRST, sheet.max_row + 1):
        cell = sheet.cell(row, at["单元格"])
        if cell.value:
            target = root / "out" / unquote(cell.hyperlink.target.replace("\\", "/"))
            assert target.resolve() == source.resolve()
            name, _, place = cell.hyperlink.location.rpartition("!")
            found = sent[name.strip("'").replace("''", "'")][place]
            stated = sheet.cell(row, at["填报内容"]).value
            assert str(found.value) == stated if stated else str(found.value or "=").startswith("=")
            seen += 1
    assert seen > 2


def test_figures_of_a_unit_lead_to_the_cells_they_were_stated_in(book: Workbook) -> None:
    sheet = book["单位汇总"]
    at = {cell.value: cell.column for cell in sheet[HEADING]}
    for heading in ("全年预算数", "全年执行数", "自评总分"):
        cells = [sheet.cell(row, at[heading]) for row in (FIRST, FIRST + 1, FIRST + 2)]
        assert any(leads_to_a_cell(cell) and isinstance(cell.value, (int, float)) for cell in cells), heading
    assert sheet.cell(FIRST, at["来源文件"]).hyperlink.target.startswith("..\\workbooks\\")


@pytest.mark.parametrize(
    ("file", "place"), [("", ""), ("甲" * 3000, ""), ("甲.xlsx", "表\n一!A1")], ids=["none", "long", "broken"]
)
def test_what_cannot_be_linked_is_left_as_text(file: str, place: str) -> None:
    assert source_link(file, place) == ""


# documents


FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


def known_figures(context: Any) -> set[str]:
    """Return every figure a report may print of its data: as it stands, or reckoned from two of one row."""
    known: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            amounts = [each for each in value.values() if isinstance(each, Decimal)]
            known.update(form for one, other in permutations(amounts, 2) for form in _between(one, other))
            for each in value.values():
                walk(each)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            known.add(str(len(value)))
            known.update(str(number) for number in range(len(value)))  # how many of them
            for each in value:
                walk(each)
        elif isinstance(value, (str, int, Decimal, date)):
            known.update(FIGURE.findall(str(printed(value))))
            if isinstance(value, Decimal):
                known.update((wan(value), percent(value), number(value), score(value, 2)))
        elif hasattr(value, "total"):  # a tally
            known.update(str(getattr(value, name)) for name in ("met", "unmet", "undecided", "total"))

    walk(context)
    return known


def _between(one: Decimal, other: Decimal) -> Iterator[str]:
    yield wan(abs(one - other))
    if other:
        yield from (
            percent(abs(one - other) / abs(other)),
            percent(one / other),
            percent((one - other) / other),
        )


def template_figures(path: Path) -> set[str]:
    """Return the figures that stand in the template's own sentences."""
    return {each for line in dump(path) for each in FIGURE.findall(re.sub(r"\{[{%].*?[%}]\}", " ", line))}


@pytest.mark.parametrize(
    "name", ["qianjin-2023", "zhongcun-2024", "huadi-2021", "changhua-2024", "xinhua-2022"]
)
@pytest.mark.parametrize("path", DEPARTMENT_TEMPLATES, ids=lambda path: path.stem)
def test_every_figure_of_a_report_is_the_clerk_s_or_follows_from_two_of_them(name: str, path: Path) -> None:
    answers = sample(name)
    form, file = forms()[answers.pop("form")], answers.pop("file")
    (entry,) = counting_entries(collected([result(form, answers, file)]), forms(), "")
    filled = Narrative(path).render(unit_context(entry, VOCABULARY), author="", created=CREATED)
    report = Report(filled)
    counters = {str(number) for number in range(100)}  # of headings, tables and rows
    allowed = known_figures(unit_context(entry, VOCABULARY)) | template_figures(path) | counters
    made_up = [figure for figure in FIGURE.findall(report.text) if figure not in allowed]
    assert made_up == []
    assert len(FIGURE.findall(report.text)) > 40


@pytest.mark.parametrize(
    "name", ["qianjin-2023", "zhongcun-2024", "huadi-2021", "changhua-2024", "xinhua-2022"]
)
def test_every_figure_of_a_workbook_that_a_report_can_print_is_followed_to_its_cell(name: str) -> None:
    answers = sample(name)
    form, file = forms()[answers.pop("form")], answers.pop("file")
    (entry,) = counting_entries(collected([result(form, answers, file)]), forms(), "")
    trace = Trace(Spools())
    trace.add(entry)
    rows = [row for row in trace.table([]).records if row["place"] == "单位报告"]
    followed = {(row["file"], row["sheet"], row["cell"]): row["value"] for row in rows}
    asked = {FieldType.MONEY, FieldType.PERCENT, FieldType.NUMBER, FieldType.INTEGER}
    figures_stated = [
        (answer.cell, answer.number)
        for section, _, field_id, answer in entry.submission.facts()
        if answer.number is not None and form.section(section).field(field_id).type in asked
    ]
    assert figures_stated
    for cell, stated in figures_stated:
        assert cell is not None
        assert followed[file, cell.sheet, cell.a1] == stated
    made = [row for row in rows if row["formula"].startswith("未填报")]  # reckoned from others
    assert all(
        row["value"] is not None and len(row["formula"]) > len("未填报，由以下各项计算：") for row in made
    )
