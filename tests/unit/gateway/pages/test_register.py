"""The copy of the register: one question for all, and an answer whatever catalog does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.message import Message

from gateway.app import build
from gateway.http.session import Session
from gateway.pages import register
from gateway.pages.register import Register
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from services.chassis.application import Platform
from services.chassis.errors import DeadlineError, UnavailableError
from services.chassis.principal import ANONYMOUS, Role
from services.chassis.testing import running
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

CLIENTS: Any = SimpleNamespace(catalog=SimpleNamespace(GetCatalogue=None))
CATALOGUE = catalog.Catalogue(version="1", services=[catalog.Service(id="identity.passport")])


@dataclass(frozen=True)
class Caller(Session):
    """A caller whose catalog does as it is told."""

    does: list[str] = field(default_factory=lambda: ["answers"])
    asked: list[Message] = field(default_factory=list)

    async def call(self, _method: Callable[..., Any], request: Message) -> Any:
        """Answer, fail, or hang."""
        self.asked.append(request)
        if self.does[0] == "hangs":
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if self.does[0] == "fails":
            raise DeadlineError
        return catalog.GetCatalogueResponse(catalogue=CATALOGUE)


@pytest.fixture
def caller() -> Caller:
    """Give a caller whose catalog answers."""
    return Caller(CLIENTS, "", ANONYMOUS)


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every copy be too old at once, and nobody wait for long."""
    monkeypatch.setattr(register, "FRESH_SECONDS", -1.0)
    monkeypatch.setattr(register, "COPY_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(register, "FIRST_PATIENCE_SECONDS", 0.01)


async def many(kept: Register, caller: Caller, count: int = 8) -> list[Any]:
    waiting = (kept.current(caller) for _ in range(count))
    return await asyncio.gather(*waiting, return_exceptions=True)


def versions(found: list[Any]) -> set[str]:
    return {one.version for one in found}


@pytest.mark.parametrize("does", ["answers", "fails", "hangs"])
def test_all_who_wait_share_one_question(caller: Caller, stale: None, does: str) -> None:
    """And its answer, or its failure."""
    caller.does[0] = does
    found = asyncio.run(many(Register(), caller))

    assert len(caller.asked) == 1
    if does == "answers":
        assert versions(found) == {"1"}
    else:
        assert {type(one) for one in found} == {register.AwayError}


@pytest.mark.parametrize("does", ["fails", "hangs"])
def test_where_catalog_is_away_the_copy_serves(caller: Caller, stale: None, does: str) -> None:
    """However old it is: names change seldom, and a page without them helps nobody."""

    async def away() -> list[Any]:
        kept = Register()
        await kept.current(caller)
        caller.does[0] = does
        return await many(kept, caller)

    assert versions(asyncio.run(away())) == {"1"}


@pytest.mark.parametrize("does", ["fails", "hangs"])
def test_a_catalog_that_is_away_is_not_asked_by_everybody(
    caller: Caller, stale: None, does: str
) -> None:
    """A failure is remembered for a moment; behind a question that hangs nobody queues."""

    async def again() -> None:
        kept = Register()
        caller.does[0] = does
        for _ in range(5):
            await many(kept, caller)

    asyncio.run(again())

    assert len(caller.asked) == 1


def test_after_a_moment_it_is_asked_again(
    caller: Caller, stale: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that pages have the register as soon as catalog is back."""
    monkeypatch.setattr(register, "PAUSE_SECONDS", -1.0)

    async def back() -> list[Any]:
        kept = Register()
        caller.does[0] = "fails"
        await many(kept, caller)
        caller.does[0] = "answers"
        return await many(kept, caller)

    assert versions(asyncio.run(back())) == {"1"}


def test_pages_are_shown_while_catalog_is_away(
    visitor: Visitor,
    peer: Peer,
    visit_as: Callable[..., Visitor],
    stale: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What follows a request, and the queue and the cases of an office."""
    monkeypatch.setattr(register, "FIRST_PATIENCE_SECONDS", 20.0)
    assert visitor.get(f"/en/cases/{CASE_ID}").status_code == 200
    peer.refuse[catalog.GetCatalogueRequest] = UnavailableError()
    assert visitor.get(f"/en/cases/{CASE_ID}").status_code == 200

    officer = visit_as(Role.OFFICER, "MIA")
    for page in ("/en/office", f"/en/office/cases/{CASE_ID}"):
        assert officer.get(page).status_code == 200


@pytest.mark.parametrize("path", [f"/en/cases/{CASE_ID}", "/en/cases"])
def test_a_citizen_sees_their_request_though_nobody_knows_the_names(
    platform: Platform, peer: Peer, visit_as: Callable[..., Visitor], path: str
) -> None:
    """After a start while catalog is away: ids stand in the place of names."""
    peer.refuse[catalog.GetCatalogueRequest] = UnavailableError()
    citizen = visit_as(Role.CITIZEN)
    with running(platform, build(platform)) as started:
        answer = citizen.get(f"http://{started.addresses['http']}{path}")

    assert answer.status_code == 200
    assert ">identity.passport</a>" in answer.text
