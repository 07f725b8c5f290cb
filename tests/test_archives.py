"""A zip of workbooks is a folder: its members are read, named and limited, and never laid down anywhere."""

from __future__ import annotations

import io
import json
import os
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from packages import workbook, worksheet, zipped
from valid import answers

from toolkit.build import Built, build
from toolkit.checks.model import CheckResult, Collected
from toolkit.collecting import collect
from toolkit.collection import open_collection
from toolkit.form.loader import load_form
from toolkit.listing import tally_line
from toolkit.submission.names import LONGEST_PATH, sane, unique
from toolkit.writers.blank import write_blank

PROJECT = load_form(Path(__file__).parent.parent / "templates" / "forms" / "project.toml")
ODD = workbook(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "好.xlsx"
    write_blank(PROJECT, path, answers=answers("project"), year=2024)
    return path.read_bytes()


def put(root: Path, files: dict[str, bytes], settings: str = "") -> Path:
    root.mkdir(exist_ok=True)
    (root / "xlreport.toml").write_text(f'title = "汇总"\nforms = ["project"]\n{settings}', encoding="utf-8")
    for name, content in files.items():
        path = root / "workbooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def collected(root: Path, files: dict[str, bytes], settings: str = "") -> Collected:
    return collect(open_collection(put(root, files, settings)), jobs=1)


def found(root: Path, files: dict[str, bytes], settings: str = "") -> dict[str, list[str]]:
    return codes(collected(root, files, settings).results)


def codes(results: tuple[CheckResult, ...]) -> dict[str, list[str]]:
    return {result.file: [item.code for item in result.issues] for result in results}


def named_in(names: dict[bytes, bytes], *, flags: int = 0, extra: bytes = b"") -> bytes:
    """Return a stored zip whose names are these very bytes, as no well-meant library writes it."""
    body, directory = b"", b""
    for name, content in names.items():
        head = struct.pack(
            "<5H3I2H", 20, flags, 0, 0, 33, zlib.crc32(content), *[len(content)] * 2, len(name), 0
        )
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + head[:-2]
            + struct.pack("<4H2I", len(extra), 0, 0, 0, 0, len(body))
            + name
            + extra
        )
        body += b"PK\x03\x04" + head + name + content
    end = struct.pack("<4H2IH", 0, 0, len(names), len(names), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def test_members_are_read_under_their_place_in_the_archive(tmp_path: Path, good: bytes) -> None:
    archive = zipped({"一街/": b"", "一街/甲.xlsx": good, "乙.xlsx": ODD})
    assert found(tmp_path, {"北片/包.zip": archive}) == {
        "北片/包.zip/一街/甲.xlsx": [],
        "北片/包.zip/乙.xlsx": ["S18"],
    }


def test_an_archive_is_known_by_its_content_and_not_by_its_name(tmp_path: Path, good: bytes) -> None:
    assert found(tmp_path, {"表.xlsx": zipped({"甲.xlsx": good})}) == {"表.xlsx/甲.xlsx": []}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_without_a_flag_are_read_as_the_system_that_wrote_them_meant(
    tmp_path: Path, encoding: str
) -> None:
    archive = named_in({"花都区/新华街道.xlsx".encode(encoding): ODD, "说明.txt".encode(encoding): b""})
    assert set(found(tmp_path, {"包.zip": archive})) == {"包.zip/花都区/新华街道.xlsx", "包.zip/说明.txt"}


def test_a_name_in_the_field_for_unicode_is_taken_when_it_belongs_to_the_entry(tmp_path: Path) -> None:
    name, written = "联通.xlsx".encode(), b"??.xlsx"
    body = b"\x01" + struct.pack("<I", zlib.crc32(written)) + name
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    assert set(found(tmp_path, {"包.zip": named_in({written: ODD}, extra=extra)})) == {"包.zip/联通.xlsx"}
    stale = extra.replace(struct.pack("<I", zlib.crc32(written)), b"\0\0\0\0")
    assert set(found(tmp_path, {"包.zip": named_in({written: ODD}, extra=stale)})) == {"包.zip/__.xlsx"}


def test_what_macos_and_office_leave_behind_is_passed_over_and_counted(tmp_path: Path) -> None:
    members = {"甲.xlsx": ODD, "__MACOSX/._甲.xlsx": b"x", ".DS_Store": b"x", "~$甲.xlsx": b"x"}
    told = collected(tmp_path, {"包.zip": zipped(members), "~$乙.xlsx": b"x"})
    assert set(codes(told.results)) == {"包.zip/甲.xlsx"}
    assert "跳过临时文件 4" in tally_line(told, open_collection(tmp_path).ignored())


TRICKS = [
    b"../../../../tmp/x.xlsx",
    b"/etc/x.xlsx",
    b"C:\\Windows\\x.xlsx",
    b"\\\\server\\share\\x.xlsx",
    b"con.xlsx",
    b"a/../../x.xlsx",
    b"x\x1b[2J\n.xlsx",
    b"x.xlsx. . ",
    b"x:y.xlsx",
    "\u202excod.xlsx".encode(),
    b"d/" * 300 + b"x.xlsx",
    b"n" * 5000 + b".xlsx",
    b" ... ",
    b"nul",
    b"\x00.xlsx",
]


def test_path_tricks_are_harmless_and_their_files_are_returned_below_the_output(tmp_path: Path) -> None:
    flags = 0x800
    root = put(tmp_path / "汇总", {"包.zip": named_in(dict.fromkeys(TRICKS, ODD), flags=flags)})
    ours = {"out", ".xlreport", "台账.xlsx"}
    before = {path for path in tmp_path.rglob("*") if not ours & set(path.parts)}
    made: Built = build(open_collection(root), jobs=1)
    returned = [path for path in made.written if path.parts[-2:] and "退回" in path.parts]
    results = collect(open_collection(root), jobs=1).results
    assert len(returned) == len(TRICKS) == len(results)
    assert {path for path in tmp_path.rglob("*") if not ours & set(path.parts)} == before
    for result in results:
        assert result.file.isprintable()
        assert not {"..", ""} & set(result.file.split("/"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_any_names_become_different_paths_that_stay_where_they_are_put(names: list[str]) -> None:
    made = unique(sane(name) for name in names)
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert not Path(name).is_absolute()
        assert not {unicodedata.category(char) for char in name} & {"Cc", "Cf", "Cs"}
        assert not {"", ".", ".."} & set(name.split("/"))
        assert not set('<>:"|?*\\') & set(name)
        assert len(name) <= LONGEST_PATH + 4


def nested(content: bytes, depth: int, name: str = "内.zip") -> bytes:
    for _ in range(depth):
        content = zipped({name: content})
    return content


def test_archives_in_archives_are_opened_to_a_limit(tmp_path: Path) -> None:
    two = zipped({"内.zip": zipped({"内.zip": zipped({"甲.xlsx": ODD})})})
    assert found(tmp_path, {"包.zip": two}) == {"包.zip/内.zip/内.zip/甲.xlsx": ["S18"]}
    three = collected(tmp_path, {"包.zip": zipped({"内.zip": two})})
    (result,) = three.results
    assert result.file == "包.zip/内.zip/内.zip/内.zip"
    assert [part for part in ("4 层", "3 层") if part in result.issues[0].message] == ["4 层", "3 层"]


def test_members_are_limited_over_all_archives_inside_one(tmp_path: Path) -> None:
    pair = zipped({f"{number}.xlsx": ODD for number in range(3)})
    told = found(tmp_path, {"包.zip": zipped({"a.zip": pair, "b.zip": pair})}, "[limits]\nmax_members = 6")
    assert told == {
        "包.zip/a.zip/0.xlsx": ["S18"],
        "包.zip/a.zip/1.xlsx": ["S18"],
        "包.zip/a.zip/2.xlsx": ["S18"],
        "包.zip/b.zip": ["F05"],
    }


def test_an_archive_of_too_much_is_one_issue_that_names_the_limit(tmp_path: Path) -> None:
    big = zipped({"甲.xlsx": bytes(3_000_000), "乙.xlsx": bytes(3_000_000)})
    told = collected(tmp_path, {"包.zip": big}, "[limits]\nmax_archive = 5000000")
    (result,) = told.results
    (issue,) = result.issues
    assert issue.code == "F05"
    assert "6,000,000" in issue.message
    assert "max_archive" in issue.hint


def test_a_member_beyond_the_limit_of_a_file_spoils_no_other(tmp_path: Path, good: bytes) -> None:
    archive = zipped({"大.xlsx": bytes(2_000_000), "好.xlsx": good})
    told = found(tmp_path, {"包.zip": archive}, "[limits]\nmax_bytes = 1000000")
    assert told == {"包.zip/大.xlsx": ["F05"], "包.zip/好.xlsx": []}


def test_an_archive_larger_than_a_file_may_be_is_still_a_folder(tmp_path: Path) -> None:
    noise = os.urandom(60_000)
    archive = zipped(
        {f"{number}.png": b"\x89PNG\r\n\x1a\n" + noise for number in range(3)} | {"甲.xlsx": ODD}
    )
    told = found(tmp_path, {"包.zip": archive}, "[limits]\nmax_bytes = 100000")
    assert told["包.zip/甲.xlsx"] == ["S18"]
    assert told["包.zip/0.png"] == ["F03"]


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.xlsx": os.urandom(5000), "b.xlsx": os.urandom(5000)}))
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    data[second + 20 : second + 28] = struct.pack("<II", 9000, 9000)
    assert found(tmp_path, {"包.zip": bytes(data)}) == {"包.zip": ["F01"]}


def test_an_archive_that_holds_itself_ends(tmp_path: Path) -> None:
    """A quine cannot be told from archives nested without end: the limit of depth ends both."""
    told = found(tmp_path, {"包.zip": nested(zipped({"甲.xlsx": ODD}), 30)})
    assert list(told.values()) == [["F05"]]


def test_other_archives_are_named_with_what_to_do(tmp_path: Path) -> None:
    tar = bytearray(1024)
    tar[257:262] = b"ustar"
    files = {
        "a.rar": b"Rar!\x1a\x07\x01\x00",
        "b.7z": b"7z\xbc\xaf\x27\x1c",
        "c.tgz": b"\x1f\x8b\x08",
        "d.tar": bytes(tar),
    }
    assert found(tmp_path, files) == {name: ["F12"] for name in files}


def test_an_empty_archive_and_a_torn_one_are_one_issue(tmp_path: Path) -> None:
    torn = zipped({"甲.xlsx": ODD})[:-30]
    assert found(tmp_path, {"空.zip": zipped({}), "坏.zip": torn}) == {"空.zip": ["F04"], "坏.zip": ["F01"]}


def encrypted(members: dict[str, bytes], password: bytes) -> bytes:
    """Return a zip under the old cipher, written out from its description."""

    def crc(value: int, byte: int) -> int:
        return zlib.crc32(bytes((byte,)), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    class Keys:
        def __init__(self) -> None:
            self.k = [0x12345678, 0x23456789, 0x34567890]
            for byte in password:
                self.update(byte)

        def update(self, byte: int) -> None:
            self.k[0] = crc(self.k[0], byte)
            self.k[1] = ((self.k[1] + (self.k[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            self.k[2] = crc(self.k[2], self.k[1] >> 24)

        def encrypt(self, data: bytes) -> bytes:
            out = bytearray()
            for byte in data:
                key = self.k[2] | 2
                out.append(byte ^ ((key * (key ^ 1)) >> 8 & 0xFF))
                self.update(byte)
            return bytes(out)

    body, directory = b"", b""
    for name, content in members.items():
        raw, check = name.encode(), zlib.crc32(content)
        packed = Keys().encrypt(bytes(11) + bytes((check >> 24,)) + content)
        head = struct.pack("<5H3I2H", 20, 0x801, 0, 0, 33, check, len(packed), len(content), len(raw), 0)
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + head[:-2]
            + struct.pack("<4H2I", 0, 0, 0, 0, 0, len(body))
            + raw
        )
        body += b"PK\x03\x04" + head + raw + packed
    end = struct.pack("<4H2IH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


@pytest.mark.parametrize("password", ["2024", "密码"])
def test_members_with_a_password_are_opened_when_the_collection_gives_it(
    tmp_path: Path, password: str
) -> None:
    archive = encrypted({"甲.xlsx": ODD}, password.encode("gbk"))
    with zipfile.ZipFile(io.BytesIO(archive)) as another:
        assert another.read("甲.xlsx", password.encode("gbk")) == ODD
    (closed,) = collected(tmp_path, {"包.zip": archive}, 'passwords = ["甲", 7]').results
    assert [item.code for item in closed.issues] == ["F02"]
    assert "已试 2 个密码" in closed.issues[0].message
    given = f"passwords = {json.dumps(['x', password])}"
    assert found(tmp_path, {"包.zip": archive}, given) == {"包.zip/甲.xlsx": ["S18"]}


def test_the_same_workbook_in_an_archive_and_beside_it_counts_once_even_without_a_unit(
    tmp_path: Path, good: bytes
) -> None:
    blank = tmp_path / "空白.xlsx"
    write_blank(PROJECT, blank, year=2024)
    nameless = blank.read_bytes()
    files = {"包.zip": zipped({"甲.xlsx": good, "空.xlsx": nameless}), "空.xlsx": nameless, "甲.xlsx": good}
    told = collected(tmp_path / "汇总", files)
    assert told.counting == {"空.xlsx", "甲.xlsx"}
    assert {name for name, found in codes(told.results).items() if "F11" in found} == {
        "包.zip/甲.xlsx",
        "包.zip/空.xlsx",
    }


@pytest.fixture(scope="module")
def locked(good: bytes) -> bytes:
    file = io.BytesIO()
    OOXMLFile(io.BytesIO(good)).encrypt("街道2024", file)
    return file.getvalue()


def test_a_workbook_with_a_password_is_opened_when_the_collection_gives_it(
    tmp_path: Path, locked: bytes
) -> None:
    files = {"甲.xlsx": locked, "包.zip": zipped({"乙.xlsx": locked})}
    given = 'passwords = ["别的", "街道2024"]'
    told = collected(tmp_path, files, given)
    assert codes(told.results) == {"甲.xlsx": [], "包.zip/乙.xlsx": ["F11"]}
    closed = collected(tmp_path, files, 'passwords = ["别的"]').results
    assert [item.code for result in closed for item in result.issues] == ["F02", "F02"]
    assert "已试 1 个密码" in closed[0].issues[0].message


def test_a_workbook_excel_opens_without_asking_is_opened(tmp_path: Path, good: bytes) -> None:
    file = io.BytesIO()
    OOXMLFile(io.BytesIO(good)).encrypt("VelvetSweatshop", file)
    assert found(tmp_path, {"甲.xlsx": file.getvalue()}) == {"甲.xlsx": []}


def test_a_torn_encrypted_workbook_is_one_issue_whatever_is_given(tmp_path: Path, locked: bytes) -> None:
    files = {f"{length}.xlsx": locked[:length] for length in range(600, len(locked), len(locked) // 12)}
    told = found(tmp_path, files, 'passwords = ["街道2024"]')
    assert {tuple(issues) for issues in told.values()} <= {("F01",), ("F02",), ()}
    assert len(told) == len(files)


# Folders ---------------------------------------------------------------------------------------------


def test_what_is_no_file_is_one_issue_and_links_in_circles_end(tmp_path: Path) -> None:
    root = put(tmp_path, {"里/甲.xlsx": ODD, "是文件夹.xlsx/乙.xlsx": ODD})
    books = root / "workbooks"
    (books / "里" / "回").symlink_to(books)
    (books / "自指.xlsx").symlink_to(books / "自指.xlsx")
    (books / "断.xlsx").symlink_to(books / "没有.xlsx")
    os.mkfifo(books / "管道.xlsx")
    assert codes(collect(open_collection(root), jobs=1).results) == {
        "里/甲.xlsx": ["S18"],
        "是文件夹.xlsx/乙.xlsx": ["S18"],
        "断.xlsx": ["F01"],
        "管道.xlsx": ["F01"],
        "自指.xlsx": ["F01"],
    }


def test_a_linked_folder_is_read_like_any_other(tmp_path: Path) -> None:
    root = put(tmp_path / "汇总", {"甲.xlsx": ODD})
    (tmp_path / "别处").mkdir()
    (tmp_path / "别处" / "乙.xlsx").write_bytes(ODD)
    (root / "workbooks" / "链").symlink_to(tmp_path / "别处")
    assert set(codes(collect(open_collection(root), jobs=1).results)) == {"甲.xlsx", "链/乙.xlsx"}


def test_a_name_that_is_no_utf_8_is_shown_as_chinese_windows_meant_it(tmp_path: Path) -> None:
    root = put(tmp_path, {})
    (root / "workbooks").mkdir()
    raw = os.path.join(os.fsencode(root / "workbooks"), "花都区\x1b.xlsx".encode("gbk"))  # noqa: PTH118
    with open(raw, "wb") as file:  # noqa: PTH123
        file.write(ODD)
    made = build(open_collection(root), jobs=1)
    assert codes(collect(open_collection(root), jobs=1).results) == {"花都区_.xlsx": ["S18"]}
    assert root / "out" / "退回" / "花都区_.xlsx" in made.written
