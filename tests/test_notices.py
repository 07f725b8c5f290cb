"""Who has reported, and the letters to those who have not, or have something to mend."""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path

import docx
import pytest
from collections_made import run, start
from filling import fill, form
from valid import answers

from toolkit.checks.model import RosterUnit

HQ, QS, BH = (f"青山区人民政府{name}街道办事处" for name in ("红桥", "青石", "白花"))
DUE = date(2025, 3, 31)
ROSTER = (
    RosterUnit("01", HQ, ("红桥街",), contact="王丽", phone="020-1", forms=("project",), due=DUE),
    RosterUnit("02", QS, (), contact="赵敏", phone="020-2", forms=("project",), due=date(2025, 3, 5)),
    RosterUnit("03", BH, (), contact="孙强", phone="020-3", forms=("project", "department"), due=DUE),
)
DAY = ("--date", "2025-04-10")


def send(root: Path, unit: str, name: str, **changes: object) -> None:
    given = answers("project")
    given["project"] |= {"unit_name": unit, **changes}
    fill(form("project"), given, root / "workbooks" / name, year=2024)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """红桥 has sent a workbook to be mended, 青石 one that came late, 白花 nothing."""
    root = start(tmp_path_factory.mktemp("notices") / "c", units=ROSTER)
    text = (root / "xlreport.toml").read_text(encoding="utf-8")
    text = text.replace('district = ""', 'district = "青山区"\nfiscal_year = 2024', 1)
    (root / "xlreport.toml").write_text(text, encoding="utf-8")
    send(root, "红桥街", "白花街道.xlsx", supervising_department=None)  # the file says another's name
    send(root, "青山区青石街道办", "2.xlsx")
    return root


@pytest.fixture
def root(collection: Path, tmp_path: Path) -> Path:
    shutil.copytree(collection, tmp_path / "c")
    return tmp_path / "c"


def text(path: Path) -> str:
    """Return the paragraphs and cells of a letter."""
    document = docx.Document(io.BytesIO(path.read_bytes()))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def letters(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "out" / "通知").iterdir())


# ── who has reported ────────────────────────────────────────────────────────────────────────────────


def test_the_status_goes_by_the_cover_and_each_units_own_day(collection: Path) -> None:
    told = json.loads(run("-C", str(collection), "status", "--format", "json").stdout)["standings"]
    rows = {(row["unit"], row["form"]): row for row in told}
    assert {key: row["standing"] for key, row in rows.items()} == {
        (HQ, "project"): "退回",
        (QS, "project"): "迟报",
        (BH, "project"): "漏报",
        (BH, "department"): "漏报",
    }
    assert rows[HQ, "project"]["file"] == "白花街道.xlsx"
    assert (rows[QS, "project"]["due"], rows[QS, "project"]["fill_date"]) == ("2025-03-05", "2025-03-10")
    assert (rows[BH, "project"]["contact"], rows[BH, "project"]["phone"]) == ("孙强", "020-3")
    shown = run("-C", str(collection), "status").stdout
    assert "漏报 2" in shown.splitlines()[-1]
    assert "截止 2025-03-05" in next(line for line in shown.splitlines() if line.startswith(QS))


def test_a_name_that_nearly_matches_is_matched_and_said_so(collection: Path) -> None:
    shown = run("-C", str(collection), "check").stdout
    assert "[提示 S22]" in shown
    assert "青山区青石街道办" in shown


# ── letters ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_unit_gets_the_letters_it_is_due(root: Path) -> None:
    done = run("-C", str(root), "notices", *DAY)
    assert done.exit_code == 0, done.output
    assert "共 3 份通知" in done.stdout
    assert letters(root) == [f"{BH}-催报通知.docx", f"{HQ}-退回通知.docx", f"{QS}-催报通知.docx"]
    missing = text(root / "out" / "通知" / f"{BH}-催报通知.docx")
    assert "关于催报2024年度绩效自评表的通知" in missing
    assert f"{BH}：" in missing
    assert "尚有2份自评表没有报送" in missing
    assert "项目支出绩效自评表\n2024\n2025年3月31日\n10" in missing
    assert "联系人为孙强，联系电话020-3" in missing
    assert "青山区财政局\n2025年4月10日" in missing
    late = text(root / "out" / "通知" / f"{QS}-催报通知.docx")
    assert "没有报送" not in late
    assert "2025年3月5日\n2025年3月10日" in late


def test_a_letter_of_what_to_mend_names_the_cell_the_problem_and_the_new_day(root: Path) -> None:
    done = run("-C", str(root), "notices", *DAY, "--unit", "红桥街", "--due", "2025-04-20")
    assert done.exit_code == 0
    assert letters(root) == [f"{HQ}-退回通知.docx"]
    said = text(root / "out" / "通知" / f"{HQ}-退回通知.docx")
    assert "1份需要修改或说明，其中必改问题1处。" in said
    assert "1.【必改】项目支出绩效自评表!" in said
    assert "“主管部门”没有填写。请补填" in said
    assert "请于2025年4月20日前重新报送" in said
    assert "白花街道.xlsx\n项目支出绩效自评表\n2024\n退回\n1\n0" in said


def test_the_same_day_gives_the_same_bytes_and_a_letter_no_longer_due_goes(root: Path) -> None:
    run("-C", str(root), "notices", *DAY)
    path = root / "out" / "通知" / f"{BH}-催报通知.docx"
    before = path.read_bytes()
    run("-C", str(root), "notices", *DAY)
    assert path.read_bytes() == before
    (root / "out" / "通知" / "我的附件.docx").write_bytes(b"mine")
    send(root, "红桥街道办事处", "白花街道.xlsx")
    run("-C", str(root), "notices", *DAY)
    assert letters(root) == sorted([f"{BH}-催报通知.docx", f"{QS}-催报通知.docx", "我的附件.docx"])


def test_a_build_leaves_the_letters_where_they_are(root: Path) -> None:
    run("-C", str(root), "notices", *DAY)
    before = letters(root)
    run("-C", str(root), "build")
    assert letters(root) == before


def test_another_folder_and_a_letter_that_is_switched_off(root: Path, tmp_path: Path) -> None:
    settings = root / "xlreport.toml"
    settings.write_text(settings.read_text("utf-8").replace('"退回通知.docx"', '""'), "utf-8")
    assert run("-C", str(root), "notices", *DAY, "-o", str(tmp_path / "发")).exit_code == 0
    made = {path.name for path in (tmp_path / "发").iterdir()}
    assert made == {f"{unit}-催报通知.docx" for unit in (BH, QS)}
    assert not (root / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--unit", "不存在街道"), "没有单位“不存在街道”"), (("--date", "四月十日"), "--date")],
)
def test_what_cannot_be_done_is_one_sentence(root: Path, words: tuple[str, ...], said: str) -> None:
    done = run("-C", str(root), "notices", *words)
    assert done.exit_code == 2
    assert said in done.output


# ── templates ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "name"), [("reminder", "row.overdue"), ("returned", "row.problems")])
def test_the_variables_of_a_letter_are_listed(collection: Path, kind: str, name: str) -> None:
    told = run("-C", str(collection), "template", "vars", kind)
    assert told.exit_code == 0
    assert name in told.stdout


def test_a_mistake_in_a_letters_template_is_told_by_check_and_stops_the_letters(root: Path) -> None:
    document = docx.Document()
    document.add_paragraph("{{ unti }}：请报送。")
    document.add_paragraph("尚有{{ missing|length }}份，{{ late|length }}份迟报。")
    document.save(str(root / "templates" / "narratives" / "催报通知.docx"))
    told = run("-C", str(root), "template", "check")
    assert told.exit_code == 2
    assert "催报通知.docx：“{{ unti }}：请报送。”：数据中没有“unti”，是否应为“unit”？" in told.stdout
    done = run("-C", str(root), "notices", *DAY)
    assert done.exit_code == 2
    assert "《催报通知.docx》" in done.output
    assert not (root / "out").exists()


def test_a_name_with_tags_and_signs_is_printed_as_it_is(root: Path) -> None:
    send(root, "甲<b>&{{ 1 }}街道", "3.xlsx", supervising_department=None)
    run("-C", str(root), "notices", *DAY)
    (path,) = [path for path in (root / "out" / "通知").iterdir() if path.name.startswith("甲")]
    assert "甲<b>&{{ 1 }}街道：" in text(path)
