"""Files that are refused, and what staff are told they are."""

from __future__ import annotations

import io
import os
import struct
import threading
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import part_of, rezipped, strings, workbook, worksheet, zipped

from toolkit.submission.guard import Limits, SourceError
from toolkit.submission.source import Source, open_source, read_source

ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
GOOD = workbook(worksheet(ROW))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(data: bytes, limits: Limits | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_source(data, "表.xlsx", limits=limits or Limits())
    return caught.value


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "png"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "jpeg"),
        (b"%PDF-1.7\n", "pdf"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
        (b"{\\rtf1}", "rtf"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        (b"MIME-Version: 1.0\r\n", "mhtml"),
        ("自评表说明".encode(), "text"),
        (bytes(range(1, 200)), "unknown"),
    ],
)
def test_a_file_of_another_kind_is_named_whatever_its_extension(data: bytes, kind: str) -> None:
    error = refusal(data)
    assert (error.code, error.found) == ("F03", kind)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("word/document.xml", "docx"),
        ("ppt/presentation.xml", "pptx"),
        ("OFD.xml", "ofd"),
        ("照片/1.jpg", "zip"),
    ],
)
def test_a_renamed_package_of_another_program_is_named(part: str, kind: str) -> None:
    error = refusal(zipped({part: "x"}))
    assert (error.code, error.found) == ("F03", kind)


def test_a_text_document_of_libreoffice_is_named() -> None:
    data = zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"})
    assert str(refusal(data)) == "F03 odt"


def test_an_empty_file_is_empty() -> None:
    assert refusal(b"").code == "F04"


def test_a_file_of_zero_bytes_only_is_damaged() -> None:
    assert refusal(bytes(5000)).code == "F01"


def test_a_workbook_without_sheets_is_empty() -> None:
    assert str(refusal(workbook())) == "F04 no sheet"


@pytest.mark.parametrize("rows", ["", '<row r="1"><c r="A1" t="inlineStr"><is><t> </t></is></c></row>'])
def test_a_workbook_without_content_is_empty(rows: str) -> None:
    assert str(refusal(workbook(worksheet(rows)))) == "F04 no content"


def test_an_ole_container_with_an_encrypted_package_is_encrypted() -> None:
    assert refusal(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")).code == "F02"


def test_a_password_protected_zip_is_encrypted() -> None:
    data = bytearray(GOOD)
    place = data.rfind(b"PK\x01\x02", 0, data.find(b"xl/workbook.xml", data.find(b"PK\x01\x02")))
    data[place + 8] |= 1
    assert refusal(bytes(data)).code == "F02"


def test_a_torn_ole_container_is_damaged() -> None:
    assert refusal(OLE + bytes(100)).code == "F01"
    assert refusal(OLE + bytes(20)).code == "F01"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(GOOD) - 1))
def test_any_truncated_zip_is_refused(length: int) -> None:
    assert refusal(GOOD[:length]).code in {"F01", "F03"}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_any_changed_byte_is_read_or_refused_but_never_crashes(place: int, change: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= change
    try:
        outcome: Source | SourceError = read_source(bytes(data), "表.xlsx")
    except SourceError as error:
        outcome = error
        assert error.code in {"F01", "F02", "F03", "F04", "F05"}
    assert isinstance(outcome, SourceError) or outcome.sheets[0].rows


def test_each_limit_is_named_with_what_was_found() -> None:
    many = workbook(worksheet(ROW), extra={f"docProps/{number}.xml": "<x/>" for number in range(20)})
    assert str(refusal(GOOD, Limits(max_bytes=100))) == f"F05 max_bytes {len(GOOD)} > 100"
    assert str(refusal(many, Limits(max_entries=10))) == "F05 max_entries 25 > 10"
    assert refusal(GOOD, Limits(max_expanded=500)).found.startswith("max_expanded ")


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = workbook(worksheet(ROW), extra={"xl/media/image1.png": bytes(60 * 1024 * 1024)})
    assert len(bomb) < 100_000
    assert refusal(bomb).found.startswith("max_ratio ")


def lying(data: bytes, name: bytes, size: int, crc: int | None = None) -> bytes:
    """Return the zip with another inflated size (and checksum) stated for one part, in both headers."""
    changed = bytearray(data)
    for signature, fixed, crc_at, size_at in ((b"PK\x03\x04", 30, 14, 22), (b"PK\x01\x02", 46, 16, 24)):
        place = changed.find(signature)
        while changed[place + fixed : place + fixed + len(name)] != name:
            place = changed.find(signature, place + 4)
        changed[place + size_at : place + size_at + 4] = struct.pack("<I", size)
        if crc is not None:
            changed[place + crc_at : place + crc_at + 4] = struct.pack("<I", crc)
    return bytes(changed)


def test_a_part_larger_than_its_header_says_is_refused_even_when_the_checksum_fits_the_lie() -> None:
    part = worksheet(ROW + " " * 1_000_000).encode()
    honest = workbook(part)
    assert read_source(honest, "表.xlsx").sheets[0].rows == [[1.0]]
    lie = lying(honest, b"xl/worksheets/sheet1.xml", 200, zlib.crc32(part[:200]))
    with zipfile.ZipFile(io.BytesIO(lie)) as believed:
        assert believed.read("xl/worksheets/sheet1.xml") == part[:200]
    assert refusal(lie).code == "F01"


def test_a_part_that_hides_its_size_is_not_inflated_beyond_it() -> None:
    bomb = lying(workbook(worksheet(ROW + " " * 80_000_000)), b"xl/worksheets/sheet1.xml", 200)
    tracemalloc.start()
    try:
        assert refusal(bomb).code == "F01"
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_two_parts_of_one_name_are_refused() -> None:
    two = rezipped(GOOD, {"XL/Workbook.xml": part_of(GOOD, "xl/workbook.xml")})
    assert refusal(two).code == "F01"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part_that_is_read(part: str, encoding: str) -> None:
    cell = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    good = workbook(worksheet(cell), sst=strings("甲"))
    declared, _, rest = part_of(good, part).partition("?>")
    declared = declared.replace("UTF-8", encoding)
    unsafe = f'{declared}?><!DOCTYPE a [<!ENTITY b "bbbb">]>{rest}'
    assert refusal(rezipped(good, {part: unsafe.encode(encoding)})).code == "F06"


def test_a_shared_string_used_by_many_cells_counts_as_often_as_it_is_used() -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 501))
    data = workbook(worksheet(cells), sst=strings("长" * 1000))
    assert len(read_source(data, "表.xlsx").sheets[0].rows) == 500
    assert refusal(data, Limits(max_text=400_000)).found.startswith("max_text ")


def test_a_lie_about_the_number_of_shared_strings_reserves_no_memory() -> None:
    lie = strings("甲").replace("<sst ", '<sst uniqueCount="399999999999" ')
    sheet = worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
    assert read_source(workbook(sheet, sst=lie), "表.xlsx").sheets[0].rows == [["甲"]]


def test_shared_strings_no_relationship_leads_to_are_guarded_too() -> None:
    unsafe = strings("甲").replace("<sst", "<!DOCTYPE sst><sst")
    assert refusal(rezipped(GOOD, {"xl/sharedStrings.xml": unsafe})).code == "F06"


def test_cells_are_counted_over_all_sheets() -> None:
    sheet = worksheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="30"><c r="J30"><v>1</v></c></row>')
    assert len(read_source(workbook(sheet), "表.xlsx", limits=Limits(max_cells=500)).sheets) == 1
    assert refusal(workbook(sheet, sheet), Limits(max_cells=500)).found == "max_cells 600 > 500"


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "表.xlsx"
    os.mkfifo(pipe)
    found: list[str] = []

    def read() -> None:
        with pytest.raises(SourceError) as caught:
            open_source(pipe)
        found.append(str(caught.value))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(5)
    assert found == ["F01 not a regular file"]


def test_a_folder_and_a_missing_file_cannot_be_opened(tmp_path: Path) -> None:
    for path, found in ((tmp_path, "not a regular file"), (tmp_path / "无.xlsx", "no such file")):
        with pytest.raises(SourceError) as caught:
            open_source(path)
        assert (caught.value.code, caught.value.found) == ("F01", found)


def test_a_large_file_is_refused_by_its_size_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "大.xlsx"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(SourceError, match="F05") as caught:
        open_source(path)
    assert caught.value.found == f"max_bytes {10**12} > {Limits().max_bytes}"
