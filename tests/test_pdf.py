"""PDFs beside the Word reports: when LibreOffice is there, when it is not, and when it misbehaves."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import docx
import pytest
from collections_made import UNIT, project, run, start

from toolkit.writers import pdf
from toolkit.writers.pdf import PdfError, steady, write_pdfs

CREATED = datetime(2025, 4, 8)
COPY = 'for each; do case "$each" in *.docx) cp "$each" "${each%.docx}.pdf";; esac; done'
MADE = b"%%PDF-1.6\n\xe4body/CreationDate(D:19990101)" + b"x" * 5000
TRAILER = (
    b"/Producer<FEFF>\n/CreationDate(D:%s)>>\ntrailer\n<</ID [ <%s>\n<%s> ]\n/DocChecksum /%s\n>>\n%%%%EOF"
)


def made(clock: bytes, mark: bytes) -> bytes:
    return MADE + TRAILER % (clock, mark, mark, mark)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called soffice, first on the path; tests write what it does."""
    if sys.platform == "win32":
        pytest.skip("the stand-in is a shell script")
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


def does(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "某街道 #1&(2).docx"
    docx.Document().save(str(path))
    return path


def test_the_clock_leaves_no_trace_in_a_pdf() -> None:
    one = steady(made(b"20261125214229Z'", b"6" * 32), CREATED)
    other = steady(made(b"20270101000000Z'", b"A" * 32), CREATED)
    assert one == other
    assert len(one) == len(made(b"20261125214229Z'", b"6" * 32))
    assert b"/CreationDate(D:20250408000000Z')" in one
    assert one.startswith(MADE)


def test_pdfs_of_different_documents_have_different_marks() -> None:
    marks = {
        re.findall(rb"<([0-9A-F]{32})>", steady(body + made(b"20261125214229Z'", b"6" * 32), CREATED))[0]
        for body in (b"1", b"2")
    }
    assert len(marks) == 2


def test_without_libreoffice_the_build_says_so_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = start(tmp_path / "集")
    project(root, {})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "_PLACES", ())
    ended = run("-C", str(root), "build", "--pdf")
    assert ended.exit_code == 2
    assert "没有安装 LibreOffice" in ended.stderr
    assert not (root / "out").exists()


def test_a_run_that_makes_nothing_is_told_by_the_report_it_failed_at(
    office: Path, document: Path, tmp_path: Path
) -> None:
    does(office, "exit 1")
    with pytest.raises(PdfError, match=r"没有生成“某街道 #1&\(2\)”的 PDF"):
        write_pdfs({document: document.with_suffix(".pdf")}, tmp_path / "work", created=CREATED)
    assert not (tmp_path / "work").exists()
    assert not document.with_suffix(".pdf").exists()


def test_a_run_that_hangs_is_ended_with_what_it_started(
    office: Path, document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(office, f"sleep 61.5 & echo $! > {tmp_path}/child; wait")
    monkeypatch.setattr(pdf, "SECONDS", 0.5)
    monkeypatch.setattr(pdf, "SECONDS_A_DOCUMENT", 0)
    with pytest.raises(PdfError, match="长时间没有完成"):
        write_pdfs({document: document.with_suffix(".pdf")}, tmp_path / "work", created=CREATED)
    child = (tmp_path / "child").read_text().strip()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True, check=False)
    assert state.stdout.strip()[:1] in ("", "Z")


def test_many_documents_go_through_few_runs(office: Path, tmp_path: Path) -> None:
    does(office, f"echo run >> {tmp_path}/runs; {COPY}")
    documents = {}
    for number in range(pdf.MOST_AT_ONCE + 1):
        path = tmp_path / f"{number}" / "同名.docx"
        path.parent.mkdir()
        path.write_bytes(b"%d" % number)
        documents[path] = path.with_suffix(".pdf")
    write_pdfs(documents, tmp_path / "work", created=CREATED)
    assert [made.read_bytes() for made in documents.values()] == [path.read_bytes() for path in documents]
    assert (tmp_path / "runs").read_text().split() == ["run", "run"]


def test_pdfs_are_outputs_like_the_others_and_go_with_the_option(office: Path, tmp_path: Path) -> None:
    does(office, COPY)
    root = start(tmp_path / "集")
    project(root, {})
    assert run("-C", str(root), "build", "--pdf").exit_code in (0, 1)
    out = root / "out"
    reports = {path.with_suffix("") for path in out.rglob("*.docx")}
    assert len(reports) > 1
    assert {path.with_suffix("") for path in out.rglob("*.pdf")} == reports
    listed = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert "汇总报告.pdf" in [each["file"] for each in listed]
    assert run("-C", str(root), "build").exit_code in (0, 1)
    assert list(out.rglob("*.pdf")) == []
    assert {path.with_suffix("") for path in out.rglob("*.docx")} == reports


@pytest.mark.office
def test_libreoffice_makes_the_same_pdf_of_every_report_each_time(tmp_path: Path) -> None:
    root = start(tmp_path / "集 #1")
    project(root, {})
    made_twice = []
    for _ in range(2):
        assert run("-C", str(root), "build", "--pdf").exit_code in (0, 1)
        made_twice.append({path.name: path.read_bytes() for path in (root / "out").rglob("*.pdf")})
        for path in (root / "out").rglob("*.pdf"):
            path.unlink()
    assert made_twice[0] == made_twice[1]
    assert len(made_twice[0]) > 1
    assert all(content.startswith(b"%PDF-") for content in made_twice[0].values())
    assert any(UNIT in name for name in made_twice[0])
