"""Write docs/改动与读取.md from what the tests' alterations give when read.

Run from a checkout where the project is installed with its test dependencies.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "改动与读取.md"


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from alteration_table import page

    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
