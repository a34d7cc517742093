"""What the door of catalog promises to stewards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.catalog import events
from services.chassis import codec
from services.chassis.errors import ConflictError, ForbiddenError, InvalidError
from tests.unit.catalog.conftest import Client
from tests.unit.routing.world import eventually

Start = Callable[..., Client]
PASSPORT, CARD = "identity.passport", "identity.id-card"


@pytest.fixture
def catalog(start: Start, folder: Path) -> Client:
    return start(folder)


def of(catalog: Client, service_id: str, **changed: Any) -> pb.Service:
    """Return a service as it is, changed as told."""
    service = catalog.call("GetService", service_id=service_id).service
    service.MergeFrom(pb.Service(**changed))
    return service


def test_a_service_is_changed_published_and_looked_up(catalog: Client) -> None:
    """From the next call on, without a start."""
    wanted = of(catalog, PASSPORT, title={"kk": "Төлқұжат"}, term_days=3)
    draft = catalog.steward(
        "ChangeService", service_id=PASSPORT, service=wanted, request_id="r1"
    ).draft
    assert catalog.call("GetService", service_id=PASSPORT).service.term_days == 0

    catalog.steward("PublishDraft", expected_version=draft.version, request_id="r2")

    assert catalog.call("GetService", service_id=PASSPORT).service == wanted
    assert catalog.version() == draft.catalogue_version


def test_two_people_publish_where_the_setting_says_so(start: Start, folder: Path) -> None:
    """Who changed the draft is refused, and told so by the draft; another steward is not."""
    catalog = start(folder, catalogue_two_people=True)
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    draft = catalog.steward("MergeServices", **merged).draft
    assert (draft.two_people, list(draft.editors)) == (True, ["aigul"])

    with pytest.raises(ConflictError) as refusal:
        catalog.steward("PublishDraft", expected_version=draft.version, request_id="r2")
    assert refusal.value.reason == "OWN_DRAFT"
    catalog.steward("PublishDraft", "berik", expected_version=draft.version, request_id="r3")

    assert catalog.version() == draft.catalogue_version


def test_a_service_is_given_an_address(catalog: Client) -> None:
    """Over TLS, and nothing that could be taken for something else."""
    where = "https://egov.kz/cms/kk/services?page=1"
    asked = {"service_id": PASSPORT, "service": of(catalog, PASSPORT, online_address=where)}
    (difference,) = catalog.steward("ChangeService", **asked, request_id="r1").draft.differences
    assert difference.after.online_address == where

    for number, wrong in enumerate(
        (
            "http://egov.kz",
            "javascript:alert(1)",
            "https://egov.kz@evil.kz",
            "https://egov .kz",
            "x",
        )
    ):
        asked["service"] = of(catalog, PASSPORT, online_address=wrong)
        with pytest.raises(InvalidError) as refusal:
            catalog.steward("ChangeService", **asked, request_id=f"w{number}")
        assert (refusal.value.reason, refusal.value.field) == ("BAD_ADDRESS", "online-address")


def test_a_merged_id_is_looked_up_as_its_successor(catalog: Client) -> None:
    """And whoever keeps a copy is told so."""
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    draft = catalog.steward("MergeServices", **merged).draft
    catalog.steward("PublishDraft", expected_version=draft.version, request_id="r2")

    assert catalog.call("GetService", service_id=PASSPORT).service.id == CARD
    (led_on,) = catalog.call("GetCatalogue").catalogue.retired
    assert (led_on.id, led_on.successor_id) == (PASSPORT, CARD)


def test_a_split_adds_a_service_to_the_draft(catalog: Client) -> None:
    """The difference shows what is new, and what stays under the old id."""
    part = of(catalog, PASSPORT, id="identity.child-passport")
    rest = of(catalog, PASSPORT, term_days=9)
    asked = {"service_id": PASSPORT, "part": part, "rest": rest, "request_id": "r1"}
    new, old = catalog.steward("SplitService", **asked).draft.differences

    assert (new.after, new.HasField("before")) == (part, False)
    assert (old.before.term_days, old.after.term_days) == (0, 9)


def test_a_draft_is_shown_whole_where_that_is_asked(catalog: Client) -> None:
    """With services that nobody but stewards sees yet."""
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    catalog.steward("MergeServices", **merged)

    whole = catalog.steward("GetDraft", with_catalogue=True).draft
    assert len(whole.catalogue.services) == 3
    assert not catalog.steward("GetDraft").draft.HasField("catalogue")


def test_a_discarded_draft_differs_in_nothing(catalog: Client) -> None:
    """And the trail names who did it."""
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    catalog.steward("MergeServices", **merged)
    draft = catalog.steward("DiscardDraft", "berik", request_id="r2").draft

    assert not draft.differences
    newest, oldest = catalog.steward("ListChanges").changes
    assert (newest.subject, newest.kind) == ("berik", pb.CHANGE_KIND_DISCARD)
    assert (oldest.service_id, oldest.other_id) == (PASSPORT, CARD)


def test_the_trail_has_pages(catalog: Client) -> None:
    """Each begins where the one before ended."""
    for number in range(3):
        catalog.steward("DiscardDraft", request_id=f"r{number}")

    first = catalog.steward("ListChanges", page_size=2)
    second = catalog.steward("ListChanges", page_size=2, page_token=first.next_page_token)
    assert [one.draft_version for one in first.changes] == [3, 2]
    assert [one.draft_version for one in second.changes] == [1]
    assert second.next_page_token == ""


@pytest.mark.parametrize(
    ("method", "fields", "field"),
    [
        ("PublishDraft", {"request_id": "r"}, "expected_version"),
        ("DiscardDraft", {}, "request_id"),
        ("DiscardDraft", {"request_id": "r" * 129}, "request_id"),
        ("DiscardDraft", {"request_id": "r", "expected_version": -1}, "expected_version"),
        ("ListChanges", {"page_token": "x"}, "page_token"),
        ("ListChanges", {"page_size": 501}, "page_size"),
        ("ChangeService", {"request_id": "r", "service": {"audience": 1}}, "channel"),
        ("ChangeService", {"request_id": "r", "service": {"channel": 1}}, "audience"),
        (
            "ChangeService",
            {"request_id": "r", "service": {"channel": 1, "audience": 1, "term_days": 1001}},
            "term-days",
        ),
    ],
)
def test_what_is_asked_has_bounds(
    catalog: Client, method: str, fields: dict[str, Any], field: str
) -> None:
    """The answer names the field."""
    with pytest.raises(InvalidError) as caught:
        catalog.steward(method, **fields)

    assert caught.value.field == field


def test_nobody_else_sees_the_draft(catalog: Client) -> None:
    """What is not decided is not shown."""
    with pytest.raises(ForbiddenError):
        catalog.call("GetDraft")


def test_each_version_is_told_on_the_bus(catalog: Client) -> None:
    """The first from the files, the next by who published it."""
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    draft = catalog.steward("MergeServices", **merged).draft
    catalog.steward("PublishDraft", expected_version=draft.version, request_id="r2")
    bus = catalog.platform.bus

    eventually(lambda: len(list(bus.history(events.TOPIC.name))) == 2)

    records = [codec.from_record(one) for one in bus.history(events.TOPIC.name)]
    assert {event.type for event, _ in records} == {events.PUBLISHED}
    told = [codec.decode(data, pb.CataloguePublished) for _, data in records]
    assert [one.subject for one in told] == ["", "aigul"]
    assert told[1].base_version == told[0].version


def test_a_start_keeps_what_stewards_published(start: Start, folder: Path) -> None:
    """Whatever the files say."""
    catalog = start(folder)
    merged = {"service_id": PASSPORT, "successor_id": CARD, "request_id": "r1"}
    draft = catalog.steward("MergeServices", **merged).draft
    catalog.steward("PublishDraft", expected_version=draft.version, request_id="r2")

    assert start(folder).version() == draft.catalogue_version
