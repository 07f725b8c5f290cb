"""What the reader says of a file, in the words of staff: short facts become the sentences of the F codes."""

from __future__ import annotations

import re

from toolkit.checks.model import CheckResult
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location
from toolkit.submission.grid import Finding
from toolkit.submission.guard import SourceError, over
from toolkit.submission.remote import (
    NO_CONNECTION,
    NO_FILE,
    NO_KIND,
    NO_PACKAGE,
    NO_PERMISSION,
    NO_VARIABLE,
    REFUSED,
    RemoteError,
)

# nothing of the file was read
UNREAD = frozenset({"F01", "F02", "F03", "F04", "F05", "F06", "F10", "F12", "F14"})
BROKEN_OFF = frozenset({"F05", "F10", "F14"})  # perhaps for want of time, memory or network; tried again
_KINDS = {
    "png": "PNG 图片",
    "jpeg": "JPG 图片",
    "gif": "GIF 图片",
    "bmp": "BMP 图片",
    "tiff": "TIFF 图片",
    "webp": "WEBP 图片",
    "pdf": "PDF 文件",
    "ofd": "OFD 版式文件",
    "postscript": "PostScript 文件",
    "docx": "Word 文档",
    "doc": "Word 文档",
    "odt": "文字文档（odt）",
    "rtf": "RTF 文档",
    "pptx": "演示文稿",
    "ppt": "演示文稿",
    "odp": "演示文稿（odp）",
    "zip": "ZIP 压缩包",
    "rar": "RAR 压缩包",
    "7z": "7Z 压缩包",
    "gzip": "GZ 压缩包",
    "bzip2": "BZ2 压缩包",
    "xz": "XZ 压缩包",
    "tar": "TAR 压缩包",
    "cab": "CAB 压缩包",
    "html": "网页（HTML）",
    "mhtml": "单文件网页（MHTML）",
    "xml": "XML 文件",
    "xml spreadsheet 2003": "XML 表格 2003",
    "flat opendocument": "未打包的 OpenDocument",
    "csv": "逗号或制表符分隔的文本（CSV）",
    "text": "文本文件",
    "excel 4 or older": "Excel 4.0 或更早的文件",
    "iwork": "iWork 文稿（Numbers、Pages）",
    "opc": "其他程序的文件",
    "opendocument": "OpenDocument 文件",
    "sylk": "SYLK 表格",
    "sqlite": "数据库文件",
    "exe": "可执行程序",
    "msg": "邮件",
}
_ARCHIVES = frozenset({"rar", "7z", "gzip", "bzip2", "xz", "tar", "cab"})
_DAMAGES = {
    "damaged zip": "压缩结构不完整",
    "damaged workbook": "工作簿结构损坏",
    "damaged ole": "旧版文件结构损坏",
    "damaged xml": "内部文件损坏",
    "damaged text": "内部文字损坏",
    "missing part": "缺少组成部分",
    "unknown compression": "压缩方式不认识",
    "unknown encoding": "文字编码不认识",
    "not a regular file": "不是普通文件",
    "no such file": "文件已不存在",
    "no permission": "没有读取权限",
    "cannot be opened": "系统无法打开",
    "nothing but zero bytes": "内容全部为零",
}
_TROUBLES = {
    NO_FILE: "找不到这个地址",
    NO_PERMISSION: "没有权限，或账号、密钥不对",
    NO_CONNECTION: "连接不上或中断",
    REFUSED: "对方没有完成请求",
    NO_PACKAGE: "需要先安装程序包，请运行 pip install {}",
    NO_KIND: "不认识“{}://”这种地址",
    NO_VARIABLE: "设置里写的环境变量 {} 不存在",
}
_LIMITS = {
    "max_bytes": ("文件大小", "{:,} 字节"),
    "max_entries": ("内部文件数", "{:,} 个"),
    "max_expanded": ("解压后大小", "{:,} 字节"),
    "max_ratio": ("压缩比", "{:,} 倍"),
    "max_cells": ("单元格数", "{:,} 个"),
    "max_text_cells": ("网页、文本或 XML 表格的单元格数", "约 {:,} 个"),
    "max_columns": ("列数", "{:,} 列"),
    "max_text": ("文字总量", "{:,} 字"),
    "max_archive": ("压缩包（含其中的文件）", "{:,} 字节"),
    "max_members": ("压缩包中的文件数", "{:,} 个"),
    "max_depth": ("压缩包层数", "{:,} 层"),
    "max_seconds": ("读取用时", "{:,} 秒"),
    "max_memory": ("占用内存", "{:,} 字节"),
}
_OVER = re.compile(r"(\w+) (\d+) > (\d+)")
_HIDDEN = re.compile(r"hidden (sheet|rows|columns)\s*(.*)")
_HIDDEN_WORDS = {"sheet": "工作表", "rows": "行", "columns": "列"}


def unreadable(error: SourceError, file: str) -> Issue:
    """Return the issue of a file that could not be read at all."""
    place = Location(file=file)
    match = _OVER.search(error.found)
    if error.code == "F05" and match:
        name, shape = _LIMITS.get(match.group(1), (match.group(1), "{:,}"))
        found, allowed = (shape.format(int(number)) for number in match.groups()[1:])
        return issue("F05", place, found=f"{name} {found}", expected=allowed, detail=match.group(1))
    if error.code == "F03" and error.found in _ARCHIVES:
        return issue("F12", place, found=_KINDS[error.found])
    if error.code == "F03":
        return issue("F03", place, found=_KINDS.get(error.found, "不认识的文件"))
    if error.code == "F02":
        return issue("F02", place, detail=_locked(error))
    if error.code == "F14":
        return issue("F14", place, found=trouble(error))
    return issue(error.code, place, found=error.found, detail=_damage(error.found))


def _locked(error: SourceError) -> str:
    """Return why a file with a password stayed closed, in brackets."""
    if error.found == "unknown encryption":
        return "（加密方式不认识）"
    tried = int(error.detail) if error.detail.isdecimal() else 0
    return f"（已试 {tried} 个密码，都不对）" if tried else ""


def trouble(error: RemoteError | SourceError) -> str:
    """Return what a storage at an address did not do, or what is lacking to ask it."""
    return _TROUBLES.get(error.found, _TROUBLES[REFUSED]).format(error.detail)


def _damage(found: str) -> str:
    """Return a short fact of damage in Chinese; what has no words of its own is damage, too."""
    if found.startswith("shared string"):
        return "引用的文字不存在"
    return _DAMAGES.get(found, "内部结构损坏")


def lost(file: str, why: str, detail: str = "") -> CheckResult:
    """Return the result of a file whose reading broke off; `detail` is for maintainers."""
    return CheckResult(file, "", 0, None, (issue("F10", Location(file=file), found=why, expected=detail),))


def over_limit(file: str, limit: str, found: int, allowed: int) -> CheckResult:
    """Return the result of a file whose reading was stopped at a limit of its worker."""
    return CheckResult(file, "", 0, None, (unreadable(over(limit, found, allowed), file),))


def finding(found: Finding) -> Issue:
    """Return the issue of something noticed while reading."""
    place = Location(sheet=found.sheet, cell=found.cell)
    if match := _HIDDEN.match(found.found):
        word = _HIDDEN_WORDS[match.group(1)]
        named = match.group(2) or found.sheet
        return issue(
            "S13", place, found=named, what=f"工作表“{found.sheet}”的{word}" if match.group(2) else word
        )
    if found.code == "F13":
        return issue("F13", place, found=_KINDS[found.found])
    if found.code == "F09":
        return issue("F09", place, found=_damage(found.found), sheet=found.sheet)
    return issue(found.code, place, found=found.found, sheet=found.sheet, what="内容")
