"""What counts as covered, and what a batch of events changes."""

import pytest

from services.audit import domain
from services.audit.domain import Coverage, Placement, Register, Tally
from tests.unit.audit.stories import event, gone

MIA = Placement("identity.passport", "MIA", "online", 1)


@pytest.mark.parametrize("state", ["routed", "accepted", "information-requested", "completed"])
def test_a_case_with_an_office_counts(state: str) -> None:
    """A case counts from its routing on, and still when it is completed."""
    placement = domain.placement_after(event("c1", 1, state))

    assert placement == MIA


@pytest.mark.parametrize("state", ["submitted", "triaged", "returned", "withdrawn"])
def test_a_case_that_nobody_handles_does_not_count(state: str) -> None:
    """What waits, was given back or was taken back is no office's case, whoever held it."""
    assert domain.placement_after(event("c1", 1, state)) is None


def test_a_case_out_of_scope_does_not_count() -> None:
    """A case completed without an office was handled by no service."""
    assert domain.placement_after(gone("c1", 2, "completed")) is None


def test_a_routed_case_is_added_once() -> None:
    """Routed and accepted in one batch is one case."""
    shift = domain.shift([event("c1", 1), event("c1", 2, "accepted")], {})

    assert shift.services == {"identity.passport": Tally(1, 1)}


def test_a_returned_case_is_taken_off() -> None:
    """A case that was counted before the batch and is returned in it counts no more."""
    shift = domain.shift([gone("c1", 2)], {"c1": MIA})

    assert shift.offices == {"MIA": Tally(-1, -1)}


def test_a_case_routed_anew_moves_its_count() -> None:
    """It leaves the service and office it had and is counted where it is now."""
    moved = event("c1", 3, office="akimat-75", service_id="land.plot", channel="in-person")

    shift = domain.shift([gone("c1", 2), moved], {"c1": MIA})

    assert shift.services == {"identity.passport": Tally(-1, -1), "land.plot": Tally(1, 0)}
    assert shift.offices == {"MIA": Tally(-1, -1), "akimat-75": Tally(1, 0)}


def test_what_comes_to_nothing_changes_no_counter() -> None:
    """An accepted case stays where it was counted."""
    shift = domain.shift([event("c1", 2, "accepted")], {"c1": MIA})

    assert not shift.services
    assert not shift.offices


def test_an_unknown_event_changes_nothing() -> None:
    """An event of a later release is passed over, whatever state it names."""
    strange = event("c1", 2, "returned", type="kz.qyzmet.case.merged.v1")

    assert domain.shift([strange], {"c1": MIA}).placements == {}


def test_a_share_of_nothing_is_nothing() -> None:
    """Before the first case the share is 0, not an error."""
    empty = Coverage(Tally(), [], [], Register("v", 0, 0))

    assert (empty.online_case_share, empty.online_service_share) == (0.0, 0.0)
