"""Decisions on cases: the masked words they are made upon, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.cases import domain
from services.cases.domain import (
    MAX_TEXT_CHARACTERS,
    UNDECIDED,
    Actor,
    Case,
    CaseMessage,
    Decision,
)
from services.cases.handlers.record import check_batch
from services.cases.ports import (
    Cases,
    Change,
    Clock,
    Decided,
    History,
    Mask,
    Opened,
    Result,
    Vault,
)
from services.chassis.errors import InvalidError
from services.chassis.principal import ANONYMOUS_SUBJECT, Principal, Role

MAX_DECIDED = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A decision somebody brings for a case."""

    case_id: str
    expected_version: int
    request_id: str
    decision: Decision
    region: str = ""
    choice: str = ""
    """What a person chose by this request; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A case and its words without personal data; no words where they were erased."""

    case: Case
    text: str
    commitment: str
    messages: Sequence[CaseMessage] = ()


def masked_texts(
    principal: Principal,
    case_ids: Sequence[str],
    *,
    with_messages: bool = False,
    cases: Cases,
    history: History,
    vault: Vault,
    mask: Mask,
) -> Sequence[Masked]:
    """Return those of the cases that the caller may see with their words masked, in their order.

    A person's reading is recorded first. The services that sort read every case, and nobody
    looks at it there: their readings would bury those of people.
    """
    check_batch(case_ids)
    known = cases.get(case_ids)
    found = {id_: case for id_, case in known.items() if domain.may_see(case, principal)}
    if principal.role is not Role.SERVICE:
        history.record_access(list(found), principal)
    opened = vault.open(case_ids)
    masked = [_masked(found[id_], opened.get(id_), mask) for id_ in case_ids if id_ in found]
    return [_with_messages(one, vault, mask) for one in masked] if with_messages else masked


def record_decisions(
    wanted: Sequence[Wanted], *, cases: Cases, vault: Vault, mask: Mask, now: Clock
) -> Sequence[Result]:
    """Record many decisions, each bound to its masked text; each stands or falls by itself."""
    case_ids = [one.case_id for one in wanted]
    check_batch(case_ids)
    opened = vault.open(case_ids)
    bound = [
        replace(one, decision=_bound(one.decision, opened.get(one.case_id), vault, mask))
        for one in _signed(wanted, cases)
    ]
    return cases.apply([_change(one, now) for one in bound])


def decided(after: tuple[str, int], page_size: int, *, history: History) -> Sequence[Decided]:
    """Return which versions of cases were decisions, page by page."""
    if not 0 <= page_size <= MAX_DECIDED:
        raise InvalidError(f"a page has 1 to {MAX_DECIDED} versions", field="page_size")
    return history.decided(after, page_size or MAX_DECIDED)


def _masked(case: Case, opened: Opened | None, mask: Mask) -> Masked:
    if opened is None:
        return Masked(case, "", "")
    text = sorters_text(opened, mask)
    return Masked(case, text, domain.commitment(opened.salt, text))


def _with_messages(masked: Masked, vault: Vault, mask: Mask) -> Masked:
    """Add what was said since, while somebody is to choose: else it is the office's to read."""
    if masked.case.state not in UNDECIDED:
        return masked
    said = [replace(one, text=mask(one.text)) for one in vault.messages(masked.case.id)]
    return replace(masked, messages=said)


def sorters_text(opened: Opened, mask: Mask) -> str:
    """Return the masked words of a case as they are sorted by."""
    # A mark may be longer than what it replaces; who sorts is promised at most so many characters.
    return mask(opened.words.text)[:MAX_TEXT_CHARACTERS]


def _signed(wanted: Sequence[Wanted], cases: Cases) -> Sequence[Wanted]:
    """Say whose a choice is that went with its case: who brings it was not told."""
    unsigned = {
        one.case_id
        for one in wanted
        if one.decision.actor is Actor.CITIZEN and not one.decision.subject
    }
    owned = cases.get(list(unsigned)) if unsigned else {}
    return [
        replace(one, decision=replace(one.decision, subject=owned[one.case_id].owner))
        if one.case_id in owned
        else one
        for one in wanted
    ]


def _bound(decision: Decision, opened: Opened | None, vault: Vault, mask: Mask) -> Decision:
    """Bind a decision to the text it was made upon, and call its person by a pseudonym.

    A citizen's is made with the case's salt: it ties no case to another, and dies with it.
    """
    salt = opened.salt if opened else None
    return replace(
        decision,
        commitment=domain.commitment(salt, sorters_text(opened, mask)) if opened and salt else "",
        subject=_pseudonym(decision, salt, vault),
    )


def _pseudonym(decision: Decision, salt: bytes | None, vault: Vault) -> str:
    if decision.subject in {"", ANONYMOUS_SUBJECT}:
        return ""
    if decision.actor is not Actor.CITIZEN:
        return vault.pseudonym(decision.subject)
    return domain.pseudonym(salt, decision.subject) if salt else ""


def _change(wanted: Wanted, now: Clock) -> Change:
    name = domain.name_request(domain.DECIDE, wanted.request_id)
    domain.check_region(wanted.region)
    return Change(
        wanted.case_id,
        wanted.expected_version,
        name,
        lambda case: domain.decide(
            case,
            wanted.decision,
            region=wanted.region,
            request_id=name,
            now=now(),
        ),
        terms=(wanted.choice, wanted.region) if wanted.choice else (),
    )
