"""Say what a file that is not a workbook really is."""

from __future__ import annotations

import re

from toolkit.submission.guard import Archive, SourceError

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0"

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"%PDF", "pdf"),
    (b"%!PS", "postscript"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"MSCF", "cab"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "exe"),
    (b"\x7fELF", "exe"),
    (b"SQLite format 3", "sqlite"),
    (b"ID;P", "sylk"),
    (b"\x09\x00\x04\x00", "excel 4 or older"),
    (b"\x09\x02\x06\x00", "excel 4 or older"),
    (b"\x09\x04\x06\x00", "excel 4 or older"),
)
_PACKAGES = (
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("visio/document.xml", "vsdx"),
    ("ofd.xml", "ofd"),
    ("androidmanifest.xml", "apk"),
    ("meta-inf/manifest.mf", "jar"),
)
_MARKUP = (
    (re.compile(r"(mime-version|from|content-type):", re.I), "mhtml"),
    (re.compile(r"urn:schemas-microsoft-com:office:spreadsheet", re.I), "xml spreadsheet 2003"),
    (re.compile(r"office:document\b|opendocument", re.I), "flat opendocument"),
    (re.compile(r"<(!doctype\s+)?html|<(head|body|table|meta)\b", re.I), "html"),
    (re.compile(r"\s*<\?xml|\s*<\w", re.I), "xml"),
)


def kind_of_bytes(data: bytes) -> str:
    r"""Return the kind of a file that is neither a zip nor an OLE container.

    >>> kind_of_bytes(b"\x89PNG\r\n\x1a\n")
    'png'
    >>> kind_of_bytes("单位,金额\n甲,1\n".encode("gbk"))
    'csv'
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[257:262] == b"ustar":
        return "tar"
    text = _text(data[:4096])
    if text is None:
        return "unknown"
    for pattern, kind in _MARKUP:
        if pattern.match(text) or (kind not in {"xml", "mhtml"} and pattern.search(text)):
            return kind
    first = text.lstrip().split("\n", 1)[0]
    return "csv" if any(mark in first for mark in ",\t;|") or first.startswith("sep=") else "text"


def kind_of_archive(archive: Archive) -> str:
    """Return the kind of a zip that is not a workbook; `zip` is one that may hold workbooks."""
    for part, kind in _PACKAGES:
        if part in archive:
            return kind
    if "mimetype" in archive:
        mimetype = archive.read("mimetype")[:100].decode("ascii", "replace").strip()
        kind = mimetype.rpartition(".")[2].removesuffix("-template")
        return {"spreadsheet": "ods", "text": "odt", "presentation": "odp", "graphics": "odg"}.get(
            kind, "opendocument"
        )
    if any(part.startswith("xl/") for part in archive.names()):
        raise SourceError("F01", "missing part", "xl/workbook.xml")
    if any(part.endswith(".iwa") for part in archive.names()):
        return "iwork"
    return "opc" if "[content_types].xml" in archive else "zip"


def _text(head: bytes) -> str | None:
    """Return the start of a text file, or None when it is not text in any encoding staff use."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", "ignore")
    if any(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in head):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(4):  # the head may end inside a character
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return head.decode("latin-1") if b"<" in head else None  # a page says itself how it is written
