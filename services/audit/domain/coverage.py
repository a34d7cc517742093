"""What analysts are told of the coverage by online services: by day, in all, what is missing.

Cases are grouped as the register in force groups services. Services are counted as they were on
the last day that is asked for: what went online since was not online then.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from services.audit.domain.counting import ONLINE, Listed, Register, Tally, share
from services.audit.domain.demand import GroupBy, Period, Sum

K = TypeVar("K")

BY = {
    GroupBy.NONE: frozenset[str](),
    GroupBy.AGENCY: frozenset({"service_id"}),
    GroupBy.LIFE_EVENT: frozenset({"service_id"}),
    GroupBy.LANGUAGE: frozenset({"language"}),
    GroupBy.REGION: frozenset({"region"}),
}
"""What the cells must be told by, so that they can be grouped."""


class Point(NamedTuple):
    """The demand of one group on one day; fields as in audit.proto."""

    day: str
    key: str
    case_count: int
    online_case_count: int

    @property
    def online_case_share(self) -> float:
        """Return the share of cases that online services handle."""
        return share(self.online_case_count, self.case_count)


@dataclass(frozen=True, slots=True)
class Total:
    """The demand of one group over all days, and its services as they were on the last."""

    key: str
    case_count: int
    online_case_count: int
    service_count: int
    online_service_count: int

    @property
    def online_case_share(self) -> float:
        """Return the share of cases that online services handle."""
        return share(self.online_case_count, self.case_count)

    @property
    def online_service_share(self) -> float:
        """Return the share of services that are online."""
        return share(self.online_service_count, self.service_count)


class ServicePoint(NamedTuple):
    """The services of one group from a day on; fields as in audit.proto."""

    day: str
    key: str
    service_count: int
    online_service_count: int

    @property
    def online_service_share(self) -> float:
        """Return the share of services that are online."""
        return share(self.online_service_count, self.service_count)


@dataclass(frozen=True, slots=True)
class Series:
    """The coverage by day and group."""

    period: Period
    points: Sequence[Point]
    totals: Sequence[Total]
    catalogue_version: str
    register_date: str
    register_version: str
    services: Sequence[ServicePoint] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A service that is not online, and how many asked for it; fields as in audit.proto."""

    rank: int
    service_id: str
    agency: str
    life_event: str
    channel: str
    case_count: int
    demand_share: float
    online_case_share_then: float


@dataclass(frozen=True, slots=True)
class Offline:
    """The services that are not online, most asked for first."""

    period: Period
    total: Tally
    services: Sequence[Missing]
    offline_service_count: int
    catalogue_version: str
    register_date: str


class Noted(NamedTuple):
    """Which version of the register was in force on a day."""

    day: str
    version: str


@dataclass(frozen=True, slots=True)
class Stock:
    """The services that are counted, as they were on a day."""

    date: str
    version: str
    services: Sequence[Listed]


def stock(
    then: Register, date: str, now: Register, *, service_id: str, agency: str, life_event: str
) -> Stock:
    """Return the services that filters leave of a register of the past, by the ids of then."""
    wanted = now.ids_of({now.today(service_id)}) if service_id else None
    return Stock(date, then.version, _left(then, wanted, agency, life_event))


def _left(
    register: Register, wanted: Collection[str] | None, agency: str, life_event: str
) -> Sequence[Listed]:
    """Return the services that filters leave; None and empty leave all."""
    return [
        one
        for one in register.services
        if agency in ("", one.agency)
        and life_event in ("", one.life_event)
        and (wanted is None or one.id in wanted)
    ]


def chosen(
    register: Register, service_id: str, agency: str, life_event: str
) -> Collection[str] | None:
    """Return the services that filters leave, by all ids they had; None without a filter."""
    service_id = register.today(service_id)
    if not agency and not life_event:
        return register.ids_of({service_id}) if service_id else None
    wanted = {service_id} if service_id else None
    return register.ids_of({one.id for one in _left(register, wanted, agency, life_event)})


def groups_of(register: Register, by: GroupBy) -> Mapping[str, str] | None:
    """Return the group of each service, where groups are told by services."""
    if by not in (GroupBy.AGENCY, GroupBy.LIFE_EVENT):
        return None
    return {id_: _group(one, by) for id_, one in _listed(register).items()}


def series(
    found: Iterable[Sum],
    by: GroupBy,
    register: Register,
    there: Stock,
    period: Period,
) -> Series:
    """Put the sums of days into groups."""
    listed = _listed(register)
    points: dict[tuple[str, str], Tally] = {}
    for one in found:
        _add(points, (one.day, _key(one, by, listed)), one.tally)
    told = [
        Point(day, key, tally.case_count, tally.online_case_count)
        for (day, key), tally in sorted(points.items())
    ]
    totals = _totals(points, by, there)
    return Series(period, told, totals, register.version, there.date, there.version)


def offline(
    found: Iterable[Sum], register: Register, there: Stock, period: Period, limit: int
) -> Offline:
    """Rank the services that were not online by how many asked for them."""
    named = _named(there, register)
    asked: dict[str, Tally] = {}
    for one in found:
        _add(asked, named(one.service_id), one.tally)
    total = sum(asked.values(), start=Tally())
    absent = [listed for listed in there.services if listed.channel != ONLINE]
    absent.sort(key=lambda listed: (-asked.get(listed.id, Tally()).case_count, listed.id))
    ranked = []
    online = total.online_case_count
    for rank, listed in enumerate(absent[:limit], 1):
        tally = asked.get(listed.id, Tally())
        online += tally.case_count - tally.online_case_count
        ranked.append(_missing(rank, listed, tally, total, online))
    return Offline(period, total, ranked, len(absent), there.version, there.date)


def _named(there: Stock, register: Register) -> Callable[[str], str]:
    """Return what a service of any id was called then, where it was there."""
    ids = {one.id for one in there.services}
    by_today = {register.today(id_): id_ for id_ in ids}

    def named(service_id: str) -> str:
        today = register.today(service_id)
        return service_id if service_id in ids else by_today.get(today, today)

    return named


def service_points(stocks: Iterable[Stock], by: GroupBy) -> Sequence[ServicePoint]:
    """Tell the services of each group on the first day, and whenever their numbers changed."""
    told: list[ServicePoint] = []
    known: Mapping[str, Tally] = {}
    for there in stocks:
        now = _held(there, by)
        changed = (key for key in sorted({*known, *now}) if known.get(key) != now.get(key))
        for key in changed:
            tally = now.get(key, Tally())
            point = ServicePoint(there.date, key, tally.case_count, tally.online_case_count)
            told.append(point)
        known = now
    return told


def _held(there: Stock, by: GroupBy) -> Mapping[str, Tally]:
    """Count the services of each group; none where groups are not of services."""
    services: dict[str, Tally] = {}
    if by not in (GroupBy.LANGUAGE, GroupBy.REGION):
        for one in there.services:
            _add(services, _group(one, by), Tally(1, int(one.channel == ONLINE)))
    return services


def _listed(register: Register) -> Mapping[str, Listed]:
    """Return each service by its id, and by those it had before."""
    listed = {one.id: one for one in register.services}
    old = {id_: listed[new] for id_, new in register.successors.items() if new in listed}
    return old | listed


def _missing(rank: int, one: Listed, tally: Tally, total: Tally, online: int) -> Missing:
    return Missing(
        rank=rank,
        service_id=one.id,
        agency=one.agency,
        life_event=one.life_event,
        channel=one.channel,
        case_count=tally.case_count,
        demand_share=share(tally.case_count, total.case_count),
        online_case_share_then=share(online, total.case_count),
    )


def _key(one: Sum, by: GroupBy, listed: Mapping[str, Listed]) -> str:
    if by is GroupBy.LANGUAGE:
        return one.language
    if by is GroupBy.REGION:
        return one.region
    if one.group is not None:
        return one.group
    service = listed.get(one.service_id)
    return _group(service, by) if service else ""


def _group(service: Listed, by: GroupBy) -> str:
    """Return the group of a service; all are in one where it is not told by services."""
    if by is GroupBy.AGENCY:
        return service.agency
    return service.life_event if by is GroupBy.LIFE_EVENT else ""


def _add(into: dict[K, Tally], key: K, tally: Tally) -> None:
    known = into.get(key)
    into[key] = tally if known is None else known + tally


def _totals(
    points: Mapping[tuple[str, str], Tally],
    by: GroupBy,
    there: Stock,
) -> Sequence[Total]:
    """Add up the days; groups of services nobody asked for are told as well."""
    cases: dict[str, Tally] = {}
    for (_, key), tally in points.items():
        _add(cases, key, tally)
    services = _held(there, by)
    return [
        Total(
            key,
            cases.get(key, Tally()).case_count,
            cases.get(key, Tally()).online_case_count,
            services.get(key, Tally()).case_count,
            services.get(key, Tally()).online_case_count,
        )
        for key in sorted({*cases, *services})
    ]
