"""Checkpoints of a running audit: signed, published, and proofs that lead to them."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from services.audit import app, events
from services.audit.domain import merkle
from services.audit.domain.checkpoints import read_key, read_note
from services.audit.domain.proofs import NoCheckpointError, UnknownDecisionError
from services.audit.store import SqlLedger, tables
from services.audit.store.keys import LogKeys
from services.audit.store.notes import signed_by
from services.audit.store.proving import SqlLog
from services.audit.store.sealing import Sealing
from services.cases import app as cases_app
from services.chassis import codec, testing
from services.chassis.application import Application, Platform
from services.chassis.config import Audit, Settings
from services.chassis.database import open_database
from services.chassis.errors import InvalidError, NotFoundError
from services.chassis.outbox import Lease
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import NOON, decision, event, message

Eventually = Callable[[Callable[[], object]], None]
AIGUL = Principal("aigul", Role.CITIZEN)
OTHER = Principal("bolat", Role.CITIZEN)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """Give a platform that seals each record at once."""
    with testing.platform_in(tmp_path, audit=Audit(checkpoint_records=1)) as platform:  # type: ignore[call-arg]
        yield platform


def latest(analysts: Analysts) -> pb.Checkpoint:
    return analysts.call("GetCheckpoint", pb.GetCheckpointRequest()).checkpoint


def sealed(analysts: Analysts, eventually: Eventually, size: int) -> pb.Checkpoint:
    def is_there() -> bool:
        try:
            return latest(analysts).size >= size
        except NotFoundError:
            return False

    eventually(is_there)
    return latest(analysts)


def shows(proof: pb.InclusionProof, checkpoint: pb.Checkpoint) -> bool:
    """Check a proof as an outsider does, from what the door told."""
    hashes = [base64.b64decode(one) for one in proof.hashes]
    root = read_note(checkpoint.note).checkpoint().root
    leaf = merkle.leaf_hash(proof.record.encode())
    return merkle.verify_inclusion(leaf, proof.leaf_index, checkpoint.size, hashes, root)


def test_a_checkpoint_is_signed_by_the_key_it_names(
    analysts: Analysts, eventually: Eventually
) -> None:
    """The note verifies under the verifier key told along."""
    analysts.tell(message("c1", 1))

    told = sealed(analysts, eventually, 1)

    (key,) = map(read_key, told.keys)
    note = read_note(told.note)
    assert signed_by(note, [key]) == [key]
    assert (note.checkpoint().origin, note.checkpoint().size) == (told.origin, 1)


def test_every_checkpoint_is_published(
    analysts: Analysts, platform: Platform, eventually: Eventually
) -> None:
    """Whoever reads the topic keeps what the log once said of itself."""
    analysts.tell(message("c1", 1))
    told = sealed(analysts, eventually, 1)

    eventually(lambda: list(platform.bus.history(events.CHECKPOINTS.name)))

    (published,) = platform.bus.history(events.CHECKPOINTS.name)
    envelope, data = codec.from_record(published)
    assert envelope.name == "checkpoint.signed"
    assert codec.decode(data, pb.Checkpoint).note == told.note


def test_a_decision_is_shown_to_be_in_the_log(analysts: Analysts, eventually: Eventually) -> None:
    """By hashes that lead from its record to the signed root."""
    analysts.tell(*(message(f"c{n}", 1) for n in range(5)))
    sealed(analysts, eventually, 5)

    told = analysts.call("GetInclusionProof", pb.GetInclusionProofRequest(decision_id="c3:1"))

    assert '"case":"c3"' in told.proof.record
    assert shows(told.proof, told.checkpoint)


def test_an_unknown_decision_has_no_proof(analysts: Analysts, eventually: Eventually) -> None:
    """And no checkpoint is made up either."""
    analysts.tell(message("c1", 1))
    sealed(analysts, eventually, 1)

    with pytest.raises(NotFoundError) as refusal:
        analysts.call("GetInclusionProof", pb.GetInclusionProofRequest(decision_id="c9:1"))
    assert refusal.value.reason == UnknownDecisionError.reason
    with pytest.raises(NotFoundError) as refusal:
        analysts.call("GetCheckpoint", pb.GetCheckpointRequest(size=77))
    assert refusal.value.reason == NoCheckpointError.reason


def test_an_earlier_checkpoint_begins_the_later(analysts: Analysts, eventually: Eventually) -> None:
    """The proof fits the two signed roots."""
    analysts.tell(message("c1", 1))
    first = sealed(analysts, eventually, 1)
    analysts.tell(*(message(f"c{n}", 1) for n in range(2, 9)))
    second = sealed(analysts, eventually, 8)

    told = analysts.call("GetConsistencyProof", pb.GetConsistencyProofRequest(first_size=1))

    roots = [read_note(one.note).checkpoint().root for one in (first, second)]
    hashes = [base64.b64decode(one) for one in told.hashes]
    assert merkle.verify_consistency(1, told.second_size, hashes, *roots)


def test_sizes_that_do_not_fit_are_refused(analysts: Analysts, eventually: Eventually) -> None:
    """The smaller must be the smaller."""
    analysts.tell(message("c1", 1))
    sealed(analysts, eventually, 1)

    with pytest.raises(InvalidError):
        analysts.call("GetConsistencyProof", pb.GetConsistencyProofRequest(first_size=9))


@pytest.fixture
def cases(platform: Platform) -> Iterator[Application]:
    with testing.running(platform, cases_app.build(platform)) as built:
        yield built


def test_a_citizen_sees_their_case_in_the_log(
    platform: Platform, cases: Application, analysts: Analysts, eventually: Eventually
) -> None:
    """And nobody else's: a stranger is told that there is no such case."""
    with testing.channel_to(cases.addresses["cases"]) as channel:
        stub = cases_pb2_grpc.CasesServiceStub(channel)
        request = cases_pb2.SubmitCaseRequest(request_id="k1", text="Паспорт жоғалттым")
        case = testing.caller(platform, AIGUL).call(stub.SubmitCase, request).case
    # Only when cases has told of the beginning may the decision follow.
    eventually(lambda: any(platform.bus.history(events.TOPIC.name)))
    analysts.tell(message(case.id, 2))
    asked = pb.GetCaseProofRequest(case_id=case.id)
    eventually(lambda: analysts.call("GetCaseProof", asked, AIGUL).proofs)

    told = analysts.call("GetCaseProof", asked, AIGUL)

    assert told.waiting_count == 0
    assert all(shows(proof, told.checkpoint) for proof in told.proofs)
    with pytest.raises(NotFoundError):
        analysts.call("GetCaseProof", asked, OTHER)


def sealing(ledger: SqlLedger, folder: Path, holder: str) -> Sealing:
    lease = Lease(tables.leases, "signer", holder, 10.0)
    keys = LogKeys(folder / "keys", "qyzmet.test/log")
    return Sealing(
        ledger.database, keys, "qyzmet.test/log", events.to_outbox, lambda: NOON, lease, 1, 0
    )


def test_of_two_processes_one_signs(ledger: SqlLedger, tmp_path: Path) -> None:
    """The other does so when the lease has ended."""
    ledger.record([event("c1", 1, decision=decision("d1"))])
    assert sealing(ledger, tmp_path, "a").seal_if_due(0) is not None
    ledger.record([event("c2", 1, decision=decision("d2"))])

    assert sealing(ledger, tmp_path, "b").seal_if_due(0) is None
    assert sealing(ledger, tmp_path, "a").seal_if_due(0) is not None


def test_a_size_is_signed_once(ledger: SqlLedger, tmp_path: Path) -> None:
    """However often it is tried, there are never two checkpoints of one size."""
    ledger.record([event("c1", 1, decision=decision("d1"))])
    signer = sealing(ledger, tmp_path, "a")

    with ThreadPoolExecutor(4) as pool:
        signed = list(pool.map(lambda _: signer.seal_if_due(0), range(8)))

    assert sum(one is not None for one in signed) == 1


def test_a_checkpoint_is_read_back_with_todays_keys(settings: Settings) -> None:
    """Also after the key was rotated: the old note with both keys."""
    database = open_database(settings, "audit", app.MIGRATIONS)
    ledger = SqlLedger(database)
    ledger.record([event("c1", 1, decision=decision("d1"))])
    signer = sealing(ledger, settings.data_dir, "a")
    signed = signer.seal_if_due(0)
    signer.keys.rotate()

    found = SqlLog(database, signer.keys).checkpoint()

    assert signed is not None
    assert found is not None
    assert found.note == signed.note
    assert len(found.keys) == 2
    database.close()
