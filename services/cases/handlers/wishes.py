"""What citizens wish for their own cases, each under a name for repetition."""

from collections.abc import Callable
from dataclasses import dataclass

from services.cases import domain
from services.cases.domain import Case, Moved, Rating, Words
from services.cases.handlers.record import only, visible
from services.cases.ports import Cases, Change, Clock
from services.chassis.principal import Principal


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose wish it is, for which case, as of which version (0 is any), and its name."""

    principal: Principal
    case_id: str
    expected_version: int
    request_id: str


def withdraw(wish: Wish, *, cases: Cases, now: Clock) -> Case:
    """End a case at its citizen's wish; a repetition gets the case as it is."""
    return _grant(
        wish,
        "withdraw",
        lambda case, name: domain.withdraw(case, request_id=name, now=now()),
        cases,
    )


def provide(wish: Wish, words: Words, *, cases: Cases, now: Clock) -> Case:
    """Take the citizen's answer to a question; a repetition gets the case as it is."""
    return _grant(
        wish,
        "provide",
        lambda case, name: domain.provide(case, request_id=name, now=now()),
        cases,
        words=words,
    )


def reopen(wish: Wish, text: str, *, cases: Cases, now: Clock) -> Case:
    """Have a person look at a case again, whose citizen says that it is not done."""
    return _grant(
        wish,
        "reopen",
        lambda case, name: domain.reopen(case, request_id=name, now=now()),
        cases,
        words=_words(text),
    )


def object_to(wish: Wish, text: str, *, cases: Cases, now: Clock) -> Case:
    """Have a person decide what a model decided and its citizen objects to."""
    return _grant(
        wish,
        "object",
        lambda case, name: domain.object_to(case, request_id=name, now=now()),
        cases,
        words=_words(text),
    )


def rate(wish: Wish, rating: Rating, *, cases: Cases, now: Clock) -> Case:
    """Keep the citizen's opinion of how a case was handled."""
    return _grant(
        wish,
        "rate",
        lambda case, name: domain.rate(case, rating, request_id=name, now=now()),
        cases,
        terms=(str(rating.stars),),
    )


def _words(text: str) -> Words | None:
    return Words(text=text) if text else None


def _grant(
    wish: Wish,
    verb: str,
    move: Callable[[Case, str], Moved],
    cases: Cases,
    *,
    words: Words | None = None,
    terms: tuple[str, ...] = (),
) -> Case:
    name = domain.name_request(verb, wish.request_id)
    case_id = visible(wish.principal, wish.case_id, cases).id
    change = Change(
        case_id,
        wish.expected_version,
        name,
        lambda case: move(case, name),
        words=words,
        terms=terms,
    )
    return only(cases.apply([change]))
