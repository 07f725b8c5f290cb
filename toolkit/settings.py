"""xlreport.toml: what a collection is called, which forms it uses, and what it decides about the rules."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from toolkit.checks.model import Waiver
from toolkit.checks.overrides import Overrides
from toolkit.checks.policy import SettingError, Treatment, code_treatments
from toolkit.checks.progress import Month
from toolkit.form.toml_table import as_toml, nearest
from toolkit.submission.guard import MIB, Limits

SETTINGS = "xlreport.toml"
WAIT = 60  # seconds a cluster that has lost its workers, or is silent, has to come back
LEAST_MEMORY = 256 * MIB  # what a worker process needs to start
NARRATIVES: Mapping[str, str] = {
    "department": "单位自评报告.docx",
    "project": "项目自评报告.docx",
    "monitor": "",
    "collection": "汇总报告.docx",
    "reminder": "催报通知.docx",
    "returned": "退回通知.docx",
}
_KEYS = (
    *("title", "district", "fiscal_year", "due", "previous", "forms", "narratives", "limits", "passwords"),
    "periods",
    *("workbooks", "out", "remote", "cluster"),
)
_SECRET = re.compile(r"secret|passw|passphrase|_key$|_token$|^token$|^auth$|connection_string", re.I)
_NO_SECRETS = frozenset({"", "anon", "cloud", "google_default", "browser", "cache"})  # of gcsfs, for a token
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")
_OVERRIDES = tuple(entry.name for entry in fields(Overrides))
_WAIVER_KEYS = ("unit", "code", "cell", "label", "why", "who", "until")
_NARRATIVE_KEYS = ("template", "form", "year", "unit")


class CollectionError(Exception):
    """A collection that cannot be used; the message is one Chinese sentence."""


@dataclass(frozen=True, slots=True)
class NarrativeChoice:
    """Which Word template serves a form, year or unit: what is open fits all, no template is no report."""

    template: str
    form: str = ""
    year: int | None = None
    unit: str = ""
    source: str = ""  # where it stands, for messages

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Return how particular it is: a unit goes before a year, a year before a form."""
        return bool(self.unit), self.year is not None, bool(self.form)


@dataclass(frozen=True, slots=True)
class Settings:
    """What xlreport.toml says. `forms` are ids in the order of the settings; empty means every form found.

    `narratives` are the templates by use, `choices` the exceptions to them.
    """

    title: str
    district: str
    fiscal_year: int | None
    due: date | None
    forms: tuple[str, ...]
    narratives: Mapping[str, str]
    limits: Limits
    codes: Mapping[str, Treatment] = field(default_factory=dict)
    overrides: Overrides = field(default_factory=Overrides)
    periods: Mapping[int, date] = field(
        default_factory=dict
    )  # month -> due date of a form of the running year
    waivers: tuple[Waiver, ...] = ()
    choices: tuple[NarrativeChoice, ...] = ()
    previous: str = ""  # last year's collection folder or 报送.xlsx, seen from this collection
    workbooks: str = "workbooks"  # folder of what came in, seen from this collection, or its address
    out: str = "out"  # folder of what is made, likewise
    remote: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)  # by kind of address
    cluster_wait: int = WAIT
    passwords: tuple[str, ...] = field(default=(), repr=False)  # tried in turn on files with a password


def read_settings(path: Path) -> Settings:
    """Read xlreport.toml; CollectionError names the key that is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CollectionError(f"{SETTINGS} 无法读取：{error}。") from error
    known = (*_KEYS, *_OVERRIDES, "waiver", "narrative")
    for key in raw:
        if key not in known:
            raise CollectionError(f"{SETTINGS} 中有不认识的设置“{key}”{nearest(key, known)}。")
    overrides = Overrides(**{name: _table(raw, name) for name in _OVERRIDES})
    try:
        codes = code_treatments(overrides.rules)
    except SettingError as error:
        raise CollectionError(f"{SETTINGS} 的 {error}。") from error
    return Settings(
        title=_typed(raw, "title", str, "文字", ""),
        district=_typed(raw, "district", str, "文字", ""),
        fiscal_year=_typed(raw, "fiscal_year", int, "年份", None),
        due=_typed(raw, "due", date, "日期，如 2025-03-31", None),
        forms=tuple(_typed(raw, "forms", list, "表样编号的列表", [])),
        narratives=_narratives(_table(raw, "narratives")),
        limits=_limits(_table(raw, "limits")),
        codes=codes,
        overrides=overrides,
        periods=dict(_periods(_table(raw, "periods"))),
        previous=_place(raw, "previous", "上年的汇总文件夹或 报送.xlsx"),
        workbooks=_place(raw, "workbooks") or "workbooks",
        out=_place(raw, "out") or "out",
        remote=dict(_remote(_table(raw, "remote"))),
        cluster_wait=_cluster_wait(_table(raw, "cluster")),
        passwords=_passwords(_typed(raw, "passwords", list, "密码的列表", [])),
        waivers=tuple(_waivers(_typed(raw, "waiver", list, "[[waiver]] 各节", []))),
        choices=tuple(_choices(_typed(raw, "narrative", list, "[[narrative]] 各节", []))),
    )


def _periods(raw: Mapping[str, Any]) -> Iterator[tuple[int, date]]:
    """Yield the months that are reported in the running year, with their due dates."""
    for key, value in raw.items():
        if key not in get_args(Month):
            raise CollectionError(f"{SETTINGS} 的 [periods] 中“{key}”应为 1 至 12 的月份。")
        if not isinstance(value, date):
            what = f"报送截止日期，如 2025-07-10，现为 {as_toml(value)}"
            raise CollectionError(f"{SETTINGS} 的 [periods] 中“{key}”应为{what}。")
        yield int(key), value.date() if isinstance(value, datetime) else value


def _typed(raw: Mapping[str, Any], key: str, kind: type, what: str, default: Any) -> Any:
    value = raw.get(key, default)
    if value is not default and (not isinstance(value, kind) or isinstance(value, bool)):
        raise CollectionError(f"{SETTINGS} 的“{key}”应为{what}，现为 {as_toml(value)}。")
    return value.date() if isinstance(value, datetime) else value


def _table(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    return dict(_typed(raw, key, dict, f"[{key}] 一节", {}))


def _place(raw: Mapping[str, Any], key: str, what: str = "文件夹或地址") -> str:
    """Return a folder or an address; a password in it would be printed with every file."""
    named = str(_typed(raw, key, str, what, "")).strip()
    if names_password(named):
        raise CollectionError(f"{SETTINGS} 的“{key}”不要在地址里写密码；请在 [remote.…] 里写环境变量的名称。")
    return named


def names_password(address: str) -> bool:
    """Return whether an address has a password in it.

    >>> names_password("sftp://甲:密码@host/收到"), names_password("s3://bucket/a@b")
    (True, False)
    """
    return _PASSWORD.search(address) is not None


def _remote(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each kind of storage is opened with, as JSON knows it."""
    for kind, options in raw.items():
        if not isinstance(options, dict):
            raise CollectionError(
                f"{SETTINGS} 的 [remote] 按地址的种类分节，如 s3://… 的写成 [remote.s3]；“{kind}”应写进一节。"
            )
        _refuse_secrets(options, f"[remote.{kind}]")
        yield kind, json.loads(json.dumps(options, default=_plain))


def _cluster_wait(raw: Mapping[str, Any]) -> int:
    """Return how long a cluster is waited for, in seconds."""
    for key in raw:
        if key != "wait":
            raise CollectionError(
                f"{SETTINGS} 的 [cluster] 中有不认识的设置“{key}”{nearest(key, ['wait'])}。"
            )
    wait = raw.get("wait", WAIT)
    if not isinstance(wait, int) or isinstance(wait, bool) or wait <= 0:
        raise CollectionError(f"{SETTINGS} 的 [cluster] 中“wait”应为秒数，如 60，现为 {as_toml(wait)}。")
    return wait


def _refuse_secrets(options: Any, where: str) -> None:
    """Refuse a secret that is written down: settings are copied, sent and kept."""
    for key, value in options.items() if isinstance(options, dict) else ():
        written = value[-1] if isinstance(value, list) and value else value
        if isinstance(written, str) and _SECRET.search(key) and written not in _NO_SECRETS:
            raise CollectionError(
                f'{SETTINGS} 的 {where} 中“{key}”不要写明文，请写成 {key} = {{ env = "环境变量的名称" }}。'
            )
        _refuse_secrets(value, where)


def _plain(value: Any) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


def _narratives(raw: Mapping[str, Any]) -> dict[str, str]:
    for key, value in raw.items():
        if key not in NARRATIVES:
            raise CollectionError(
                f"{SETTINGS} 的 [narratives] 中有不认识的用途“{key}”{nearest(key, NARRATIVES)}。"
                f"可用的有 {'、'.join(NARRATIVES)}；按表样、年度或单位另选模板，写成 [[narrative]]。"
            )
        if not isinstance(value, str):
            raise CollectionError(
                f"{SETTINGS} 的 [narratives] 中“{key}”应为模板文件名，现为 {as_toml(value)}。"
            )
    return {**NARRATIVES, **{key: value.strip() for key, value in raw.items()}}


def _entries(given: list[Any], name: str, known: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (what it is called, entry) of a list of tables; a key none of them has is refused."""
    for number, entry in enumerate(given, 1):
        source = f"{SETTINGS} 第 {number} 个 [[{name}]]"
        if not isinstance(entry, dict):
            raise CollectionError(f"{source} 应写成一节。")
        for key in entry:
            if key not in known:
                raise CollectionError(f"{source} 中有不认识的设置“{key}”{nearest(key, known)}。")
        yield source, entry


def _choices(given: list[Any]) -> Iterator[NarrativeChoice]:
    for source, entry in _entries(given, "narrative", _NARRATIVE_KEYS):
        if "template" not in entry:
            raise CollectionError(f"{source} 没有写“template”（Word 模板的文件名；不出报告写空文字）。")
        choice = NarrativeChoice(
            template=_typed(entry, "template", str, "模板文件名", "").strip(),
            form=_typed(entry, "form", str, "表样编号", "").strip(),
            year=_typed(entry, "year", int, "年份", None),
            unit=_typed(entry, "unit", str, "单位名称", "").strip(),
            source=source,
        )
        if not any(choice.rank):
            raise CollectionError(
                f"{source} 没有写适用的 form、year 或 unit；对全部单位换模板，写在 [narratives] 里。"
            )
        yield choice


def _limits(raw: Mapping[str, Any]) -> Limits:
    known = [entry.name for entry in fields(Limits)]
    for key, value in raw.items():
        if key not in known:
            raise CollectionError(f"{SETTINGS} 的 [limits] 中有不认识的设置“{key}”{nearest(key, known)}。")
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise CollectionError(f"{SETTINGS} 的 [limits] 中“{key}”应为正整数，现为 {as_toml(value)}。")
    if raw.get("max_memory", LEAST_MEMORY) < LEAST_MEMORY:
        raise CollectionError(f"{SETTINGS} 的 [limits] 中“max_memory”不能小于 {LEAST_MEMORY}（256 MB）。")
    return Limits(**raw)


def _passwords(given: list[Any]) -> tuple[str, ...]:
    """Return the passwords; digits alone are a password, too."""
    if any(not isinstance(one, str | int) or isinstance(one, bool) or one == "" for one in given):
        raise CollectionError(f'{SETTINGS} 的“passwords”应为密码的列表，如 ["abc", "123"]。')
    return tuple(dict.fromkeys(str(one) for one in given))


def _waivers(given: list[Any]) -> Iterator[Waiver]:
    for source, entry in _entries(given, "waiver", _WAIVER_KEYS):
        texts = {key: _typed(entry, key, str, "文字", "").strip() for key in _WAIVER_KEYS if key != "until"}
        if lacking := [key for key in ("unit", "code", "why", "who") if not texts[key]]:
            raise CollectionError(f"{source} 没有写“{lacking[0]}”。")
        if texts["cell"] and texts["label"]:
            raise CollectionError(f"{source} 的 cell 和 label 只能写一个。")
        yield Waiver(
            unit=texts["unit"],
            code=texts["code"],
            why=texts["why"],
            who=texts["who"],
            place=texts["cell"] or texts["label"],
            until=_typed(entry, "until", date, "日期，如 2025-12-31", None),
            source=source,
        )
