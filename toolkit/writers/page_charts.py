"""The charts of 审核报告.html as geometry in percent, which fits any screen; the template draws them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from toolkit.issues.model import Severity, Verdict
from toolkit.summary.ranked import short_names
from toolkit.writers.page_content import Content, Owing, printable

MOST_BARS = 10  # both charts and the funnel fit the first sheet of paper
ROOM_FOR_WORDS = 11.0  # percent of the width; on a narrow screen that is about four characters


@dataclass(frozen=True, slots=True)
class Segment:
    """A coloured part of a bar, in percent of the chart's width; `look` is its class in the style sheet."""

    look: str
    name: str
    count: int
    start: float
    width: float

    @property
    def roomy(self) -> bool:
        """Return whether its name and figure fit into it."""
        return self.width >= ROOM_FOR_WORDS

    @property
    def middle(self) -> float:
        """Return where its words stand."""
        return self.start + self.width / 2


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled bar; `link` is the page's own address with only this bar's issues shown."""

    label: str
    full: str
    link: str
    segments: tuple[Segment, ...]

    @property
    def total(self) -> int:
        """Return the sum of its segments."""
        return sum(segment.count for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars that are drawn, and how many were left out with how many issues."""

    bars: tuple[Bar, ...]
    rest: int = 0
    rest_total: int = 0


def funnel(owing: Owing) -> tuple[Bar, ...]:
    """Return 应报, 已报 and the verdicts as bars under each other, each within the one above.

    >>> from toolkit.writers.page_content import Owing
    >>> bars = funnel(Owing(4, 3, 1, Counter({Verdict.ACCEPTED: 2, Verdict.RETURNED: 1}), {}))
    >>> [(part.name, part.start, part.width) for part in bars[2].segments]
    [('采用', 0.0, 50.0), ('待说明', 50.0, 0.0), ('退回', 50.0, 25.0)]
    """
    verdicts = [(verdict.name.lower(), verdict.value, owing.verdicts[verdict]) for verdict in Verdict]
    if owing.due is None:
        rows = [[("arrived", "收到", owing.arrived)], verdicts]
    else:
        arrived = [("arrived", "已报", owing.arrived), ("missing", "漏报", owing.missing)]
        rows = [[("due", "应报", owing.due)], arrived, verdicts]
    full = owing.due or owing.arrived
    return tuple(Bar("", "", "", _segments(row, full)) for row in rows)


def rule_chart(content: Content) -> Chart:
    """Return the rules broken most, the gravest first."""
    titles = {code: content.rules[code].title if code in content.rules else "" for code in content.by_rule}
    labels = {code: f"{code} {title}".strip() for code, title in titles.items()}
    return _chart("rule", content.by_rule, labels, _gravest_first(content.by_rule))


def unit_chart(content: Content) -> Chart:
    """Return the units with most issues, the gravest first."""
    ordered = _gravest_first(content.by_unit)
    short = short_names([{"unit": unit, "year": None} for unit in ordered[:MOST_BARS]])
    return _chart("unit", content.by_unit, dict(zip(ordered, short, strict=False)), ordered)


def _gravest_first(tallies: Mapping[str, Counter[Severity]]) -> list[str]:
    """Order names by their issues: most 必改 first, then most 需说明, then most 提示."""
    return sorted(tallies, key=lambda name: tuple(-tallies[name][severity] for severity in Severity))


def _chart(
    key: str, tallies: Mapping[str, Counter[Severity]], labels: Mapping[str, str], ordered: Sequence[str]
) -> Chart:
    drawn, rest = ordered[:MOST_BARS], ordered[MOST_BARS:]
    most = max((tallies[name].total() for name in drawn), default=0)
    bars = tuple(
        Bar(
            label=labels[name],
            full=name if key == "unit" else labels[name],
            link="#" + urlencode({key: printable(name)}),
            segments=_segments(((s.value, s.word, tallies[name][s]) for s in Severity), most),
        )
        for name in drawn
    )
    return Chart(bars, len(rest), sum(tallies[name].total() for name in rest))


def _segments(parts: Iterable[tuple[str, str, int]], full: int) -> tuple[Segment, ...]:
    """Lay parts side by side; a part of nothing has no width."""
    segments = []
    start = 0
    for look, name, count in parts:
        share = round(100 * count / full, 2) if full else 0.0
        segments.append(Segment(look, name, count, round(100 * start / full, 2) if full else 0.0, share))
        start += count
    return tuple(segments)
