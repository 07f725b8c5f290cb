"""The outlines of the letters to units: 催报通知.docx and 退回通知.docx."""

from __future__ import annotations

from narrative_parts import chapter, given, section
from official_document import Column, OfficialDocument


def reminder_notice() -> OfficialDocument:
    """Return the template of the letter about what a unit has not sent, or sent late."""
    paper = OfficialDocument("催报通知", "")
    paper.title("关于催报{{ years }}绩效自评表的通知")
    paper.lead("{{ unit }}：")
    with paper.when("missing"):
        paper.body(
            "按照预算绩效管理工作要求，{{ years }}绩效自评表应在规定期限内报送。"
            "截至{{ date|day }}，贵单位尚有{{ missing|length|count('份') }}自评表没有报送，具体如下："
        )
        paper.table(
            [
                Column("序号", 14, "{{ loop.index }}", "Centre"),
                Column("应报自评表", 66, "{{ row.form }}"),
                Column("年度", 20, _blank("row.year"), "Centre"),
                Column("报送期限", 34, _blank("row.due", "|day"), "Centre"),
                Column("逾期天数", 22, _blank("row.overdue"), "Centre"),
            ],
            loop="row in missing",
        )
        paper.table_note()
        paper.body(
            given("due", "请于{{ due|day }}前报送。", "请收到本通知后尽快报送。")
            + "自评表请用下发的空白表填写，填完核对“填报状态”一页，没有“未填”“不一致”再报送；"
            "不能按时报送的，请说明原因。"
        )
    with paper.when("late"):
        paper.body(
            given("missing", "另外，", "经核对，")
            + "贵单位下列自评表的填报日期晚于报送期限，请今后按时报送："
        )
        paper.table(
            [
                Column("序号", 14, "{{ loop.index }}", "Centre"),
                Column("已报自评表", 66, "{{ row.form }}"),
                Column("年度", 20, _blank("row.year"), "Centre"),
                Column("报送期限", 28, _blank("row.due", "|day"), "Centre"),
                Column("填报日期", 28, _blank("row.fill_date", "|day"), "Centre"),
            ],
            loop="row in late",
        )
        paper.table_note()
    with paper.when("contact or phone"):
        paper.body(
            "名册登记的贵单位联系人"
            + given("contact", "为{{ contact }}")
            + given("phone", given("contact", "，") + "联系电话{{ phone }}")
            + "，有变动的请一并告知。"
        )
    paper.signature("{{ author }}", "{{ date|day }}")
    return paper


def returned_notice() -> OfficialDocument:
    """Return the template of the letter about workbooks that are to be mended or explained."""
    paper = OfficialDocument("退回通知", "")
    paper.title("关于退回修改{{ years }}绩效自评表的通知")
    paper.lead("{{ unit }}：")
    paper.body(
        "贵单位报送的绩效自评表经审核，{{ files|length|count('份') }}需要修改或说明"
        + given("errors", "，其中必改问题{{ errors|count('处') }}")
        + given(
            "explains", "{% if errors %}、{% else %}，其中{% endif %}需说明问题{{ explains|count('处') }}"
        )
        + "。现将有关事项通知如下。"
    )
    chapter(paper, "需要修改、说明的自评表")
    paper.table(
        [
            Column("文件", 54, "{{ row.name }}"),
            Column("自评表", 44, "{{ row.form }}"),
            Column("年度", 14, _blank("row.year"), "Centre"),
            Column("结论", 16, "{{ row.verdict }}", "Centre"),
            Column("必改", 12, "{{ row.errors }}", "Centre"),
            Column("需说明", 16, "{{ row.explains }}", "Centre"),
        ],
        loop="row in files",
    )
    paper.table_note()
    chapter(paper, "主要问题和改法")
    with paper.repeat("file in files"):
        with paper.when("files|length > 1"):
            section(paper, "{{ file.name }}")
        with paper.repeat("row in file.problems"):
            paper.body(
                "{{ loop.index }}.【{{ row.severity }}】"
                + given("row.place", "{{ row.place }}：")
                + "{{ row.message }}{{ row.hint }}"
            )
        with paper.when("file.rest"):
            paper.body("还有{{ file.rest|count('类') }}问题，见随附标注件的“审核意见”一页。")
    chapter(paper, "办理要求")
    paper.body(
        given("errors", "必改的问题，请改正后重新报送原自评表；")
        + given("explains", "需说明的问题，请在表内原因栏写明，或者更正；")
        + "有问题的单元格在随附的标注件中有底色和批注，逐条改法见“审核意见”一页。"
        + given("due", "请于{{ due|day }}前重新报送。", "请收到本通知后尽快办理。")
    )
    paper.signature("{{ author }}", "{{ date|day }}")
    return paper


def _blank(name: str, form: str = "") -> str:
    """Return a cell that shows a stroke where nothing is known.

    >>> _blank("row.due", "|day")
    '{% if row.due is not none %}{{ row.due|day }}{% else %}—{% endif %}'
    """
    return given(f"{name} is not none", f"{{{{ {name}{form} }}}}", "—")
