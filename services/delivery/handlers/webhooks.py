"""What is done with webhooks: by offices, and by the loop that delivers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.errors import InvalidError
from services.chassis.principal import Principal
from services.delivery.domain import webhooks as rules
from services.delivery.domain.subscriptions import Kind, Subscription, check_kind
from services.delivery.domain.webhooks import (
    Attempt,
    DeadLetter,
    Delivery,
    Fate,
    Jitter,
    Reply,
    Schedule,
    Verdict,
)
from services.delivery.handlers import MAX_PAGE
from services.delivery.handlers import subscriptions as desk_verbs
from services.delivery.handlers.subscriptions import Desk
from services.delivery.ports import Clock
from services.delivery.ports.webhooks import Mailbox, Send
from services.delivery.ports.webhooks import Post as Deliveries

DEFAULT_PAGE = 100
MAX_SEQUENCES = 500
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Post:
    """What the verbs of webhooks need beside the desk."""

    mailbox: Mailbox
    send: Send
    new_challenge: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted; a size of 0 leaves it to us."""

    beyond: int
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_PAGE or self.beyond < 0:
            raise InvalidError(f"a page has 1 to {MAX_PAGE} entries", field="page_size")

    @property
    def limit(self) -> int:
        """Return how many are given."""
        return self.size or DEFAULT_PAGE


def activate(
    principal: Principal, office: str, name: str, *, desk: Desk, post: Post
) -> Subscription:
    """Send the validation event and begin to deliver where its challenge comes back."""
    found = _webhook(principal, office, name, desk)
    begin, challenge = desk.now(), post.new_challenge()
    secrets = post.mailbox.secrets(found, begin)
    reply = post.send.validation(found, secrets, challenge, begin)
    code = reply.code if not reply.is_good or _echoes(reply, challenge) else "CHALLENGE"
    attempt = _attempt(
        0, f"validation:{found.id}", number=1, begin=begin, end=desk.now(), reply=reply, code=code
    )
    post.mailbox.note(found, attempt)
    if code != rules.OK:
        raise rules.NotValidatedError(f"the validation event was not answered: {code}")
    active = post.mailbox.activate(found, secrets, desk.now())
    desk.wake()
    return active


def rotate(
    principal: Principal, office: str, name: str, *, desk: Desk, post: Post
) -> tuple[Subscription, str]:
    """Make a new secret and return it, this once; the old one is good for a day more."""
    found = _webhook(principal, office, name, desk)
    secret = desk.new_secret()
    now = desk.now()
    return post.mailbox.rotate(found, secret, now, now + rules.SECRET_OVERLAP), secret


def attempts(
    principal: Principal, office: str, name: str, page: Page, *, desk: Desk, post: Post
) -> Sequence[Attempt]:
    """Return what was tried, newest first."""
    found = _webhook(principal, office, name, desk)
    return post.mailbox.attempts(found, page.beyond, page.limit)


def dead_letters(
    principal: Principal, office: str, name: str, page: Page, *, desk: Desk, post: Post
) -> Sequence[DeadLetter]:
    """Return what was given up, oldest first."""
    found = _webhook(principal, office, name, desk)
    return post.mailbox.dead_letters(found, page.beyond, page.limit)


def send_again(
    principal: Principal,
    office: str,
    name: str,
    sequences: Sequence[int],
    *,
    desk: Desk,
    post: Post,
) -> int:
    """Put dead letters on their way again; one that is named and is none refuses all."""
    if len(sequences) > MAX_SEQUENCES:
        raise InvalidError(f"at most {MAX_SEQUENCES} at once", field="sequences")
    found = _webhook(principal, office, name, desk)
    count = post.mailbox.send_again(found, sorted(set(sequences)), desk.now())
    desk.wake()
    return count


@dataclass(frozen=True, slots=True)
class Delivered:
    """What an attempt of the loop came to."""

    attempt: Attempt
    verdict: Verdict


def deliver(
    delivery: Delivery,
    *,
    post: Deliveries,
    send: Send,
    schedule: Schedule,
    now: Clock,
    jitter: Jitter,
) -> Delivered:
    """Try once to deliver an event, and keep what became of it."""
    begin = now()
    reply = send.event(delivery, begin)
    end = now()
    attempt = _attempt(
        delivery.entry.sequence,
        delivery.entry.event_id,
        number=delivery.attempts + 1,
        begin=begin,
        end=end,
        reply=reply,
        code=reply.code,
    )
    verdict = rules.judge(delivery, reply, schedule=schedule, now=end, jitter=jitter)
    post.record(delivery, attempt, verdict)
    return Delivered(attempt, verdict)


def is_given_up(done: Delivered) -> bool:
    """Tell whether somebody should hear of it."""
    return done.verdict.fate is Fate.DEAD or done.verdict.disabled is not None


def _webhook(principal: Principal, office: str, name: str, desk: Desk) -> Subscription:
    return check_kind(desk_verbs.find(principal, office, name, desk=desk), Kind.WEBHOOK)


def _attempt(
    sequence: int,
    event_id: str,
    *,
    number: int,
    begin: datetime,
    end: datetime,
    reply: Reply,
    code: str,
) -> Attempt:
    return Attempt(
        sequence=sequence,
        event_id=event_id,
        number=number,
        attempt_time=begin,
        status=reply.status,
        code=code,
        duration_ms=max(0, (end - begin) // MILLISECOND),
    )


def _echoes(reply: Reply, challenge: str) -> bool:
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("challenge") == challenge
