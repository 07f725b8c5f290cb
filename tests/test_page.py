"""审核报告.html as an officer opens it: everything once, filters that work, nothing submitted acts."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from builders import collected, department, forms, result, unreadable
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from toolkit.checks.model import CheckResult, Collected, Merged, Standing, StandingRow
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Location, Severity
from toolkit.writers import page as page_module
from toolkit.writers import page_content
from toolkit.writers.page import css_string, pieces
from toolkit.writers.styles import Colour

CREATED = datetime(2025, 4, 30)
HOSTILE = '<script>document.title="owned"</script>'
ESCAPING = '"\'></script></style></title><img src=x onerror="document.title=1">&amp;{{ 7*7 }}'


def found(
    code: str = "B12",
    message: str = "收入合计与各项之和不符",
    cell: str = "D12",
    *,
    sheet: str = "收支情况",
    severity: Severity | None = None,
    hint: str = "请核对各项来源",
    unit: str = "",
) -> Issue:
    place = Location(sheet=sheet, cell=cell, label="收入合计·决算数")
    return Issue(code, severity or entries()[code].severity, place, "1", "2", message, hint, unit)


def workbook(unit: str, *issues: Issue, file: str = "") -> CheckResult:
    return result(forms()["department"], department(unit), file or f"{unit}.xlsx", issues)


def missing(unit: str) -> StandingRow:
    return StandingRow(
        unit, "department", 2024, Standing.MISSING, due=date(2025, 4, 30), contact="张三", phone="020"
    )


def with_missing(base: Collected, *rows: StandingRow) -> Collected:
    issues = tuple(
        Issue("S05", Severity.ERROR, Location(), "", "", f"“{row.unit}”尚未报送。", "请催报", row.unit)
        for row in rows
    )
    return replace(base, standings=(*base.standings, *rows), issues=issues)


def district() -> Collected:
    """Return two units with issues, one without, one missing and one file nobody can read."""
    books = [
        workbook(
            "前进街道",
            found(cell="D12"),
            found("V04", "“27872. 79”已读作 27,872.79", "B3"),
            found("N17", "“慰问人次”没有完成，没有写偏差原因", "K12", sheet="绩效指标"),
        ),
        workbook("新华街道", found(cell="D12"), found(cell="E12"), found("B13", "占比算错", "G16")),
        workbook("滨江街道"),
        unreadable("坏.xlsx"),
    ]
    return with_missing(collected(books), missing("海珠街道"))


def page_bytes(base: Collected, by_id: Mapping[str, Any], **more: Any) -> bytes:
    """Return the page as it lies on disk."""
    return "".join(pieces(base, by_id, **more)).encode()


def page(base: Collected, title: str = "某区绩效自评", **more: Any) -> html.HtmlElement:
    return html.fromstring(page_bytes(base, forms(), title=title, created=CREATED, **more))


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def texts(root: html.HtmlElement, path: str) -> list[str]:
    return [text(element) for element in root.xpath(path)]


def group(root: html.HtmlElement, file: str) -> html.HtmlElement:
    (element,) = (section for section in root.find_class("group") if section.get("data-file") == file)
    return element


def tiles(root: html.HtmlElement) -> dict[str, str]:
    names, values = (
        texts(root, "//*[@class='tile-name']"),
        texts(root, "//li[contains(@class,'tile')]/strong"),
    )
    return dict(zip(names, values, strict=True))


# ── what it says ────────────────────────────────────────────────────────────────────────────────────


def test_tiles_count_workbooks_by_verdict_and_issues_by_severity():
    root = page(district())
    assert tiles(root) == {
        "采用": "1",
        "待说明": "0",
        "退回": "3",
        "漏报": "1",
        "必改": "6",
        "需说明": "1",
        "提示": "1",
    }
    assert "共收到 4 个文件，发现 8 个问题" in text(root)


def test_the_funnel_goes_from_due_over_arrived_to_the_verdicts():
    (funnel,) = page(district()).xpath("//figure[@class='funnel']")
    # the unreadable file is nobody's yet: it neither fulfils a duty nor adds one
    assert texts(funnel, ".//ul/li") == ["应报 4", "已报 3", "漏报 1", "采用 1", "待说明 0", "退回 2"]
    assert "另收到“无法读取” 1 份，不在应报之内" in text(funnel)


def test_a_funnel_without_a_roster_starts_with_what_came_in():
    base = replace(district(), standings=())
    (funnel,) = page(base).xpath("//figure[@class='funnel']")
    assert texts(funnel, ".//ul/li") == ["收到 4", "采用 1", "待说明 0", "退回 3"]
    assert "漏报" not in tiles(page(base))


def test_the_same_message_on_many_cells_is_one_line_with_its_cells():
    (item,) = (
        element
        for element in group(page(district()), "新华街道.xlsx").xpath(".//li")
        if "收入合计与各项之和不符" in text(element)
    )
    assert texts(item, ".//*[@class='place']") == ["收支情况!D12", "收支情况!E12"]
    assert item.get("data-count") == "2"


def test_files_that_must_be_mended_come_first_and_graver_issues_within_a_file():
    root = page(district())
    assert [section.get("data-file") for section in root.find_class("group")] == [
        None,
        "坏.xlsx",
        "前进街道.xlsx",
        "新华街道.xlsx",
    ]
    levels = [row.get("data-severity") for row in group(root, "前进街道.xlsx").xpath(".//tbody/tr")]
    assert levels == ["error", "error", "note"]


def test_missing_units_are_listed_with_whom_to_call():
    root = page(district())
    assert texts(root, "//*[@id='missing']//tbody/tr/*") == [
        "海珠街道",
        "部门整体支出绩效自评表",
        "2024",
        "2025-04-30",
        "张三",
        "020",
    ]
    assert texts(root, "//*[@id='shared']//*[@class='message']") == ["“海珠街道”尚未报送。"]


def test_unreadable_files_are_listed_with_a_link_to_their_issue():
    root = page(district())
    (link,) = root.xpath("//*[@id='unreadable']//a")
    assert text(link) == "坏.xlsx"
    (target,) = root.xpath(f"//*[@id='{link.get('href')[1:]}']")
    assert target.get("data-file") == "坏.xlsx"
    assert texts(target, ".//*[@class='message']") == ["文件打不开"]


def test_every_link_within_the_page_has_its_target_and_every_id_is_unique():
    root = page(district(), annexes=[("说明", ["单位"], [["甲"]])])
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    places = [link[1:] for link in root.xpath("//@href") if link.startswith("#") and "=" not in link]
    assert len(places) > 10
    assert set(places) <= set(ids)


def test_every_workbook_is_in_the_list_of_files_with_its_counts():
    rows = {
        texts(row, "./*")[0]: texts(row, "./*")
        for row in page(district()).xpath("//*[@id='workbooks']//tbody/tr")
    }
    assert set(rows) == {"前进街道.xlsx", "新华街道.xlsx", "滨江街道.xlsx", "坏.xlsx"}
    assert rows["前进街道.xlsx"][4:] == ["退回", "已报", "是", "2", "", "1"]
    assert rows["滨江街道.xlsx"][4:] == ["采用", "已报", "是", "", "", ""]
    assert rows["坏.xlsx"][6] == "否"


def test_charts_show_the_gravest_rules_and_units_and_count_the_rest():
    books = [
        workbook(f"第{number:02}街道", *(found(cell=f"D{cell}") for cell in range(number)))
        for number in range(1, 13)
    ]
    root = page(collected(books))
    (chart,) = root.xpath("//figure[.//a[@data-filter='unit']]")
    assert texts(chart, ".//a/text[not(@class)]")[:2] == ["第12街道", "第11街道"]
    assert len(chart.xpath(".//a")) == 10
    assert "另有 2 个单位，3 个问题" in text(chart)
    bars = [float(rect.get("width")[:-1]) for rect in chart.xpath(".//rect[contains(@class,'fill')]")]
    assert bars[0] == 100
    assert bars == sorted(bars, reverse=True)


def test_annexes_are_printed_as_tables():
    rows = [["前进街道", "B07", "因疫情\n推迟"], ["新华街道", "N17", None]]
    root = page(
        district(), annexes=[("已登记的说明", ["单位", "规则", "原因"], rows), ("未用的说明", ["单位"], [])]
    )
    assert texts(root, "//*[@id='annex-1']//th") == ["单位", "规则", "原因"]
    assert texts(root, "//*[@id='annex-1']//td")[-1] == ""
    assert "没有记录" in text(root.get_element_by_id("annex-2"))


def test_rules_that_were_broken_are_explained_once():
    root = page(district())
    assert texts(root, "//*[@id='rules']//tbody/tr/th") == [
        code for code in entries() if code in {"F01", "S05", "V04", "B12", "B13", "N17"}
    ]


def test_an_empty_collection_still_gives_a_page():
    root = page(collected([]))
    assert "没有发现问题" in text(root)
    assert "没有收到文件" in text(root)


def test_an_issue_of_an_unknown_code_is_shown_all_the_same():
    odd = Issue("Z99", Severity.NOTE, Location(), "", "", "不认识的问题", "请核对")
    root = page(collected([workbook("甲街道", odd)]))
    assert texts(root, "//*[@class='message']") == ["不认识的问题"]
    assert root.xpath("//optgroup/@label") == ["其他"]


# ── nothing is lost, nothing acts ───────────────────────────────────────────────────────────────────

anything = st.text(st.characters(exclude_characters="\r"), max_size=12)
some_issue = st.builds(
    found,
    code=st.sampled_from(["B12", "V04", "N17", "S04"]),
    message=st.sampled_from(["甲", "乙", "<b>", "a&b"]) | anything,
    cell=st.sampled_from(["A1", "B2", "C3"]),
    severity=st.sampled_from(Severity),
    hint=st.sampled_from(["改", "核对"]),
)
some_books = st.lists(st.tuples(anything, st.lists(some_issue, max_size=6)), max_size=4)


def shown(raw: str) -> str:
    """Return text as a page prints it: characters that are no text replaced, white space collapsed."""
    return " ".join(page_module.printable(raw).split())


@settings(max_examples=60, deadline=None)
@given(some_books)
def test_for_any_issues_each_message_is_written_once_and_all_are_counted(
    drawn: list[tuple[str, list[Issue]]],
):
    books = [workbook(unit, *issues, file=f"{number}.xlsx") for number, (unit, issues) in enumerate(drawn)]
    root = page(collected(books))
    for book in books:
        if not book.issues:
            continue
        section = group(root, book.file)
        wanted = {(item.severity.value, item.code, item.hint, item.message) for item in book.issues}
        assert Counter(texts(section, ".//*[@class='message']")) == Counter(shown(key[3]) for key in wanted)
        written = sum(int(item.get("data-count", "1")) for item in section.xpath(".//li"))
        assert written == len(book.issues)
    total = sum(len(book.issues) for book in books)
    assert sum(int(tiles(root)[severity.word]) for severity in Severity) == total


@settings(max_examples=30, deadline=None)
@given(some_books, st.randoms(use_true_random=False))
def test_for_any_order_of_arrival_the_bytes_are_the_same(drawn: list[tuple[str, list[Issue]]], random: Any):
    books = [workbook(unit, *issues, file=f"{number}.xlsx") for number, (unit, issues) in enumerate(drawn)]
    once = page_bytes(collected(books), forms(), title="某区", created=CREATED)
    random.shuffle(books)
    assert page_bytes(collected(books), forms(), title="某区", created=CREATED) == once


def hostile(payload: str) -> Collected:
    issue = found(message=payload, cell=payload, sheet=payload, hint=payload)
    book = replace(workbook("甲", issue), file=f"{payload}.xlsx", unit=payload)
    return with_missing(collected([book]), missing(payload))


@pytest.mark.parametrize("payload", [HOSTILE, ESCAPING, "\x00\x1b\u202e甲\ud800", "{% raw %}{{ content }}"])
def test_submitted_text_stays_text(payload: str):
    root = page(hostile(payload), title=payload, annexes=[(payload, [payload], [[payload]])])
    assert len(root.xpath("//script")) == len(root.xpath("//style")) == 1
    assert not root.xpath("//img | //iframe | //object | //@*[starts-with(name(), 'on')]")
    (section,) = (one for one in root.find_class("group") if one.get("data-file"))
    assert texts(section, ".//*[@class='message']") == [shown(payload)]
    assert text(root.xpath("//*[@class='kicker']")[0]) == shown(payload)
    assert payload not in root.xpath("//script")[0].text


def test_a_title_cannot_leave_the_style_sheet():
    assert css_string('"}</style>\n') == '"\\22 \\7d \\3c \\2f style\\3e \\a "'


def test_the_page_loads_nothing():
    root = page(district())
    assert not root.xpath("//@src | //link | //base")
    style, script = root.xpath("//style")[0].text, root.xpath("//script")[0].text
    assert "url(" not in style and "@import" not in style
    assert not re.search(r"fetch|XMLHttpRequest|WebSocket|innerHTML|eval\(", script)


def test_the_style_sheet_names_no_colour_of_its_own():
    style = page(district()).xpath("//style")[0].text
    palette, own = style.split("\n", 1)
    assert palette.count("#") == len(Colour.__members__)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsl", own)
    used, defined = set(re.findall(r"var\((--[\w-]+)\)", own)), set(re.findall(r"(--[\w-]+):", palette))
    assert used and used <= defined


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (Colour.BAD_INK, Colour.BAD),
        (Colour.WAIT_INK, Colour.WAIT),
        (Colour.GOOD_INK, Colour.GOOD),
        (Colour.TITLE, Colour.HEADING),
        (Colour.TAB_FORM, Colour.LABEL),
        (Colour.INK, Colour.SERIES_AMISS),
    ],
)
def test_words_stand_out_from_their_ground(ink: Colour, ground: Colour):
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(ink), luminance(ground)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG AA


# ── in a browser ────────────────────────────────────────────────────────────────────────────────────


@cache
def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert browser(), "no Chromium on this machine"
    return tmp_path


def run(folder: Path, content: bytes, *options: str, fragment: str = "") -> str:
    path = folder / "审核报告.html"
    path.write_bytes(content)
    command = [
        browser(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        path.as_uri() + fragment,
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def opened(folder: Path, base: Collected, *, does: str = "", **filters: str) -> html.HtmlElement:
    """Return the page as the browser shows it, after a script has done something to it.

    The page's own policy would stop that script, so it is taken off for it.
    """
    content = page_bytes(base, forms(), title="某区绩效自评", created=CREATED)
    if does:
        content = re.sub(rb'<meta http-equiv="Content-Security-Policy"[^>]*>', b"", content)
        content = content.replace(b"</body>", f"<script>{does}</script></body>".encode())
    fragment = "#" + urlencode(filters) if filters else ""
    options = ("--virtual-time-budget=2000", "--window-size=1280,900", "--dump-dom")
    return html.fromstring(run(folder, content, *options, fragment=fragment))


def visible(root: html.HtmlElement) -> list[str]:
    return texts(root, "//*[@class='message'][not(ancestor-or-self::*[@hidden])]")


def status(root: html.HtmlElement) -> str:
    return text(root.get_element_by_id("shown"))


@pytest.mark.office
def test_the_browser_shows_everything_and_the_controls(folder: Path):
    root = opened(folder, district())
    assert len(visible(root)) == 7
    assert status(root) == "显示全部 8 个问题（必改 6，需说明 1，提示 1）。"
    assert root.get_element_by_id("filters").get("hidden") is None


@pytest.mark.office
@pytest.mark.parametrize(
    ("filters", "messages", "counted"),
    [
        (
            {"unit": "新华街道"},
            ["收入合计与各项之和不符", "占比算错"],
            "显示 3 个问题（必改 2，需说明 1），共 8 个",
        ),
        ({"unit": "海珠街道"}, ["“海珠街道”尚未报送。"], "显示 1 个问题（必改 1），共 8 个"),
        ({"rule": "B12"}, ["收入合计与各项之和不符"] * 2, "显示 3 个问题（必改 3），共 8 个"),
        ({"severity": "note"}, ["“27872. 79”已读作 27,872.79"], "级别“提示”。显示 1 个问题"),
        ({"q": "k12 慰问"}, ["“慰问人次”没有完成，没有写偏差原因"], "查找“k12 慰问”"),
        ({"unit": "前进街道", "rule": "B12"}, ["收入合计与各项之和不符"], "显示 1 个问题（必改 1），共 8 个"),
        ({"unit": "前进街道", "rule": "B13"}, [], "显示 0 个问题，共 8 个"),
    ],
)
def test_an_address_with_filters_shows_only_what_they_ask_for(
    folder: Path, filters: dict[str, str], messages: list[str], counted: str
):
    root = opened(folder, district(), **filters)
    assert visible(root) == messages
    assert counted in status(root)
    assert (root.get_element_by_id("none").get("hidden") is None) is (not messages)


def clicked(rule: str) -> str:
    """Return the script that clicks the bar of a rule; elements of a drawing have no click()."""
    event = "new MouseEvent('click', {bubbles: true, cancelable: true})"
    return f"document.querySelector('a.bar[href=\"#rule={rule}\"]').dispatchEvent({event});"


@pytest.mark.office
def test_a_click_on_a_bar_filters_and_a_second_click_shows_all_again(folder: Path):
    click = clicked("B13")
    once = opened(folder, district(), does=click)
    assert visible(once) == ["占比算错"]
    assert "chosen" in once.xpath("//a[@href='#rule=B13']/@class")[0]
    twice = opened(folder, district(), does=f"{click}setTimeout(()=>{{{click}}},200)")
    assert len(visible(twice)) == 7


@pytest.mark.office
def test_a_bar_adds_to_the_filters_already_chosen(folder: Path):
    root = opened(folder, district(), does=clicked("B12"), unit="新华街道")
    assert "单位“新华街道”，规则“B12”。显示 2 个问题" in status(root)


@pytest.mark.office
def test_typing_searches_and_the_button_clears(folder: Path):
    typed = (
        "const q = document.querySelector('[name=q]'); q.value = '占比';"
        "q.dispatchEvent(new Event('input', {bubbles: true}));"
    )
    assert visible(opened(folder, district(), does=typed)) == ["占比算错"]
    cleared = typed + "setTimeout(()=>document.getElementById('clear').click(),500);"
    assert len(visible(opened(folder, district(), does=cleared))) == 7


@pytest.mark.office
def test_a_link_to_a_file_that_the_filters_hide_shows_it_again(folder: Path):
    follow = (
        "[...document.querySelectorAll('#workbooks a')].find(a=>a.textContent==='前进街道.xlsx').click();"
    )
    root = opened(folder, district(), does=follow, unit="新华街道")
    assert len(visible(root)) == 7


@pytest.mark.office
@pytest.mark.parametrize(
    "act",
    ["click()", "dispatchEvent(new KeyboardEvent('keydown',{key:'Enter',bubbles:true,cancelable:true}))"],
)
def test_a_cell_is_copied_with_its_file_by_mouse_and_by_keyboard(folder: Path, act: str):
    # without a window there is no clipboard to ask; the text put up for copying is what matters
    does = (
        "let taken = '';"
        "const clipboard = {writeText: (text) => { taken = text; return Promise.resolve(); }};"
        "Object.defineProperty(navigator, 'clipboard', {value: clipboard});"
        f"[...document.querySelectorAll('.place')].find(p=>p.textContent==='绩效指标!K12').{act};"
        "setTimeout(()=>document.title=taken,300);"
    )
    root = opened(folder, district(), does=does)
    assert root.findtext(".//title") == "前进街道.xlsx › 绩效指标!K12"


@pytest.mark.office
@pytest.mark.parametrize("payload", [HOSTILE, ESCAPING])
def test_a_hostile_name_can_be_filtered_by_and_does_nothing(folder: Path, payload: str):
    root = opened(folder, hostile(payload), unit=payload)
    assert root.findtext(".//title") == "审核报告 某区绩效自评"
    assert len(root.xpath("//script")) == 1
    assert "显示 2 个问题" in status(root)


@pytest.mark.office
def test_a_script_that_is_not_ours_does_not_run(folder: Path):
    content = page_bytes(district(), forms(), title="某区绩效自评", created=CREATED)
    assert content.count(b"</main>") == 1
    smuggled = content.replace(b"</main>", HOSTILE.encode() + b"</main>")
    root = html.fromstring(run(folder, smuggled, "--virtual-time-budget=1000", "--dump-dom"))
    assert len(root.xpath("//script")) == 2
    assert root.findtext(".//title") == "审核报告 某区绩效自评"
    assert status(root).startswith("显示全部")  # while ours does


@pytest.mark.office
def test_a_narrow_screen_needs_no_sideways_scrolling(folder: Path):
    long = "很长的单位名称" * 12 + "x" * 200
    base = with_missing(collected([workbook(long, found(message=long))]), missing(long))
    content = page_bytes(base, forms(), title=long, created=CREATED)
    content = re.sub(rb'<meta http-equiv="Content-Security-Policy"[^>]*>', b"", content)
    measure = b"<script>document.title=document.documentElement.scrollWidth+'/'+innerWidth</script></body>"
    dumped = run(folder, content.replace(b"</body>", measure), "--window-size=420,900", "--dump-dom")
    wide, window = map(int, (html.fromstring(dumped).findtext(".//title") or "").split("/"))
    assert window <= 600
    assert wide <= window


def printed(folder: Path, base: Collected, *tools: str, fragment: str = "") -> str:
    content = page_bytes(base, forms(), title="某区绩效自评", created=CREATED)
    paper = folder / "页.pdf"
    options = ("--virtual-time-budget=1000", "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    run(folder, content, *options, fragment=fragment)
    info = subprocess.run(["pdfinfo", str(paper)], capture_output=True, check=True, text=True).stdout
    size = [float(side) for side in re.findall(r"Page size:\s+([\d.]+) x ([\d.]+)", info)[0]]
    assert size == pytest.approx([842, 595], abs=1.5)  # A4 landscape in points
    words = subprocess.run(["pdftotext", str(paper), "-"], capture_output=True, check=True, text=True).stdout
    return unicodedata.normalize("NFKC", re.sub(r"\s+", "", words))


def many(count: int) -> Sequence[CheckResult]:
    return [
        workbook(f"第{number}街道", found(message=f"第{number}号问题", cell="D12")) for number in range(count)
    ]


def test_a_page_of_too_many_files_tells_the_gravest_and_says_where_the_rest_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_content, "MOST_TOLD", 2)
    monkeypatch.setattr(page_module, "MOST_LISTED", 3)
    monkeypatch.setattr(page_content, "MOST_LISTED", 3)
    few = [workbook(f"第{number}街道", found()) for number in range(3)]
    root = page(collected([*few, workbook("第3街道", found("B13"), found("N17"))]))
    told = {section.get("data-unit") for section in root.xpath("//section[@data-unit]")}
    assert told == {"第0街道", "第3街道"}
    units = {option.get("value") for option in root.xpath("//select[@name='unit']/option")}
    assert units == {"", *told}
    said = [text(line) for line in root.xpath("//p[@class='rest']")]
    assert "另有 2 个文件的 2 个问题，见 汇总表.xlsx 的“问题清单”和 issues.json。" in said[-2]
    assert said[-1] == "另有 1 行没有列在本页，见 汇总表.xlsx 的“上报情况”。"
    assert len(root.xpath("//section[@id='workbooks']//tbody/tr")) == 3


def test_a_merged_file_is_not_called_unreadable() -> None:
    merged = Merged("某区", date(2025, 3, 31), "b", 1, 1)
    root = page(collected([CheckResult("报送.xlsx", "", 1, None, (), merged=merged)]))
    assert not root.xpath("//section[@id='unreadable']")


@pytest.mark.office
def test_paper_holds_every_issue_and_no_controls(folder: Path):
    words = printed(folder, collected(many(40)))
    assert all(f"第{number}号问题" in words for number in range(40))
    assert "清除筛选" not in words and "点选即筛选" not in words
    assert "审核报告某区绩效自评" in words  # the header of the second sheet


@pytest.mark.office
def test_a_filtered_view_prints_as_seen_and_says_so(folder: Path):
    words = printed(folder, collected(many(40)), fragment="#" + urlencode({"unit": "第7街道"}))
    assert "筛选:单位“第7街道”。显示1个问题(必改1),共40个。" in words
    assert "第7号问题" in words and "第8号问题" not in words


@pytest.mark.office
def test_two_thousand_workbooks_with_twenty_thousand_issues_open_and_filter(folder: Path):
    (one,) = many(1)
    issues = tuple(found(message=f"第{number}处合计不符", cell=f"D{number}") for number in range(10))
    books = [
        replace(one, file=f"{number}.xlsx", unit=f"第{number}街道", issues=issues) for number in range(2000)
    ]
    root = opened(folder, collected(books), unit="第1234街道", q="d7")
    assert visible(root) == ["第7处合计不符"]
    assert "共 20000 个" in status(root)
