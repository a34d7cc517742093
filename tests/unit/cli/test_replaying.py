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


def replayed(platform: Platform, case_id: str, version: int) -> Replay:
    """Seal a decision on a version of a case, and make it again."""
    before = [gone(case_id, number) for number in range(1, version)]
    told = event(case_id, version, decision=decision(f"{case_id}:{version}"))
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
