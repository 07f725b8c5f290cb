"""Between units: copied paragraphs and names left standing are told once, on the right workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from builders import department, forms, project, result
from hypothesis import given
from hypothesis import strategies as st

from toolkit.checks.across import judge_across
from toolkit.checks.likeness import MOST_COMPARED, spellings
from toolkit.checks.model import CheckResult, RosterUnit
from toolkit.checks.paragraphs import grams, is_copy, likeness
from toolkit.issues.model import Issue

PARAGRAPH = (
    "街道把垃圾分类、河涌保洁和违建整治一并部署，全年巡查3259次，清运垃圾60吨，拆除违建96宗；"
    "居民议事会每月召开一次，收集意见439条，办结率达到98%，老旧小区停车难等问题列入下年实事项目继续解决。"
)
OTHER = (
    "企业服务专班走访辖区企业三百余家，协助申报扶持资金，推动两个产业项目开工；"
    "社区食堂新增两处，配餐九万份，长者满意度稳步提高，就业驿站举办招聘会九场，提供岗位四千余个。"
)
ROSTER = (
    RosterUnit("1", "某市某区人民政府红桥街道办事处", ("红桥街道", "红桥街"), "街道办事处"),
    RosterUnit("2", "某市某区人民政府青山街道办事处", ("青山街道", "青山街"), "街道办事处"),
    RosterUnit("3", "某市某区人民政府东青山街道办事处", ("东青山街",), "街道办事处"),
    RosterUnit("4", "某市某区民政局", ("民政局",), "局"),
)
RED, GREEN, EAST = (unit.name for unit in ROSTER[:3])


def workbook(unit: str, *texts: str, day: date | None = None, **sections: Any) -> CheckResult:
    """Return a workbook of a unit with paragraphs in 履职效能分析."""
    answers = department(unit, duty_analysis=[{"text": text} for text in texts], **sections)
    if day is not None:
        answers["cover"]["fill_date"] = day
    return result(forms()["department"], answers, f"{unit}{day or ''}.xlsx")


def told(results: Sequence[CheckResult], code: str, roster: Sequence[RosterUnit] = ROSTER) -> list[Issue]:
    collected = judge_across(results, roster, forms())
    return [item for done in collected.results for item in done.issues if item.code == code]


# --- copied paragraphs --------------------------------------------------------------------------------


def test_a_copied_paragraph_is_told_on_the_later_workbook_with_the_place_it_stands_first() -> None:
    first = workbook(RED, "完成年度任务。", PARAGRAPH, day=date(2025, 3, 9))
    later = workbook(GREEN, PARAGRAPH, day=date(2025, 3, 10))
    assert first.submission is not None
    cell = first.submission.answer("duty_analysis", "2", "text").cell
    assert cell is not None
    for results in ([first, later], [later, first]):
        (found,) = told(results, "Q07")
        assert found.location.file == later.file
        assert f"“{RED}”的《{first.file}》分析与改进 {cell.a1} 相同" in found.message


def test_another_figure_and_another_name_do_not_hide_a_copy() -> None:
    changed = PARAGRAPH.replace("街道把", "红桥街道把").replace("96宗", "41宗")
    (found,) = told([workbook(GREEN, PARAGRAPH), workbook(RED, changed)], "Q07")
    assert "几乎相同" in found.message


def test_all_that_one_workbook_has_from_another_is_one_issue() -> None:
    (found,) = told([workbook(RED, PARAGRAPH, OTHER), workbook(GREEN, OTHER, PARAGRAPH)], "Q07")
    assert "共 2 处" in found.message


def test_three_units_with_one_paragraph_all_refer_to_the_first() -> None:
    days = [date(2025, 3, day) for day in (3, 2, 1)]
    results = [workbook(unit, PARAGRAPH, day=day) for unit, day in zip((RED, GREEN, EAST), days, strict=True)]
    found = told(results, "Q07")
    assert {item.location.file for item in found} == {results[0].file, results[1].file}
    assert all(f"“{EAST}”" in item.message for item in found)


@pytest.mark.parametrize(
    "results",
    [
        [workbook(RED, PARAGRAPH), workbook(GREEN, OTHER)],
        [workbook(RED, PARAGRAPH[:40]), workbook(GREEN, PARAGRAPH[:40])],  # too short to be anybody's own
        [workbook(RED, PARAGRAPH), workbook(GREEN, PARAGRAPH[:50] + OTHER)],
        [
            workbook(RED, PARAGRAPH),
            result(
                forms()["project"],
                project(
                    RED,
                    "环境整治",
                    10,
                    10,
                    goal={"goal": {"expected": "整治环境。", "completion": PARAGRAPH}},
                ),
                "项目.xlsx",
            ),
        ],
        [  # what a regulation prescribes for all
            workbook(RED, duties=[{"text": PARAGRAPH}]),
            workbook(GREEN, duties=[{"text": PARAGRAPH}]),
        ],
        [workbook(RED, PARAGRAPH, day=date(2025, 3, 1)), workbook(RED, PARAGRAPH, day=date(2025, 3, 2))],
    ],
    ids=["different", "short", "half", "own project", "duties", "own second workbook"],
)
def test_what_is_not_copied_from_another_unit_is_not_told(results: list[CheckResult]) -> None:
    assert told(results, "Q07") == []


@given(st.integers(0, len(PARAGRAPH) - 1), st.characters(categories=["Lo"]))
def test_one_changed_character_anywhere_does_not_hide_a_copy(place: int, character: str) -> None:
    changed = PARAGRAPH[:place] + character + PARAGRAPH[place + 1 :]
    assert len(told([workbook(RED, PARAGRAPH), workbook(GREEN, changed)], "Q07")) == 1


def test_the_same_sentences_with_ones_own_figures_are_ones_own() -> None:
    text = (
        "全年预算数{0}万元，执行数{1}万元，执行率{2}%；"
        "基本支出{3}万元，项目支出{4}万元，三公经费{5}万元，结转{6}万元。"
    )
    own = text.format("2210.00", "2200.75", "99.58", "1225.25", "975.50", "15.50", "10.50")
    other = text.format("8821.37", "8640.12", "97.95", "3116.48", "5523.64", "42.19", "181.25")
    assert len(own) >= 60
    assert told([workbook(RED, own), workbook(GREEN, other)], "Q07") == []


@given(st.text("甲乙1", max_size=40), st.text("甲乙1", max_size=40))
def test_likeness_is_the_share_of_common_runs_each_as_often_as_both_have_it(one: str, other: str) -> None:
    left, right = (Counter(text[at : at + 3] for at in range(len(text) - 2)) for text in (one, other))
    total = left.total() + right.total()
    share = 2 * (left & right).total() / total if total else 0
    assert likeness(grams(one), grams(other)) == share


def test_set_phrases_in_every_paragraph_do_not_multiply_what_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    units, parts, compared = 60, 20, 0
    phrase = "认真贯彻落实上级的各项决策部署，坚持统筹兼顾和真抓实干，"
    results = [
        workbook(
            f"某市某区人民政府第{number}街道办事处",
            *(
                phrase + "，".join(f"第{number}街道第{part}项工作之{item}已办结" for item in range(8))
                for part in range(parts)
            ),
        )
        for number in range(units)
    ]

    def counted(*paragraphs: Any) -> bool:
        nonlocal compared
        compared += 1
        return is_copy(*paragraphs)

    monkeypatch.setattr("toolkit.checks.likeness.is_copy", counted)
    assert told(results, "Q07", ()) == []
    assert compared <= MOST_COMPARED * units * parts


# --- names of other units -----------------------------------------------------------------------------


def names(*texts: str, unit: str = GREEN) -> list[str]:
    return [item.found for item in told([workbook(unit, *texts)], "Q08")]


def test_another_units_name_is_told_once_with_its_cells() -> None:
    (found,) = told([workbook(GREEN, "红桥街道全年办结信访件。", "实施中。", "红桥街治安平稳。")], "Q08")
    assert found.location.label == "分析内容"
    assert f"名册中的“{RED}”" in found.message
    assert "共 2 处" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "青山街道全年办结信访件。",
        "与红桥街道联合整治河涌。",
        "赴红桥街道学习社区食堂的做法。",
        "红桥街道移交的三处公园已经接收。",
        "红桥附近的道路完成修缮。",
        "民政局拨付补助资金。",
    ],
    ids=["own name", "together", "visit", "handed over", "shorter than a name", "another kind of unit"],
)
def test_a_natural_mention_is_not_told(text: str) -> None:
    assert names(text) == []


def test_a_name_inside_the_units_own_name_is_its_own() -> None:
    assert names("东青山街道全年办结信访件。", unit=EAST) == []


def test_a_name_of_two_units_accuses_nobody() -> None:
    roster = [*ROSTER, RosterUnit("5", "某市另区人民政府红桥街道办事处", ("红桥街",), "街道办事处")]
    assert told([workbook(GREEN, "红桥街治安平稳。")], "Q08", roster) == []


def test_without_a_roster_no_name_is_anybodys() -> None:
    assert told([workbook(GREEN, "红桥街道全年办结信访件。")], "Q08", ()) == []


def test_a_unit_is_known_by_its_short_name_too() -> None:
    assert {"红桥街道", "红桥街", "红桥街道办事处"} <= spellings(ROSTER[0])
