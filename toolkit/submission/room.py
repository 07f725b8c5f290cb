"""No room on a disk: which errors of the system say so, and which place they are about."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_SQLITE_ORDER = ("/var/tmp", "/usr/tmp", "/tmp", ".")  # where SQLite puts files that have no name


def is_lack_of_room(error: BaseException) -> bool:
    """Return whether an error says that a disk is full, or takes nothing at all."""
    return isinstance(error, OSError) and error.errno in _ERRORS


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let errors of the system say which file they are about: of writing to an open file they do not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise
    except Exception as error:
        if error.args and isinstance(within := error.args[0], OSError):  # as xlsxwriter wraps them
            within.filename = within.filename or str(path)
            raise within from error
        raise


def sentence(error: BaseException) -> str:
    """Return in Chinese where there is no room and what to do; nothing when the error is another one.

    What sqlite says is about the temporary file of results: other databases are done without.
    """
    if isinstance(error, sqlite3.OperationalError):
        return _temporary(_sqlite_folder())
    if isinstance(error, FileNotFoundError) and error.filename is None:  # of the module tempfile
        return _temporary("")
    if not is_lack_of_room(error):
        return ""
    assert isinstance(error, OSError)
    if error.filename is None:
        return _temporary(gettempdir(), "，或接收输出的文件，")
    folder = Path(os.fsdecode(error.filename)).parent
    return f"文件夹“{folder}”写不进去：磁盘已满、超出配额或只读。请腾出空间后重新运行。"


def _temporary(folder: str, others: str = "") -> str:
    variable = "TEMP" if sys.platform == "win32" else "TMPDIR"
    advice = f"请腾出空间，或把环境变量 {variable} 设为另一个放得下的文件夹，再重新运行。"
    if not folder:
        return f"没有可用的临时文件夹。{advice}"
    return f"临时文件夹“{folder}”{others}写不进去：磁盘已满、超出配额或没有权限。{advice}"


def _sqlite_folder() -> str:
    """Return where SQLite puts files that have no name."""
    if sys.platform == "win32":
        return gettempdir()
    asked = [os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), *_SQLITE_ORDER]
    usable = (
        place for place in asked if place and Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK)
    )
    return next(usable, "")
