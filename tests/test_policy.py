"""What an officer may change about the rules: severities, silence, probation, parameters, conventions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from collections_made import TODAY, add, issues, judged, project, run, start
from filling import fill, form, load_forms
from hypothesis import given, settings
from hypothesis import strategies as st
from valid import answers

from toolkit.checks import rules
from toolkit.checks.model import CheckResult
from toolkit.checks.policy import FIXED, Policy, Treatment
from toolkit.checks.runner import Task, check_workbook
from toolkit.form.loader import parse_form
from toolkit.form.model import Form
from toolkit.form.toml_table import FormError
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Severity, Stage, Verdict
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader

FAR_OVER = {(1, "actual"): "12.6万份"}  # 140 % of its target, without a reason


def judge(path: Path, policy: Policy | None = None, forms: tuple[Form, ...] = ()) -> CheckResult:
    return check_workbook(Task(path, path.name), Reader(forms or load_forms()), Limits(), policy)


# ── severities by code ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "severity", "verdict"),
    [
        ("", Severity.EXPLAIN, Verdict.EXPLAIN),
        ('severity = "error"', Severity.ERROR, Verdict.RETURNED),
        ('severity = "note"', Severity.NOTE, Verdict.ACCEPTED),
        ('severity = "off"', None, Verdict.ACCEPTED),
        ("off = true", None, Verdict.ACCEPTED),
    ],
)
def test_a_code_has_the_severity_the_officer_gives_it(
    tmp_path: Path, written: str, severity: Severity | None, verdict: Verdict
) -> None:
    root = start(tmp_path / "c", f"[rules.N07]\n{written}")
    project(root, FAR_OVER)
    collected = judged(root)
    assert [item.severity for item in collected.results[0].issues if item.code == "N07"] == (
        [severity] if severity else []
    )
    assert collected.results[0].verdict is verdict
    assert collected.standings[0].verdict == verdict.value


def test_probation_by_code_ends_after_its_last_day(tmp_path: Path) -> None:
    root = start(tmp_path / "c", "[rules.N07]\nprobation = 2025-06-30")
    project(root, FAR_OVER)
    (during,) = issues(root, "N07", date(2025, 6, 30))
    (after,) = issues(root, "N07", date(2025, 7, 1))
    assert during.severity is Severity.NOTE
    assert after.severity is Severity.EXPLAIN


def test_a_code_may_be_on_probation_before_it_becomes_an_error(tmp_path: Path) -> None:
    root = start(tmp_path / "c", '[rules.N07]\nseverity = "error"\nprobation = 2025-06-30')
    project(root, FAR_OVER)
    assert issues(root, "N07", date(2025, 6, 30))[0].severity is Severity.NOTE
    assert issues(root, "N07", date(2025, 7, 1))[0].severity is Severity.ERROR


def test_issues_between_workbooks_follow_the_policy_too(tmp_path: Path) -> None:
    root = start(tmp_path / "c", '[rules.S05]\nseverity = "note"')
    assert [item.severity for item in judged(root).issues] == [Severity.NOTE]
    assert run("-C", str(root), "--quiet", "check").exit_code == 0


@pytest.mark.parametrize("code", sorted(FIXED))
def test_what_tells_of_something_left_out_cannot_be_silenced(tmp_path: Path, code: str) -> None:
    root = start(tmp_path / "c", f"[rules.{code}]\noff = true")
    done = run("-C", str(root), "check")
    assert done.exit_code == 2
    assert code in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_a_code_switched_off_hides_nothing_but_itself(tmp_path: Path) -> None:
    """A weight of 200 is out of range and spoils the sum: without the first, the second is told."""
    root = start(tmp_path / "c")
    project(root, {(1, "max_score"): 200, (1, "score"): 30})
    found = {item.code for item in judged(root).results[0].issues if item.severity is Severity.ERROR}
    assert "V03" in found
    assert "C01" not in found
    add(root, "[rules.V03]\noff = true")
    found = {item.code for item in judged(root).results[0].issues if item.severity is Severity.ERROR}
    assert "V03" not in found
    assert "C01" in found


def _broken(path: Path) -> Path:
    """Write a workbook with many kinds of mistakes."""
    given = answers("department")
    given["income"]["other"]["actual_expenditure"] = "七万元左右"
    given["expenditure"]["basic"]["initial_budget"] = 12_000_000
    given["running"]["three_public"]["actual_expenditure"] = 25.5
    given["indicators"][0] |= {"actual": "160场", "completion": 1.6, "max_score": 300}
    given["indicators"][4] |= {"reason": "无", "score": 20}
    given["scores"]["duty"] |= {"score": 60}
    given["result"]["grade"] = "很好"
    given["cover"]["phone"] = ""
    return fill(form("department"), given, path, year=2024)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _broken(tmp_path_factory.mktemp("broken") / "坏.xlsx")


def _spots(issues: tuple[Issue, ...]) -> set[tuple[str, str, str]]:
    return {(item.code, item.location.sheet, item.location.cell) for item in issues}


def _rows(issues: tuple[Issue, ...]) -> set[tuple[str, str]]:
    return {(item.location.sheet, item.location.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for item in issues}


_TREATMENTS = st.builds(
    Treatment,
    severity=st.sampled_from([None, *Severity]),
    off=st.booleans(),
    probation=st.sampled_from([None, TODAY, TODAY - timedelta(days=1)]),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(set(entries()) - FIXED)), _TREATMENTS, max_size=6))
def test_whatever_is_set_for_some_codes_no_row_with_another_issue_goes_quiet(
    broken: Path, codes: dict[str, Treatment]
) -> None:
    """A row may be told another cause (扣分没有原因 for 远超目标), but it is told one."""
    plain, treated = judge(broken), judge(broken, Policy(codes, TODAY))
    assert len(plain.issues) > 6
    others = tuple(item for item in plain.issues if item.code not in codes and item.code != "V04")
    assert _rows(others) <= _rows(treated.issues)
    for item in treated.issues:
        treatment = codes.get(item.code, Treatment())
        assert not treatment.off
        if treatment.probation == TODAY:
            assert item.severity is Severity.NOTE
        elif treatment.severity:
            assert item.severity is treatment.severity


# ── rules of a form ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["rules.indicators", "rules.project.indicators"])
def test_a_parameter_of_a_rule_may_be_another(tmp_path: Path, table: str) -> None:
    root = start(tmp_path / "c", f"[{table}]\nover_limit = 1.41")
    project(root, FAR_OVER)
    assert issues(root, "N07") == []
    project(root, {(1, "actual"): "12.7万份"})
    assert len(issues(root, "N07")) == 1


def test_a_rule_of_one_form_has_the_last_word_there(tmp_path: Path) -> None:
    root = start(
        tmp_path / "c", "[rules.indicators]\nover_limit = 9\n[rules.project.indicators]\nover_limit = 1.2"
    )
    project(root, FAR_OVER)
    assert len(issues(root, "N07")) == 1


def test_a_rule_switched_off_is_not_run(tmp_path: Path) -> None:
    root = start(tmp_path / "c", "[rules.block-weights]\noff = true")
    project(root, {(1, "max_score"): 20, (1, "score"): 20, (3, "max_score"): 40, (3, "score"): 38})
    assert issues(root, "C02") == []


def test_a_rule_has_the_severity_and_probation_the_officer_gives_it(tmp_path: Path) -> None:
    root = start(tmp_path / "c", '[rules.block-weights]\nseverity = "explain"\nprobation = 2025-06-30')
    project(root, {(1, "max_score"): 20, (1, "score"): 20, (3, "max_score"): 40, (3, "score"): 38})
    assert {item.severity for item in issues(root, "C02", date(2025, 6, 30))} == {Severity.NOTE}
    assert {item.severity for item in issues(root, "C02", date(2025, 7, 1))} == {Severity.EXPLAIN}


def test_a_form_may_put_its_rule_on_probation(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    path = root / "templates" / "forms" / "project.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('id = "block-weights"', 'id = "block-weights"\nprobation = 2025-06-30', 1),
        encoding="utf-8",
    )
    project(root, {(1, "max_score"): 20, (1, "score"): 20, (3, "max_score"): 40, (3, "score"): 38})
    assert {item.severity for item in issues(root, "C02", date(2025, 6, 30))} == {Severity.NOTE}
    assert {item.severity for item in issues(root, "C02", date(2025, 7, 1))} == {Severity.ERROR}


@pytest.mark.parametrize("value", ['"next year"', "2025", "2025-06-30T12:00:00"])
def test_a_form_with_a_probation_that_is_no_day_is_refused_with_its_path(value: str) -> None:
    text = (Path(__file__).parent.parent / "templates" / "forms" / "project.toml").read_text(encoding="utf-8")
    with pytest.raises(FormError, match=r"form\.rule\[block-weights\]: 'probation' must be a date"):
        parse_form(text.replace('id = "block-weights"', f'id = "block-weights"\nprobation = {value}', 1))


def test_a_form_whose_rule_has_a_parameter_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    asked = form("project")
    wrong = [
        replace(rule, params={**rule.params, "over_limit": "very"}) if rule.id == "indicators" else rule
        for rule in asked.rules
    ]
    with pytest.raises(FormError, match=r"form\.rule\[indicators\]: the parameter 'over_limit' cannot be"):
        rules.validate(replace(asked, rules=tuple(wrong)))


# ── scoring, grades, bands ──────────────────────────────────────────────────────────────────────────


def _reverse(root: Path, score: float) -> Path:
    """One indicator of at most 4 with 5 reached: 75 % of the score by excess, 80 % by proportion."""
    row = {"target": "≤4起", "actual": "5起", "score": score, "reason": "一起食品投诉未及时处理，已整改。"}
    return project(root, {(4, key): value for key, value in row.items()})


@pytest.mark.parametrize("table", ["scoring", "scoring.project"])
def test_reverse_indicators_may_be_scored_in_proportion(tmp_path: Path, table: str) -> None:
    root = start(tmp_path / "c")
    _reverse(root, 8)
    assert len(issues(root, "C11")) == 1
    add(root, f'[{table}]\nreverse = "ratio"')
    assert issues(root, "C11") == []


def test_a_bare_number_may_mean_exactly_so_much(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, {(4, "target"): "90%", (4, "actual"): "95%"})
    assert judged(root).results[0].indicators["indicators", "4"].met is True
    add(root, '[scoring]\ndefault_operator = "eq"')
    result = judged(root).results[0]
    assert result.submission is not None
    target = result.submission.answer("indicators", "4", "target").value
    assert target.operator.value == "eq"


def test_completion_may_be_capped(tmp_path: Path) -> None:
    root = start(tmp_path / "c", "[scoring]\ncompletion_cap = true")
    project(root, {(1, "actual"): "9.9万份"})
    assert judged(root).results[0].indicators["indicators", "1"].completion == 1


@pytest.mark.parametrize(
    ("lowest", "fits"), [("98.3", True), ("98.4", False), ('">98.3"', False), ('">98.29"', True)]
)
def test_the_lower_end_of_a_grade_may_be_another(tmp_path: Path, lowest: str, fits: bool) -> None:
    """The valid project workbook has 98.30 points and calls them 优."""
    root = start(tmp_path / "c", f'[grades.project]\n"优" = {lowest}')
    project(root, {})
    assert (issues(root, "C07") == []) is fits


def test_the_band_of_a_level_may_be_another(tmp_path: Path) -> None:
    from toolkit.collection import open_collection

    root = start(tmp_path / "c", '[bands.department]\n"达成" = [0.9, 1]')
    department, other = open_collection(root).forms
    assert str(department.scoring.bands[0].low) == "0.9"
    assert str(other.scoring.bands[0].low) == "0.8"


# ── what cannot be followed ─────────────────────────────────────────────────────────────────────────

REFUSED = [
    ('[rules.N77]\nseverity = "note"', "N77", "相近的有"),
    ("[rules.indicatrs]\noff = true", "indicatrs", "“indicators”"),
    ("[rules.indicators]\nover_limt = 1.5", "over_limt", "“over_limit”"),
    ('[rules.indicators]\nover_limit = "高"', "over_limit", "rules.indicators"),
    ('[rules.N07]\nseverty = "note"', "severty", "“severity”"),
    ('[rules.N07]\nseverity = "mild"', "severity", '"mild"'),
    ('[rules.N07]\nprobation = "明年"', "probation", "2025-12-31"),
    ('[rules.weights]\nof = ["indicators.*.max_scor"]', "max_scor", "max_score"),
    ("[rules.project.gradee]\noff = true", "rules.project", "“grade”"),
    ('[rules]\nN07 = "note"', "rules.N07", "一节"),
    ("[scoring]\nrevers = 1", "revers", "“reverse”"),
    ('[scoring]\nreverse = "linear"', "reverse", '"ratio"'),
    ("[scoring]\ncompletion_cap = 1", "completion_cap", "true"),
    ("[scoring.projct]\ncompletion_cap = true", "projct", "“project”"),
    ('[grades]\n"优秀" = 95', "优秀", "[grades]"),
    ('[grades]\n"优" = "九十"', "优", "九十"),
    ('[grades]\n"良" = 95', "由高到低", "优 90"),
    ('[bands]\n"达成" = [1, 0.8]', "达成", "[0.8, 1]"),
    ("[rule.N07]\noff = true", "rule", "“rules”"),
]


@pytest.mark.parametrize(("written", "named", "hint"), REFUSED, ids=[text for text, _, _ in REFUSED])
@pytest.mark.parametrize("command", [("build",), ("form", "check")], ids=["build", "form check"])
def test_a_setting_that_cannot_be_followed_is_one_sentence_with_its_name(
    tmp_path: Path, written: str, named: str, hint: str, command: tuple[str, ...]
) -> None:
    root = start(tmp_path / "c", written)
    done = run("-C", str(root), *command)
    assert done.exit_code == 2
    sentence = done.output.strip().splitlines()[-1]
    assert sentence.startswith("错误：xlreport.toml ")
    assert named in sentence
    assert hint in sentence
    assert not (root / "out").exists()


def test_form_check_says_that_the_settings_fit(tmp_path: Path) -> None:
    root = start(tmp_path / "c", "[rules.indicators]\nover_limit = 1.5")
    done = run("-C", str(root), "form", "check")
    assert done.exit_code == 0
    assert "xlreport.toml：没有发现问题。" in done.output


# ── a rule that fails, and the order of issues ──────────────────────────────────────────────────────


def test_a_rule_that_raises_is_one_issue_naming_it_and_the_others_still_run(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(context: Any, code: str, **_: Any) -> Iterator[Issue]:
        raise KeyError("nothing there")
        yield

    plain = judge(broken)
    monkeypatch.setitem(rules.checks(), "indicators", failing)
    result = judge(broken)
    asked = [rule.id for rule in form("department").rules if rule.check == "indicators"]
    failed = [item for item in result.issues if item.code == "R01"]
    sentence = "规则“{}”在检查本文件时出错（规则的参数与表格内容不相容），其他规则已照常检查。"
    assert [item.message for item in failed] == [sentence.format(rule) for rule in asked]
    assert {item.expected for item in failed} == {"KeyError: 'nothing there'"}
    kept = {spot for spot in _spots(plain.issues) if spot[0] in ("V01", "V02", "V03", "S04", "B16")}
    assert kept
    assert kept <= _spots(result.issues)


def test_a_parameter_that_makes_a_check_raise_costs_only_that_rule(tmp_path: Path) -> None:
    root = start(tmp_path / "c", '[rules.block-weights]\nvalues = { "产出指标" = "一半" }')
    project(root, FAR_OVER)
    found = {item.code: item for item in judged(root).results[0].issues}
    assert "“block-weights”" in found["R01"].message
    assert "N07" in found


def test_issues_come_gravest_first_and_within_a_severity_stage_by_stage(broken: Path) -> None:
    found = judge(broken).issues
    order = [(item.severity.rank, Stage.of(item.code).rank) for item in found]
    assert order == sorted(order)
    assert len({Stage.of(item.code) for item in found if item.severity is Severity.ERROR}) > 1


def test_every_code_of_the_catalogue_has_a_stage() -> None:
    stages = {code: Stage.of(code) for code in entries()}
    assert {code for code, stage in stages.items() if stage is Stage.IDENTITY} >= {"S01", "S02", "S18"}
    assert {code for code, stage in stages.items() if stage is Stage.ACROSS} >= {"F11", "S05", "S14", "X12"}
    assert {code[0] for code, stage in stages.items() if stage is Stage.RULES} <= set("BCNQRX")
    assert {code[0] for code, stage in stages.items() if stage is Stage.VALUES} == {"S", "V"}


def test_the_examples_in_new_settings_can_be_used_as_they_stand(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    path = root / "xlreport.toml"
    text = re.sub(r"^# (?=\[|[a-z_]+ =)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.search(r"^\[rules\.indicators\]", text, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    start(tmp_path / "2023")  # the example of last year's collection lies beside this one
    (root / "workbooks").rename(tmp_path / "收到")
    done = run("-C", str(root), "form", "check")
    assert done.exit_code == 0, done.output
    assert judged(root).waivers[0].why.startswith("没有单位“××街道办事处”")
