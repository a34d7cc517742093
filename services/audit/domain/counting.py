"""How audit counts which cases online services handle."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.audit.domain.decisions import Decision
from services.chassis.errors import ConflictError, UnavailableError
from services.chassis.story import ERASED, KNOWN_TYPES

PLACED_STATES = frozenset({"routed", "accepted", "information-requested", "completed"})
"""States in which a case that has an office stands with it, or was finished by it."""

ONLINE = "online"
RATED = "kz.qyzmet.case.rated.v1"


class DecisionReusedError(ConflictError):
    """A decision of this id was recorded before."""

    reason = "DECISION_REUSED"


class NoRegisterError(UnavailableError):
    """The register of services was not reached yet."""

    reason = "NO_REGISTER"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """What audit reads of an event of a case."""

    type: str
    case_id: str
    case_version: int
    state: str
    service_id: str
    office: str
    channel: str
    submit_time: datetime
    language: str = ""
    """The one the citizen named, where they did."""
    region: str = ""
    decision: Decision | None = None
    event_time: datetime | None = None
    due_time: datetime | None = None
    """When what is due after the event is due by law; none where nothing is."""
    reason_code: str = ""
    stars: int = 0

    @property
    def is_known(self) -> bool:
        """Tell whether this release understands the event."""
        return self.type in KNOWN_TYPES

    @property
    def is_erased(self) -> bool:
        """Tell whether the case is to be forgotten, but for what is sealed."""
        return self.type == ERASED

    @property
    def is_first(self) -> bool:
        """Tell whether it begins the story of its case; behind an erasure nothing begins anew."""
        return self.case_version == 1

    @property
    def tells_place(self) -> bool:
        """Tell whether it says where its case stands: an opinion may come when that is erased."""
        return self.is_known and self.type != RATED


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as it is kept, with the version its case had after it."""

    case_id: str
    case_version: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a case stands or was finished, by the channel its service had when it was routed."""

    service_id: str
    office: str
    channel: str
    case_version: int

    @property
    def tally(self) -> "Tally":
        """Return what this case adds to the counters."""
        return Tally(1, int(self.channel == ONLINE))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases, and how many of them by an online service."""

    case_count: int = 0
    online_case_count: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.case_count + other.case_count, self.online_case_count + other.online_case_count
        )

    def __neg__(self) -> "Tally":
        return Tally(-self.case_count, -self.online_case_count)


@dataclass(frozen=True, slots=True)
class Row:
    """The tally of one service or one office."""

    key: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Shift:
    """What a batch of events changes: where cases stand now (None: nowhere), and the counters."""

    placements: Mapping[str, Placement | None]
    services: Mapping[str, Tally]
    offices: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Listed:
    """What audit wants to know of a service."""

    id: str
    agency: str
    life_event: str
    channel: str


@dataclass(frozen=True, slots=True)
class Register:
    """What audit wants to know of the register of services."""

    version: str
    service_count: int
    online_service_count: int
    services: Sequence[Listed] = ()
    successors: Mapping[str, str] = field(default_factory=dict)
    """Ids that stopped, to the services that took their place."""

    def today(self, service_id: str) -> str:
        """Return the id a service has today: what was counted under an old one belongs to it."""
        return self.successors.get(service_id, service_id)

    def ids_of(self, services: Collection[str]) -> Collection[str]:
        """Return these services with the ids they had before."""
        return {*services, *(old for old, new in self.successors.items() if new in services)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the demand online services handle, and how many services are online."""

    total: Tally
    services: Sequence[Row]
    offices: Sequence[Row]
    register: Register

    @property
    def online_case_share(self) -> float:
        """Return the share of cases that online services handle."""
        return share(self.total.online_case_count, self.total.case_count)

    @property
    def online_service_share(self) -> float:
        """Return the share of services that are online."""
        return share(self.register.online_service_count, self.register.service_count)


def share(part: int, whole: int) -> float:
    """Return part / whole; 0 of nothing is 0."""
    return part / whole if whole else 0.0


def placement_after(event: CaseEvent) -> Placement | None:
    """Return where the case stands after the event; nowhere once it is taken from its office."""
    if event.is_erased or event.state not in PLACED_STATES or not event.office:
        return None
    return Placement(event.service_id, event.office, event.channel, event.case_version)


def shift(events: Iterable[CaseEvent], before: Mapping[str, Placement]) -> Shift:
    """Return what the events change, given where their cases stood before."""
    return moved(
        {event.case_id: placement_after(event) for event in events if event.tells_place}, before
    )


def moved(after: Mapping[str, Placement | None], before: Mapping[str, Placement]) -> Shift:
    """Return what it changes that cases stand where they stand now."""
    moves = [(before.get(case_id), placement) for case_id, placement in after.items()]
    return Shift(
        after,
        _tallies(moves, lambda placement: placement.service_id),
        _tallies(moves, lambda placement: placement.office),
    )


def _tallies(
    moves: Iterable[tuple[Placement | None, Placement | None]], key: Callable[[Placement], str]
) -> Mapping[str, Tally]:
    """Take each case off where it was and add it where it is; leave out what comes to nothing."""
    tallies: dict[str, Tally] = {}
    for before, after in moves:
        if before is not None:
            tallies[key(before)] = tallies.get(key(before), Tally()) + -before.tally
        if after is not None:
            tallies[key(after)] = tallies.get(key(after), Tally()) + after.tally
    return {name: tally for name, tally in tallies.items() if tally != Tally()}
