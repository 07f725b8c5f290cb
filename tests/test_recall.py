"""What is remembered between workbooks never changes an answer, and is bounded."""

from __future__ import annotations

import gc
import io
import zipfile
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

import pytest
from alter import as_source
from altered import ALTERATIONS, altered, forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import part_of, rezipped
from valid import answers

from toolkit.checks.policy import Policy
from toolkit.checks.records import Record, pack
from toolkit.checks.runner import Task, check_source, check_workbook
from toolkit.form.model import MoneyUnit
from toolkit.submission.answers import Readings
from toolkit.submission.grid import Source
from toolkit.submission.guard import Limits, SourceError
from toolkit.submission.model import Answer, Operator, Target
from toolkit.submission.reader import OUR_SHEETS, Reader
from toolkit.submission.recall import LARGEST, MOST, recalled
from toolkit.submission.source import read_source
from toolkit.writers.blank import write_blank

FORMS = ("department", "hunan-department", "project", "sichuan-project")  # many sheets, and units in columns
_MEMORY = type(cache(lambda: None))  # of whatever `functools` remembers


def forget() -> None:
    """Make the process as if it had read nothing yet."""
    for known in gc.get_objects():
        if isinstance(known, _MEMORY) and (getattr(known, "__module__", "") or "").startswith(
            "toolkit.submi"
        ):
            known.cache_clear()


@cache
def used() -> Reader:
    """Return a reader that goes through all examples."""
    return Reader([forms()[name] for name in FORMS])


def judged(source: Source, reader: Reader) -> Record:
    return pack(check_source(source, reader, Policy()), forms())


@settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(
    hands=st.lists(
        st.tuples(
            st.sampled_from(FORMS),
            st.lists(st.sampled_from(sorted(ALTERATIONS)), max_size=4),
            st.integers(0, 99),
        ),
        min_size=2,
        max_size=3,
    ),
    random=st.randoms(use_true_random=False),
)
def test_a_reader_that_has_read_others_judges_as_one_that_has_read_none(
    hands: list[tuple[str, list[str], int]], random: Random
) -> None:
    sources = [as_source(altered(form, names, Random(seed)).pages) for form, names, seed in hands]
    alone = []
    for source in sources:
        forget()
        alone.append(judged(source, Reader(used().forms)))
    order = random.sample(range(len(sources)), len(sources))
    for place in (*order, *reversed(order)):
        assert judged(sources[place], used()) == alone[place], hands[place]


RAWS = ("12", 12.0, 12, 1.0, 1, True, "0.95", 0.95, "≥90%", "12月底前", "90", "5次", "无", "完成12次，90%")
ROWS: tuple[dict[str, Answer], ...] = (
    {},
    {
        "name": Answer("完成率", "完成率", None),
        "target": Answer(Target("90%", Operator.GE, unit="%"), "", None),
    },
    {"operator": Answer("≤", "≤", None), "unit": Answer("元", "元", None)},
)


@pytest.mark.parametrize("name", FORMS)
def test_what_one_cell_said_is_not_what_the_same_words_say_elsewhere(name: str) -> None:
    form = forms()[name]
    fields = {entry.type: entry for section in form.sections for entry in section.fields}
    asked = list(product(fields.values(), RAWS, MoneyUnit, (False, True), (None, 2023, 2024), ROWS))
    Random(name).shuffle(asked)
    readings = Readings(form)
    for cell in asked:
        assert repr(readings.read(*cell)) == repr(Readings(form).read(*cell)), cell


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a filled workbook with the sheets of notes that go out with a blank."""
    path = tmp_path_factory.mktemp("recall") / "表.xlsx"
    write_blank(forms()["department"], path, answers=answers("department"), year=2024)
    return path


def _sheets(data: bytes) -> Sequence[object]:
    sheets = read_source(data, "表.xlsx", only_counted=OUR_SHEETS).sheets
    return [(sheet.name, sheet.rows, sheet.merges, sheet.counted, sheet.uncalculated) for sheet in sheets]


def test_a_changed_part_is_read_anew_between_two_readings_of_the_old_one(workbook: Path) -> None:
    data = workbook.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    before = _sheets(data)
    for name in names:
        sheet = part_of(data, name)
        changed = _sheets(rezipped(data, {name: sheet.replace("<v>", "<v>1", 1)}))
        emptied = _sheets(rezipped(data, {name: sheet[: sheet.index("<sheetData") + 10] + "/></worksheet>"}))
        assert emptied != before
        assert emptied != changed
        assert _sheets(data) == before


def test_a_damaged_part_is_refused_however_often_its_sound_twin_was_read(workbook: Path) -> None:
    data = workbook.read_bytes()
    result = check_workbook(Task(workbook, workbook.name), used(), Limits())
    assert result.submission is not None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("xl/workbook.xml")
    spot = data.index(info.CRC.to_bytes(4, "little"))
    broken = data.replace(data[spot : spot + 4], b"\0\1\2\3")
    for _ in range(2):
        with pytest.raises(SourceError, match="differs from its header"):
            read_source(broken, "表.xlsx")
    assert _sheets(data)


def test_only_so_many_small_parts_are_remembered() -> None:
    made: list[bytes] = []

    @recalled
    def length(data: bytes, more: int) -> int:
        made.append(data[:8])
        return len(data) + more

    large = bytes(LARGEST + 1)
    assert [length(b"small", 1), length(b"small", 1), length(b"small", 2)] == [6, 6, 7]
    assert made == [b"small"] * 2
    assert length(large, 0) == length(large, 0) == LARGEST + 1
    assert len(made) == 4
    for number in range(MOST):
        length(b"%d" % number, 0)
    length(b"small", 1)
    assert len(made) == 4 + MOST + 1
