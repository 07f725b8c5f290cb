"""Word templates: what they may say, what is refused and where, and what a filled document is."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.oxml.parser import parse_xml
from docx.text.paragraph import Paragraph
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from toolkit.writers.budget import SECONDS
from toolkit.writers.narrative import Narrative, TemplateError
from toolkit.writers.sandbox import environment, printed

CREATED = datetime(2025, 3, 5, 9, 30)
Write = Callable[..., Narrative]


@dataclass(frozen=True, slots=True)
class Unit:
    """A context object as the reports use them."""

    name: str
    score: Decimal


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a template of paragraphs, or of whatever `build` adds to an empty document."""

    def make(*paragraphs: str, build: Callable[[Document], object] | None = None) -> Narrative:
        document = docx.Document()
        for text in paragraphs:
            document.add_paragraph(text)
        if build:
            build(document)
        path = tmp_path / "报告.docx"
        document.save(str(path))
        return Narrative(path)

    return make


def filled(narrative: Narrative, **context: object) -> Document:
    content = narrative.render(context, title="自评报告", author="东风街道办事处", created=CREATED)
    return docx.Document(io.BytesIO(content))


def texts(narrative: Narrative, **context: object) -> list[str]:
    return [paragraph.text for paragraph in filled(narrative, **context).paragraphs]


def rows(document: Document) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows]


def refusal(narrative: Narrative, **context: object) -> str:
    with pytest.raises(TemplateError) as caught:
        filled(narrative, **context)
    return str(caught.value)


# what a filled document says


def test_names_filters_and_conditions_make_sentences(write: Write) -> None:
    narrative = write(
        "{{ unit.name }}得{{ unit.score|score }}分{% if unit.score < 90 %}，未达优{% endif %}。"
    )
    assert texts(narrative, unit=Unit("甲街道", Decimal("89.50"))) == ["甲街道得89.5分，未达优。"]


def test_a_tag_that_word_spread_over_runs_is_still_read(write: Write) -> None:
    def spread(document: Document) -> None:
        paragraph = document.add_paragraph()
        for piece in ("{", "{ na", "me }", "}"):
            paragraph.add_run(piece).bold = piece == "{ na"

    assert texts(write(build=spread), name="甲") == ["甲"]


def test_prose_becomes_real_paragraphs_in_the_style_of_its_place(write: Write) -> None:
    def prose(document: Document) -> None:
        document.add_paragraph("{%p for line in text|paragraphs %}")
        document.add_paragraph("{{ line }}", style="Quote")
        document.add_paragraph("{%p endfor %}")

    made = filled(write(build=prose), text="1. 甲。\r\n\r\n2. 乙。").paragraphs
    assert [(paragraph.text, paragraph.style and paragraph.style.name) for paragraph in made] == [
        ("1. 甲。", "Quote"),
        ("2. 乙。", "Quote"),
    ]


@given(st.text(max_size=80))
def test_any_submitted_text_arrives_as_text(text: str) -> None:
    def allowed(character: str) -> bool:
        return character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff"

    rendered = str(printed(text))
    paragraph = parse_xml(
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<w:r><w:t xml:space="preserve">{rendered}</w:t></w:r></w:p>'
    )
    said = Paragraph(paragraph, None).text  # type: ignore[arg-type]
    breaks = dict.fromkeys("\v\f\r\x85\u2028\u2029", "\n")
    expected = "".join(breaks.get(character, character) for character in text.replace("\r\n", "\n"))
    assert said == "".join(character for character in expected if allowed(character) or character in "\t\n")


@pytest.mark.parametrize(
    "text",
    ["A & B < C > \"D\" 'E'", "{{ secret }} {% for %}", "{_{ 原样 }_}", "😀〔2025〕1号", "=1+1", "]]>"],
)
def test_marks_of_xml_and_of_templates_in_submitted_text_stay_text(write: Write, text: str) -> None:
    assert texts(write("{{ text }}"), text=text) == [text]


def test_text_that_passes_through_a_block_a_macro_or_a_join_is_escaped_once(write: Write) -> None:
    narrative = write(
        "{% set kept %}{{ x }}{% endset %}{{ kept }}{% macro said(a) %}{{ a }}{% endmacro %}{{ said(x) }}"
        "{{ '<' ~ x }}{{ [x, x]|join_list }}{{ x|replace('b', '&') }}"
    )
    assert texts(narrative, x="<b>") == ["<b><b><<b><b>、<b><&>"]


def test_values_without_a_filter_are_written_in_chinese(write: Write) -> None:
    values = [0, None, True, date(2025, 1, 9), Decimal("1E+3"), Decimal("NaN")]
    narrative = write("{% for value in values %}{{ value }}{% if not loop.last %}|{% endif %}{% endfor %}")
    assert texts(narrative, values=values) == ["0|【待补充】|是|2025年1月9日|1000|【待补充】"]


def test_a_key_called_items_is_the_key_and_not_a_method(write: Write) -> None:
    assert texts(write("{{ row.items }}{{ row['values'] }}"), row={"items": "甲", "values": "乙"}) == ["甲乙"]


def looped_table(document: Document) -> None:
    table = document.add_table(rows=4, cols=3)
    table.cell(0, 0).text = "一级指标"
    table.cell(1, 0).text = "{%tr for row in rows %}"
    for column, name in enumerate(("one|merged", "two|merged", "three")):
        table.cell(2, column).text = f"{{{{ row.{name} }}}}"
    table.cell(3, 0).text = "{%tr endfor %}"


def test_table_rows_repeat_and_equal_level_cells_merge(write: Write) -> None:
    levels = [("产出", "数量"), ("产出", "数量"), ("产出", "质量"), ("效益", "质量"), ("效益", "质量")]
    context = [{"one": one, "two": two, "three": str(n)} for n, (one, two) in enumerate(levels)]
    document = filled(write(build=looped_table), rows=context)
    assert rows(document)[1:] == [[one, two, str(n)] for n, (one, two) in enumerate(levels)]
    starts = document.element.body.xpath("//w:vMerge[@w:val='restart']/ancestor::w:tc//w:t/text()")
    assert starts == ["产出", "数量", "质量", "效益", "质量"]


def test_a_table_without_rows_keeps_its_heading(write: Write) -> None:
    assert rows(filled(write(build=looped_table), rows=[])) == [["一级指标", "", ""]]


def test_a_merge_mark_written_by_a_clerk_is_only_text(write: Write) -> None:
    row = {"one": "<?merged?>甲", "two": "乙", "three": "丙"}
    assert rows(filled(write(build=looped_table), rows=[row]))[1] == ["<?merged?>甲", "乙", "丙"]


def test_merging_stands_where_the_schema_wants_it_although_word_set_an_alignment(write: Write) -> None:
    def aligned(document: Document) -> None:
        looped_table(document)
        for cell in document.tables[0].columns[0].cells:
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER

    body = filled(write(build=aligned), rows=[{"one": "甲", "two": "乙", "three": "丙"}]).element.body
    (properties,) = body.xpath("//w:vMerge[following-sibling::w:vAlign]/..")
    assert [child.tag.rpartition("}")[2] for child in properties] == ["tcW", "vMerge", "vAlign"]


def test_a_cell_whose_only_paragraph_falls_away_still_has_one(write: Write) -> None:
    def build(document: Document) -> None:
        cell = document.add_table(rows=1, cols=1).cell(0, 0)
        cell.text = "{%p if False %}"
        cell.add_paragraph("甲")
        cell.add_paragraph("{%p endif %}")

    assert rows(filled(write(build=build))) == [[""]]


def test_headers_and_footers_are_filled_too(write: Write) -> None:
    def build(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "{{ name }}"
        document.sections[0].footer.paragraphs[0].text = "第{{ name }}页"

    section = filled(write(build=build), name="甲").sections[0]
    assert (section.header.paragraphs[0].text, section.footer.paragraphs[0].text) == ("甲", "第甲页")


# what a filled document is


def test_the_same_data_give_the_same_bytes_whenever_it_is_made(write: Write) -> None:
    def made(name: str) -> bytes:
        return write("{{ name }}").render({"name": name}, title="报告", author="甲", created=CREATED)

    first = made("甲")
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert made("甲") == first
    assert made("乙") != first


def test_its_properties_are_the_unit_s_and_name_no_tool(write: Write) -> None:
    content = write("甲").render({}, title="自评<报告>\x07", author="东风街道", created=CREATED)
    properties = docx.Document(io.BytesIO(content)).core_properties
    assert (properties.title, properties.author, properties.last_modified_by) == (
        "自评<报告>",
        "东风街道",
        "东风街道",
    )
    assert properties.created == properties.modified == CREATED.replace(tzinfo=UTC)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        whole = b"".join(package.read(name) for name in package.namelist())
    assert b"xlreport" not in whole


def test_data_asked_for_are_listed(write: Write) -> None:
    assert write("{{ unit.name }}{% for i in range(2) %}{{ rows }}{% endfor %}").variables() == {
        "unit",
        "rows",
    }


# what is refused, and where


def test_a_name_the_data_lack_is_named_with_its_paragraph_and_the_likely_one(write: Write) -> None:
    narrative = write("第一段。", "第二段{{ unti.name }}。")
    assert refusal(narrative, unit=Unit("甲", Decimal(1))) == (
        "报告模板《报告.docx》有误：\n  “第二段{{ unti.name }}。”：数据中没有“unti”，是否应为“unit”？"
    )
    assert "“scroe”，是否应为“score”？" in refusal(write("{{ unit.scroe }}"), unit=Unit("甲", Decimal(1)))


def test_an_undefined_name_is_not_mistaken_by_a_filter(write: Write) -> None:
    for expression in ("amount|wan", "text|sentence", "items|join_list", "level|merged", "1|count(measure)"):
        assert "数据中没有" in refusal(write(f"{{{{ {expression} }}}}"))


def test_a_default_may_stand_in_for_a_name(write: Write) -> None:
    assert texts(write("{{ note|default('无') }}")) == ["无"]


SAMPLE = {
    "unit": Unit("甲", Decimal(1)),
    "rows": [{"name": "甲", "met": True, "parts": [{"cost": Decimal(1)}]}],
    "empty": [],
}


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("{{ unti.name }}", "数据中没有“unti”", "unit"),
        ("{% if False %}{{ unit.nmae }}{% endif %}", "数据中没有“nmae”", "name"),
        ("{% for r in rows %}{{ r.nam }}{% endfor %}", "数据中没有“nam”", "name"),
        (
            "{% for r in rows %}{% for p in r.parts %}{{ p.costs|wan }}{% endfor %}{% endfor %}",
            "数据中没有“costs”",
            "cost",
        ),
        ("{% for r in rows|selectattr('mets') %}{{ r.name }}{% endfor %}", "数据中没有“mets”", "met"),
        ("{{ rows|map(attribute='nme')|join_list }}", "数据中没有“nme”", "name"),
        ("{{ (rows|first).nme }}", "数据中没有“nme”", "name"),
        ("{{ rows[0]['nme'] }}", "数据中没有“nme”", "name"),
        ("{% set one = unit %}{{ one.nmae }}", "数据中没有“nmae”", "name"),
        ("{% for r in rows %}{{ loop.indx }}{% endfor %}", "数据中没有“indx”", "index"),
        ("{{ unit.score|scor }}", "没有名为“scor”的格式", "score"),
        ("{% if unit.score is evn %}{% endif %}", "没有名为“evn”的判断", "even"),
        ("{% fro r in rows %}{% endfor %}", "不能使用标签“fro”", "for"),
        ("{% if unit.name %}甲", "“if”没有对应的“endif”", ""),
        ("甲{% endif %}", "“endif”没有对应的开头标签", ""),
        ("{% for r in rows %}{% endif %}", "“endif”没有对应的开头标签", ""),
        ("{{ unit.name }", "标签不成对，缺少“}}”", ""),
        ("unit.name }}", "标签不成对，缺少“{{”", ""),
        ("｛｛ unit.name ｝｝", "标签的括号和百分号要用半角，如 {{ }} 和 {% %}", ""),
        ("{{ 2 ** unit.score }}", "模板里不能做乘、除、乘方和取余，数字要取自数据", ""),
        (
            "{% if False %}{{ unit.score / 3 }}{% endif %}",
            "模板里不能做乘、除、乘方和取余，数字要取自数据",
            "",
        ),
        ("{% if False %}{{ ''.center(9) }}{% endif %}", "模板里不能调用程序，只能取用数据、宏和 range", ""),
        ("{% if False %}{{ ''.__class__ }}{% endif %}", "数据中没有“__class__”", ""),
        ("{% raw %}{{ unit.name }}{% endraw %}", "不能使用标签“raw”", ""),
        ("{{r unit.name }}", "不能使用标签“{{r”", "{{ }}"),
        ("{%r if unit.name %}", "不能使用标签“{%r”", "{%p … %}"),
        ("{% set unit.name = 1 %}", "此处不应有“.”", ""),
        ("{{ {'a': 1} }}", "此处不应有“{”", ""),
        ("{{ rows|wan }}", "此处的数据不能这样打印，请检查字段和格式是否相配", ""),
        ("{{ unit name }}", "此处应为“end of print statement”，写成了“name”", ""),
        ("甲{%p if unit.name %}", "{%p … %} 要单独占一段，同一段的其他文字会丢失", ""),
        ("{%tr for r in rows %}", "{%tr … %} 只能写在表格的行里", ""),
        ("{% include 'a' %}", "不能使用标签“include”", ""),
        (
            "{% autoescape false %}{{ unit.name }}{% endautoescape %}",
            "不能使用标签“autoescape”",
            "",
        ),
    ],
)
def test_check_names_each_mistake_its_paragraph_and_what_was_meant(
    write: Write, text: str, message: str, suggestion: str
) -> None:
    (problem,) = write("开头。", text).check(SAMPLE)
    assert (problem.message, problem.suggestion) == (message, suggestion)
    assert problem.paragraph == text[:60] + "…" * (len(text) > 60)


def test_check_is_silent_about_a_right_template(write: Write) -> None:
    right = (
        "{{ unit.name }}{% for r in rows|selectattr('met') if r.met %}{{ loop.index|section }}{% endfor %}"
        "{% for r in empty %}{{ r.anything }}{% endfor %}{{ note|default('') }}"
        "{{ '甲' if note is defined else '乙' }}"
        "{% set n = rows|length %}{{ n|count('项') }}{{ rows|map(attribute='name')|join_list }}"
        "{% with x = unit %}{{ x.score|score }}{% endwith %}{% macro m(a) %}{{ a.b }}{% endmacro %}"
    )
    assert write(right).check(SAMPLE) == ()


def test_check_finds_all_wrong_names_at_once(write: Write) -> None:
    assert len(write("{{ a }}", "{{ b }}", "{{ unit.c|d3 }}").check(SAMPLE)) == 4


def test_a_block_that_opens_inside_a_table_and_closes_outside_is_refused(write: Write) -> None:
    def build(document: Document) -> None:
        document.add_table(rows=1, cols=1).cell(0, 0).text = "{% if show %}甲"
        document.add_paragraph("{% endif %}")

    assert "不在同一层" in refusal(write(build=build), show=False)


def test_a_file_that_is_no_word_document_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "假.docx"
    for content in (b"", b"PK\x03\x04", b"<html/>"):
        path.write_bytes(content)
        with pytest.raises(TemplateError, match=r"打不开。模板应是 \.docx 文件"):
            Narrative(path)
    with pytest.raises(TemplateError, match="打不开"):
        Narrative(tmp_path / "没有.docx")


# what a template cannot do


@pytest.mark.parametrize(
    "expression",
    [
        "unit.__class__",
        "unit.__class__.__mro__",
        "''.__class__.__base__.__subclasses__()",
        "unit|attr('__class__')",
        "rows.append(1)",
        "'{0.__class__}'.format(unit)",
        "'甲'.center(1000000000)",
        "range.__self__",
        "self.__init__.__globals__",
        "lipsum.__globals__",
        "cycler.__init__",
        "text|safe",
        "'%999999999d' % 1",
        "'甲' * 1000000000",
        "2 ** 1000000000",
        "unit.score / 3",
        "[unit]|map(attribute='__class__')|list",
        "[unit]|map('attr', '__class__')|list",
        "[unit]|sort(attribute='__class__')",
        "unit|groupby('__class__')",
        "namespace(x=1)",
        "10000000000000000000000 + 1000000000000000000000000000000",
        "rows[999999999999]",
        "1|number(99999999)",
    ],
)
def test_a_template_reaches_only_its_data_and_does_no_arithmetic(write: Write, expression: str) -> None:
    context: dict[str, object] = {"unit": Unit("甲", Decimal(1)), "rows": [1], "text": "<b>"}
    refusal(write(f"{{{{ {expression} }}}}"), **context)


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(10000000000) %}{% endfor %}",
        "{% for a in range(999) %}" * 3 + "{% endfor %}" * 3,
        "{% for a in range(999) %}{% for b in range(999) %}" + "字" * 200 + "{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% set s = 'a' %}" + "{% set s = s ~ s %}" * 60 + "{{ s }}",
        "{% set s = 'a' %}" + "{% set s = s + s %}" * 60 + "{{ s }}",
        "{% set s = [1] %}" + "{% set s = s + s %}" * 60 + "{{ s|length }}",
        "{% set s = [1] %}{% set t = [1] %}"
        + "{% set s = [s, s] %}{% set t = [t, t] %}" * 60
        + "{{ s == t }}",
        "{% set s = 'a' %}" + "{% set s = [s, s, s]|join_list %}" * 60 + "{{ s }}",
        "{% set s = 'aa' %}" + "{% set s = s|replace('a', s) %}" * 60 + "{{ s }}",
        "{% set s %}aa{% endset %}" + "{% set s %}{{ s }}{{ s }}{% endset %}" * 60 + "{{ s }}",
        "{% macro m(s, n) %}{% if n %}{{ m(s ~ s, n - 1) }}{% endif %}{% endmacro %}{{ m('a', 60) }}",
        "{% for a in range(999) %}{{ range(999)|map('number')|join_list }}{% endfor %}",
    ],
)
def test_a_template_without_end_is_refused_before_it_takes_time_or_memory(write: Write, text: str) -> None:
    started = time.process_time()
    assert "没有尽头" in refusal(write(text))
    assert time.process_time() - started < SECONDS / 2


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{{ " + "[" * 90 + "1" + "]" * 90 + " }}",
        "{{ " + "1 + " * 5000 + "1 }}",
        "{% if True %}" * 150 + "{% endif %}" * 150,
        "{% for a in range(2) %}" * 25 + "{% endfor %}" * 25,
    ],
)
def test_a_template_nested_beyond_reason_is_refused_in_one_sentence(write: Write, text: str) -> None:
    (problem,) = write(text).check({})
    assert problem.message == "括号、条件或循环套得太深"
    assert "套得太深" in refusal(write(text))


def test_check_finds_a_loop_without_end_although_every_name_is_right(write: Write) -> None:
    (problem,) = write("甲", "{% for i in range(10000000000) %}{{ unit.name }}{% endfor %}").check(SAMPLE)
    assert problem.paragraph.startswith("{% for i in range")
    assert "没有尽头" in problem.message


def test_a_constant_is_printed_like_any_value(write: Write) -> None:
    assert texts(write("{{ True }}{{ none }}{{ 'a' is filter }}")) == ["是【待补充】否"]
    assert "不能这样打印" in refusal(write("{{ 1.5 }}"))


def test_a_comment_may_hold_tags(write: Write) -> None:
    narrative = write("甲{# {{ nothing.here }} #}乙")
    assert narrative.check(SAMPLE) == ()
    assert texts(narrative) == ["甲乙"]


@pytest.mark.parametrize(
    "expression",
    [
        *("amount + 1", "1 + 2", "(amount - 1)|wan", "'约' ~ (amount + 1)", "'约'|replace('约', 1 + 1)"),
        *("[amount + 1]|join_list", "[amount + 1]|first", "amount|number(1 + 1)"),
    ],
)
def test_a_figure_a_template_has_reckoned_itself_is_not_printed(write: Write, expression: str) -> None:
    narrative = write("甲", f"合计{{{{ {expression} }}}}")
    (problem,) = narrative.check({"amount": Decimal(2)})
    assert "要取自数据" in problem.message
    assert problem.paragraph.startswith("合计")


def test_what_an_ordinary_report_joins_is_allowed(write: Write) -> None:
    narrative = write(
        "{% set s = name ~ '、' ~ name %}{{ s + '。' }}{% if amount + 1 > 2 %}{{ amount }}{% endif %}"
        "{% for side, word in [(a, '收入'), (b, '支出')] %}{{ word }}{{ side.sum }}{% endfor %}"
    )
    context = {"name": "甲", "amount": Decimal(2), "a": {"sum": 1}, "b": {"sum": 2}}
    assert narrative.check(context) == ()
    assert texts(narrative, **context) == ["甲、甲。2收入1支出2"]


@pytest.mark.parametrize("value", [0.1, [1], {"a": 1}, object(), len])
def test_what_only_python_could_spell_is_not_printed(write: Write, value: object) -> None:
    assert "不能这样打印" in refusal(write("甲", "乙{{ value }}"), value=value)


def test_the_environment_escapes_and_is_the_same_for_all() -> None:
    assert environment() is environment()
    assert environment().from_string("{{ x }}").render(x="<&>") == "&lt;&amp;&gt;"


# what it costs


def test_a_template_is_compiled_once_for_many_documents(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = 0
    compile_one = Environment.compile

    def counted(self: Environment, *given: Any, **more: Any) -> Any:
        nonlocal compiled
        compiled += 1
        return compile_one(self, *given, **more)

    monkeypatch.setattr(Environment, "compile", counted)
    narrative = write(*["{{ name }}{% if name %}乙{% endif %}"] * 30)
    texts(narrative, name="甲")
    assert compiled
    once = compiled
    for _ in range(5):
        Narrative(tmp_path / "报告.docx").render({"name": "乙"}, title="", author="", created=CREATED)
    assert compiled == once


def test_the_module_imports_neither_pandas_nor_openpyxl() -> None:
    code = "import sys, toolkit.writers.narrative; print({'pandas', 'openpyxl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
