"""Word documents -> PDF through LibreOffice, many in one run: public disclosure asks for files nobody edits.

LibreOffice takes seconds to start and uses one profile at a time, so all documents go through one process
with a profile of its own, out of the way of an officer who has LibreOffice open.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from toolkit.crew.batches import Watch

MOST_AT_ONCE = 100  # documents a run; Windows takes 32,767 characters in a command line
SECONDS, SECONDS_A_DOCUMENT = 120, 20  # a run may take; a report takes less than one
_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_DATE = re.compile(rb"(/(?:CreationDate|ModDate)\s?\(D:)[^)]*\)")
_MARKS = re.compile(rb"(?<=<)[0-9A-F]{32}(?=>)|(?<=/DocChecksum /)[0-9A-F]{32}")
_TRAILER = 4096  # bytes before the end of a PDF in which its trailer stands


class PdfError(Exception):
    """PDFs cannot be made; the message is one Chinese sentence."""


def office() -> str:
    """Return the program of LibreOffice; PdfError if this machine has none."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return found
    for place in _PLACES:
        if Path(place).is_file():
            return place
    raise PdfError(
        "这台电脑没有安装 LibreOffice，不能生成 PDF。请安装（www.libreoffice.org）后重新运行，"
        "或去掉 --pdf，用 Word、WPS 打开报告后另存为 PDF。"
    )


def write_pdfs(documents: Mapping[Path, Path], work: Path, *, created: datetime) -> None:
    """Make a PDF of each document: {document: PDF}; the same document and time give the same bytes.

    `work` is a folder for what LibreOffice needs meanwhile. PdfError names what could not be made.
    """
    program = office()
    work.mkdir(parents=True, exist_ok=True)
    try:
        for number, run in enumerate(_runs(list(documents))):
            # names may be alike in different folders, and too long or too odd for a command line
            copies = {work / f"{number}-{at}.docx": source for at, source in enumerate(run)}
            for copy, source in copies.items():
                shutil.copyfile(source, copy)
            _convert(program, list(copies), work)
            for copy, source in copies.items():
                made = copy.with_suffix(".pdf")
                if not made.is_file():
                    raise PdfError(
                        f"LibreOffice 没有生成“{source.stem}”的 PDF；请用 Word、WPS 打开报告后另存。"
                    )
                documents[source].write_bytes(steady(made.read_bytes(), created))
                copy.unlink()
                made.unlink()
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Document:
    """A Word document to be converted: the stem of its file, and its bytes."""

    stem: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Converting:
    """The conversion of many documents, as work that may be done anywhere LibreOffice is."""

    created: datetime

    @property
    def watch(self) -> Watch:
        """Return more than a run of LibreOffice may take, as it is watched by itself."""
        return Watch(2 * (SECONDS + SECONDS_A_DOCUMENT * MOST_AT_ONCE), 1 << 40)

    def prepare(self) -> Callable[[Sequence[Document]], list[bytes]]:
        """Return what makes the PDFs of some documents in one run."""
        return self.converted

    def converted(self, documents: Sequence[Document]) -> list[bytes]:
        """Return the PDFs of some documents."""
        with TemporaryDirectory() as name:
            staged: dict[Path, Path] = {}
            for number, document in enumerate(documents):
                path = Path(name) / str(number) / f"{document.stem}.docx"
                path.parent.mkdir()
                path.write_bytes(document.content)
                staged[path] = path.with_suffix(".pdf")
            write_pdfs(staged, Path(name) / "work", created=self.created)
            return [made.read_bytes() for made in staged.values()]


def shares(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield documents in runs: one for each who runs LibreOffice, more when they would be too long.

    >>> list(shares(["甲", "乙", "丙"], 2)), list(shares([], 2))
    ([['甲', '乙'], ['丙']], [])
    """
    each = min(MOST_AT_ONCE, -(-len(names) // size))
    for start in range(0, len(names), each or 1):
        yield names[start : start + each]


def steady(content: bytes, created: datetime) -> bytes:
    """Return a PDF whose date is `created` and whose marks follow from its content, not from the clock.

    LibreOffice heeds no SOURCE_DATE_EPOCH. Only bytes of equal length are replaced, so that the table of
    offsets at the end stays right.
    """
    body, end = content[:-_TRAILER], content[-_TRAILER:]

    def dated(found: re.Match[bytes]) -> bytes:
        date = created.strftime("%Y%m%d%H%M%SZ'").encode()
        room = len(found[0]) - len(found[1]) - 1
        return found[1] + date[:room].ljust(room) + b")"

    end = _DATE.sub(dated, end)
    mark = hashlib.md5(body + _MARKS.sub(b"", end), usedforsecurity=False).hexdigest().upper().encode()
    return body + _MARKS.sub(mark, end)


def _runs(documents: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(documents), MOST_AT_ONCE):
        yield documents[start : start + MOST_AT_ONCE]


def _convert(program: str, documents: Sequence[Path], folder: Path) -> None:
    """Run LibreOffice once; PdfError when it takes too long or cannot be started."""
    profile = (folder / "profile").absolute().as_uri()
    command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", "pdf:writer_pdf_Export", "--outdir", "."]
    command += [document.name for document in documents]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    group = {} if sys.platform == "win32" else {"start_new_session": True}
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **group,  # type: ignore[call-overload]
        )
    except OSError as error:
        raise PdfError(f"LibreOffice（{program}）无法启动，没有生成 PDF。") from error
    try:
        process.wait(timeout=SECONDS + SECONDS_A_DOCUMENT * len(documents))
    except subprocess.TimeoutExpired as error:
        raise PdfError("LibreOffice 长时间没有完成，没有生成 PDF；请重试，或去掉 --pdf。") from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End LibreOffice and what it started, if it is still at work."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
