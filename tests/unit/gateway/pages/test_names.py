"""Offices by their names in the language of the page, and never by their codes."""

import re
from collections.abc import Callable

import pytest

from gateway.pages import register
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from services.chassis.errors import UnavailableError
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.pages.test_officer import HELD
from tests.unit.gateway.peer import CASE_ID, DRAFT, SERVICE, Peer

CODE = re.compile(r"\bMIA\b")
NOT_SHOWN = re.compile(r"<(script|style|title)\b.*?</\1>|<[^>]*>", re.DOTALL)


def seen(visitor: Visitor, path: str) -> str:
    """Return the text of a page as it is read."""
    return NOT_SHOWN.sub(" ", visitor.get(path).text)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.OFFICER, "sign-in"),
        (Role.OFFICER, "demo-sign-in"),
        (Role.OFFICER, "office"),
        (Role.OFFICER, f"office/cases/{CASE_ID}"),
        (Role.TRIAGE_OFFICER, f"triage/cases/{CASE_ID}"),
        (Role.TRIAGE_OFFICER, f"triage/cases/{CASE_ID}?find=passport"),
        (Role.CATALOGUE_STEWARD, "steward"),
        (Role.CATALOGUE_STEWARD, "steward/draft"),
        (Role.CITIZEN, f"cases/{CASE_ID}"),
        (Role.CITIZEN, "services/identity.passport"),
    ],
)
def test_a_page_tells_the_name_of_an_office_and_not_its_code(
    visit_as: Callable[..., Visitor], peer: Peer, language: str, role: Role, path: str
) -> None:
    """In its own language, whoever looks."""
    moved = catalog.Service(id=SERVICE.id, agency="AKIMAT")
    difference = catalog.ServiceDifference(before=SERVICE, after=moved)
    draft = catalog.Draft(catalogue=DRAFT.catalogue, differences=[difference])
    peer.answers[catalog.GetDraftRequest] = catalog.GetDraftResponse(draft=draft)
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=HELD)
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[HELD])
    visitor = visit_as(role, *(["MIA"] if role is Role.OFFICER else []))

    page = seen(visitor, f"/{language}/{path}")

    assert f"Ministry {language}" in page
    assert not CODE.search(page)


def test_an_office_of_a_region_is_told_with_its_region(visit_as: Callable[..., Visitor]) -> None:
    """So that one akimat is not taken for another."""
    officer = visit_as(Role.OFFICER, "akimat-75", "MIA")

    page = seen(officer, "/kk/sign-in")

    assert "Akimat kk, Almaty kk" in page
    assert "Ministry kk" in page


def test_one_signs_in_and_out_while_the_register_is_away(
    visit_as: Callable[..., Visitor], peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names wait until it is back; the page does not."""
    monkeypatch.setattr(register, "FRESH_SECONDS", -1.0)
    officer = visit_as(Role.OFFICER, "nowhere-99")
    peer.refuse[catalog.GetCatalogueRequest] = UnavailableError()

    page = officer.get("/en/sign-in")

    assert peer.asked_for(catalog.GetCatalogueRequest)
    assert page.status_code == 200
    assert "nowhere-99" in page.text


def test_a_draft_tells_what_it_changes_in_the_words_of_its_form(
    visit_as: Callable[..., Visitor], peer: Peer
) -> None:
    """Agencies, events of life, channels and audiences by name."""
    before = catalog.Service(id="a", channel=catalog.CHANNEL_IN_PERSON, agency="AKIMAT")
    after = catalog.Service(
        id="a",
        channel=catalog.CHANNEL_ONLINE,
        agency="MIA",
        life_event="identity",
        audience=catalog.AUDIENCE_BOTH,
    )
    difference = catalog.ServiceDifference(before=before, after=after)
    draft = catalog.Draft(differences=[difference])
    peer.answers[catalog.GetDraftRequest] = catalog.GetDraftResponse(draft=draft)

    page = visit_as(Role.CATALOGUE_STEWARD).get("/ru/steward/draft").text

    for was, will in (("Akimat ru", "Ministry ru"), ("Лично", "Онлайн")):
        assert f"<del>{was}</del> <ins>{will}</ins>" in page
    assert "<ins>Identity ru</ins>" in page
    assert "<ins>both</ins>" not in page
