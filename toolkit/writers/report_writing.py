"""The reports of single workbooks as work that may be done anywhere: an order in, a document's bytes out."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from toolkit.checks.records import Record, unpack, unpack_head
from toolkit.crew.batches import Watch
from toolkit.form.model import Form
from toolkit.summary.entries import Entry
from toolkit.writers.narrative import Narrative
from toolkit.writers.report_context import unit_context
from toolkit.writers.verify import document_differences, told


@dataclass(frozen=True, slots=True)
class Order:
    """A report that is to be written: its name, its workbook, what the others say of it, its template."""

    name: str
    record: Record
    form: str  # by its key among the forms
    unit: str
    district: str
    year: int | None
    template: str


@dataclass(frozen=True, slots=True)
class Written:
    """A document, and what it says otherwise than it should, in one sentence."""

    content: bytes
    wrong: str


@dataclass(frozen=True, slots=True)
class ReportWriting:
    """What all reports of a build have in common; `templates` are (file name, bytes) as orders call them.

    TemplateError when a template cannot be filled with the data of a workbook.
    """

    templates: Mapping[str, tuple[str, bytes]]
    forms: Mapping[str, Form]
    vocabulary: Mapping[str, Form]
    created: datetime
    watch: Watch

    def prepare(self) -> Callable[[Order], Written]:
        """Return what writes a report; each template is taken apart and compiled once."""
        narratives = {key: Narrative.of(*template) for key, template in self.templates.items()}

        def written(order: Order) -> Written:
            context = unit_context(self._entry(order), self.vocabulary)
            filled = narratives[order.template].render(context, author=order.unit, created=self.created)
            differences = document_differences(io.BytesIO(filled), filled.claims)
            return Written(bytes(filled), told(order.name, differences))

        return written

    def _entry(self, order: Order) -> Entry:
        head = unpack_head(order.record.head)
        result = unpack(head, order.record.told, order.record.said)
        form = self.forms[order.form]
        return Entry(head, form, order.unit, order.district, order.year, (result,), 0)
