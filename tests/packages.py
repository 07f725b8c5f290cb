"""Workbook packages written by hand, for what no library would write."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def rezipped(data: bytes, changes: dict[str, str | bytes | None]) -> bytes:
    """Return the package with parts replaced or added; None takes a part away."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    parts |= changes
    return zipped({name: content for name, content in parts.items() if content is not None})


def part_of(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def worksheet(rows: str, *, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    sheet_data = f"<sheetData>{rows}</sheetData>"
    return f'{DECLARATION}<worksheet xmlns="{namespace}">{before}{sheet_data}{after}</worksheet>'


def strings(*texts: str) -> str:
    return f'{DECLARATION}<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def styles(*formats: int | str) -> str:
    """Return a styles part whose cell style n has the nth format: a built-in number or a code."""
    codes = "".join(
        f'<numFmt numFmtId="{170 + index}" formatCode="{code}"/>'
        for index, code in enumerate(formats)
        if isinstance(code, str)
    )
    numbers = (170 + index if isinstance(code, str) else code for index, code in enumerate(formats))
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in numbers)
    content = f"<numFmts>{codes}</numFmts><cellXfs>{cells}</cellXfs>"
    return f'{DECLARATION}<styleSheet xmlns="{MAIN}">{content}</styleSheet>'


def workbook(
    *sheets: str | bytes,
    sst: str = "",
    style: str = "",
    properties: str = "",
    states: tuple[str, ...] = (),
    namespace: str = MAIN,
    relations: str = RELATIONS,
    extra: dict[str, str | bytes] | None = None,
) -> bytes:
    """Return an xlsx of worksheet parts; the tabs are called 表1, 表2 …"""
    tabs, targets = "", ""
    parts: dict[str, str | bytes] = {}
    for number, sheet in enumerate(sheets, 1):
        state = f' state="{states[number - 1]}"' if number <= len(states) else ""
        tabs += f'<sheet name="表{number}" sheetId="{number}"{state} r:id="rId{number}"/>'
        targets += relation(f"rId{number}", f"{relations}/worksheet", f"worksheets/sheet{number}.xml")
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet
    if sst:
        targets += relation("rId901", f"{relations}/sharedStrings", "sharedStrings.xml")
        parts["xl/sharedStrings.xml"] = sst
    if style:
        targets += relation("rId902", f"{relations}/styles", "styles.xml")
        parts["xl/styles.xml"] = style
    return zipped(
        {
            "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": related(relation("rId1", f"{relations}/officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{namespace}" xmlns:r="{relations}">'
            f"{properties}<sheets>{tabs}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": related(targets),
            **parts,
            **(extra or {}),
        }
    )


def relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'


def related(relations: str) -> str:
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'


def saved_as(workbook_file: Path, extension: str, folder: Path) -> Path:
    """Return a copy saved by LibreOffice in another format."""
    assert shutil.which("soffice"), "LibreOffice is not installed"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["--headless", "--convert-to", extension, "--outdir", str(folder), str(workbook_file)]
    subprocess.run(["soffice", profile, *convert], check=True, capture_output=True, timeout=120)
    return folder / f"{workbook_file.stem}.{extension.partition(':')[0]}"
