"""Where a report's text stands on paper: LibreOffice lays the sample reports out, pdftotext measures them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from toolkit.build import build
from toolkit.collection import open_collection

pytestmark = pytest.mark.office

ROOT = Path(__file__).resolve().parent.parent
MM = 72 / 25.4  # points
LEFT, RIGHT, TOP, BOTTOM = 28, 184, 37, 262  # of the 156 × 225 mm of a page's text
SLACK = 1.5  # mm, for the room beside a character
HANGING, MARKS = 5.6, tuple("，。、；：")  # mm: a mark may stand behind the last of the 28 characters
LINE = 225 / 22  # mm
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.S)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text and its box, in mm from the upper left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its size in mm, its text, and the words of its foot."""

    width: float
    height: float
    body: tuple[Word, ...]
    foot: tuple[Word, ...]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Page]]:
    """Build the sample collection and lay its reports out, by file stem."""
    folder = tmp_path_factory.mktemp("collection")
    for name in ("templates", "workbooks"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copyfile(ROOT / "xlreport.toml", folder / "xlreport.toml")
    build(open_collection(folder))
    reports = [*(folder / "out" / "单位报告").glob("*.docx"), folder / "out" / "汇总报告.docx"]
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program is not None, "LibreOffice is not installed"
    subprocess.run(
        [
            *(program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
            *("--convert-to", "pdf", "--outdir", str(folder / "pdf"), *map(str, reports)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return {path.stem: _pages(path) for path in sorted((folder / "pdf").glob("*.pdf"))}


def _pages(path: Path) -> list[Page]:
    told = subprocess.run(["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True, text=True)
    found = []
    for width, height, inner in _PAGE.findall(told.stdout):
        words = [
            Word(*(float(number) / MM for number in numbers), text) for *numbers, text in _WORD.findall(inner)
        ]
        size = float(width) / MM, float(height) / MM
        edge = BOTTOM if size[0] < size[1] else size[1] - 26
        foot = tuple(word for word in words if word.top > edge)
        found.append(Page(*size, tuple(word for word in words if word not in foot), foot))
    return found


def test_text_keeps_to_156_by_225_millimetres(pages: Mapping[str, list[Page]]) -> None:
    assert len(pages) == 8
    for stem, told in pages.items():
        for number, page in enumerate(told, 1):
            if page.width > page.height:
                continue
            place = f"{stem}, page {number}"
            assert min(word.left for word in page.body) >= LEFT - SLACK, place
            right = max(word.right - HANGING * word.text.endswith(MARKS) for word in page.body)
            assert right <= RIGHT + SLACK, place
            assert min(word.top for word in page.body) >= TOP - SLACK, place
            assert max(word.bottom for word in page.body) <= BOTTOM + SLACK, place


def test_every_page_has_its_number_outside_seven_millimetres_below_the_text(
    pages: Mapping[str, list[Page]],
) -> None:
    for stem, told in pages.items():
        for number, page in enumerate(told, 1):
            place = f"{stem}, page {number}"
            assert "".join(word.text for word in page.foot).replace(" ", "") == f"—{number}—", place
            left, right = page.foot[0].left, page.foot[-1].right
            if number % 2:
                assert page.width - right < left, place
            else:
                assert left < page.width - right, place
            if page.width < page.height:
                middle = (page.foot[0].top + page.foot[0].bottom) / 2
                assert 5 < middle - BOTTOM < 10, place


def test_lines_of_text_are_a_twenty_second_of_the_page_apart(pages: Mapping[str, list[Page]]) -> None:
    page = pages["广州市天河区人民政府前进街道办事处"][1]  # text only
    tops = sorted({round(word.bottom, 1) for word in page.body})
    steps = [below - above for above, below in pairwise(tops) if below - above > 2]
    assert len(steps) >= 19
    assert all(abs(step - LINE) < 0.3 for step in steps)


def test_the_signature_never_stands_alone(pages: Mapping[str, list[Page]]) -> None:
    for stem, told in pages.items():
        upright = [page for page in told if page.width < page.height]
        lines = {round(word.bottom) for word in upright[-1].body}
        assert len(lines) >= 4, stem  # the unit on one or two lines, the date, and text


def test_reports_are_as_long_as_the_public_ones(pages: Mapping[str, list[Page]]) -> None:
    lengths = {stem: len(told) for stem, told in pages.items()}
    for name, least, most in (("前进", 8, 13), ("钟村", 7, 11), ("花地", 4, 7), ("昌华", 4, 7)):
        (length,) = (length for stem, length in lengths.items() if name in stem)
        assert least <= length <= most, name
    assert 12 <= lengths["广州市花都区人民政府新华街道办事处"] <= 18
