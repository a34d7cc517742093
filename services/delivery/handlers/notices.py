"""How citizens are told, and who may know of it."""

from collections.abc import Sequence

from services.chassis.errors import RETRYABLE, NotFoundError, name_of
from services.delivery.domain import notices as rules
from services.delivery.domain.notices import Channel, Kept, Notice, Told
from services.delivery.ports import Clock, Visible
from services.delivery.ports.notices import Contact, Notices, Notify, Render


def tell(
    notice: Notice,
    *,
    notices: Notices,
    contact: Contact,
    render: Render,
    notify: Notify,
    now: Clock,
) -> Told:
    """Try once to tell a citizen, and record what became of it.

    The address is asked for now and kept nowhere. Whatever goes wrong is a code and has an end,
    but where a service of our own is away: that is no attempt.
    """
    try:
        code, channel = _attempt(notice, contact=contact, render=render, notify=notify)
    except RETRYABLE:
        raise
    except Exception as error:  # noqa: BLE001  one message must not hold up its case for ever
        code, channel = name_of(error).upper(), Channel.NONE
    told = rules.judge(notice, code, channel, now())
    notices.record(notice, told)
    return told


def list_notices(case_id: str, *, cases: Visible, notices: Notices) -> Sequence[Kept]:
    """Return what the citizen of a case was told, to whom may see the case."""
    cases.check(case_id)
    return notices.of(case_id)


def _attempt(
    notice: Notice, *, contact: Contact, render: Render, notify: Notify
) -> tuple[str, Channel]:
    try:
        address = contact(notice.case_id)
    except NotFoundError:
        return rules.ERASED, Channel.NONE
    if not address:
        return rules.NO_CONTACT, Channel.NONE
    channel = notify.channel(address)
    if channel is Channel.NONE:
        return rules.NO_WAY, channel
    return notify.send(address, notice, render(notice)), channel
