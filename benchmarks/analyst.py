"""What analysts ask, answered from the counters of many cases: how long it takes.

Cases come in the order of their days, as they would; a part of them is returned or done later.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from deploy.cli.assembly import settled
from deploy.cli.terminal import progress
from services.audit import app
from services.audit.clients import from_proto
from services.audit.domain import CaseEvent, Decision, Register
from services.audit.domain.counts import Dimension
from services.audit.domain.demand import GroupBy, Interval
from services.audit.handlers import analyst
from services.audit.handlers.asking import Asked
from services.audit.handlers.finding import Wanted, find_decisions
from services.audit.handlers.today import CountedToday
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.audit.store.demand import SqlDemand
from services.audit.store.finding import SqlFound
from services.audit.store.ledger import decision_row
from services.audit.store.plans import read_plan
from services.audit.store.tables import decisions_table
from services.catalog.rpc import to_proto
from services.catalog.store import bundled_folder, read_folder
from services.chassis import sql
from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.errors import DeadlineError

DAYS = 365
BEGIN = date(2026, 1, 1)
END = BEGIN + timedelta(DAYS - 1)
BATCH = 5000
ROUNDS = 20
YEAR = Asked(
    start_date=(BEGIN + timedelta(1)).isoformat(), end_date=(END - timedelta(1)).isoformat()
)
"""The dearest year: months that are nearly whole at both ends are read day by day."""
TOLD = b'{"probability":0.9,"alternatives":"%s"}' % (b"-" * 700)
"""As long as what a decision tells of itself."""
LANGUAGES = ("kk", "ru", "en", "mixed")
REGIONS = tuple(f"{number:02d}" for number in range(10, 30))


def questions(folder: Path, cases: int) -> dict[str, Any]:
    """Return how long each question takes, over a year of so many cases."""
    settings = Settings(data_dir=folder, database="sqlite")  # type: ignore[arg-type]
    folder.mkdir(parents=True)
    with closing(open_database(settings, "audit", app.MIGRATIONS)) as database:
        register = from_proto(to_proto(read_folder(bundled_folder())))
        rate = grow(database, register, cases, with_decisions=True)
        asked = _asked(database, register)
        with settled():
            took = {name: _p95(_times(ask)) for name, ask in asked.items()}
        return {"cases": cases, "events_per_second": rate, "p95_milliseconds": took}


def fill(folder: Path, cases: int) -> None:
    """Let the audit of a system that stands still count so many cases of the year up to today."""
    settings = Settings(data_dir=folder, database="sqlite")  # type: ignore[arg-type]
    with closing(open_database(settings, "audit", app.MIGRATIONS)) as database:
        register = from_proto(to_proto(read_folder(bundled_folder())))
        grow(database, register, cases, datetime.now(UTC).date() - timedelta(DAYS - 1))


def _p95(seconds: Sequence[float]) -> float:
    return round(sorted(seconds)[math.ceil(len(seconds) * 0.95) - 1] * 1000, 1)


def _times(ask: Callable[[], object]) -> Sequence[float]:
    took = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begin)
    return took


def _asked(database: Database, register: Register) -> Mapping[str, Callable[[], object]]:
    """Return every question of the dashboard, each in all ways it can be grouped."""

    class Registers:
        def latest(self) -> Register:
            return register

        def of_version(self, version: str) -> Register | None:
            return register

    demands, counted = SqlDemand(database), CountedToday(SqlCounted(database), Registers())

    known: dict[str, Any] = {"registers": Registers(), "now": _now}
    series = partial(analyst.coverage_series, demands=demands, counted=counted, **known)
    told: dict[str, Callable[[], object]] = {
        f"coverage by {by or 'day'}": partial(series, YEAR, by) for by in GroupBy
    }
    # As the page asks; by day it is a table for whoever downloads it.
    for by in (GroupBy.AGENCY, GroupBy.LIFE_EVENT, GroupBy.REGION):
        told[f"coverage by {by}, by week"] = partial(series, YEAR, by, Interval.WEEK)
    narrow = Asked(start_date=YEAR.start_date, end_date=YEAR.end_date, language="kk", region="19")
    told["coverage of a region by agency"] = partial(series, narrow, GroupBy.AGENCY)
    told["services not online"] = partial(
        analyst.offline_services, YEAR, 100, demands=demands, counted=counted, **known
    )
    told["forecast"] = partial(
        analyst.coverage_forecast,
        END.isoformat(),
        "",
        YEAR,
        demands=demands,
        counted=counted,
        now=_now,
    )
    for by in sorted(analyst.QUALITY_BY):
        told[f"quality by {by or 'nothing'}"] = partial(
            analyst.quality_of, YEAR, by, counted=counted, now=_now
        )
    for by in sorted(analyst.TIMES_BY):
        told[f"times by {by or 'nothing'}"] = partial(
            analyst.times_of, YEAR, by, counted=counted, **known
        )
    for by in (Dimension.LANGUAGE, Dimension.REGION):
        told[f"fairness by {by}"] = partial(
            analyst.fairness_of, YEAR, by, counted=counted, now=_now
        )
    told["drift"] = partial(
        analyst.drift_of, Asked(end_date=END.isoformat()), Asked(), counted=counted, now=_now
    )
    for name, wanted in {
        "all": {},
        "service": {"service_id": register.services[-1].id},
        "an outcome of none": {"outcome": "triage"},
        "a language of none": {"language": "xx"},
        "a model of none": {"model": "f"},
    }.items():
        asked = Wanted(start_date=YEAR.start_date, end_date=YEAR.end_date, **wanted)
        told[f"decisions by {name}"] = partial(
            find_decisions, asked, found=SqlFound(database), now=_now
        )
    told["programmes"] = partial(
        analyst.programmes_of, YEAR, plan=read_plan(None), counted=counted, **known
    )
    return told


def _now() -> datetime:
    return datetime(END.year, END.month, END.day, 12, tzinfo=UTC)


def grow(
    database: Database,
    register: Register,
    cases: int,
    begin: date = BEGIN,
    *,
    with_decisions: bool = False,
) -> int:
    """Tell of so many cases in a year; return how many events a second were followed."""
    store, chance, told = SqlAnalyst(database), random.Random(2), 0
    spent = 0.0
    with progress("growing") as advance:
        for first in range(0, cases, BATCH):
            numbers = range(first, min(cases, first + BATCH))
            days = (begin + timedelta(number * DAYS // cases) for number in numbers)
            told_of = zip(numbers, days, strict=True)
            events = [one for n, day in told_of for one in _events(n, day, register, chance)]
            started = time.perf_counter()
            _record(store, events)
            spent += time.perf_counter() - started
            told += len(events)
            if with_decisions:
                _keep_decisions(database, events)
            advance("cases", first + len(numbers), cases)
    return round(told / spent)


def _record(store: SqlAnalyst, events: Sequence[CaseEvent]) -> None:
    """Record events, again where a busy machine was not done in time: they take effect once."""
    while True:
        try:
            return store.record(events)
        except DeadlineError:
            continue


def _keep_decisions(database: Database, events: Sequence[CaseEvent]) -> None:
    """Keep decisions to be looked for, without their records in the log."""
    rows = [decision_row(event, event.decision) for event in events if event.decision]
    database.change(lambda connection: sql.add(connection, decisions_table, rows), seconds=60.0)


def _events(
    number: int, day: date, register: Register, chance: random.Random
) -> Iterator[CaseEvent]:
    # A few services have most of the cases, as everywhere.
    listed = register.services[int(len(register.services) * chance.random() ** 2)]
    submitted = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=chance.randrange(60_000)
    )
    values: dict[str, Any] = {
        "case_id": f"019a1b2c-3d4e-7f50-8a61-{number:012x}",
        "service_id": listed.id,
        "office": listed.agency,
        "channel": listed.channel,
        "submit_time": submitted,
        "language": chance.choices(LANGUAGES, (40, 45, 5, 10))[0],
        "region": chance.choice(REGIONS),
    }
    yield CaseEvent(
        type="kz.qyzmet.case.routed.v1",
        case_version=1,
        state="routed",
        event_time=submitted,
        decision=_decision(values, chance),
        **values,
    )
    if not number % 4:
        yield CaseEvent(
            type="kz.qyzmet.case.completed.v1",
            case_version=2,
            state="completed",
            event_time=submitted + timedelta(minutes=chance.lognormvariate(6, 1)),
            **values,
        )


def _decision(values: Mapping[str, Any], chance: random.Random) -> Decision:
    return Decision(
        id=f"{values['case_id']}:1",
        outcome="route",
        actor="model",
        service_id=values["service_id"],
        office=values["office"],
        channel=values["channel"],
        model=f"{chance.randrange(4)}" * 64,
        catalogue_version="6" * 64,
        policy_version="7" * 64,
        reason_code="CONFIDENT",
        decide_time=values["submit_time"],
        told=TOLD,
        language=values["language"],
        ranking=((values["service_id"], 1 - chance.random() ** 2 / 2),),
        text_length=int(chance.lognormvariate(4.5, 0.6)) + 1,
        unknown_share=chance.random() ** 3,
    )
