"""Filled workbooks in any number, no two alike: the samples and the valid answers of every form, varied."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from scripts.make_samples import load_samples
from toolkit.collection import load_forms
from toolkit.form.model import Field, FieldType, Form, Section, SectionKind
from toolkit.writers.blank import write_blank

ROOT = Path(__file__).resolve().parent.parent
OFFICE_SHARE = 10  # of so many workbooks LibreOffice saves one again, where it is installed
LONGEST_CONVERSION = 600  # seconds LibreOffice may take over one batch
_BATCH = 50
_COUNT = re.compile(r"(?<![\d.])\d{1,4}(?![\d.%年月日])")
_SYLLABLES = "安宝昌德福光和华嘉锦康乐隆民宁平清瑞盛泰文祥新兴永裕源中"
_CLAUSES = (
    "责任落实到岗到人",
    "资金按进度拨付",
    "台账逐月更新",
    "群众反映的问题当面答复",
    "重点点位现场复核",
    "经验在辖区内推广",
    "薄弱环节列入下年计划",
    "相关科室每季度会商",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Filled workbooks of one form in one folder."""

    form: Form
    paths: tuple[Path, ...]

    def first(self, number: int) -> Batch:
        """Return the first so many of them."""
        return Batch(self.form, self.paths[:number])


def filled_workbooks(form: Form, number: int, cache: Path) -> Batch:
    """Return so many filled workbooks of a form, made once for each state of the code that makes them."""
    folder = cache / f"{form.id}-{_state(form)}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{position:05}-{form.id}.xlsx" for position in range(number))
    missing = [position for position, path in enumerate(paths) if not path.is_file()]
    starts = range(0, len(missing), _BATCH)
    with ProcessPoolExecutor() as pool:
        jobs = [pool.submit(_write, form.id, folder, missing[start : start + _BATCH]) for start in starts]
        for done, job in enumerate(jobs, 1):
            job.result()
            print(f"\r{form.id}: {done * _BATCH} made", end="", file=sys.stderr)
    if missing:
        print(file=sys.stderr)
    return Batch(form, paths)


def _state(form: Form) -> str:
    """Return a digest of everything a workbook is made from."""
    digest = hashlib.sha256(form.name.encode())
    made_by = (ROOT / "toolkit" / "form", ROOT / "toolkit" / "writers", ROOT / "scripts" / "samples")
    files = [path for folder in made_by for path in folder.rglob("*.*")]
    for path in (*sorted(files), ROOT / "templates" / "forms" / f"{form.id}.toml", Path(__file__)):
        if path.suffix in {".py", ".toml"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _write(form_id: str, folder: Path, positions: list[int]) -> None:
    """Write some workbooks of a form; every tenth goes through LibreOffice, where there is one."""
    (form,) = load_forms(ROOT, (form_id,))
    bases = _bases(form_id)
    for position in positions:
        answers = Variation(form, position).of(bases[position % len(bases)])
        write_blank(form, folder / f"{position:05}-{form_id}.xlsx", answers=answers, year=2024)
    if office := shutil.which("soffice"):
        again = [position for position in positions if position % OFFICE_SHARE == OFFICE_SHARE - 1]
        _save_again(office, [folder / f"{position:05}-{form_id}.xlsx" for position in again])


def _bases(form_id: str) -> list[Mapping[str, Any]]:
    """Return the answers that are varied: the samples of a form and what the tests hold to be valid."""
    sys.path.insert(0, str(ROOT / "tests"))
    from valid import answers

    return [*(sample.answers for sample in load_samples() if sample.form == form_id), answers(form_id)]


def _save_again(office: str, paths: list[Path]) -> None:
    """Let LibreOffice open workbooks and save them over themselves, as clerks without Excel do."""
    if not paths:
        return
    saved = paths[0].with_suffix(".saved")
    profile = f"-env:UserInstallation={(saved / 'profile').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(saved),
        *map(str, paths),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_CONVERSION)
    for path in paths:
        (saved / path.name).replace(path)
    shutil.rmtree(saved)


class Variation:
    """One unit's own figures, names and words, always the same for the same number."""

    def __init__(self, form: Form, position: int) -> None:
        self._form = form
        self._random = random.Random(position)
        self._factor = self._random.randint(2, 60)  # keeps sums and rates exact
        self._ordinals = count(1)
        self._name = "".join(self._random.sample(_SYLLABLES, 2)) + str(position)

    def of(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers of this unit."""
        return {name: self._section(self._form.section(name), given) for name, given in base.items()}

    def _section(self, section: Section, given: Any) -> Any:
        if section.kind is SectionKind.ANSWERS:
            return self._row(section, given, 1)
        if section.kind is SectionKind.GRID:
            return {row: self._row(section, values, 1) for row, values in given.items()}
        rows = [(values, self._copies(section, values)) for values in given]
        return [self._row(section, values, copies) for values, copies in rows for _ in range(copies)]

    def _copies(self, section: Section, values: Mapping[str, Any]) -> int:
        """Return how many rows one becomes: what adds up to nothing may be longer, weights are shared."""
        wordy = all(entry.type in {FieldType.TEXT, FieldType.PROSE} for entry in section.fields)
        return 2 if (wordy or section.indicators) and not values.get("total") else 1

    def _row(self, section: Section, values: Mapping[str, Any], copies: int) -> dict[str, Any]:
        return {
            name: self._value(section.field(name), value, copies) if section.has(name) else value
            for name, value in values.items()
        }

    def _value(self, field: Field, value: Any, copies: int) -> Any:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            exact = Decimal(str(value))
            if field.type is FieldType.MONEY:
                return exact * self._factor
            return exact / copies if field.type is FieldType.NUMBER and copies > 1 else value
        if not isinstance(value, str):
            return value
        if field.type in {FieldType.TARGET, FieldType.ACTUAL}:
            return _COUNT.sub(lambda found: str(int(found[0]) * self._factor), value)
        if field.id == "unit_name":
            return f"青山区人民政府{self._name}街道办事处"
        if field.type is FieldType.TEXT and field.key:
            return f"{value}{self._name}之{next(self._ordinals)}"
        return f"{value}{self._sentence()}" if field.type is FieldType.PROSE else value

    def _sentence(self) -> str:
        clauses = self._random.sample(_CLAUSES, 3)
        return f"{self._name}街道{'，'.join(clauses)}。"


def every_form() -> Iterator[Form]:
    """Yield every shipped form."""
    yield from load_forms(ROOT)
