"""Write the sample workbooks and their roster.

Each `scripts/samples/*.toml` holds the answers of one workbook: `form`, `file`, then the form's sections.
Run from a checkout where the project is installed: `python scripts/make_samples.py [-o DIR]`.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from toolkit.checks.model import RosterUnit
from toolkit.collection import ROSTER as ROSTER_NAME
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.writers.blank import write_blank
from toolkit.writers.roster import write_roster

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "scripts" / "samples"
FORMS = ROOT / "templates" / "forms"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample workbook: its form id, its file name and its answers by section."""

    form: str
    file: str
    answers: dict[str, Any]


def _subdistrict(code: str, city: str, district: str, name: str, year: int, *forms: str) -> RosterUnit:
    """Return a subdistrict office as the roster lists it. Codes, contacts and due dates are made up."""
    return RosterUnit(
        code=code,
        name=f"{city}{district}人民政府{name}道办事处",
        aliases=(f"{name}道", name, f"{name}道办事处"),
        kind="街道办事处",
        district=district,
        contact="样例联系人",
        forms=forms or ("department",),
        year=year,
        due=date(year + 1, 4, 30),
    )


ROSTER = (
    _subdistrict("440106-01", "广州市", "天河区", "前进街", 2023),
    _subdistrict("440113-01", "广州市", "番禺区", "钟村街", 2024),
    _subdistrict("440103-01", "广州市", "荔湾区", "花地街", 2021),
    _subdistrict("440103-02", "广州市", "荔湾区", "昌华街", 2024),
    _subdistrict("440114-01", "广州市", "花都区", "新华街", 2022, "department", "project"),
    _subdistrict("440105-01", "广州市", "海珠区", "滨江街", 2024),  # has not reported: no sample, on purpose
)


def load_samples(folder: Path = SAMPLES) -> list[Sample]:
    """Read every sample, with decimals exactly as written."""
    samples = []
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        samples.append(Sample(raw.pop("form"), raw.pop("file"), raw))
    return samples


def write_samples(samples: Iterable[Sample], folder: Path) -> list[Path]:
    """Write one filled workbook per sample; the paths written."""
    forms: dict[str, Form] = {}
    written = []
    for sample in samples:
        if sample.form not in forms:
            forms[sample.form] = load_form(FORMS / f"{sample.form}.toml")
        form = forms[sample.form]
        path = folder / sample.file
        write_blank(form, path, answers=sample.answers, year=_fiscal_year(form, sample))
        written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Write everything into the folder asked for and print the paths."""
    parser = argparse.ArgumentParser(description="Write the sample workbooks and their roster.")
    parser.add_argument(
        "-o", "--output", type=Path, default=ROOT / "workbooks", metavar="DIR", help="default: workbooks/"
    )
    folder: Path = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)
    written = write_samples(load_samples(), folder)
    write_roster(ROSTER, folder / ROSTER_NAME)
    for path in (*written, folder / ROSTER_NAME):
        print(path)
    return 0


def _fiscal_year(form: Form, sample: Sample) -> int:
    """Return the year the form's own `summary.year` points at."""
    place = form.summary["year"][0]
    return int(sample.answers[place.section][place.field])


if __name__ == "__main__":
    sys.exit(main())
