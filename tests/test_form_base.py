"""A form on the ground of another: the judging is taken over, the page is its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from filling import FORMS

from toolkit.checks.rules import validate
from toolkit.collection import load_forms
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.form.toml_table import FormError

PROJECT = load_form(FORMS / "project.toml")
OWN = """
id = "own"
version = "1"
title = "本地项目自评表"
base = "project"
"""
PAGE = (FORMS / "project.toml").read_text(encoding="utf-8").partition("[summary]")[2].partition("[[rule]]")[0]


def written(folder: Path, text: str, page: str = PAGE) -> Form:
    path = folder / "own.toml"
    path.write_text(f"{OWN}{text}\n[summary]{page}", encoding="utf-8")
    return load_form(path, {"project": FORMS / "project.toml"})


def test_a_form_takes_scoring_grades_synonyms_and_rules_from_its_base(tmp_path: Path) -> None:
    form = written(tmp_path, "")
    validate(form)
    assert (form.scoring, form.grades, form.rules) == (PROJECT.scoring, PROJECT.grades, PROJECT.rules)
    assert form.sections == PROJECT.sections
    assert form.entity == "department"  # what stands at the top of a file is never taken over


def test_a_form_changes_single_keys_of_a_rule_and_leaves_others_out(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        """
        without = ["signed", "grade"]
        [scoring]
        reverse = "ratio"
        [[grade]]
        name = "合格"
        min = 60
        [[rule]]
        id = "low-execution"
        limit = 0.8
        [[rule]]
        id = "mine"
        check = "weighted"
        code = "C03"
        of = "funds.*.max_score"
        """,
    )
    validate(form)
    rules, theirs = ({rule.id: rule for rule in one.rules} for one in (form, PROJECT))
    assert set(theirs) - set(rules) == {"signed", "grade"}
    assert form.rules[-1].id == "mine"
    assert float(rules["low-execution"].params["limit"]) == 0.8
    assert rules["low-execution"].params["reason"] == theirs["low-execution"].params["reason"]
    assert (form.scoring.reverse, form.scoring.bands) == ("ratio", PROJECT.scoring.bands)
    assert [grade.name for grade in form.grades] == ["合格"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('without = ["sined"]', "form.without: 'project' has no rule 'sined', did you mean 'signed'?"),
        ('[[rule]]\nid = "mine"\ncode = "C03"', r"form.rule\[mine\]: 'check' is missing"),
        ("[scoring]\nrevers = 1", "form.scoring: unknown key 'revers', did you mean 'reverse'?"),
    ],
)
def test_a_mistake_on_top_of_a_base_is_refused_with_its_path(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormError, match=message):
        written(tmp_path, text)


def test_an_unknown_base_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace('"project"', '"projct"'), encoding="utf-8")
    with pytest.raises(FormError, match="form: there is no form 'projct' to be its base, did you mean 'pro"):
        load_form(path, {"project": FORMS / "project.toml"})


def test_a_circle_of_bases_is_refused(tmp_path: Path) -> None:
    for name, base in (("one", "two"), ("two", "one")):
        text = f'id = "{name}"\nversion = "1"\ntitle = "表"\nbase = "{base}"'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match="is built on this form itself"):
        load_form(tmp_path / "one.toml")


def test_a_rule_of_the_base_that_fits_no_longer_is_refused_with_the_cure(tmp_path: Path) -> None:
    form = written(tmp_path, "", PAGE.replace('id = "leader"', 'id = "head"'))
    with pytest.raises(FormError, match=r"no field 'leader'.*left out with without = \[\"signed\"\]"):
        validate(form)


def test_a_collection_bases_its_own_form_on_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "templates" / "forms").mkdir(parents=True)
    written(tmp_path / "templates" / "forms", "")
    assert load_forms(tmp_path, ("own",))[0].rules == PROJECT.rules
