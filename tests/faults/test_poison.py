"""What remains true when the bus carries what is no event of ours."""

from collections.abc import Callable

from services.chassis.bus.port import LARGEST_MESSAGE
from tests.faults.clients import Journal
from tests.faults.ground import Ground
from tests.faults.ledger import TOPIC

GROUPS = {"routing", "delivery", "audit", "audit-analyst"}
HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "poison:1",
    "ce_source": "/elsewhere",
    "ce_type": "kz.qyzmet.case.submitted.v1",
    "ce_time": "2026-03-01T12:00:00Z",
}
POISONS: dict[str, tuple[bytes | None, dict[str, str]]] = {
    "no-headers": (b"{}", {}),
    "no-json": (b"\xff\x00 not json", HEADERS),
    "no-case": (b'{"case_version": 1}', HEADERS),
    "no-end": (b"[" * 100_000, HEADERS),
    "no-value": (None, HEADERS),
    "no-room": (b"{}", {**HEADERS, "odd": "h" * 3 * LARGEST_MESSAGE}),  # for a letter to hold it
}


def test_a_poisoned_event_between_good_ones(
    ground: Ground, journal: Journal, note: Callable[..., None]
) -> None:
    """It is set aside once for each consumer, and everything else goes its way."""

    def parked() -> set[tuple[str, str]]:
        letters = ground.books.history(f"{TOPIC}.dlq")
        return {(key, headers["dlq_group"]) for key, headers, _ in letters if key in POISONS}

    with ground.load(journal) as clients:
        for key, (value, headers) in POISONS.items():
            ground.books.log.put(TOPIC, key, value, headers)
            clients.more(2)
        clients.until(lambda: len(parked()) == len(POISONS) * len(GROUPS), every=0.5)

    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert not journal.refusals()
    assert parked() == {(key, group) for key in POISONS for group in GROUPS}
