"""审核报告.html: one self-contained page on which an officer sees, filters and prints everything found.

The page loads nothing. Whatever workbooks say is escaped by the template engine and never reaches the script,
and the content security policy lets only our own script and style sheet run, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from toolkit.checks.model import Collected
from toolkit.form.model import Form
from toolkit.issues.model import Severity, Verdict
from toolkit.writers.files import whole
from toolkit.writers.page_charts import funnel, rule_chart, unit_chart
from toolkit.writers.page_content import MOST_LISTED, content_of, printable
from toolkit.writers.styles import Colour

Annex: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[object]]]  # title, headings, rows


def write_page(
    collected: Collected,
    forms: Mapping[str, Form],
    path: Path,
    *,
    title: str,
    created: datetime,
    annexes: Sequence[Annex] = (),
) -> None:
    """Write the page piece by piece, as large as it may be."""
    written = pieces(collected, forms, title=title, created=created, annexes=annexes)
    with whole(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        file.writelines(written)


def pieces(
    collected: Collected,
    forms: Mapping[str, Form],
    *,
    title: str,
    created: datetime,
    annexes: Sequence[Annex] = (),
) -> Iterator[str]:
    """Yield the page as HTML, in the order it is read; the same collection gives the same pieces."""
    content = content_of(collected, forms)
    style = _palette() + _asset("page.css") + _paper_header(title)
    script = _asset("page.js")
    return _template().generate(
        title=title,
        created=created,
        content=content,
        most_listed=MOST_LISTED,
        annexes=annexes,
        funnel=funnel(content.owing),
        charts=(
            ("rule", "按规则", "条规则", rule_chart(content)),
            ("unit", "按单位", "个单位", unit_chart(content)),
        ),
        severities=tuple(Severity),
        verdicts=tuple(Verdict),
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files("toolkit.writers").joinpath("page_assets", name).read_text(encoding="utf-8")


def _palette() -> str:
    """Return the palette of all our outputs as variables of the style sheet."""
    values = (f"--{name.lower().replace('_', '-')}:{colour}" for name, colour in Colour.__members__.items())
    return ":root{" + ";".join(values) + "}\n"


def _paper_header(title: str) -> str:
    return f"@page{{@top-left{{content:{css_string(f'审核报告　{title}')}}}}}\n"


def css_string(text: str) -> str:
    r"""Return any text as a string of a style sheet that can end neither itself nor its element.

    >>> css_string('a"</style>')
    '"a\\22 \\3c \\2f style\\3e "'
    """
    return '"' + "".join(char if char.isalnum() else f"\\{ord(char):x} " for char in printable(text)) + '"'


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_asset("page.html.j2"))


def _finalize(value: object) -> object:
    """Make every printed text printable; None prints nothing."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return printable(value) if isinstance(value, str) else value
