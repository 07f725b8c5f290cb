"""Reports and marked copies come out the same whoever makes them, and one that cannot be made is told."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from collections_made import TODAY, start
from filling import fill, form
from valid import answers

from toolkit import mapped_outputs
from toolkit.build import build
from toolkit.collection import open_collection
from toolkit.crew.batches import LostError, Why
from toolkit.crew.mapping import Crew
from toolkit.crew.watched import watched_crew
from toolkit.settings import CollectionError
from toolkit.writers.narrative import TemplateError
from toolkit.writers.template_check import Problem


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Units with a report each, some of whose workbooks go back."""
    root = start(tmp_path / "集")
    for number in range(5):
        given = answers("project")
        given["project"]["unit_name"] = f"第{number}街道办事处"
        given["indicators"][0]["actual"] = "约好" if number % 2 else given["indicators"][0]["actual"]
        fill(form("project"), given, root / "workbooks" / f"{number}.xlsx", year=2024)
    return root


def made(root: Path, crew: Crew) -> dict[str, bytes]:
    """Build anew and return the outputs."""
    (root / ".xlreport" / "last-build.json").unlink(missing_ok=True)
    with crew:
        build(open_collection(root, today=TODAY), crew=crew)
    out = root / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


class Losing(Executor):
    """An executor that does everything here, and loses what has a word in it on its way to be written."""

    def __init__(self, word: str) -> None:
        self._word = word.encode()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        lost = [at for at, item in enumerate(args[1]) if self._word in item and b"toolkit.writers" in item]
        if lost:
            future.set_exception(LostError(Why.DIED, done=lost[0]))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def losing(word: str) -> Crew:
    return Crew(lambda watch: Losing(word), 1)


def test_reports_and_copies_are_the_same_whoever_makes_them(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = made(root, watched_crew(1))
    monkeypatch.setattr(mapped_outputs, "FEW", 0)
    assert made(root, watched_crew(2)) == here
    assert len([name for name in here if name.startswith("单位报告/")]) == 5
    assert len([name for name in here if name.startswith("退回/")]) == 5


def test_a_workbook_that_cannot_be_marked_goes_back_with_the_opinion_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made(root, watched_crew(1))
    monkeypatch.setattr(mapped_outputs, "FEW", 0)
    after = made(root, losing("3.xlsx"))
    assert before.keys() - after.keys() == {"退回/3.xlsx"}
    assert after.keys() - before.keys() == {"退回/审核意见-3.xlsx.xlsx"}


def test_a_report_that_cannot_be_written_is_named_and_nothing_is_published(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_outputs, "FEW", 0)
    with pytest.raises(CollectionError, match=r"“单位报告/第2街道办事处-.*\.docx”没有做成"):
        made(root, losing("第2街道办事处"))
    assert not (root / "out").exists()


def test_a_mistake_of_a_template_travels_whole() -> None:
    error = TemplateError("报告.docx", Problem("第一段", "有误", "无误"), Problem("第二段", "也有误"))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.problems == error.problems
