"""Our part in the comments of a worksheet: added to the clerk's own, taken out again."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from toolkit.submission.grid import Position, a1
from toolkit.submission.sheet_xml import position
from toolkit.writers.annotated_boxes import TEXT_SIZE, add_boxes, remove_boxes
from toolkit.writers.annotated_package import Element, add, child, children, number, printable, word
from toolkit.writers.annotated_sheet import Sheet
from toolkit.writers.styles import Font

AUTHOR = "审核意见"
HEAD = "━━ 审核意见 ━━"  # our part stands between these lines, whoever the comment belongs to
FOOT = "━━━━━━━━━━"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def threaded_cells(sheet: Sheet) -> frozenset[Position]:
    """Return the cells with a thread of comments: Excel writes their plain comment itself."""
    found = set()
    for one in sheet.parts.relations(sheet.part):
        if one.kind == "threadedComment" and one.target in sheet.parts:
            found |= {position(comment.get("ref", "")) for comment in sheet.parts.tree(one.target)}
    part = _part(sheet)
    if part:
        root = sheet.parts.tree(part)
        authors = children(child(root, "authors"), "author")
        found |= {
            position(comment.get("ref", ""))
            for comment in children(child(root, "commentList"), "comment")
            if number(comment.get("authorId")) < len(authors)
            and (authors[number(comment.get("authorId"))].text or "").startswith("tc=")
        }
    return frozenset(place for place in found if place)


def add_comments(sheet: Sheet, texts: Mapping[Position, str]) -> None:
    """Add each text to the comment of its cell, making comments, their part and their boxes where missing."""
    if not texts:
        return
    parts, part = sheet.parts, _part(sheet)
    if not part:
        part = parts.free_name(f"{parts.folder}/comments{{}}.xml".lstrip("/"))
        parts.put(part, f'<comments xmlns="{parts.namespace}"/>'.encode(), _COMMENTS_TYPE)
        parts.relate(sheet.part, "comments", part)
    root = parts.tree(part)
    authors = child(root, "authors")
    if authors is None:
        authors = add(root, "authors", first=True)
    listed = child(root, "commentList")
    if listed is None:
        listed = add(root, "commentList")
    there = {position(one.get("ref", "")): one for one in children(listed, "comment")}
    for place, text in sorted(texts.items()):
        comment = there.get(place)
        if comment is None:
            comment = add(listed, "comment", {"ref": a1(*place), "authorId": str(_author(authors))})
            add(comment, "text")
        _append(comment, printable(text))
    parts.touch(part)
    stated = {position(one.get("ref", "")): _whole_text(one) for one in children(listed, "comment")}
    add_boxes(sheet, {place: text for place, text in stated.items() if place})


def has_our_comments(sheet: Sheet) -> bool:
    """Return whether any comment has a part of ours."""
    part = _part(sheet)
    return bool(part) and HEAD.encode() in sheet.parts.read(part)


def remove_comments(sheet: Sheet) -> None:
    """Take our part out of every comment; a comment that was ours alone goes, with its box."""
    part = _part(sheet)
    listed = child(sheet.parts.tree(part), "commentList")
    gone: set[Position | None] = set()
    for comment in children(listed, "comment"):
        if HEAD in _whole_text(comment):
            _cut(comment)
            if not _whole_text(comment).strip():
                gone.add(position(comment.get("ref", "")))
                comment.getparent().remove(comment)
            sheet.parts.touch(part)
    remove_boxes(sheet, gone)
    if not children(listed, "comment"):
        for one in sheet.parts.relations(sheet.part):
            if one.kind == "comments":
                sheet.parts.unrelate(sheet.part, one.id)
        sheet.parts.remove(part)


def _part(sheet: Sheet) -> str:
    found = sheet.parts.related(sheet.part, "comments")
    return sheet.parts.name(found.target) if found else ""


def _author(authors: Element) -> int:
    for index, one in enumerate(children(authors, "author")):
        if one.text == AUTHOR:
            return index
    add(authors, "author").text = AUTHOR
    return len(children(authors, "author")) - 1


def _append(comment: Element, text: str) -> None:
    """Add our part behind what the comment says; a text without runs becomes the first of them."""
    body = child(comment, "text")
    if body is None:
        body = add(comment, "text")
    own = child(body, "t")
    if own is not None:
        run = etree.Element(body.tag.replace("}text", "}r"))
        body.replace(own, run)
        run.append(own)
        own.set(_SPACE, "preserve")
    before = "\n" if _whole_text(comment) else ""
    runs = [_run(body, before + HEAD, bold=True), _run(body, f"\n{text}\n{FOOT}")]
    behind = [one for one in body if word(one) in {"rPh", "phoneticPr"}]
    place = body.index(behind[0]) if behind else len(body)
    for index, run in enumerate(runs):
        body.insert(place + index, run)


def _run(body: Element, text: str, *, bold: bool = False) -> Element:
    made = etree.Element(body.tag.replace("}text", "}r"))
    look = add(made, "rPr")
    if bold:
        add(look, "b")
    add(look, "sz", {"val": str(TEXT_SIZE)})
    add(look, "color", {"indexed": "81"})
    add(look, "rFont", {"val": Font.BODY.value})
    add(look, "charset", {"val": "134"})
    piece = add(made, "t")
    piece.set(_SPACE, "preserve")
    piece.text = text
    return made


def _pieces(comment: Element) -> list[Element]:
    """Return the elements that hold the text, phonetic readings left out."""
    body = child(comment, "text")
    runs = [] if body is None else [body, *children(body, "r")]
    return [piece for run in runs for piece in children(run, "t")]


def _whole_text(comment: Element) -> str:
    return "".join(piece.text or "" for piece in _pieces(comment))


def _cut(comment: Element) -> None:
    """Take our part and the line break before it out of the runs, however a program has divided them."""
    text = _whole_text(comment)
    start = text.index(HEAD)
    end = text.find(FOOT, start + len(HEAD))
    end = end + len(FOOT) if end >= 0 else len(text)
    start -= text[:start].endswith("\n")
    passed = 0
    for piece in _pieces(comment):
        own = piece.text or ""
        piece.text = own[: max(0, start - passed)] + own[max(0, end - passed) :]
        passed += len(own)
        if own and not piece.text:
            run = piece.getparent()
            run.getparent().remove(run) if word(run) == "r" else run.remove(piece)
    if HEAD in _whole_text(comment):
        _cut(comment)
