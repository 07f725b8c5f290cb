"""Whatever a clerk's hand does to the page, the answers stay, and what is not read is named cell by cell.

`HYPOTHESIS_PROFILE=deep pytest tests/test_alterations.py` searches with thousands of examples a form.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from alter import put_together
from alteration_table import CHANGED, page
from altered import ALTERATIONS, all_forms, altered, reader, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.submission.source import open_source

SEARCHING = os.environ.get("HYPOTHESIS_PROFILE", "") == "deep"
EXAMPLES = 3000 if SEARCHING else 40


@pytest.mark.parametrize("form", all_forms())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not SEARCHING,  # the same examples in every default run; the deep search is free
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    names=st.lists(st.sampled_from(sorted(ALTERATIONS)), min_size=1, max_size=6),
    random=st.randoms(use_true_random=False),
)
def test_alterations_change_no_answer_untold_and_every_cell_is_accounted_for(
    form: str, names: list[str], random: Random
) -> None:
    """In a search that finds what nobody thought of an answer may be lost, never without a word."""
    made = altered(form, names, random)
    assert made.result.submission is not None, (made.applied, made.result.issues)
    assert made.untold == {}, made.applied
    cells = made.result.cells
    assert cells.filled == made.filled == cells.labels + cells.answers + cells.notes + cells.unread
    assert made.none_passed_over, made.applied
    assert cells.unread == len(made.listed)
    if not SEARCHING:  # what every run draws loses nothing at all
        assert made.differing == {}, made.applied
        assert made.all_listed, made.applied


@pytest.mark.parametrize("form", all_forms())
def test_a_real_file_of_altered_pages_says_what_the_pages_say(form: str, tmp_path: Path) -> None:
    made = altered(form, sorted(ALTERATIONS)[::3], Random(form))
    read = reader().read(open_source(put_together(made.pages, tmp_path / "altered.xlsx")))
    assert values(read) == values(made.result)
    assert read.cells == made.result.cells


def test_the_page_of_alterations_is_what_the_alterations_give() -> None:
    committed = (Path(__file__).parent.parent / "docs" / "改动与读取.md").read_text(encoding="utf-8")
    assert page() == committed, "run scripts/make_alterations.py"
    assert CHANGED not in committed
