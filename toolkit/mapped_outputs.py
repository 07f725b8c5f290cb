"""The outputs that are made of each workbook by itself: its report, a PDF of it, its marked copy.

They are mapped over the crew that judged the workbooks; few of them are made here, before others have begun.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.checks.files import UNREAD
from toolkit.checks.heads import Head
from toolkit.checks.model import Collected
from toolkit.collection import Collection
from toolkit.crew.batches import Job, LostError
from toolkit.crew.mapping import Crew, mapped, nobody_else
from toolkit.issues.model import Verdict
from toolkit.publication import Publication
from toolkit.settings import CollectionError

if TYPE_CHECKING:
    from toolkit.writers.report_writing import ReportWriting
    from toolkit.writers.reports import Due
    from toolkit.writers.returning import Returning

FEW = 30  # reports or copies that are sooner made here than other processes have loaded what makes them
_AGAIN = "没有更新 out 里的任何文件。请重试；仍然如此的，请把这句话告诉维护人员。"
Item = TypeVar("Item")
Result = TypeVar("Result")


def write_reports(publication: Publication, due: Sequence[Due], writing: ReportWriting, crew: Crew) -> None:
    """Write the report of every workbook that gets one; CollectionError if one says not what it should."""
    from toolkit.writers.narrative import TemplateError

    names = {one.stem: f"单位报告/{one.stem}.docx" for one in due}
    try:
        for one, written in _done(crew, writing, due, lambda one: one.order(names[one.stem])):
            name = names[one.stem]
            if isinstance(written, LostError):
                raise CollectionError(f"“{name}”没有做成，写它的进程意外结束。{_AGAIN}")
            publication.lay_down(name, written.content)
            if written.wrong or publication.staged(name).read_bytes() != written.content:
                raise CollectionError(f"{written.wrong or f'写出的“{name}”无法读回。'}{_AGAIN}")
    except TemplateError as error:
        raise CollectionError(str(error)) from error
    publication.names += names.values()


def write_returned(
    publication: Publication,
    collection: Collection,
    collected: Collected,
    returning: Returning,
    crew: Crew,
    wanted: Callable[[Head], bool] = lambda head: True,
) -> None:
    """Write the marked copy of every workbook that is wanted and not accepted, in the order of files.

    Where marking costs its process, the opinion goes back alone.
    """
    from toolkit.writers.returning import Faulty

    results, content = collected.results, collection.contents()
    places = [
        at
        for at, head in enumerate(results.heads)
        if head.verdict is not Verdict.ACCEPTED and not head.sender and wanted(head)
    ]

    def faulty(at: int) -> Faulty:
        result = results.bare_at(at)
        unread = any(item.code in UNREAD for item in result.issues)  # what no worker could read stays closed
        return Faulty(result.file, b"" if unread else content(result.file), result.issues)

    made: dict[int, str] = {}
    for at, told in _done(crew, returning, places, faulty):
        if isinstance(told, LostError):
            result = results.bare_at(at)
            name, copy = returning.returned(Faulty(result.file, b"", result.issues))
        else:
            name, copy = told
        made[at] = f"退回/{name}"
        publication.lay_down(made[at], copy)
    publication.names += [made[at] for at in places]


def write_pdfs(publication: Publication, created: datetime, crew: Crew) -> None:
    """Make a PDF beside every Word report; CollectionError if LibreOffice fails."""
    from toolkit.writers.pdf import Converting, Document, PdfError, shares

    names = [name for name in publication.names if name.endswith(".docx")]

    def documents(share: Sequence[str]) -> list[Document]:
        return [
            Document(publication.staged(name).stem, publication.staged(name).read_bytes()) for name in share
        ]

    with _runners(crew) as runners:
        shared = deque(shares(names, runners.size))
        try:
            for share, made in mapped(runners, Converting(created), shared, documents, most=1):
                if isinstance(made, LostError):
                    raise CollectionError(f"LibreOffice 没有做完“{share[0]}”等报告的 PDF。{_AGAIN}")
                for name, content in zip(share, made, strict=True):
                    publication.lay_down(_pdf(name), content)
        except PdfError as error:
            where = "集群的一个工作进程：" if crew.distant else ""
            raise CollectionError(f"{where}{error}") from error
    publication.names += map(_pdf, names)


def _pdf(name: str) -> str:
    return f"{name.removesuffix('.docx')}.pdf"


@contextmanager
def _runners(crew: Crew) -> Iterator[Crew]:
    """Give who runs LibreOffice: here threads that wait for it, as it is a process of its own."""
    if crew.distant:
        yield crew
    else:
        with Crew(lambda watch: ThreadPoolExecutor(crew.size), crew.size) as threads:
            yield threads


def _done(
    crew: Crew, job: Job[Any, Result], items: Sequence[Item], send: Callable[[Item], Any]
) -> Iterator[tuple[Item, Result | LostError]]:
    """Yield each item with what is made of it, by the crew when there are many."""
    hands = crew if crew.distant or len(items) > FEW else nobody_else()
    return mapped(hands, job, deque(items), send)
