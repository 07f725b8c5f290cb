"""What a build wrote is read back: one wrong digit in a file, and nothing is published."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from builders import collected, department, forms, issue, money, result, sample
from collections_made import project, run, start
from docx.oxml.parser import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from toolkit.publication import Publication
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers.narrative import Filled, Narrative
from toolkit.writers.summary_workbook import SummaryBook, write_summary
from toolkit.writers.verify import Difference, document_differences, told, workbook_differences

CREATED = datetime(2025, 5, 1)
Alter = Callable[[bytes], bytes]


def altered(path: Path, part: str, alter: Alter) -> Path:
    """Change one part of a written file, as a failing disk or library would."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    changed = alter(parts[part])
    assert changed != parts[part]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**parts, part: changed}.items():
            package.writestr(name, content)
    return path


def sub(pattern: str, new: str) -> Alter:
    return lambda content: re.sub(pattern.encode(), new.encode(), content, count=1)


# the summary workbook


@pytest.fixture(scope="module")
def summary() -> Summary:
    results = []
    for name in ("xinhua-2022", "zhongcun-2024", "xinhua-2022-longevity"):
        answers = sample(name)
        form, file = forms()[answers.pop("form")], answers.pop("file")
        results.append(result(form, answers, file, [issue()]))
    odd = "=1+1 <&> 😀 _x000D_\r\n行\x07\t{{ 甲 }}  "
    results.append(result(forms()["department"], department(odd, expenditure=money("10044元", 1)), "乙.xlsx"))
    return summarise(collected(results), forms(), title="汇总表 <&>", district="某区")


@pytest.fixture
def workbook(summary: Summary, tmp_path: Path) -> Path:
    path = tmp_path / "汇总表.xlsx"
    write_summary(summary, path, created=CREATED)
    return path


def differences(path: Path, summary: Summary) -> list[Difference]:
    return list(workbook_differences(path, SummaryBook(summary, created=CREATED).claims()))


def test_a_workbook_as_it_was_written_has_no_difference(workbook: Path, summary: Summary) -> None:
    assert differences(workbook, summary) == []


def test_a_wrong_figure_is_found_in_its_cell_on_every_sheet(workbook: Path, summary: Summary) -> None:
    """Change the first and the last figure of each sheet, one at a time."""
    with zipfile.ZipFile(workbook) as package:
        sheets = {name: package.read(name) for name in package.namelist() if "worksheets/sheet" in name}
    places = []
    for part, content in sheets.items():
        figures = [cell.get("r") for cell in etree.fromstring(content).iter("{*}c") if _is_figure(cell)]
        for place in {figures[0], figures[-1]} if figures else ():
            path = workbook.with_name("改.xlsx")
            path.write_bytes(workbook.read_bytes())
            altered(path, part, sub(rf'(<c r="{place}"[^>]*>(?:<f>[^<]*</f>)?<v>)[^<]*', r"\g<1>987654.5"))
            (only,) = differences(path, summary)
            assert only.place.endswith(f"!{place}")
            assert only.found in ("987,654.5", "4604-02-07 12:00:00")  # a date is a figure, too
            places.append(only.place)
    assert len({place.partition("!")[0] for place in places}) > 10


def _is_figure(cell: Any) -> bool:
    return cell.get("t") is None and cell.find("{*}v") is not None


def test_a_cell_that_was_dropped_or_added_is_found(workbook: Path, summary: Summary) -> None:
    altered(workbook, "xl/worksheets/sheet2.xml", sub(r'<c r="F4"[^>]*><v>[^<]*</v></c>', ""))
    (only,) = differences(workbook, summary)
    assert (only.place, only.found) == ("单位汇总!F4", "空白")


def test_a_figure_nothing_claims_is_found(workbook: Path, summary: Summary) -> None:
    altered(
        workbook,
        "xl/worksheets/sheet2.xml",
        sub(r"(<row r=\"2\"[^>]*>.*?)</row>", r'\g<1><c r="Z2"><v>5</v></c></row>'),
    )
    (only,) = differences(workbook, summary)
    assert (only.place, only.expected, only.found) == ("单位汇总!Z2", "空白", "5")


def test_a_file_that_cannot_be_read_back_is_told_in_one_sentence(workbook: Path, summary: Summary) -> None:
    altered(workbook, "xl/sharedStrings.xml", lambda content: content[:100])
    said = told("汇总表.xlsx", workbook_differences(workbook, SummaryBook(summary, created=CREATED).claims()))
    assert said == "写出的“汇总表.xlsx”无法读回。"


def test_a_text_that_was_cut_is_found(workbook: Path, summary: Summary) -> None:
    altered(workbook, "xl/sharedStrings.xml", sub("新华街道", "新华"))
    assert differences(workbook, summary)


# documents


def filled(path: Path, *paragraphs: str, **context: object) -> tuple[Path, Filled]:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = "共{{ total }}页"
    table = document.add_table(rows=3, cols=2)
    table.cell(0, 0).text = "{%tr for row in rows %}"
    table.cell(1, 0).text = "{{ row.level|merged }}"
    table.cell(1, 1).text = "{{ row.value }}"
    table.cell(2, 0).text = "{%tr endfor %}"
    document.element.body.insert(0, parse_xml(_TEXT_BOX))
    document.save(str(path))
    content = Narrative(path).render(context, title="", author="", created=CREATED)
    path.write_bytes(content)
    return path, content


_TEXT_BOX = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml"><w:pPr><w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs></w:pPr>'
    "<w:r><w:t>外</w:t></w:r><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>"
    "<w:t>框{{ total }}</w:t></w:r></w:p><w:p/></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    "<w:r><w:tab/><w:t>后</w:t></w:r></w:p>"
)
ROWS = [{"level": "产出", "value": n} for n in (1, 1, 2)]


def test_a_document_as_it_was_written_has_no_difference(tmp_path: Path) -> None:
    path, content = filled(
        tmp_path / "甲.docx", "预算{{ total }}万元。", "{{ text }}", total=12, rows=ROWS, text="a\tb\nc<&>"
    )
    assert [each.text for each in content.claims["word/document.xml"]][:4] == [
        "外 后",
        "框12",
        "预算12万元。",
        "a b c<&>",
    ]
    assert list(document_differences(path, content.claims)) == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.lists(st.sampled_from("甲乙"), max_size=5))
def test_no_text_a_clerk_can_write_is_taken_for_a_difference(
    tmp_path_factory: pytest.TempPathFactory, text: str, levels: list[str]
) -> None:
    rows = [{"level": level, "value": text} for level in levels]
    path = tmp_path_factory.getbasetemp() / "任意.docx"
    path, content = filled(path, "前{{ text }}后", total=1, rows=rows, text=text)
    assert list(document_differences(path, content.claims)) == []


@pytest.mark.parametrize(
    ("part", "pattern", "new"),
    [
        ("word/document.xml", "预算12万元", "预算13万元"),
        ("word/document.xml", "预算12万元。", ""),
        ("word/document.xml", "框12", "框"),
        ("word/document.xml", ">2</w:t>", ">3</w:t>"),
        ("word/footer1.xml", "共12页", "共21页"),
    ],
)
def test_a_figure_that_changed_in_a_document_is_found(
    part: str, pattern: str, new: str, tmp_path: Path
) -> None:
    path, content = filled(tmp_path / "甲.docx", "预算{{ total }}万元。", total=12, rows=ROWS)
    altered(path, part, sub(pattern, new))
    assert len(list(document_differences(path, content.claims))) == 1


def test_a_merged_level_that_is_lost_altogether_is_found(tmp_path: Path) -> None:
    path, content = filled(tmp_path / "甲.docx", total=12, rows=[{"level": "产出", "value": 1}])
    altered(path, "word/document.xml", sub("产出", "效益"))
    assert list(document_differences(path, content.claims))


# the build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = start(tmp_path_factory.mktemp("集") / "集")
    project(root, {})
    assert run("-C", str(root), "build").exit_code in (0, 1)
    return root


@pytest.mark.parametrize(
    ("name", "part", "pattern"),
    [
        ("汇总表.xlsx", "xl/worksheets/sheet1.xml", r'(<c r="E9"[^>]*><f>[^<]*</f><v>)\d+()()'),
        ("汇总报告.docx", "word/document.xml", r"()绩效()()自评"),
    ],
)
def test_a_wrong_output_stops_the_build_and_leaves_out_as_it_was(
    name: str, part: str, pattern: str, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in (built / "out").rglob("*") if path.is_file()}
    project(built, {(1, "actual"): "1次"})
    write = Publication.write

    def fail(self: Publication, made: str, make: Callable[[Path], None]) -> None:
        write(self, made, make)
        if made == name:
            altered(self.staged(made), part, sub(pattern, r"\g<1>98765\g<3>"))

    monkeypatch.setattr(Publication, "write", fail)
    ended = run("-C", str(built), "build")
    assert ended.exit_code == 2
    assert f"写出的“{name}”与数据不符" in ended.stderr
    assert "98765" in ended.stderr.replace(",", "")
    assert {path: path.read_bytes() for path in before} == before
