"""Checks of what is written in words: qualitative indicators, reasons, unmeasurable targets and slips."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from toolkit.checks.context import Context, is_real_reason
from toolkit.checks.figures import answers_at
from toolkit.checks.printing import grouped, percent, plain
from toolkit.checks.prose import long_texts
from toolkit.checks.rules import check
from toolkit.checks.scales import after_deduction
from toolkit.checks.scoring import DEDUCTION, PARTLY, UNMET, band_reached, name_of, scale_for
from toolkit.form.labels import normalise
from toolkit.form.model import Ref
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue
from toolkit.submission.model import Actual, Answer, Operator, Target

_CENT = Decimal("0.01")
_DEGREE = (
    "显著|明显|较为明显|比较明显|较高|高|较好|良好|好|较大|有效|提高|提升|改善|增强|加强"
    "|优化|促进|向好|增加|长期"
)
_UNMEASURABLE = re.compile(
    r"(?:效果|成效|效益|影响|程度|水平|质量|作用)?"
    rf"(?:逐步|不断|持续|进一步|大幅|稳步|切实|得到|有所|有|{_DEGREE})*(?:{_DEGREE})"
    r"(?:效果|成效|效益|影响|程度|水平|质量|作用)?"
)
_CONNECTIVES = re.compile(
    r"由于|因为|因|受|的|等|所致|导致|造成|影响|原因|方面|存在|部分|有关|相关|及|和|与|了|是|较|将|[\W_]"
)
_SHORTFALL = re.compile(
    r"未能|未完|未达|未按|未实|没有完|没能|没有达|不足|不够|不到位|滞后|延迟|推迟|延期|偏低|较低|偏慢|困难|短缺"
)
_NO_SHORTFALL = re.compile(
    r"^(?:无|没有|不存在|未发生|未出现|未见)|(?:无|没有|未发生|不存在)(?:偏差|差异|问题)"
)
_SPLIT_NUMBER = re.compile(
    r"(?<![\d.])\d[\d,]*(?:[ \u3000]+\.[ \u3000]*|\.[ \u3000]+)\d{1,4}"
    r"(?=[ \u3000]*(?:%|％|[万亿]?元|个百分点|分))"
)
_DOUBLED = re.compile(r"[，。；：、,;](?:[ \u3000]*[，。；：、,;])+")
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9@./:\\_-])[a-z]{5,20}(?![A-Za-z0-9@./:\\_-])")
_LATIN = re.compile(r"[a-z]{5}")  # most texts have none, and are not searched further
_HAN = re.compile(r"[\u4e00-\u9fff]")
FAR_OVER = Decimal("1.3")  # from here on an indicator is asked why it was exceeded
SHORTEST_TEXT = 6  # characters that may stand in many rows: 已办结, 按期完成
MOST_SLIPS = 5  # slips of one cell that are written out


@check
def score_in_band(context: Context, code: str, *, section: str) -> Iterator[Issue]:
    """The score of a qualitative indicator lies in the band of the level it reached.

    A score above the weight, or a full one for what was not reached, has its own issue.
    """
    scoring, asked = context.form.scoring, context.form.section(section)
    for row in context.rows(section):
        target, actual = row["target"].value, row["actual"].value
        weight, score = row["max_score"].number, row["score"].number
        if not isinstance(target, Target) or not isinstance(actual, Actual) or not weight or score is None:
            continue
        if target.operator is not Operator.QUALITATIVE or context.is_blamed(row["max_score"], row["score"]):
            continue
        if (scale := scale_for(context.form, asked, row)) is not None and scale.function == "manual":
            continue
        band = band_reached(target, actual, scoring, row["status"].text)
        if band is None or score > weight or (score == weight and band is not scoring.bands[0]):
            continue
        taken = row[DEDUCTION].number or Decimal(0)
        low, high = (
            after_deduction((weight * end).quantize(_CENT, ROUND_HALF_UP), taken)
            for end in (band.low, band.high)
        )
        if low <= score <= high and not (band.open_top and score == high):
            continue
        end = "（不含）" if band.open_top else ""
        yield issue(
            code,
            context.place(Ref(section, row.id, "score"), row["score"]),
            found=grouped(score),
            expected=f"{grouped(low)} 分至 {grouped(high)} 分{end}",
            name=name_of(row),
            level=band.name,
            weight=plain(weight),
            band=f"{plain(band.low * 100)}%～{plain(band.high * 100)}%{end}",
        )


@check
def qualitative_share(
    context: Context, code: str, *, section: str, limit: Decimal = Decimal("0.3")
) -> Iterator[Issue]:
    """Not more than a share of the indicators is qualitative."""
    targets = [value for row in context.rows(section) if isinstance(value := row["target"].value, Target)]
    qualitative = sum(target.operator is Operator.QUALITATIVE for target in targets)
    if not targets or qualitative <= limit * len(targets):
        return
    title = context.form.section(section).title
    yield issue(
        code,
        replace(context.place(Ref(section, "", "target")), label=title),
        found=str(qualitative),
        expected=f"{plain(limit * 100)}%",
        count=len(targets),
        share=percent(Decimal(qualitative) / len(targets)),
    )


@check
def measurable_words(
    context: Context, code: str, *, section: str, except_level2: Sequence[str] = ()
) -> Iterator[Issue]:
    """A target does not consist of a word of degree alone (效果明显, 显著提高).

    The second-level indicators of `except_level2` must have a figure anyway, and are told so.
    """
    for row in context.rows(section):
        target = row["target"].value
        if not isinstance(target, Target) or target.operator is not Operator.QUALITATIVE:
            continue
        if row["level2"].text in except_level2 or context.is_blamed(row["target"]):
            continue
        if len(target.text) <= 30 and _UNMEASURABLE.fullmatch(normalise(target.text).strip("。.")):
            place = context.place(Ref(section, row.id, "target"), row["target"])
            yield issue(code, place, found=target.text.strip(), name=name_of(row))


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────


@check
def telling_reason(
    context: Context, code: str, *, reasons: Sequence[str], empty: Sequence[str], shortest: int = 6
) -> Iterator[Issue]:
    """A reason says something: it is no stock phrase of `empty`, and not shorter than `shortest` characters.

    Told only where a reason was given at all; that one is missing is told where it is asked for.
    """
    stock = sorted(map(normalise, empty), key=len, reverse=True)
    for ref, answer in _texts_at(context, reasons):
        if not is_real_reason(answer) or context.is_blamed(answer) or context.lacking(ref, answer):
            continue
        if not _falls_short(context, ref):
            continue
        said = normalise(answer.text)
        if len(said) <= 60 and (len(said) < shortest or _says_nothing(said, stock)):
            context.blame(answer)
            yield issue(code, context.place(ref, answer), found=answer.text.strip())


def _says_nothing(text: str, stock: Sequence[str]) -> bool:
    """Return whether nothing but connectives is left of a text without the stock phrases."""
    rest = text
    for phrase in stock:
        rest = rest.replace(phrase, "")
    return rest != text and len(_CONNECTIVES.sub("", rest)) <= 1


def _asked_for(context: Context, ref: Ref) -> bool:
    """Return whether the row is asked for a reason of its own, where one copied is told as none."""
    result = context.indicators.get((ref.section, ref.row))
    if result is None:
        return False
    return _falls_short(context, ref) or (result.completion or 0) >= FAR_OVER


def _falls_short(context: Context, ref: Ref) -> bool:
    """Return whether an indicator is not met or not scored in full; elsewhere any row may be."""
    section = context.form.section(ref.section)
    if not section.indicators:
        return True
    row = next(item for item in context.rows(ref.section) if item.id == ref.row)
    result = context.indicators.get((ref.section, ref.row))
    score, weight = row["score"].number, row["max_score"].number
    return (
        row["status"].text in (UNMET, PARTLY)
        or (result is not None and result.met is False)
        or (score is not None and weight is not None and score < weight)
    )


@check
def needless_reason(context: Context, code: str, *, section: str) -> Iterator[Issue]:
    """An indicator that is met, not exceeded, and scored in full has no reason that speaks of a shortfall."""
    for row in context.rows(section):
        place = Ref(section, row.id, "reason")
        given, result = row["reason"], context.indicators.get((section, row.id))
        if result is None or result.met is not True or (result.completion or 0) > 1:
            continue
        if not is_real_reason(given) or context.is_blamed(given) or _falls_short(context, place):
            continue
        said = normalise(given.text)
        if _SHORTFALL.search(said) and not _NO_SHORTFALL.search(said):
            full = "、得满分" if row["score"].number is not None else ""
            asked = context.form.section(section).field("reason").label
            cell = replace(context.place(place, given), label=asked)
            yield issue(code, cell, found=given.text.strip(), name=name_of(row), full=full)


@check
def own_words(
    context: Context,
    code: str,
    *,
    rows: Sequence[str],
    least: int = 3,
    texts: Sequence[str] = (),
    yearly: Sequence[str] = (),
    shortest: int = 60,
    alike: Decimal = Decimal("0.9"),
) -> Iterator[Issue]:
    """The same words do not stand in `least` rows of a column, nor in the workbooks of two units.

    This tells of the rows of one workbook. Paragraphs of `texts` from `shortest` characters on are compared
    between units once all workbooks are in (see `likeness`); from `alike` on they count as copied. Those of
    `yearly`, which units may share, are compared with last year's only.
    """
    for name in rows:
        places: dict[str, dict[str, tuple[Ref, Answer]]] = defaultdict(dict)
        for ref, answer in _texts_at(context, [name]):
            said = normalise(answer.text).strip("。.;,")
            told = context.is_blamed(answer) or _asked_for(context, ref)
            if len(said) < SHORTEST_TEXT or answer.cell is None or told:
                continue
            places[said][answer.cell.a1] = ref, answer  # a merged cell serves many rows and counts once
        for same in places.values():
            if len(same) < least:
                continue
            ref, answer = next(iter(same.values()))
            cells = list(same)
            context.blame(*(item for _, item in same.values()))
            yield issue(
                code,
                context.place(ref, answer),
                found=shorten(answer.text.strip(), 40),
                expected="各行",
                other=f"另外 {len(cells) - 1} 行（{'、'.join(cells[1:6])}{'等' if len(cells) > 6 else ''}）",
                alike="一字不差",
            )


def _texts_at(context: Context, names: Sequence[str]) -> Iterator[tuple[Ref, Answer]]:
    for name in names:
        for ref, answer in answers_at(context.form, context.submission, context.ref(name)):
            if answer.text:
                yield ref, answer


# ── slips ───────────────────────────────────────────────────────────────────────────────────────────


@check
def clean_text(context: Context, code: str) -> Iterator[Issue]:
    """Long texts hold no split number, doubled punctuation or stray Latin word; one issue for each cell."""
    for ref, answer in long_texts(context):
        slips = list(dict.fromkeys(_slips(answer.text)))
        if slips:
            more = f"等 {len(slips)} 处" if len(slips) > MOST_SLIPS else ""
            found = "、".join(f"“{slip}”" for slip in slips[:MOST_SLIPS]) + more
            yield issue(code, context.place(ref, answer), found=found)


def _slips(text: str) -> Iterator[str]:
    if ". " in text or " ." in text or "\u3000" in text:
        yield from _SPLIT_NUMBER.findall(text)
    yield from (match.replace("\u3000", " ") for match in _DOUBLED.findall(text))
    if _LATIN.search(text) and _HAN.search(text):
        yield from _LATIN_WORD.findall(text)
