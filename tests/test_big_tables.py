"""Tables of more rows than memory or one sheet holds come out as short ones do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import collected, department, forms, issue, money, project, result, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from toolkit.checks.model import CheckResult
from toolkit.issues.model import Severity
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Summary
from toolkit.summary.rows import Spool, Spools
from toolkit.summary.summarise import summarise
from toolkit.writers.summary_workbook import SummaryBook
from toolkit.writers.verify import workbook_differences

CREATED = datetime(2025, 5, 1)
pytest.importorskip("pyarrow")


def books() -> list[CheckResult]:
    """Return workbooks of every kind, with projects told of twice and issues of every severity."""
    found = [[], [issue(Severity.EXPLAIN)], [issue(Severity.ERROR), issue(Severity.NOTE, "B02")], []]
    made = []
    for name, issues in zip(
        ("xinhua-2022", "zhongcun-2024", "qianjin-2023", "xinhua-2022-longevity"), found, strict=True
    ):
        answers = sample(name)
        form, file = forms()[answers.pop("form")], answers.pop("file")
        made.append(result(form, answers, file, issues))
    listed = [{"project_name": "长者服务", "adjusted_budget": 10, "actual_expenditure": 8}]
    for name, budget in (("甲街道", "10044元"), ("乙街道", "10042元"), ("丙街道", "20048元")):
        answers = department(name, expenditure=money(budget, 1), projects=listed)
        made.append(result(forms()["department"], answers, f"{name}.xlsx"))
    made.append(result(forms()["project"], project("甲街道", "长者服务项目", 10, 9), "项目.xlsx"))
    return made


def summary(results: Sequence[CheckResult], spools: Spools | None = None) -> Summary:
    return summarise(collected(results), forms(), title="汇总表", district="某市", spools=spools)


# --- rows on disk -------------------------------------------------------------------------------------


def test_rows_on_disk_give_the_same_bytes_as_rows_in_memory(tmp_path: Path) -> None:
    SummaryBook(summary(books())).write(tmp_path / "memory.xlsx", created=CREATED)
    with Spools(tmp_path / "rows", most=3) as spools:
        made = summary(books(), spools)
        assert len(list((tmp_path / "rows").iterdir())) > 20
        SummaryBook(made).write(tmp_path / "disk.xlsx", created=CREATED)
    assert (tmp_path / "disk.xlsx").read_bytes() == (tmp_path / "memory.xlsx").read_bytes()
    assert not (tmp_path / "rows").exists()


VALUES = st.one_of(
    st.none(),
    st.text(st.characters(codec=None)),
    st.decimals(allow_nan=False),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.sampled_from(Kind),
    st.lists(st.dictionaries(st.sampled_from("ab"), st.decimals(allow_nan=False) | st.none()), max_size=2),
    st.tuples(st.text("甲 乙{}"), st.none() | st.dates()),
)
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["unit", "value", "更多"]), VALUES, min_size=1), min_size=1, max_size=9
)


@settings(max_examples=40, deadline=None)
@given(records=RECORDS)
def test_any_rows_come_back_from_disk_as_they_were(
    records: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Spools(tmp_path_factory.mktemp("rows") / "rows", most=2) as spools:
        spool = filled(spools.spool(), records)
        names = {name for record in records for name in record}
        for read, record in zip(spool, records, strict=True):
            for name in names:
                value = read.get(name)
                assert (value, type(value)) == (record.get(name), type(record.get(name)))


def filled(spool: Spool, records: Sequence[dict[str, Any]]) -> Spool:
    for record in records:
        spool.add(record)
    return spool


@settings(max_examples=40, deadline=None)
@given(keys=st.lists(st.integers(0, 5), max_size=30))
def test_a_sorted_spool_is_sorted_as_a_list_is(
    keys: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    records = [{"key": key, "at": at, "day": date(2025, 1, 1)} for at, key in enumerate(keys)]
    with Spools(tmp_path_factory.mktemp("rows") / "rows", most=4) as spools:
        spool = filled(spools.spool(lambda row: row["key"]), records)
        assert list(spool) == list(spool) == sorted(records, key=lambda row: row["key"])
        assert len(spool) == len(records)


@pytest.mark.parametrize("most", [1, 1000])
def test_half_a_character_is_replaced_and_never_stops_a_summary(most: int, tmp_path: Path) -> None:
    half = result(forms()["department"], department("甲\ud800乙", expenditure=money(1, 1)), "甲.xlsx")
    with Spools(tmp_path / "rows", most=most) as spools:
        book = SummaryBook(summary([half], spools))
        book.write(tmp_path / "汇总表.xlsx", created=CREATED)
        assert list(workbook_differences(tmp_path / "汇总表.xlsx", book.claims())) == []
    assert "甲\N{REPLACEMENT CHARACTER}乙" in str(
        list(CalamineWorkbook.from_path(tmp_path / "汇总表.xlsx").get_sheet_by_name("单位汇总").to_python())
    )


def test_what_a_killed_build_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    filled(Spools(folder, most=1).spool(), [{"amount": Decimal("1.10")}])
    assert list(folder.iterdir())
    with Spools(folder, most=1) as spools:
        assert not list(folder.iterdir())
        assert list(spools.spool()) == []
