"""A decision made again, where what it was made upon is not there any more."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.cli.decision import Replay, replay
from qyzmet.cases.v1 import cases_pb2 as pb
from services.audit import app as audit
from services.audit.store import SqlLedger
from services.cases.store.keys import Keys, master_key
from services.catalog import app as catalog
from services.chassis import testing
from services.chassis.application import Platform
from services.chassis.database import database_of, open_database
from services.chassis.principal import Principal, Role
from tests.unit.audit.stories import decision, event, gone
from tests.unit.cases.conftest import Client, cases_on

ADMINISTRATOR = Principal("admin", Role.ADMINISTRATOR)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with testing.platform_in(tmp_path) as platform:
        open_database(platform.settings, "audit", audit.MIGRATIONS).close()
        open_database(platform.settings, "catalog", catalog.MIGRATIONS).close()
        yield platform


@pytest.fixture
def cases(platform: Platform) -> Iterator[Client]:
    with cases_on(platform) as client:
        yield client


def replayed(platform: Platform, case_id: str, version: int, **more: object) -> Replay:
    """Seal a decision on a version of a case, and make it again."""
    before = [gone(case_id, number) for number in range(1, version)]
    told = event(case_id, version, decision=decision(f"{case_id}:{version}", **more))
    with closing(database_of(platform.settings, "audit")) as database:
        SqlLedger(database).record([*before, told])
    return replay(platform.settings, f"{case_id}:{version}")


def test_a_record_of_a_case_that_does_not_exist_is_told(platform: Platform, cases: Client) -> None:
    """It could be invented: nothing verifies a commitment that nobody can open."""
    found = replayed(platform, "c1", 1)

    assert found.differences == ["the case: cases knows no version 1 of c1"]


def test_a_record_from_a_case_s_future_is_told(platform: Platform, cases: Client) -> None:
    """As where cases was restored from a copy older than the log."""
    case = cases.submit()

    found = replayed(platform, case.id, 7)

    assert found.differences == [f"the case: cases knows no version 7 of {case.id}"]


def test_words_that_were_erased_are_no_difference(platform: Platform, cases: Client) -> None:
    """The erasure is a step of the case."""
    case = cases.submit()
    cases.decide(case)
    wanted = pb.EraseCaseRequest(case_id=case.id, request_id="e1")
    cases.call("EraseCase", wanted, ADMINISTRATOR)

    found = replayed(platform, case.id, 2)

    assert (found.verdict, found.differences) == ("text erased, commitment verifies", [])


def test_words_that_were_lost_are_told(platform: Platform, cases: Client) -> None:
    """A key that is gone without an erasure is not passed off as one."""
    case = cases.submit()
    cases.decide(case)
    settings = platform.settings
    with closing(database_of(settings, "case-keys")) as database:
        Keys(database, master_key(settings.secrets_dir)).forget(case.id)

    (difference,) = replayed(platform, case.id, 2).differences

    assert "no erasure is recorded" in difference


BY_ITSELF = {"actor": "system", "outcome": "triage", "reason_code": "NO_MODEL"}
WITHOUT_MODEL = [
    ({"actor": "citizen"}, "decided by a person (citizen)", "the choice"),
    ({"actor": "triage-officer"}, "decided by a person (triage-officer)", "the choice"),
    (BY_ITSELF, "left to a person by the system", "the reason (NO_MODEL)"),
]


@pytest.mark.parametrize(("told", "verdict", "unseen"), WITHOUT_MODEL)
def test_what_no_model_decided_is_held_against_its_text(
    platform: Platform, cases: Client, told: dict[str, str], verdict: str, unseen: str
) -> None:
    """What cannot be made again is named, and the system is no person."""
    case = cases.decide(cases.submit()).case
    same = case.decision.commitment

    found = replayed(platform, case.id, 2, commitment=same, **told)

    assert found.verdict.startswith(verdict)
    assert found.differences == []
    assert [one.startswith(unseen) for one in found.not_compared] == [True]


@pytest.mark.parametrize("told", [{"actor": "citizen"}, BY_ITSELF])
def test_another_text_is_told_whoever_decided(
    platform: Platform, cases: Client, told: dict[str, str]
) -> None:
    """A text that was changed after a person decided is no text they decided upon."""
    case = cases.decide(cases.submit()).case

    found = replayed(platform, case.id, 2, commitment="ab" * 32, **told)

    assert found.verdict == "another text than was decided upon"
    assert len(found.differences) == 1


def test_what_the_system_cannot_decide_by_itself_is_told(platform: Platform, cases: Client) -> None:
    """It asks a person, and routes nothing."""
    case = cases.decide(cases.submit()).case
    routed = {**BY_ITSELF, "outcome": "route", "commitment": case.decision.commitment}

    (difference,) = replayed(platform, case.id, 2, **routed).differences

    assert difference.startswith("the outcome: route")
