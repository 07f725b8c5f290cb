"""What authors of Word templates are told: what there is to print, what a template says and leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner, Result
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml

from toolkit.cli import cli

ROOT = Path(__file__).resolve().parent.parent
NARRATIVES = sorted((ROOT / "templates" / "narratives").glob("*.docx"))
DUMPS = Path(__file__).parent / "narratives"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT_BOX = f"""<w:p {_W} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox>
<w:txbxContent><w:p><w:r><w:t>{{{{ report.</w:t></w:r><w:r><w:t>%s }}}}</w:t></w:r></w:p></w:txbxContent>
</v:textbox></v:shape></w:pict></w:r></w:p>"""


FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
FOOTNOTE = (
    f'<w:footnotes {_W}><w:footnote w:id="1"><w:p><w:r><w:t>{{{{ report.</w:t></w:r>'
    "<w:r><w:t>unti }}</w:t></w:r></w:p></w:footnote></w:footnotes>"
)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(ROOT), "template", *words])


def made(path: Path, *paragraphs: str) -> Document:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(str(path))
    return document


# what a template says


@pytest.mark.parametrize("path", NARRATIVES, ids=lambda path: path.stem)
def test_every_shipped_template_says_what_its_reviewed_text_says(path: Path) -> None:
    """After a wanted change: `python scripts/make_narratives.py` writes the texts anew; read the diff."""
    shown = run("show", path.stem)
    assert shown.exit_code == 0
    assert shown.stdout == (DUMPS / f"{path.stem}.txt").read_text(encoding="utf-8")


def test_no_reviewed_text_is_left_of_a_template_that_is_gone() -> None:
    assert {path.stem for path in DUMPS.glob("*.txt")} == {path.stem for path in NARRATIVES}


def test_every_place_of_a_document_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "处处.docx"
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉{{ report.unit }}"
    document.sections[0].footer.paragraphs[0].text = "页脚{{ report.year }}"
    document.add_paragraph("正文\t一\n二", style="Quote")
    document.add_table(rows=1, cols=2).cell(0, 1).text = "格中"
    document.element.body.insert(0, parse_xml(TEXT_BOX % "unit"))
    document.save(str(path))
    shown = run("show", str(path)).stdout.splitlines()
    assert "  页眉：页眉{{ report.unit }}" in shown
    assert "  页脚：页脚{{ report.year }}" in shown
    assert "[Quote] 正文→一↵二" in shown
    assert "  |  | 格中 |" in shown
    assert shown[shown.index("  文本框：") + 1] == "    [Normal] {{ report.unit }}"


def test_a_name_nobody_knows_is_told_with_those_there_are() -> None:
    told = run("show", "单位自评报吿")
    assert told.exit_code == 2
    assert "相近的有“单位自评报告”" in told.stderr


# what there is to print


def listed(name: str) -> list[dict[str, Any]]:
    told = run("vars", name, "--format", "json")
    assert told.exit_code == 0, told.stderr
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


@pytest.mark.parametrize("name", ["department", "collection"])
def test_every_variable_listed_can_be_printed_as_it_is_listed(name: str, tmp_path: Path) -> None:
    used = {"department": "单位自评报告.docx", "collection": "汇总报告.docx"}[name]
    (tmp_path / "templates" / "narratives").mkdir(parents=True)
    (tmp_path / "xlreport.toml").write_text('forms = ["department"]\n', encoding="utf-8")
    made(tmp_path / "templates" / "narratives" / used, *_all_tags(listed(name)))
    told = CliRunner().invoke(cli, ["-C", str(tmp_path), "template", "check"])
    assert told.exit_code == 0, told.stdout


def _all_tags(found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield every tag as listed, each in the loops it stands in."""
    for one in found:
        if "…" in one["tag"]:
            continue
        loops = [part for part in one["within"].split(" > ") if part]
        yield from (f"{{%p for row in {part} %}}" for part in loops)
        yield one["tag"]
        yield from ("{{ line }}", "{%p endfor %}") if one["tag"].startswith("{%p for line") else ()
        yield from ("{%p endfor %}",) if one["tag"].startswith("{%p for row") else ()
        yield from ("{%p endfor %}" for _ in loops)


def test_each_field_of_the_form_has_its_label_and_an_example() -> None:
    found = {(one["within"], one["name"]): one for one in listed("department")}
    budget = found["projects", "row.adjusted_budget"]
    assert (budget["tag"], budget["example"]) == ("{{ row.adjusted_budget|wan_text }}", "1,234.56万元")
    assert found["", "cover.unit_name"]["label"] == "单位全称"
    assert found["", "number.table"]["example"] == "表1-1"
    assert found["report.projects > row.funds", "row.project_name"]["tag"] == "{{ row.project_name }}"


def test_the_table_ends_with_the_formats_there_are() -> None:
    lines = run("vars", "department").stdout.splitlines()
    assert lines[0].split() == ["变量", "栏目", "写法", "例"]
    assert "wan_text" in lines[-1]


def test_an_unknown_form_is_told_with_the_like_one() -> None:
    assert "department" in run("vars", "departmant").stderr


# what it leaves out


def test_a_chapter_the_form_requires_and_nobody_prints_is_noticed_at_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "自拟.docx"
    made(
        path,
        "{{ report.unit }}报告",
        "二、存在的主要问题",
        "无。",
        "{{ plan.goal }}{{ report.unmet|length }}",
    )
    told = run("check", str(path))
    assert told.exit_code == 0
    (line,) = [line for line in told.stdout.splitlines() if "“二、存在的主要问题”" in line]
    assert line.startswith("提示：自拟.docx")
    assert "“存在的主要问题”没有用到，可在此处加入 {%p for row in problems %}" in line
    assert "“年度整体绩效目标”" not in told.stdout
    assert "“部门整体绩效指标”" not in told.stdout


# where tags may stand


@pytest.mark.parametrize("place", ["header", "footer", "table", "box", "footnote"])
def test_a_misspelt_name_is_found_wherever_it_stands(place: str, tmp_path: Path) -> None:
    path = tmp_path / "各处.docx"
    document = docx.Document()
    tag = "{{ report.unti }}"
    if place == "header":
        document.sections[0].header.paragraphs[0].text = tag
    elif place == "footer":
        document.sections[0].footer.paragraphs[0].text = tag
    elif place == "table":
        document.add_table(rows=1, cols=1).cell(0, 0).text = tag
    elif place == "footnote":
        part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES, FOOTNOTE.encode(), document.part.package)
        document.part.relate_to(part, RELATION_TYPE.FOOTNOTES)
    else:
        document.element.body.insert(0, parse_xml(TEXT_BOX % "unti"))
    document.save(str(path))
    told = run("check", str(path))
    assert told.exit_code == 2
    assert told.stdout == "各处.docx：“{{ report.unti }}”：数据中没有“unti”，是否应为“unit”？\n"


def test_a_template_with_a_mistake_stops_the_build_before_any_workbook_is_read(tmp_path: Path) -> None:
    (tmp_path / "templates" / "narratives").mkdir(parents=True)
    (tmp_path / "workbooks").mkdir()
    (tmp_path / "workbooks" / "坏.xlsx").write_bytes(b"never read")
    (tmp_path / "xlreport.toml").write_text("", encoding="utf-8")
    made(
        tmp_path / "templates" / "narratives" / "单位自评报告.docx", "{% for i in range(10**9) %}{% endfor %}"
    )
    told = CliRunner().invoke(cli, ["-C", str(tmp_path), "build"])
    assert told.exit_code == 2
    assert "《单位自评报告.docx》" in told.stderr
    assert "range(10**9)" in told.stderr
    assert not (tmp_path / "out").exists()
