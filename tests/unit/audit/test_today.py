"""Counters by service follow the register in force: old ids are told under those of today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from services.audit.domain import Register
from services.audit.domain.counts import Dimension
from services.audit.domain.programmes import Audience, Plan
from services.audit.handlers.analyst import programmes_of, quality_of, times_of
from services.audit.handlers.asking import Asked
from services.audit.handlers.today import CountedToday
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.answers import SqlCounted
from tests.unit.audit.stories import NOON, decision, event

RENAMED = Register("v2", 2, 0, successors={"land": "plot", "field": "plot"})
PLAN = Plan(
    "plan",
    "somewhere",
    NOON.date() - timedelta(9),
    date(2030, 1, 1),
    [Audience("farmers", 9, ("land", "field"))],
)


@dataclass
class Registers:
    """The register, as it is in force."""

    known: Register

    def latest(self) -> Register:
        return self.known

    def of_version(self, version: str) -> Register | None:
        return self.known if self.known.version == version else None


@pytest.fixture
def registers() -> Registers:
    return Registers(RENAMED)


@pytest.fixture
def counted(analyst: SqlAnalyst, registers: Registers) -> CountedToday:
    """Give the counters of four cases, of which three were for what is one service today."""
    asked: Sequence[str] = ("land", "field", "plot", "visa")
    analyst.record(
        [
            event(
                f"c{number}",
                1,
                service_id=service,
                decision=decision(f"c{number}:1", service_id=service, ranking=((service, 0.9),)),
            )
            for number, service in enumerate(asked)
        ]
    )
    return CountedToday(SqlCounted(analyst.database), registers)


def test_quality_is_told_by_the_service_of_today(counted: CountedToday) -> None:
    """With all that was decided under the ids it had."""
    told = quality_of(Asked(), Dimension.SERVICE, counted=counted, now=lambda: NOON)

    assert [(row.key, row.decided_count) for row in told.rows] == [("plot", 3), ("visa", 1)]


def test_times_are_told_by_the_service_of_today(
    counted: CountedToday, registers: Registers
) -> None:
    """The same cases."""
    told = times_of(
        Asked(), Dimension.SERVICE, counted=counted, registers=registers, now=lambda: NOON
    )

    assert [(row.key, row.case_count) for row in told.rows] == [("plot", 3), ("visa", 1)]


def test_what_is_not_told_by_service_needs_no_register(
    counted: CountedToday, registers: Registers
) -> None:
    """A language that is called as an old service is none."""
    registers.known = replace(RENAMED, successors={"ru": "x", "kk": "x"})

    told = quality_of(Asked(), Dimension.LANGUAGE, counted=counted, now=lambda: NOON)

    assert "x" not in {row.key for row in told.rows}


def test_a_programme_keeps_its_requests_when_it_is_renamed(
    counted: CountedToday, registers: Registers
) -> None:
    """Also where two of a plan became one: each request counts once."""
    told = programmes_of(Asked(), plan=PLAN, counted=counted, registers=registers, now=lambda: NOON)

    assert [(row.services, row.request_count) for row in told.rows] == [(("plot",), 3)]
