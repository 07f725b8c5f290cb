"""Write the shipped Word templates: the reports of departments and of projects, and the district's.

Run from a checkout where the project is installed: `python scripts/make_narratives.py [-o DIR]`. The same
run gives the same bytes. Officers change the result in Word; what a tag may ask is in docs and checked by
`xlreport template check`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from district_narrative import district_narrative
from notice_narratives import reminder_notice, returned_notice
from official_document import OfficialDocument
from outline_2021 import evaluation_2021
from outline_2022 import report_2022
from outline_2023 import report_2023
from outline_2024 import explanation_2024
from project_narrative import project_narrative

from toolkit.writers.template_dump import dump

ROOT = Path(__file__).resolve().parent.parent
NARRATIVES = ROOT / "templates" / "narratives"
DUMPS = ROOT / "tests" / "narratives"  # what each template says, as text: the review of a change
TEMPLATES: Mapping[str, Callable[[], OfficialDocument]] = {
    "单位自评报告": report_2023,
    "单位自评报告（附表）": report_2022,
    "单位自评表说明": explanation_2024,
    "单位绩效评价报告": evaluation_2021,
    "项目自评报告": project_narrative,
    "汇总报告": district_narrative,
    "催报通知": reminder_notice,
    "退回通知": returned_notice,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every template into the folder asked for and print their paths."""
    parser = argparse.ArgumentParser(description="Write the shipped Word templates.")
    parser.add_argument(
        "-o", "--output", type=Path, default=NARRATIVES, metavar="DIR", help="default: templates/narratives/"
    )
    folder: Path = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)
    for name, outline in TEMPLATES.items():
        path = folder / f"{name}.docx"
        outline().save(path)
        print(path)
        if folder == NARRATIVES:
            (DUMPS / name).with_suffix(".txt").write_text("\n".join(dump(path)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
