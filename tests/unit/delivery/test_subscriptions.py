"""The door of subscriptions: who may have which, and what is refused."""

from typing import Any

import pytest

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis.errors import InvalidError, ServiceError
from services.delivery.domain.subscriptions import MAX_SUBSCRIPTIONS, check_url
from tests.receiver import Receiver
from tests.unit.delivery.catalog import Catalog
from tests.unit.delivery.conftest import ADMINISTRATOR, AKIMAT, Offices
from tests.unit.delivery.stories import message

STREAM = pb.SUBSCRIPTION_KIND_STREAM
WEBHOOK = pb.SUBSCRIPTION_KIND_WEBHOOK


def refusal(offices: Offices, method: str, **fields: Any) -> tuple[str, str]:
    """Return the code and field a call is refused with."""
    with pytest.raises(ServiceError) as refused:
        offices.manage(method, **fields)
    return refused.value.reason, refused.value.field


def test_a_subscription_comes_back_as_it_was_made(offices: Offices) -> None:
    """Filter and kind are kept; a stream is active at once and has no secret."""
    wanted = pb.Filter(types=["routed"], service_ids=["identity.passport"], regions=["75"])

    made = offices.manage("CreateSubscription", kind=STREAM, filter=wanted)

    assert made.subscription == offices.state()
    assert (made.subscription.filter, made.secret) == (wanted, "")
    assert made.subscription.state == pb.SUBSCRIPTION_STATE_ACTIVE


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (pb.Filter(types=["routed", "teleported"]), "filter.types"),
        (pb.Filter(service_ids=["identity.unicorn"]), "filter.service_ids"),
        (pb.Filter(regions=["99"]), "filter.regions"),
    ],
)
def test_a_filter_that_names_what_does_not_exist_is_refused(
    offices: Offices, wanted: pb.Filter, field: str
) -> None:
    """It is refused with a code and its field, at making and at changing, and nothing is kept."""
    made = refusal(offices, "CreateSubscription", kind=STREAM, filter=wanted)
    offices.manage("CreateSubscription", kind=STREAM)

    assert made == ("FILTER_UNKNOWN", field)
    assert refusal(offices, "UpdateSubscription", filter=wanted) == made
    assert offices.state().filter == pb.Filter()


def test_without_the_register_nothing_is_taken_on_trust(offices: Offices, catalog: Catalog) -> None:
    """While catalog is away a filter cannot be checked, so it is neither kept nor ignored."""
    catalog.is_away = True

    code, _ = refusal(offices, "CreateSubscription", kind=STREAM, filter=pb.Filter(regions=["75"]))

    assert code == "UNAVAILABLE"


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a" * 64, "a/b"])
def test_a_name_is_simple(offices: Offices, name: str) -> None:
    """A name stands in addresses, so it is letters, digits and hyphens."""
    assert refusal(offices, "CreateSubscription", kind=STREAM, name=name)[1] == "name"


def test_the_same_again_gets_the_first_answer(offices: Offices, receiver: Receiver) -> None:
    """A repetition makes nothing new and does not show the secret; another content is refused."""
    first = offices.manage("CreateSubscription", kind=WEBHOOK, url=receiver.url)

    again = offices.manage("CreateSubscription", kind=WEBHOOK, url=receiver.url)

    assert first.secret.startswith("whsec_")
    assert (again.subscription, again.secret) == (first.subscription, "")
    assert refusal(offices, "CreateSubscription", kind=STREAM)[0] == "SUBSCRIPTION_EXISTS"


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("CreateSubscription", {"kind": STREAM}),
        ("GetSubscription", {}),
        ("UpdateSubscription", {}),
        ("DeleteSubscription", {}),
        ("ActivateSubscription", {}),
        ("RotateSecret", {}),
        ("SeekSubscription", {"after_sequence": 0}),
        ("ListAttempts", {}),
        ("ListDeadLetters", {}),
        ("SendAgain", {}),
    ],
)
def test_another_office_s_subscription_does_not_exist(
    offices: Offices, receiver: Receiver, method: str, fields: dict[str, Any]
) -> None:
    """An officer of another office learns nothing, whatever they call."""
    offices.hook(receiver)

    refused = refusal(offices, method, principal=AKIMAT, **fields)

    assert refused == ("OFFICE_NOT_FOUND", "office")
    assert offices.state().url == receiver.url


def test_an_administrator_may_set_up_any_office(offices: Offices) -> None:
    """Any office of the register, and none that is not."""
    offices.manage("CreateSubscription", ADMINISTRATOR, office="akimat-75", kind=STREAM)

    found = offices.manage("GetSubscription", AKIMAT, office="akimat-75")

    assert found.subscription.office == "akimat-75"
    unknown = {"office": "akimat-99", "kind": STREAM, "principal": ADMINISTRATOR}
    assert refusal(offices, "CreateSubscription", **unknown)[0] == "OFFICE_NOT_FOUND"


def test_subscriptions_are_listed_by_name_and_end(offices: Offices) -> None:
    """What is removed is gone."""
    for name in ("b", "a", "c"):
        offices.manage("CreateSubscription", name=name, kind=STREAM)
    offices.manage("DeleteSubscription", name="b")

    request = pb.ListSubscriptionsRequest(office="MIA")
    listed = offices.call_subscriptions("ListSubscriptions", request).subscriptions

    assert [one.name for one in listed] == ["a", "c"]
    assert refusal(offices, "GetSubscription", name="b")[0] == "SUBSCRIPTION_NOT_FOUND"


def test_an_office_has_so_many_and_no_more(offices: Offices) -> None:
    """One office cannot make work without end."""
    for number in range(MAX_SUBSCRIPTIONS):
        offices.manage("CreateSubscription", name=f"n{number}", kind=STREAM)

    code, _ = refusal(offices, "CreateSubscription", name="more", kind=STREAM)

    assert code == "TOO_MANY_SUBSCRIPTIONS"


def test_a_subscription_may_begin_with_what_is_yet_to_come(offices: Offices) -> None:
    """-1 is the present end of the feed; a place beyond it is refused."""
    offices.tell(message("c1", 1), message("c2", 1))
    offices.wait_for(2)

    made = offices.manage("CreateSubscription", kind=STREAM, after_sequence=-1)

    assert made.subscription.position == 2
    beyond = refusal(offices, "CreateSubscription", name="b", kind=STREAM, after_sequence=3)
    assert beyond[0] == "CURSOR_AHEAD"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://office.kz/x",
        "https://",
        "https://user:password@office.kz/",
        "https://office.kz/#part",
        "https://office.kz:99999/",
        "https://office.kz/\n",
        "//office.kz/",
        "https:\\\\office.kz",
        "https://office.kz/" + "a" * 2048,
        "javascript:alert(1)",
    ],
)
def test_an_address_is_plain(url: str) -> None:
    """Whatever hides where it leads is refused before anything is resolved."""
    with pytest.raises(InvalidError) as refused:
        check_url(url)

    assert refused.value.reason == "URL_INVALID"


def test_a_stream_has_no_address_and_a_webhook_no_cursor(
    offices: Offices, receiver: Receiver
) -> None:
    """What belongs to the other kind is refused."""
    offices.hook(receiver)

    with_url = refusal(offices, "CreateSubscription", name="s", kind=STREAM, url=receiver.url)

    assert with_url == ("INVALID", "url")
    with pytest.raises(ServiceError) as refused:
        offices.acknowledge(1)
    assert refused.value.reason == "WRONG_KIND"
