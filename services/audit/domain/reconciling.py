"""Nothing missing: what cases decided and what the log holds, compared key by key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ON_ITS_WAY = timedelta(seconds=30)
"""So long an event may take from cases into the log before its absence is a gap."""
BEGINNING = ("", 0)

Key = tuple[str, int]
"""A case and its version."""


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


def compare(
    decided: Sequence[Decided], logged: Collection[Key], now: datetime, *, last: Key, is_last: bool
) -> Comparison:
    """Compare a page both ways; what was decided a moment ago is given time."""
    known = set(logged)
    absent = [one for one in decided if one.key not in known]
    missing = [one.key for one in absent if one.decide_time <= now - ON_ITS_WAY]
    strange = known - {one.key for one in decided}
    return Comparison(
        checked_count=len(decided),
        missing=_names(missing),
        strange=_names(strange),
        waiting_count=len(absent) - len(missing),
        last_case_id=last[0],
        last_case_version=last[1],
        is_last=is_last,
    )


def _names(keys: Collection[Key]) -> Sequence[str]:
    return [f"{case_id}:{version}" for case_id, version in sorted(keys)]
