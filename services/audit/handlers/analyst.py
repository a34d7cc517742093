"""What analysts ask: one function per call; each answer is added up from counters by day."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.audit.domain import Register
from services.audit.domain.counts import (
    OFFICE,
    BinCounts,
    Dimension,
    HandlingCounts,
    Histogram,
    QualityCounts,
)
from services.audit.domain.coverage import (
    BY,
    Offline,
    Series,
    chosen,
    groups_of,
    offline,
    series,
    service_points,
)
from services.audit.domain.demand import GroupBy, Interval, Period, Question, period
from services.audit.domain.drift import Drift, DriftAlarm, Samples, drift, together
from services.audit.domain.facts import day_of
from services.audit.domain.fairness import Fairness, added, fairness
from services.audit.domain.forecast import GOAL_DAYS, CoverageForecast, DayShare, forecast
from services.audit.domain.handling import ALL, CountBins, Times, times
from services.audit.domain.programmes import Plan, Programmes, programmes
from services.audit.domain.quality import Quality, quality
from services.audit.handlers.asking import Asked, this_day
from services.audit.handlers.stock import Past
from services.audit.ports import Analyst, Announce, Clock, Counted, Demands, Registers
from services.chassis.errors import InvalidError
from services.chassis.offices import agency_and_region
from services.chassis.workdays import day_from

RANKED = 100
MAX_RANKED = 1000
DRIFT_DAYS = 7
"""The usual days that are compared with the thirty before them."""
REFERENCE_DAYS = 30
QUALITY_BY = frozenset(Dimension) - {Dimension.AGENCY}
TIMES_BY = frozenset(Dimension) - {Dimension.MODEL}
LANGUAGES = ("kk", "ru", "en", "mixed")
FAIRNESS_BY = frozenset({Dimension.LANGUAGE, Dimension.REGION})
WITH_RELIABILITY = frozenset({Dimension.LANGUAGE, Dimension.MODEL})


def coverage_series(
    asked: Asked,
    by: GroupBy,
    interval: Interval = Interval.DAY,
    *,
    with_services: bool = False,
    demands: Demands,
    counted: Counted,
    registers: Registers,
    now: Clock,
) -> Series:
    """Tell the coverage by day, or a longer interval, and by group."""
    register = registers.latest()
    question = _question(asked, BY[by] | {"day"}, register, now)
    question = replace(question, groups=groups_of(register, by), interval=interval)
    past = Past(counted=counted, registers=registers, now=now)
    there = past.on(question.period.end, asked)
    told = series(demands.sums(question), by, register, there, question.period)
    if not with_services:
        return told
    return replace(told, services=service_points(past.over(question.period, asked), by))


def offline_services(
    asked: Asked,
    limit: int,
    *,
    demands: Demands,
    counted: Counted,
    registers: Registers,
    now: Clock,
) -> Offline:
    """Rank the services that were not online by how many asked for them."""
    if not 0 <= limit <= MAX_RANKED:
        raise InvalidError(f"between 1 and {MAX_RANKED}", field="page_size")
    register = registers.latest()
    question = _question(asked, frozenset({"service_id"}), register, now)
    past = Past(counted=counted, registers=registers, now=now)
    there = past.on(question.period.end, asked)
    found = demands.sums(question)
    return offline(found, register, there, question.period, limit or RANKED)


def _question(asked: Asked, by: frozenset[str], register: Register, now: Clock) -> Question:
    return Question(
        period=_period(asked, now),
        services=chosen(register, asked.service_id, asked.agency, asked.life_event),
        language=asked.language,
        region=asked.region,
        by=by,
    )


def coverage_forecast(
    as_of: str,
    goal: str,
    asked: Asked,
    *,
    demands: Demands,
    counted: Counted,
    now: Clock,
) -> CoverageForecast:
    """Tell when all is online, by demand and by services, as it looked on a day."""
    days = period(asked.start_date, as_of, this_day(now), ends="as_of_date")
    goal_day = day_from(goal, "goal_date") if goal else days.end + timedelta(GOAL_DAYS)
    if goal_day <= days.end:
        raise InvalidError("after the day as of which it is told", field="goal_date")
    question = Question(period=days, services=None, by=frozenset({"day"}))
    by_demand = [
        DayShare(date.fromisoformat(one.day), one.tally.online_case_count, one.tally.case_count)
        for one in demands.sums(question)
    ]
    told = [
        forecast("demand", by_demand, days.end, goal_day),
        forecast("services", counted.register_days(days), days.end, goal_day),
    ]
    return CoverageForecast(days, goal_day, told)


def quality_of(asked: Asked, by: Dimension, *, counted: Counted, now: Clock) -> Quality:
    """Tell how well the model does, by group and in all."""
    _refuse_others(by, QUALITY_BY)
    days = _period(asked, now)
    rows = counted.quality(days, by)
    total = rows if by is Dimension.NONE else counted.quality(days, Dimension.NONE)
    bins = dict(counted.bins(Histogram.RELIABILITY, days, Dimension.NONE))
    if by in WITH_RELIABILITY:
        told = counted.bins(Histogram.RELIABILITY, days, by)
        bins |= {key: one for key, one in told.items() if key}  # "" stands for all
    return quality(days, rows, added(total.values(), QualityCounts), bins)


def times_of(
    asked: Asked, by: Dimension, *, counted: Counted, registers: Registers, now: Clock
) -> Times:
    """Tell how long cases take, by group and in all; by service and by day without quantiles."""
    _refuse_others(by, TIMES_BY)
    days = _period(asked, now)
    total = added(counted.handling(days, Dimension.NONE).values(), HandlingCounts)
    answers = _times_bins(counted, Histogram.ANSWER, days, by, registers)
    completions = _times_bins(counted, Histogram.COMPLETION, days, by, registers)
    if by is Dimension.AGENCY:
        rows = by_agency(counted.handling(days, OFFICE), registers.latest())
    else:
        rows = counted.handling(days, by)
    return times(days, rows, total, answers, completions)


def fairness_of(asked: Asked, by: Dimension, *, counted: Counted, now: Clock) -> Fairness:
    """Hold each language or region against all others."""
    _refuse_others(by, FAIRNESS_BY)
    days = _period(asked, now)
    answers = {key: _counts(bins) for key, bins in counted.bins(Histogram.ANSWER, days, by).items()}
    return fairness(days, counted.quality(days, by), counted.handling(days, by), answers)


def drift_of(asked: Asked, reference: Asked, *, counted: Counted, now: Clock) -> Drift:
    """Compare days with those before them, by measures of texts and of the model's answers."""
    today = this_day(now)
    last = period("", asked.end_date, today).end
    usual = (last - timedelta(DRIFT_DAYS - 1)).isoformat()
    days = period(asked.start_date or usual, asked.end_date, today)
    before = days.start - timedelta(1)
    begin = (before - timedelta(REFERENCE_DAYS - 1)).isoformat()
    compared = period(
        reference.start_date or begin, reference.end_date or before.isoformat(), before
    )
    return drift(compared, days, list(_samples(counted, compared, days, asked.language)))


def programmes_of(
    asked: Asked, *, plan: Plan, counted: Counted, registers: Registers, now: Clock
) -> Programmes:
    """Hold requests for the programmes of a plan, and completions, against it."""
    plan = plan.under(registers.latest().today)
    last = period("", asked.end_date, this_day(now)).end
    first = day_from(asked.start_date, "start_date") if asked.start_date else plan.begin
    days = Period(min(first, last), last)
    return programmes(plan, days, counted.handling(days, Dimension.SERVICE))


def note_register(*, analyst: Analyst, registers: Registers, now: Clock) -> None:
    """Keep how many services are online today: the register itself tells of no other day."""
    analyst.note_register(day_of(now()), registers.latest())


def watch_drift(*, analyst: Analyst, counted: Counted, announce: Announce, now: Clock) -> None:
    """Ring once for each measure that drifted up to yesterday, in all and by language.

    All that is tested in a day is corrected together, lest one of many rings by chance.
    """
    yesterday = (this_day(now) - timedelta(1)).isoformat()
    languages = ("", *LANGUAGES)
    asked = [Asked(end_date=yesterday, language=language) for language in languages]
    told = together([drift_of(one, Asked(), counted=counted, now=now) for one in asked])
    alarms = [
        DriftAlarm(language, one.period, one.reference, row)
        for language, one in zip(languages, told, strict=True)
        for row in one.rows
        if row.is_alarm
    ]
    analyst.ring(alarms, announce, now())


def by_agency(
    found: Mapping[str, HandlingCounts], register: Register
) -> Mapping[str, HandlingCounts]:
    """Return the counters of offices added up to those of their agencies."""
    told: dict[str, list[HandlingCounts]] = {}
    for office, agency in agencies_of(found, register).items():
        told.setdefault(agency, []).append(found[office])
    return {agency: added(counts, HandlingCounts) for agency, counts in told.items()}


def agencies_of(offices: Iterable[str], register: Register) -> Mapping[str, str]:
    """Return the agency of each office; the office itself where the register knows none."""
    known = {one.agency for one in register.services}
    named = {office: agency_and_region(office)[0] for office in offices}
    return {office: agency if agency in known else office for office, agency in named.items()}


def _samples(counted: Counted, before: Period, now: Period, language: str) -> Iterable[Samples]:
    by = Dimension.LANGUAGE if language else Dimension.NONE
    for kind in (Histogram.LENGTH, Histogram.UNKNOWN, Histogram.SCORE):
        old, new = (
            _counts(counted.bins(kind, days, by).get(language, {})) for days in (before, now)
        )
        yield Samples(kind.value, old, new)
    if not language:
        yield _mix(
            counted.quality(before, Dimension.LANGUAGE), counted.quality(now, Dimension.LANGUAGE)
        )


def _mix(before: Mapping[str, QualityCounts], now: Mapping[str, QualityCounts]) -> Samples:
    kinds = sorted({*before, *now})
    old, new = (
        {place: told[kind].decided_count for place, kind in enumerate(kinds) if kind in told}
        for told in (before, now)
    )
    return Samples("language", old, new, is_ordered=False)


def _times_bins(
    counted: Counted, kind: Histogram, days: Period, by: Dimension, registers: Registers
) -> Mapping[str, CountBins]:
    told = {ALL: _counts(counted.bins(kind, days, Dimension.NONE).get("", {}))}
    if by is Dimension.NONE:
        return told | {"": told[ALL]}
    if by in (Dimension.LANGUAGE, Dimension.REGION):
        return told | {key: _counts(one) for key, one in counted.bins(kind, days, by).items()}
    if by is Dimension.AGENCY:
        offices = counted.bins(kind, days, OFFICE)
        for office, agency in agencies_of(offices, registers.latest()).items():
            told[agency] = _joined(told.get(agency, {}), _counts(offices[office]))
    return told


def _counts(bins: Mapping[int, BinCounts]) -> CountBins:
    return {number: counts.case_count for number, counts in bins.items()}


def _joined(one: CountBins, other: CountBins) -> CountBins:
    return {number: one.get(number, 0) + other.get(number, 0) for number in {*one, *other}}


def _refuse_others(by: Dimension, told: frozenset[Dimension]) -> None:
    if by not in told:
        names = ", ".join(sorted(one for one in told if one))
        raise InvalidError(f"one of {names}", field="group_by")


def _period(asked: Asked, now: Clock) -> Period:
    return period(asked.start_date, asked.end_date, this_day(now))
