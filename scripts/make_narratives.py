"""Write the shipped Word templates: the units' self-evaluation report and the district's summary report.

Run from a checkout where the project is installed: `python scripts/make_narratives.py [-o DIR]`. The same
run gives the same bytes. Officers change the result in Word; what a tag may ask is in docs and checked by
`xlreport template check`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from district_narrative import district_narrative
from unit_narrative import unit_narrative

from toolkit.writers.template_dump import dump

ROOT = Path(__file__).resolve().parent.parent
NARRATIVES = ROOT / "templates" / "narratives"
DUMPS = ROOT / "tests" / "narratives"  # what each template says, as text: the review of a change


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both templates into the folder asked for and print their paths."""
    parser = argparse.ArgumentParser(description="Write the shipped Word templates.")
    parser.add_argument(
        "-o", "--output", type=Path, default=NARRATIVES, metavar="DIR", help="default: templates/narratives/"
    )
    folder: Path = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)
    for name, paper in (("单位自评报告.docx", unit_narrative()), ("汇总报告.docx", district_narrative())):
        paper.save(folder / name)
        print(folder / name)
        if folder == NARRATIVES:
            text = "\n".join(dump(folder / name)) + "\n"
            (DUMPS / name).with_suffix(".txt").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
