"""Erasure: the words are gone for ever, and what remains says so."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.store import tables
from services.chassis.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.principal import ANONYMOUS, Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import SERVICE, Client

ADMINISTRATOR = Principal("admin", Role.ADMINISTRATOR)
OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
TEXT = "Паспорт жоғалттым, өте маңызды"


def erase(cases: Client, case: pb.Case, request_id: str = "e1", **more: int) -> pb.Case:
    request = pb.EraseCaseRequest(case_id=case.id, request_id=request_id, **more)
    return cases.call("EraseCase", request, ADMINISTRATOR).case


def completed(cases: Client, case: pb.Case) -> pb.Case:
    cases.decide(case)
    cases.answer(case, pb.RESPONSE_KIND_ACCEPT)
    return cases.answer(case, pb.RESPONSE_KIND_COMPLETE, "a2")


def test_the_words_are_gone(cases: Client) -> None:
    """For the citizen, for offices, and for who sorts."""
    case = cases.submit(text=TEXT)

    erase(cases, case)

    with pytest.raises(NotFoundError) as refusal:
        cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id))
    assert refusal.value.reason == "WORDS_ERASED"
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id])
    (masked,) = cases.call("BatchGetMaskedText", request, SERVICE).texts
    assert (masked.text, masked.commitment) == ("", "")


def test_an_open_case_ends_by_it(cases: Client) -> None:
    """Nobody can work on a case without its words."""
    erased = erase(cases, cases.submit())

    assert (erased.state, erased.version) == (pb.STATE_WITHDRAWN, 2)


def test_an_ended_case_stays_what_it_was(cases: Client) -> None:
    """Completed remains completed."""
    assert erase(cases, completed(cases, cases.submit())).state == pb.STATE_COMPLETED


def test_the_world_is_told(cases: Client) -> None:
    """By an event, so that everybody drops what they keep of it; the timeline has it too."""
    case = cases.submit()

    erase(cases, case)

    assert [step.type for step in cases.get(case.id).timeline] == ["submitted", "erased"]


def test_a_repetition_changes_nothing(cases: Client) -> None:
    """With the same key or another."""
    case = cases.submit()
    first = erase(cases, case)

    assert erase(cases, case) == erase(cases, case, "e2") == first


def test_what_was_erased_is_not_opened_again(cases: Client) -> None:
    """Whoever got it would have nothing to work on: with new words the citizen asks anew."""
    done = completed(cases, cases.submit())
    erase(cases, done)

    for request_id, text in (("w1", ""), ("w2", "Жауап келген жоқ")):
        request = pb.ReopenCaseRequest(case_id=done.id, request_id=request_id, text=text)
        with pytest.raises(ConflictError) as refusal:
            cases.call("ReopenCase", request, ANONYMOUS)
        assert refusal.value.reason == "WORDS_ERASED"

    assert cases.get(done.id).state == pb.STATE_COMPLETED


def test_what_was_erased_may_still_be_rated(cases: Client) -> None:
    """An opinion needs no words."""
    done = completed(cases, cases.submit())
    erase(cases, done)

    request = pb.RateCaseRequest(case_id=done.id, request_id="w1", stars=2)

    assert cases.call("RateCase", request, ANONYMOUS).case.rating.stars == 2


def test_why_it_ended_is_told_in_words(cases: Client) -> None:
    """In three languages, as every reason."""
    case = cases.submit()
    erase(cases, case)

    reason = cases.get(case.id).timeline[-1].reason

    assert all((reason.kk, reason.ru, reason.en))


@pytest.fixture
def parts(cases: Client) -> Sequence[pb.Case]:
    """Give a case, a part of it that another office holds, and a part of that part."""
    whole = cases.decide(cases.submit(text=TEXT)).case
    part = split(cases, whole)
    held = cases.decide(part, "d2").case
    return whole, held, split(cases, held, "s2")


def split(cases: Client, case: pb.Case, request_id: str = "s1") -> pb.Case:
    request = pb.SplitCaseRequest(case_id=case.id, request_id=request_id, office="MIA", text=TEXT)
    return cases.call("SplitCase", request, OFFICER).child


def is_readable(cases: Client, case: pb.Case) -> bool:
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id])
    return bool(cases.call("BatchGetMaskedText", request, SERVICE).texts[0].text)


def test_what_was_split_off_goes_with_the_whole(cases: Client, parts: Sequence[pb.Case]) -> None:
    """Its words came out of those; part or part of a part, each tells of its own end."""
    whole, part, smallest = parts

    erase(cases, whole)

    assert [is_readable(cases, one) for one in parts] == [False] * 3
    for one in (part, smallest):
        after = cases.get(one.id)
        assert (after.state, after.timeline[-1].type) == (pb.STATE_WITHDRAWN, "erased")


def test_the_whole_outlives_a_part(cases: Client, parts: Sequence[pb.Case]) -> None:
    """Whoever works on the whole goes on."""
    whole, part, _ = parts

    erase(cases, part)

    assert is_readable(cases, whole)
    assert cases.get(whole.id).state == pb.STATE_ROUTED


def test_an_erasure_cut_off_before_a_part_is_completed(
    cases: Client, parts: Sequence[pb.Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks again has the rest erased too."""
    from services.cases.store.cases import SqlCases

    whole, part, smallest = parts
    erasing = SqlCases.erase
    with monkeypatch.context() as broken:
        broken.setattr(
            SqlCases, "erase", lambda self, id_: _fail() if id_ == part.id else erasing(self, id_)
        )
        with pytest.raises(UnavailableError):
            erase(cases, whole)

    erase(cases, whole, "e2")

    assert not is_readable(cases, part)
    assert not is_readable(cases, smallest)


def test_only_administrators_erase(cases: Client) -> None:
    """Not even the citizen, who may withdraw."""
    request = pb.EraseCaseRequest(case_id=cases.submit().id, request_id="e1")

    with pytest.raises(ForbiddenError):
        cases.call("EraseCase", request, ANONYMOUS)


def test_what_was_not_seen_is_not_erased(cases: Client) -> None:
    """A version that has passed, or a case that does not exist, destroys nothing."""
    case = cases.submit()

    with pytest.raises(VersionConflictError):
        erase(cases, case, expected_version=7)
    with pytest.raises(NotFoundError):
        erase(cases, pb.Case(id="0" * 8))
    assert cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id)).text


def test_neither_key_nor_sealed_words_remain(cabinet: Cabinet) -> None:
    """The key is destroyed, and so is what it sealed; the case remains."""
    case = cabinet.add()

    cabinet.store.erase(case.id)

    assert cabinet.store.open([case.id]) == {}
    assert cabinet.store.get([case.id])
    with cabinet.database.read() as connection:
        assert connection.execute(sa.select(tables.words)).all() == []


def test_an_erasure_that_was_cut_off_is_completed(
    cases: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are gone, nobody was told: whoever asks again has it told."""
    from services.cases.store.cases import SqlCases

    case = cases.submit()
    with monkeypatch.context() as broken:
        broken.setattr(SqlCases, "apply", _fail)
        with pytest.raises(UnavailableError):
            erase(cases, case)

    assert erase(cases, case).version == 2


def _fail(*_: object) -> None:
    raise UnavailableError


def test_a_destroyed_key_is_not_left_in_the_file(cabinet: Cabinet, tmp_path: Path) -> None:
    """SQLite overwrites what it deletes."""
    case = cabinet.add()
    database = cabinet.store.keys._database
    if database.writing.dialect.name != "sqlite":
        pytest.skip("PostgreSQL frees what was deleted by VACUUM")
    with database.read() as connection:
        wrapped = bytes(connection.execute(sa.select(tables.keys.c.wrapped)).scalar_one())

    cabinet.store.erase(case.id)
    raw = database.writing.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()

    assert wrapped not in (tmp_path / "case-keys.sqlite").read_bytes()


def test_decided_versions_are_listed(cases: Client) -> None:
    """Decisions only, in order, page by page; not what citizens and offices did."""
    decided = [cases.decide(cases.submit(f"k{n}")).case for n in range(3)]
    cases.answer(decided[0], pb.RESPONSE_KIND_ACCEPT)
    first = cases.call("ListDecided", pb.ListDecidedRequest(page_size=2), SERVICE).versions

    rest = cases.call("ListDecided", pb.ListDecidedRequest(after=first[-1]), SERVICE).versions

    assert [(one.case_id, one.case_version) for one in (*first, *rest)] == sorted(
        (case.id, 2) for case in decided
    )
