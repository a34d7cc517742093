"""Nothing missing: what cases decided and what the log holds, compared key by key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ON_ITS_WAY = timedelta(seconds=30)
"""So long an event may take from cases into the log before its absence is a gap."""
NAMED = 20
"""So many gaps of a kind an alarm names."""

Key = tuple[str, int]
"""A case and its version."""
BEGINNING: Key = ("", 0)
"""The key before all others."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A version of a case that a decision led to, as cases tells it."""

    case_id: str
    case_version: int
    decide_time: datetime

    @property
    def key(self) -> Key:
        """Return what it is found by."""
        return self.case_id, self.case_version


@dataclass(frozen=True, slots=True)
class Page:
    """What both sides hold behind one key and up to another."""

    decided: Sequence[Decided]
    logged: Collection[Key]
    last: Key
    is_last: bool


class Kind(StrEnum):
    """What a gap is."""

    MISSING = "missing"
    """A decision without a record."""
    STRANGE = "strange"
    """A record without a decision."""


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """What one side holds and the other does not."""

    key: Key
    kind: Kind

    @property
    def name(self) -> str:
        """Return the decision as people are told of it."""
        case_id, version = self.key
        return f"{case_id}:{version}"


@dataclass(frozen=True, slots=True)
class GapAlarm:
    """Gaps that nobody was told of yet; fields as in audit.proto."""

    gaps: Sequence[Gap]

    @property
    def missing_count(self) -> int:
        """Return how many decisions have no record."""
        return len(_of(Kind.MISSING, self.gaps))

    @property
    def strange_count(self) -> int:
        """Return how many records have no decision."""
        return len(_of(Kind.STRANGE, self.gaps))

    @property
    def missing(self) -> Sequence[str]:
        """Return the first decisions without a record."""
        return _of(Kind.MISSING, self.gaps)[:NAMED]

    @property
    def strange(self) -> Sequence[str]:
        """Return the first records without a decision."""
        return _of(Kind.STRANGE, self.gaps)[:NAMED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a page of comparing found; fields as in audit.proto."""

    checked_count: int
    missing: Sequence[str]
    strange: Sequence[str]
    waiting_count: int
    last_case_id: str
    last_case_version: int
    is_last: bool


def page_of(decided: Sequence[Decided], logged: Sequence[Key], after: Key, most: int) -> Page:
    """Return what both sides hold up to where the shorter reading ends; each reads at most so many.

    A side that gave fewer has no more, and the page goes as far as the other does.
    """
    keys = [one.key for one in decided]
    last = min(
        (side[-1] for side in (keys, logged) if len(side) >= most),
        default=max([after, *keys[-1:], *logged[-1:]]),
    )
    return Page(
        decided=[one for one in decided if one.key <= last],
        logged=[key for key in logged if key <= last],
        last=last,
        is_last=len(keys) < most and len(logged) < most,
    )


def gaps(page: Page, before: datetime) -> Sequence[Gap]:
    """Return the gaps of a page, both ways; a decision is missed that was made before a time."""
    logged, known = set(page.logged), {one.key for one in page.decided}
    absent = [one for one in page.decided if one.key not in logged]
    missing = [Gap(one.key, Kind.MISSING) for one in absent if one.decide_time <= before]
    return sorted([*missing, *(Gap(key, Kind.STRANGE) for key in logged - known)])


def compare(page: Page, now: datetime) -> Comparison:
    """Compare a page both ways; what was decided a moment ago is given time."""
    found = gaps(page, now - ON_ITS_WAY)
    missing = _of(Kind.MISSING, found)
    absent = {one.key for one in page.decided} - set(page.logged)
    return Comparison(
        checked_count=len(page.decided),
        missing=missing,
        strange=_of(Kind.STRANGE, found),
        waiting_count=len(absent) - len(missing),
        last_case_id=page.last[0],
        last_case_version=page.last[1],
        is_last=page.is_last,
    )


def _of(kind: Kind, found: Sequence[Gap]) -> Sequence[str]:
    return [gap.name for gap in found if gap.kind is kind]
