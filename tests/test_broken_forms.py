"""A form that somebody broke either makes a blank still or is refused with the path of the mistake.

`HYPOTHESIS_PROFILE=deep pytest tests/test_broken_forms.py` searches with thousands of examples.
"""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from filling import FORMS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from valid_unshipped import ELSEWHERE

from toolkit.checks.rules import validate
from toolkit.form.inheritance import Toml
from toolkit.form.loader import read_form
from toolkit.form.toml_table import FormError
from toolkit.writers.blank import write_blank

EXAMPLES = {"deep": 3000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 60)
PATHS = {path.stem: path for folder in (FORMS, ELSEWHERE) for path in sorted(folder.glob("*.toml"))}
ODD = ("", "x", "a.b", "*", 0, 1, -1, 10**9, True, Decimal("1.5"), date(2024, 1, 1), [], [1], ["x"], [[]], {})
Spot = tuple[Any, Any]  # a table or list, and the key in it


@cache
def _written(name: str) -> Toml:
    return tomllib.loads(PATHS[name].read_text(encoding="utf-8"), parse_float=Decimal)


def base(name: str) -> Toml:
    if name not in PATHS:
        raise FormError("form", f"there is no form '{name}'")
    return _written(name)


def spots(node: Any) -> Iterator[Spot]:
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from spots(node[key])


def break_one(raw: Toml, random: Random) -> None:
    """Drop, misspell, double, exchange or replace one thing that a form says."""
    known = list(spots(raw))
    table, key = known[random.randrange(len(known))]
    other, there = known[random.randrange(len(known))]
    value = table[key]
    match random.choice(["drop", "odd", "misspelt", "double", "far", "copied"]):
        case "drop":
            del table[key]
        case "misspelt" if isinstance(value, str) and value:
            at = random.randrange(len(value))
            table[key] = random.choice([value[:at] + value[at + 1 :], f"{value}x", value.replace(".", "..")])
        case "double" if isinstance(table, list):
            table.append(copy.deepcopy(value))
        case "far" if type(value) in (int, Decimal):
            table[key] = random.choice([-value, value * 1000, value * 0])
        case "copied":
            table[key] = copy.deepcopy(other[there])
        case _:
            table[key] = copy.deepcopy(random.choice(ODD))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 100,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    name=st.sampled_from(sorted(PATHS)),
    mistakes=st.integers(1, 3),
    random=st.randoms(use_true_random=False),
)
def test_a_broken_form_makes_a_blank_or_is_refused_with_a_path(
    name: str, mistakes: int, random: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = copy.deepcopy(_written(name))
    for _ in range(mistakes):
        break_one(raw, random)
    try:
        form = read_form(raw, base)
        validate(form)
        write_blank(form, tmp_path_factory.getbasetemp() / "broken.xlsx", year=2024)
    except FormError as error:
        assert error.path
        assert str(error).startswith(error.path)


def changed(name: str, *keys: Any, value: Any) -> Toml:
    """Return a form with one thing in it changed; keys lead to it, sections and rows by their id."""
    raw = copy.deepcopy(_written(name))
    node: Any = raw
    for key in keys[:-1]:
        node = next(one for one in node if one["id"] == key) if isinstance(node, list) else node[key]
    node[keys[-1]] = value
    return raw


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            changed("project", "section", "indicators", "total_add", value={"score": ["funds.totl.score"]}),
            r"total_add\.score: 'funds\.totl\.score': section 'funds' has no row 'totl', did you mean 'to",
        ),
        (
            changed(
                "monitor",
                "section",
                "projects",
                "total_add",
                value={"adjusted_budget": ["indicators.total.target"]},
            ),
            r"total_add\.adjusted_budget: .* has no row 'total': it needs 'totals'",
        ),
        (
            changed(
                "anhui-department",
                "section",
                "indicators",
                "total_add",
                value={"score": ["tasks.total.name"]},
            ),
            r"total_add\.score: follows from 'tasks\.total\.name', and the blank has no such cell: the",
        ),
        (
            changed("project", "section", "funds", "row", "carryover", "defaults", value={"score": "5"}),
            r"row\[carryover\]: there is no field of this row 'score'",
        ),
        (
            changed("project", "section", "funds", "row", "total", "defaults", value={"max_score": "十"}),
            r"row\[total\]: the default of 'max_score' must be a number, not '十'",
        ),
        (
            changed("project", "section", "funds", "label_span", value=-1),
            "'label_span' must be at least 1, not -1",
        ),
        (changed("project", "sheet", value=[{"name": {}}]), r"sheet\[0\]: 'name' must be a text"),
    ],
)
def test_a_form_whose_cells_do_not_hold_together_is_refused(raw: Toml, message: str) -> None:
    with pytest.raises(FormError, match=message) as refused:
        read_form(raw, base)
    assert refused.value.path.startswith("form.")
