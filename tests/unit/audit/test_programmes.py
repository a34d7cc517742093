"""Programmes of the AI plan, beside the plan."""

from datetime import date
from pathlib import Path

import pytest

from services.audit.domain.counts import HandlingCounts
from services.audit.domain.demand import Period
from services.audit.domain.programmes import Audience, Plan, programmes
from services.audit.store.plans import PlanError, read_plan
from services.catalog.store import bundled_folder, read_folder

PLAN = Plan(
    "plan",
    "somewhere",
    date(2026, 1, 1),
    date(2030, 1, 1),
    [Audience("pupils", 1000, ("a", "b")), Audience("others", 10, ("c",))],
)
DAYS = Period(date(2026, 1, 1), date(2027, 1, 1))


def test_requests_and_completions_are_added_up_by_audience() -> None:
    """Over all services that reach it; a service nobody asked for adds nothing."""
    found = {"a": HandlingCounts(case_count=5, completed_count=3), "b": HandlingCounts(7)}

    told = programmes(PLAN, DAYS, found)

    assert [(row.request_count, row.completed_count) for row in told.rows] == [(12, 3), (0, 0)]
    assert (told.total.request_count, told.total.target_count) == (12, 1010)


def test_the_plan_says_where_it_should_be_by_now() -> None:
    """A quarter of the time is a quarter of the people."""
    told = programmes(PLAN, DAYS, {})

    assert told.rows[0].expected_count == 250


def test_more_than_planned_is_all_of_the_plan() -> None:
    """A share is never above 1."""
    told = programmes(PLAN, DAYS, {"c": HandlingCounts(case_count=20, completed_count=20)})

    assert told.rows[1].completed.value == 1.0


def test_the_bundled_plan_wants_a_million() -> None:
    """By audience, with a source, and by services that are in the bundled catalogue."""
    plan = read_plan(None)

    assert {one.name: one.target for one in plan.audiences} == {
        "pupils": 500_000,
        "students": 300_000,
        "civil-servants": 90_000,
        "entrepreneurs": 80_000,
        "others": 30_000,
    }
    known = {service.id for service in read_folder(bundled_folder()).services}
    assert {service for one in plan.audiences for service in one.services} <= known
    assert plan.source


@pytest.mark.parametrize(
    "text",
    [
        "format = 2",
        "format = 1",
        'format = 1\nname = "x"\nsource = "y"\nbegin = 2026-01-01\nend = 2025-01-01\naudience = []',
        'format = 1\nname = "x"\nsource = "y"\nbegin = 2025-01-01\nend = 2026-01-01\naudience = []',
        "no table",
    ],
)
def test_a_plan_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """With the setting that names it."""
    file = tmp_path / "plan.toml"
    file.write_text(text)

    with pytest.raises(PlanError, match="QYZMET_AUDIT__PROGRAMMES"):
        read_plan(file)
