"""Which Word template serves which workbook, as xlreport.toml says it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.checks.model import RosterUnit
from toolkit.collection import open_collection
from toolkit.narratives import Templates
from toolkit.settings import CollectionError
from toolkit.writers.roster import write_roster

UNIT = "广州市荔湾区人民政府花地街道办事处"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A collection with one unit on its roster."""
    (tmp_path / "workbooks").mkdir()
    unit = RosterUnit(code="440103-01", name=UNIT, aliases=("花地街",), forms=("department",), year=2021)
    write_roster((unit,), tmp_path / "workbooks" / "名册.xlsx")
    return tmp_path


def templates(folder: Path, text: str) -> Templates:
    (folder / "xlreport.toml").write_text(f'forms = ["department", "project"]\n{text}', encoding="utf-8")
    return open_collection(folder).templates()


def served(folder: Path, text: str, unit: str = UNIT, year: int = 2021, form: str = "department") -> str:
    """Return the file name of the template of one workbook, empty for no report."""
    chosen = templates(folder, text)
    path = chosen.serving(open_collection(folder).forms_by_id[form], year, unit)
    return path.name if path else ""


def choice(template: str, **where: str | int) -> str:
    keys = "".join(f"{key} = {value!r}\n" for key, value in where.items())
    return f"[[narrative]]\ntemplate = '{template}'\n{keys}"


def test_without_a_word_each_kind_of_form_has_its_template(folder: Path) -> None:
    assert served(folder, "") == "单位自评报告.docx"
    assert served(folder, "", form="project") == "项目自评报告.docx"
    assert templates(folder, "").collection.name == "汇总报告.docx"


def test_the_most_particular_choice_counts_whatever_its_place(folder: Path) -> None:
    by_form = choice("单位自评报告（附表）.docx", form="department")
    by_year = choice("单位自评表说明.docx", year=2021)
    by_unit = choice("单位绩效评价报告.docx", unit="花地街")
    assert served(folder, by_form) == "单位自评报告（附表）.docx"
    for text in (by_form + by_year, by_year + by_form):
        assert served(folder, text) == "单位自评表说明.docx"
        assert served(folder, text, year=2022) == "单位自评报告（附表）.docx"
    for text in (by_unit + by_year + by_form, by_form + by_year + by_unit):
        assert served(folder, text) == "单位绩效评价报告.docx"
        assert served(folder, text, unit="另一街道办事处") == "单位自评表说明.docx"


@pytest.mark.parametrize("name", [UNIT, "花地街", "440103-01", "花地街道办事处"])
def test_a_unit_goes_by_its_name_an_alias_its_code_or_a_near_spelling(folder: Path, name: str) -> None:
    assert served(folder, choice("单位绩效评价报告.docx", unit=name)) == "单位绩效评价报告.docx"


def test_without_a_roster_a_unit_goes_by_what_its_workbooks_say(tmp_path: Path) -> None:
    text = choice("单位绩效评价报告.docx", unit="花地街道办事处")
    assert served(tmp_path, text) == "单位绩效评价报告.docx"
    assert served(tmp_path, text, unit="广州市荔湾区人民政府昌华街道办事处") == "单位自评报告.docx"


def test_a_choice_without_a_form_is_not_for_projects(folder: Path) -> None:
    text = choice("单位自评表说明.docx", year=2021)
    assert served(folder, text, form="project") == "项目自评报告.docx"


def test_no_template_means_no_report(folder: Path) -> None:
    assert served(folder, '[narratives]\nproject = ""\n', form="project") == ""
    assert served(folder, choice("", year=2021)) == ""
    assert served(folder, choice("", year=2021), year=2022) == "单位自评报告.docx"


def test_every_template_that_may_serve_a_form_is_checked_for_it(folder: Path) -> None:
    text = choice("单位自评表说明.docx", year=2021) + choice("单位绩效评价报告.docx", form="project")
    uses = {path.name: [form.id for form in forms] for path, forms in templates(folder, text).uses().items()}
    assert uses == {
        "单位自评表说明.docx": ["department"],
        "单位自评报告.docx": ["department"],
        "单位绩效评价报告.docx": ["project"],
        "项目自评报告.docx": ["project"],
    }


def test_the_collection_s_own_template_goes_before_ours(folder: Path) -> None:
    own = folder / "templates" / "narratives" / "单位自评报告.docx"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"")
    chosen = templates(folder, "")
    form = open_collection(folder).forms_by_id["department"]
    assert chosen.serving(form, 2021, UNIT) == own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[narratives]\nprojekt = 'a.docx'\n", "[narratives] 中有不认识的用途“projekt”（相近的有“project”）"),
        ("[narratives]\nproject = 1\n", "“project”应为模板文件名"),
        ("[narratives]\ncollection = ''\n", "“collection”没有写汇总报告的模板"),
        (
            choice("单位自评报吿.docx", year=2021),
            "第 1 个 [[narrative]]：templates/narratives 中没有 Word 模板“单位自评报吿.docx”",
        ),
        (choice("单位自评报吿.docx", year=2021), "（相近的有“单位自评报告.docx”）"),
        ("[[narrative]]\nyear = 2021\n", "第 1 个 [[narrative]] 没有写“template”"),
        (choice("项目自评报告.docx"), "没有写适用的 form、year 或 unit"),
        (choice("项目自评报告.docx", from_="project"), "不认识的设置“from_”"),
        (choice("项目自评报告.docx", form="projcet"), "没有在用的表样“projcet”（相近的有“project”）"),
        (choice("单位自评表说明.docx", unit="花第街"), "名册里没有“花第街”（相近的有“花地街”）"),
        (choice("单位自评表说明.docx", year="2021"), "“year”应为年份"),
        (
            choice("单位自评表说明.docx", unit="花地街") + choice("单位绩效评价报告.docx", unit=UNIT),
            "第 2 个 [[narrative]] 与 xlreport.toml 第 1 个 [[narrative]] 适用范围相同",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_may_be_meant(
    folder: Path, text: str, message: str
) -> None:
    with pytest.raises(CollectionError) as caught:
        templates(folder, text)
    assert message in str(caught.value)
