"""Write the parts of docs/ that follow from the code: 问题代码.md, and the pictures of real outputs.

Run from a checkout where the project is installed. `python scripts/make_docs.py` writes the page,
`--pictures` the pictures too; they need LibreOffice (`soffice`) and poppler (`pdftoppm`).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from toolkit.build import build
from toolkit.collection import open_collection
from toolkit.issues.catalogue import Entry, entries
from toolkit.writers.blank import write_blank

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CODES = DOCS / "问题代码.md"
PICTURES = DOCS / "pictures"
_INTRODUCTION = """\
# 问题代码

核对发现的每一条问题都有代码和级别：

- **必改**：改正前，文件的结论是“退回”；
- **需说明**：在原因栏写明原因，没有原因栏的予以更正；在此之前结论是“待说明”；
- **提示**：不影响结论，请过目。

下面是通常的级别。比率相差不超过 0.05 个百分点的只“需说明”；
选项栏允许填列表以外内容的（表样写明 `strict = false`）只“提示”；
表样的规则可以用 `severity` 另定级别。

在命令行运行 `xlreport explain N17` 可看到同样的内容。句子里的“……”在实际提示中是单元格名称、填的数、应填的数。

> 本页由 `scripts/make_docs.py` 根据 `toolkit/issues/catalogue.toml` 生成，请勿直接修改。
"""


def codes_page() -> str:
    """Return 问题代码.md: a list of all codes by family, then what each means and how to mend it."""
    return "\n".join([_INTRODUCTION, *_families(), ""])


def _families() -> Iterator[str]:
    for family, listed in groupby(entries().values(), key=lambda entry: entry.family):
        members = list(listed)
        yield f"## {members[0].code[0]} {family}\n"
        yield "| 代码 | 级别 | 问题 |\n|---|---|---|"
        yield from (f"| {entry.code} | {entry.severity.word} | {entry.title} |" for entry in members)
        yield ""
        for entry in members:
            yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {entry.code} {entry.title}\n"
    yield f"- 级别：{entry.severity.word}"
    yield f"- 提示的话：{_open(entry.message)}"
    yield f"- 怎么改：{_open(entry.hint)}"
    yield f"- 为什么检查：{entry.why}"
    yield f"- 例子：{_escaped(entry.example)}\n"


def _open(template: str) -> str:
    """Return a sentence of the catalogue with its places shown as ……."""
    return _escaped(re.sub(r"\{\w+\}", "……", template))


def _escaped(text: str) -> str:
    """Return text in which Markdown sees no markup."""
    return re.sub(r"([\\`*_<\[\]#])", r"\\\1", text)


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of an output: its file, the page counted from 1, dots per inch, rows of pixels kept (0: all)."""

    name: str
    source: str
    page: int
    dpi: int
    height: int = 0


SHOWN = (
    Picture("看板.png", "out/汇总表.xlsx", 1, 70),
    Picture("空白表.png", "out/空白表/部门整体支出绩效自评表.xlsx", 9, 70, height=430),
    Picture("单位报告.png", "out/单位报告/广州市花都区人民政府新华街道办事处.docx", 5, 60),
)


def draw(folder: Path) -> Iterator[Path]:
    """Build the sample collection in a temporary folder and write its pictures to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for name in ("templates", "workbooks"):
            shutil.copytree(ROOT / name, root / name)
        shutil.copyfile(ROOT / "xlreport.toml", root / "xlreport.toml")
        collection = open_collection(root)
        build(collection)
        for form in collection.forms:
            write_blank(form, root / "out" / "空白表" / f"{form.title}.xlsx", year=2024)
        for picture in SHOWN:
            yield _draw(root, picture, folder)


def _draw(root: Path, picture: Picture, folder: Path) -> Path:
    pages = root / "pages" / picture.name
    office = ["soffice", "--headless", f"-env:UserInstallation={(root / 'profile').as_uri()}"]
    convert = [*office, "--convert-to", "pdf", "--outdir", str(pages), str(root / picture.source)]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    (document,) = pages.glob("*.pdf")
    target = folder / picture.name
    pages_and_size = f"-f {picture.page} -l {picture.page} -r {picture.dpi} -H {picture.height}".split()
    render = ["pdftoppm", "-png", "-singlefile", *pages_and_size]
    subprocess.run([*render, str(document), str(target.with_suffix(""))], check=True, timeout=60)
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what was asked for and print where."""
    parser = argparse.ArgumentParser(description="Write docs/问题代码.md and the pictures in docs/pictures.")
    parser.add_argument("--pictures", action="store_true", help="draw the pictures too")
    chosen = parser.parse_args(arguments)
    CODES.write_text(codes_page(), encoding="utf-8")
    print(CODES)
    if chosen.pictures:
        for path in draw(PICTURES):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
