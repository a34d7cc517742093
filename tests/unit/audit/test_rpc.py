"""The door of audit: what analysts are told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit import app
from services.audit.domain import NoRegisterError
from services.chassis import testing
from services.chassis.config import SettingsError
from services.chassis.errors import ForbiddenError, InvalidError, UnavailableError
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import message

Eventually = Callable[[Callable[[], object]], None]
CITIZEN = Principal("citizen", Role.CITIZEN)


def test_the_shares_of_cases_are_told(analysts: Analysts, eventually: Eventually) -> None:
    """Three cases online and one in person make 75 %."""
    analysts.tell(*(message(f"c{n}", 1) for n in range(3)), message("c4", 1, channel="in-person"))

    eventually(lambda: analysts.coverage().routed_case_count == 4)

    assert analysts.coverage().online_case_share == 0.75


def test_the_cases_are_told_by_office(analysts: Analysts, eventually: Eventually) -> None:
    """Each office has its row."""
    analysts.tell(message("c1", 1), message("c2", 1, office="akimat-75"))

    eventually(lambda: analysts.coverage().routed_case_count == 2)

    assert [row.key for row in analysts.coverage().offices] == ["MIA", "akimat-75"]


def test_the_register_is_the_catalogs(analysts: Analysts) -> None:
    """How many services there are and are online is what the catalog says, at its version."""
    told = analysts.coverage()

    assert 0 < told.online_service_count < told.service_count
    assert told.online_service_share == told.online_service_count / told.service_count
    assert len(told.catalogue_version) == 64


def test_without_a_register_there_is_no_answer(lonely: Analysts) -> None:
    """Until the catalog was reached once, half an answer is not given."""
    with pytest.raises(UnavailableError) as refusal:
        lonely.coverage()

    assert refusal.value.reason == NoRegisterError.reason


def test_decisions_are_told_as_they_were_made(analysts: Analysts, eventually: Eventually) -> None:
    """A decision comes back with its id, probability and time."""
    analysts.tell(message("c1", 1))
    eventually(lambda: analysts.decisions("c1"))

    (told,) = analysts.decisions("c1")

    assert (told.case_version, told.decision.id) == (1, "c1:1")
    assert told.decision.probability == 0.93


def test_decisions_are_for_analysts(analysts: Analysts) -> None:
    """A citizen may see the coverage, and no decisions."""
    with pytest.raises(ForbiddenError):
        analysts.decisions("c1", CITIZEN)


def test_a_case_must_be_named(analysts: Analysts) -> None:
    """Decisions are listed case by case."""
    with pytest.raises(InvalidError) as refusal:
        analysts.decisions("")

    assert refusal.value.field == "case_id"


def test_in_production_a_log_without_a_name_of_its_own_is_not_begun(tmp_path: Path) -> None:
    """Two installations of the usual name were one log that was forked, to whoever watches."""
    with (
        testing.platform_in(tmp_path, environment="production") as platform,
        pytest.raises(SettingsError, match="QYZMET_AUDIT__ORIGIN"),
    ):
        app.build(platform)
