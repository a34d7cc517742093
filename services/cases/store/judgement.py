"""What becomes of a change, given the case as it is and the requests that stand already."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.cases.domain import ENDED, Case, Moved, Step, with_term
from services.cases.ports import Change, Result, Status
from services.chassis.errors import ConflictError
from services.chassis.workdays import Calendar


class WordsErasedError(ConflictError):
    """The words of this case were erased."""

    reason = "WORDS_ERASED"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a change says: fingerprints, and the ciphertext of words whose key is still there."""

    mac: bytes | None = None
    """Of the words; none where there are none."""
    words: bytes | None = None
    terms_mac: bytes | None = None

    @property
    def is_lost(self) -> bool:
        """Tell whether there are words, and no key to keep them under."""
        return self.mac is not None and self.words is None


NOTHING = Sealed()


@dataclass(frozen=True, slots=True)
class Request:
    """A request that stands: what it said, as fingerprints."""

    mac: bytes | None
    terms_mac: bytes | None

    def is_repeated_by(self, said: Sealed) -> bool:
        """Tell whether another says the same; of what was kept without its terms, nobody knows."""
        are_known = self.terms_mac is not None and said.terms_mac is not None
        return self.mac == said.mac and (not are_known or self.terms_mac == said.terms_mac)


@dataclass(frozen=True, slots=True)
class Standing:
    """The requests that stand, as (case id, request id), and what the new ones say, by case."""

    requests: Mapping[tuple[str, str], Request]
    erased: frozenset[str]
    """The cases whose words were erased."""
    sealed: Mapping[str, Sealed]
    calendar: Calendar


def judge(
    change: Change, case: Case | None, standing: Standing, moved: list[tuple[Case, Step]]
) -> Result:
    """Decide what becomes of a change; add it to `moved` if it is to be recorded."""
    name = (change.case_id, change.request_id)
    stands = standing.requests.get(name)
    again = stands is not None
    if case is None or not change.may_know(case, again):
        return Result(Status.NOT_FOUND, None)
    if stands:
        is_same = stands.is_repeated_by(standing.sealed.get(case.id, NOTHING))
        status = Status.REPEATED if is_same else Status.NAME_REUSED
        return Result(status, case)
    if change.expected_version and change.expected_version != case.version:
        return Result(Status.VERSION_CONFLICT, case)
    try:
        after, step = _move(change, case, standing)
    except ConflictError as error:
        return Result(Status.STATE_CONFLICT, case, error.message, error.reason)
    moved.append((after, step))
    return Result(Status.RECORDED, after)


def _move(change: Change, case: Case, standing: Standing) -> Moved:
    """Make the step, unless it needs words that are gone; whoever got it could not work on it."""
    if standing.sealed.get(case.id, NOTHING).is_lost:
        raise WordsErasedError
    after, step = change.move(case)
    if case.id in standing.erased and after.state not in ENDED:
        raise WordsErasedError
    return with_term(case, after, standing.calendar), step
