"""What analysts are told of the coverage, by day and by what is missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.domain import Listed, Register, Tally
from services.audit.domain.coverage import (
    Stock,
    chosen,
    groups_of,
    offline,
    series,
    service_points,
    stock,
)
from services.audit.domain.demand import GroupBy, Period, Sum
from services.audit.handlers.asking import Asked
from services.audit.handlers.stock import MOST_CHANGES, Past
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.chassis.errors import ForbiddenError, InvalidError
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import message

Eventually = Callable[[Callable[[], object]], None]
DAYS = Period(date(2026, 3, 1), date(2026, 3, 2))
REGISTER = Register(
    "v1",
    4,
    2,
    [
        Listed("passport", "MIA", "identity", "online"),
        Listed("plot", "MA", "housing", "in-person"),
        Listed("permit", "MIA", "housing", "hybrid"),
        Listed("pension", "MLSP", "age", "online"),
    ],
)
NOW = Stock("2026-03-02", "v1", REGISTER.services)
CITIZEN = Principal("citizen", Role.CITIZEN)


def cases(service: str, count: int, online: int = 0, day: str = "2026-03-01") -> Sum:
    return Sum(day, service, "", "", Tally(count, online))


def test_services_are_grouped_by_their_agency() -> None:
    """Each day has its groups, in order; a service of no catalogue has no agency."""
    found = [cases("passport", 3, 3), cases("permit", 1), cases("gone", 2)]

    points = series(found, GroupBy.AGENCY, REGISTER, NOW, DAYS).points

    assert [(one.key, one.case_count, one.online_case_share) for one in points] == [
        ("", 2, 0.0),
        ("MIA", 4, 0.75),
    ]


def test_totals_tell_the_share_of_services_too() -> None:
    """Days are added up; a group nobody asked for is told with its services."""
    found = [cases("passport", 3, 3), cases("plot", 1, day="2026-03-02")]

    totals = series(found, GroupBy.LIFE_EVENT, REGISTER, NOW, DAYS).totals

    told = {one.key: (one.case_count, one.online_service_share) for one in totals}
    assert told == {"age": (0, 1.0), "housing": (1, 0.0), "identity": (3, 1.0)}


def test_languages_have_no_services() -> None:
    """A service is not of one language, so none is counted with it."""
    found = [Sum("2026-03-01", "", "kk", "", Tally(2, 1))]

    (total,) = series(found, GroupBy.LANGUAGE, REGISTER, NOW, DAYS).totals

    assert (total.key, total.online_case_share, total.service_count) == ("kk", 0.5, 0)


def test_filters_choose_services() -> None:
    """Both an agency and a life event leave what is of both."""
    assert chosen(REGISTER, "", "", "") is None
    assert chosen(REGISTER, "plot", "", "") == {"plot"}
    assert chosen(REGISTER, "", "MIA", "") == {"passport", "permit"}
    assert chosen(REGISTER, "", "MIA", "housing") == {"permit"}
    assert chosen(REGISTER, "plot", "MIA", "") == set()


def test_services_not_online_are_ranked_by_demand() -> None:
    """Most asked for first, also those nobody asked for, and never one that is online."""
    told = offline([cases("passport", 9, 9), cases("permit", 1)], REGISTER, NOW, DAYS, 10)

    assert [(one.rank, one.service_id, one.case_count) for one in told.services] == [
        (1, "permit", 1),
        (2, "plot", 0),
    ]
    assert told.services[0].demand_share == 0.1


def test_the_ranking_tells_how_far_it_leads() -> None:
    """With the services so far online as well, all cases would be."""
    found = [cases("passport", 5, 5), cases("plot", 3), cases("permit", 2)]

    told = offline(found, REGISTER, NOW, DAYS, 10).services

    assert [one.online_case_share_then for one in told] == [0.8, 1.0]


def test_a_short_ranking_tells_how_long_it_would_be() -> None:
    """The services left out are counted."""
    told = offline([], REGISTER, NOW, DAYS, 1)

    assert (len(told.services), told.offline_service_count) == (1, 2)


RENAMED = replace(REGISTER, successors={"land": "plot", "field": "plot", "visa": "passport"})


def test_a_service_keeps_the_demand_of_the_ids_it_had() -> None:
    """Renamed or merged, it is ranked by all that was asked of it."""
    found = [cases("land", 5), cases("field", 2), cases("plot", 1), cases("permit", 3)]

    told = offline(found, RENAMED, NOW, DAYS, 10).services

    assert [(one.service_id, one.case_count) for one in told] == [("plot", 8), ("permit", 3)]
    assert told[-1].online_case_share_then == 1.0


def test_ids_that_stopped_are_in_the_groups_of_their_successors() -> None:
    """Agencies keep their demand."""
    points = series([cases("land", 3)], GroupBy.AGENCY, RENAMED, NOW, DAYS).points

    assert [(one.key, one.case_count) for one in points] == [("MA", 3)]
    assert groups_of(RENAMED, GroupBy.AGENCY)["visa"] == "MIA"


@pytest.mark.parametrize("asked", ["plot", "land"])
def test_a_filter_takes_the_ids_a_service_had(asked: str) -> None:
    """Whether it is asked for by the id of today or an old one."""
    assert chosen(RENAMED, asked, "", "") == {"plot", "land", "field"}
    assert chosen(RENAMED, asked, "MA", "") == {"plot", "land", "field"}
    assert chosen(RENAMED, "", "MIA", "identity") == {"passport", "visa"}


ONCE = replace(
    REGISTER,
    version="v0",
    online_service_count=1,
    services=[
        Listed("visa", "MFA", "identity", "in-person"),
        Listed("land", "MA", "housing", "in-person"),
        Listed("pension", "MLSP", "age", "online"),
    ],
)


def then(**more: str) -> Stock:
    return stock(
        ONCE, "2026-03-01", RENAMED, **{"service_id": "", "agency": "", "life_event": ""} | more
    )


def test_services_are_counted_as_they_were() -> None:
    """What went online since was not online, and what came since was not there."""
    told = series([cases("visa", 2)], GroupBy.LIFE_EVENT, RENAMED, then(), DAYS)

    shares = {one.key: (one.online_service_count, one.service_count) for one in told.totals}
    assert shares == {"age": (1, 1), "housing": (0, 1), "identity": (0, 1)}
    assert (told.register_date, told.register_version) == ("2026-03-01", "v0")
    assert told.catalogue_version == "v1"


def test_what_went_online_since_is_on_the_list_of_then() -> None:
    """Under the id it had, with what was asked of it under that and later ones."""
    found = [cases("visa", 5), cases("passport", 2, 2), cases("plot", 1), cases("pension", 2, 2)]

    told = offline(found, RENAMED, then(), DAYS, 10)

    ranked = [(one.service_id, one.channel, one.case_count) for one in told.services]
    assert ranked == [("visa", "in-person", 7), ("land", "in-person", 1)]
    assert told.services[-1].online_case_share_then == 1.0
    assert (told.catalogue_version, told.register_date) == ("v0", "2026-03-01")


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"service_id": "passport"}, ["visa"]),
        ({"service_id": "land"}, ["land"]),
        ({"agency": "MFA"}, ["visa"]),
        ({"agency": "MIA"}, []),
        ({"life_event": "housing"}, ["land"]),
    ],
)
def test_filters_choose_among_the_services_of_then(asked: dict[str, str], ids: list[str]) -> None:
    """A service by any id it ever had; an agency by what it had then."""
    assert [one.id for one in then(**asked).services] == ids


@dataclass
class Registers:
    """The register in force, and those that are kept."""

    known: Register
    kept: Sequence[Register]

    def latest(self) -> Register:
        return self.known

    def of_version(self, version: str) -> Register | None:
        return next((one for one in self.kept if one.version == version), None)


def past(analyst: SqlAnalyst) -> Past:
    """Return the registers up to the tenth of March."""
    registers = Registers(LATEST, [ONCE, REGISTER, LATEST])
    counted = SqlCounted(analyst.database)
    return Past(
        counted=counted, registers=registers, now=lambda: datetime(2026, 3, 10, 12, tzinfo=UTC)
    )


LATEST = replace(REGISTER, version="v2", services=REGISTER.services[:2])


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-02-27", ("2026-03-01", "v0")),
        ("2026-03-01", ("2026-03-01", "v0")),
        ("2026-03-04", ("2026-03-01", "v0")),
        ("2026-03-05", ("2026-03-05", "v1")),
        ("2026-03-09", ("2026-03-10", "v2")),
        ("2026-03-10", ("2026-03-10", "v2")),
        ("2026-03-11", ("2026-03-10", "v2")),
    ],
    ids=["before all", "noted", "since", "changed", "not kept", "today", "tomorrow"],
)
def test_a_day_has_the_register_that_was_in_force(
    analyst: SqlAnalyst, day: str, told: tuple[str, str]
) -> None:
    """As noted on it or last before it; of today, and where none is kept, as it is."""
    for noted, version in (("2026-03-01", "v0"), ("2026-03-05", "v1"), ("2026-03-08", "lost")):
        analyst.note_register(noted, replace(REGISTER, version=version))

    found = past(analyst).on(date.fromisoformat(day), Asked())

    assert (found.date, found.version) == told


@pytest.mark.parametrize(
    ("first", "last", "points"),
    [
        (1, 10, [("03-01", 1, 3), ("03-05", 2, 4), ("03-10", 1, 2)]),
        (3, 9, [("03-03", 1, 3), ("03-05", 2, 4)]),
        (6, 9, [("03-06", 2, 4)]),
    ],
)
def test_the_services_are_told_from_day_to_day(
    analyst: SqlAnalyst, first: int, last: int, points: list[tuple[str, int, int]]
) -> None:
    """On the first day, and whenever it changed, up to today."""
    for day, version in ((1, "v0"), (2, "v0"), (5, "v1"), (6, "v1")):
        analyst.note_register(f"2026-03-{day:02}", replace(REGISTER, version=version))
    days = Period(date(2026, 3, first), date(2026, 3, last))

    found = service_points(past(analyst).over(days, Asked()), GroupBy.NONE)

    assert [(one.day[5:], one.online_service_count, one.service_count) for one in found] == points


def test_only_groups_whose_numbers_changed_are_told_again() -> None:
    """Also those that have no service any more."""
    stocks = [then(), replace(NOW, date="2026-03-05"), replace(NOW, date="2026-03-06")]

    found = service_points(stocks, GroupBy.AGENCY)

    told = [(one.day[8:], one.key, one.online_service_share) for one in found]
    assert told[:3] == [("01", "MA", 0.0), ("01", "MFA", 0.0), ("01", "MLSP", 1.0)]
    assert told[3:] == [("05", "MFA", 0.0), ("05", "MIA", 0.5)]
    assert service_points(stocks, GroupBy.LANGUAGE) == []


def test_one_answer_tells_of_so_many_registers(analyst: SqlAnalyst) -> None:
    """Each may have to be asked for; fewer days have fewer."""
    for day in range(MOST_CHANGES + 1):
        noted = date(2026, 1, 1) + timedelta(day)
        analyst.note_register(noted.isoformat(), replace(REGISTER, version=str(day)))

    with pytest.raises(InvalidError) as refusal:
        past(analyst).over(Period(date(2026, 1, 1), date(2026, 3, 1)), Asked())

    assert refusal.value.field == "start_date"


def ask(analysts: Analysts, **more: object) -> pb.GetCoverageSeriesResponse:
    request = pb.GetCoverageSeriesRequest(start_date="2026-03-01", end_date="2026-03-31", **more)
    return analysts.call("GetCoverageSeries", request)


def test_the_series_comes_to_what_the_coverage_says(
    analysts: Analysts, eventually: Eventually
) -> None:
    """Two ways to count the same cases."""
    analysts.tell(message("c1", 1), message("c2", 1, channel="in-person"), message("c3", 1))
    eventually(lambda: analysts.coverage().routed_case_count == 3)
    eventually(lambda: sum(one.case_count for one in ask(analysts).points) == 3)

    told = ask(analysts, group_by=pb.COVERAGE_GROUP_AGENCY)

    (point,) = told.points
    assert (point.day, point.key, point.case_count) == ("2026-03-01", "MIA", 3)
    assert point.online_case_share == analysts.coverage().online_case_share
    assert sum(one.service_count for one in told.totals) == analysts.coverage().service_count


def test_services_are_told_where_that_is_asked_for(analysts: Analysts) -> None:
    """Today's are those of the catalog."""
    request = pb.GetCoverageSeriesRequest(with_services=True)

    (point,) = analysts.call("GetCoverageSeries", request).services

    assert point.online_service_count == analysts.coverage().online_service_count
    assert not ask(analysts).services


def test_the_most_wanted_service_is_told_first(analysts: Analysts, eventually: Eventually) -> None:
    """Ranked by cases, by the register of the catalog."""
    request = pb.ListOfflineServicesRequest(start_date="2026-03-01", end_date="2026-03-31")
    last = analysts.call("ListOfflineServices", request).services[-1].service_id
    analysts.tell(message("c1", 1, service_id=last, channel="in-person"))
    eventually(lambda: analysts.call("ListOfflineServices", request).case_count == 1)

    told = analysts.call("ListOfflineServices", request)

    assert (told.services[0].service_id, told.services[0].case_count) == (last, 1)
    assert told.services[0].online_case_share_then == 1.0


@pytest.mark.parametrize("size", [-1, 1001])
def test_a_ranking_has_an_end(analysts: Analysts, size: int) -> None:
    """At most a thousand services are told at once."""
    with pytest.raises(InvalidError) as refusal:
        analysts.call("ListOfflineServices", pb.ListOfflineServicesRequest(page_size=size))

    assert refusal.value.field == "page_size"


def test_the_series_is_for_analysts(analysts: Analysts) -> None:
    """A citizen may see the coverage as a whole only."""
    with pytest.raises(ForbiddenError):
        analysts.call("GetCoverageSeries", pb.GetCoverageSeriesRequest(), CITIZEN)
