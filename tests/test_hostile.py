"""Files made to harm: each ends in a result or one issue, and no mutant of a good file ends its reader."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from packages import MAIN, rezipped, strings, styles, workbook, worksheet, zipped
from valid import answers

from toolkit.checks.runner import Task
from toolkit.checks.workers import Judging, check_files
from toolkit.crew.watched import watched_crew
from toolkit.form.loader import load_form
from toolkit.submission.guard import SourceError
from toolkit.submission.source import read_source
from toolkit.writers.blank import write_blank

PROJECT = load_form(Path(__file__).parent.parent / "templates" / "forms" / "project.toml")
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
SEEDS = range(160)
OFFICE = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)


def spreadsheet(rows: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content{OFFICE}><office:body><office:spreadsheet>"
            f'<table:table table:name="表">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


COMMENTS = "".join(
    f'<comment ref="A{row}" authorId="0"><text><t>x</t></text></comment>' for row in range(20_000)
)
COLUMN = '<table:table-column table:number-columns-repeated="16384" table:visibility="collapse"/>'
PERCENT = (
    '<table:table-cell table:number-columns-repeated="99" office:value-type="percentage" office:value="1"/>'
)
HOSTILE = {
    "a hundred thousand claimed rows": workbook(
        worksheet(ROW + "".join(f'<row r="{row}"/>' for row in range(2, 100_000)))
    ),
    "a cell in the last corner": workbook(
        worksheet(f'{ROW}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    ),
    "thousands of comments": workbook(
        worksheet(ROW), extra={"xl/comments1.xml": f'<comments xmlns="{MAIN}">{COMMENTS}</comments>'}
    ),
    "a text of a million characters": workbook(
        worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), sst=strings("长" * 1_000_000)
    ),
    "a merge over everything, often": workbook(
        worksheet(ROW, after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 2_000 + "</mergeCells>")
    ),
    "deep nesting": workbook(worksheet(ROW + "<a>" * 50_000 + "</a>" * 50_000)),
    "deep nesting without an end": rezipped(
        workbook(worksheet(ROW)), {"xl/_rels/workbook.xml.rels": "<a>" * 50_000}
    ),
    "styles by the hundred thousand": workbook(worksheet(ROW), style=styles(*[0] * 100_000)),
    "all columns hidden again and again": workbook(
        worksheet(ROW, before="<cols>" + '<col min="1" max="16384" hidden="1"/>' * 20_000 + "</cols>")
    ),
    "a cell of many attributes": workbook(
        worksheet(f'<row r="1"><c r="A1" {" ".join(f"a{n}=" + chr(34) * 2 for n in range(20_000))}/></row>')
    ),
    "tags that never close": workbook(worksheet('<row r="1">' + '<c r="' * 300_000)),
    "formulas that never close": workbook(worksheet('<row r="1"><c r="A1">' + "<f " * 300_000)),
    "columns of a text document repeated": spreadsheet(COLUMN * 3_000),
    "percentages repeated": spreadsheet(
        f'<table:table-row table:number-rows-repeated="99">{PERCENT}</table:table-row>' * 500
    ),
    "an attribute of two million characters": workbook(worksheet(f'<row r="1" x="{"y" * 2_000_000}"/>')),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_read_or_refused(data: bytes) -> None:
    try:
        assert read_source(data, "表.xlsx").sheets
    except SourceError as error:
        assert error.code in {"F01", "F04", "F05"}


def test_an_odd_cell_of_an_opendocument_spreadsheet_costs_itself_only() -> None:
    cells = (
        'float" office:value="约三百"><text:p>约三百</text:p>',
        'float" office:value="1.5">',
        'date" office:date-value="2024-05-06">',
        'string"><text:p>甲</text:p><text:p>乙</text:p>',
    )
    row = "".join(f'<table:table-cell office:value-type="{cell}</table:table-cell>' for cell in cells)
    grid = read_source(spreadsheet(f"<table:table-row>{row}</table:table-row>"), "表.ods").sheets[0]
    assert grid.rows == [["约三百", 1.5, date(2024, 5, 6), "甲\n乙"]]


# Mutants ---------------------------------------------------------------------------------------------

ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
VALUES = (
    b"",
    b"-1",
    b"4294967295",
    b"1e999",
    b"A1:XFD1048576",
    b"XFD1048576",
    b"inlineStr",
    b"../../x",
    b"\xff",
)


def flipped(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 20)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(1, len(data))]


def in_parts(data: bytes, dice: random.Random, change: Callable[[bytes, random.Random], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = dice.choice(archive.namelist())
        return rezipped(data, {name: change(archive.read(name), dice)})


def swapped(data: bytes, dice: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = dice.sample(archive.namelist(), 2)
        return rezipped(data, {first: archive.read(second), second: archive.read(first)})


def reworded(part: bytes, dice: random.Random) -> bytes:
    for _ in range(3):
        found = list(ATTRIBUTE.finditer(part))
        if found:
            match = dice.choice(found)
            part = part[: match.start(2)] + dice.choice(VALUES) + part[match.end(2) :]
    return part


def overwritten(part: bytes, dice: random.Random) -> bytes:
    changed = bytearray(part)
    for _ in range(min(4, len(changed) // 8)):
        place = dice.randrange(len(changed) - 3)
        changed[place : place + 4] = dice.choice(
            (b"\0" * 4, b"\xff" * 4, struct.pack("<I", dice.randrange(1 << 16)))
        )
    return bytes(changed)


def mutant(data: bytes, seed: int) -> bytes:
    dice = random.Random(seed)
    kinds = (
        flipped, cut, swapped,
        lambda data, dice: in_parts(data, dice, reworded),
        lambda data, dice: in_parts(data, dice, overwritten),
        lambda data, dice: in_parts(data, dice, cut),
    )  # fmt: skip
    return kinds[seed % len(kinds)](data, dice)


def test_mutants_of_a_good_workbook_are_read_or_refused_and_never_end_their_reader(tmp_path: Path) -> None:
    write_blank(PROJECT, tmp_path / "好.xlsx", answers=answers("project"), year=2024)
    good = (tmp_path / "好.xlsx").read_bytes()
    for seed in SEEDS:
        (tmp_path / f"{seed}.xlsx").write_bytes(mutant(good, seed))
    tasks = [Task(tmp_path / f"{seed}.xlsx", f"{seed}.xlsx") for seed in SEEDS]
    with watched_crew(2) as crew:
        results = check_files(tasks, Judging((PROJECT,)), crew).results
    assert [result.file for result in results] == [task.name for task in tasks]
    codes = {item.code for result in results for item in result.issues}
    assert not codes & {"F10", "R01"}
    assert any(result.submission for result in results)
    assert "F01" in codes
