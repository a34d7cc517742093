"""Queues of offices: what is due first, and what one looks for."""

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import State
from services.cases.ports import Filter, Order
from services.cases.store.listing import listing
from services.chassis.errors import InvalidError
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import BEGINNING, Cabinet
from tests.unit.cases.conftest import Client

OFFICER = Principal("dana", Role.OFFICER, offices=frozenset({"MIA"}))
SORTER = Principal("aliya", Role.TRIAGE_OFFICER)
DUE_FIRST = pb.CASE_ORDER_DUE
FAR_AWAY = base64.urlsafe_b64encode(bytes(16) + b"\x7f" * 8).decode()
"""A token of our form whose time no calendar knows."""


def listed(cases: Client, **wanted: object) -> list[str]:
    return [one.id for one in cases.call("ListCases", pb.ListCasesRequest(**wanted), OFFICER).cases]


def routed(cases: Client, key: str, **decision: object) -> pb.Case:
    """Let the office hold a case that is due after so many working days."""
    case: pb.Case = cases.decide(cases.submit(key), **decision).case
    return case


def test_what_is_due_first_comes_first(cases: Client) -> None:
    """Not what came first."""
    late = routed(cases, "k1", term_days=9)
    soon = routed(cases, "k2", term_days=2)

    assert listed(cases, order=DUE_FIRST) == [soon.id, late.id]
    assert listed(cases, order=pb.CASE_ORDER_NEWEST) == [soon.id, late.id]
    assert listed(cases) == [soon.id, late.id]


def test_what_is_due_together_is_in_the_order_of_arrival(cases: Client) -> None:
    """Who waits longer comes first."""
    made = [routed(cases, f"k{n}").id for n in range(3)]

    assert listed(cases, order=DUE_FIRST) == made


def test_pages_of_what_is_due_hold_every_case_once(cases: Client) -> None:
    """Also where many are due at one moment."""
    terms = [5, 2, 5, 2, 9, 5]
    made = [routed(cases, f"k{n}", term_days=term).id for n, term in enumerate(terms)]
    seen: list[str] = []
    token = ""
    while True:
        request = pb.ListCasesRequest(page_size=2, page_token=token, order=DUE_FIRST)
        page = cases.call("ListCases", request, OFFICER)
        seen += [one.id for one in page.cases]
        if not (token := page.next_page_token):
            break

    assert seen == [made[n] for n in (1, 3, 0, 2, 5, 4)]


def test_what_waits_for_its_citizen_is_not_due(cases: Client) -> None:
    """No time passes while the citizen is asked, so there is nothing to be first with."""
    case = routed(cases, "k1")
    cases.answer(case, pb.RESPONSE_KIND_ASK, reason_code="DETAILS_NEEDED", text="Қашан?")

    assert listed(cases, order=DUE_FIRST) == []
    assert listed(cases) == [case.id]


def test_one_asks_for_what_is_due_before_a_moment(cases: Client) -> None:
    """What is due at that moment is not among it."""
    soon = routed(cases, "k1", term_days=2)
    routed(cases, "k2", term_days=9)
    due = soon.due_time.ToDatetime()

    def until(moment: object) -> list[str]:
        stamp = Timestamp()
        stamp.FromDatetime(moment)  # type: ignore[arg-type]  # a datetime
        return listed(cases, due_before=stamp, order=DUE_FIRST)

    assert until(due) == []
    assert until(due + timedelta(microseconds=1)) == [soon.id]


def test_one_asks_for_the_cases_of_a_service(cases: Client) -> None:
    """By its id, in either order."""
    routed(cases, "k1")
    other = routed(cases, "k2", service_id="identity.id-card")

    assert listed(cases, service_id="identity.id-card") == [other.id]
    assert listed(cases, service_id="identity.id-card", order=DUE_FIRST) == [other.id]


@pytest.mark.parametrize("order", [pb.CASE_ORDER_NEWEST, DUE_FIRST])
def test_a_token_is_good_for_its_own_order_only(cases: Client, order: int) -> None:
    """A token of one order does not begin a page of the other."""
    for key in ("k1", "k2"):
        routed(cases, key)
    request = pb.ListCasesRequest(page_size=1, order=order)
    token = cases.call("ListCases", request, OFFICER).next_page_token
    other = DUE_FIRST if order == pb.CASE_ORDER_NEWEST else pb.CASE_ORDER_NEWEST

    with pytest.raises(InvalidError) as refusal:
        listed(cases, order=other, page_token=token)

    assert refusal.value.field == "page_token"


@pytest.mark.parametrize("token", ["x", "%%%", "AAAA", FAR_AWAY, "ключ"])
def test_a_foreign_token_is_refused(cases: Client, token: str) -> None:
    """Whatever somebody sends, the answer is the same error."""
    with pytest.raises(InvalidError) as refusal:
        listed(cases, order=DUE_FIRST, page_token=token)

    assert refusal.value.field == "page_token"


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(OFFICER, None, "MIA", "", 51, order=Order.DUE), "cases_by_due_time"),
        (Filter(SORTER, State.TRIAGED, "", "", 51, order=Order.DUE), "cases_to_sort"),
    ],
    ids=["office", "triage"],
)
def test_a_queue_is_read_from_its_index(cabinet: Cabinet, wanted: Filter, index: str) -> None:
    """In order, so that a page costs what it shows, however many cases there are."""
    query = listing(wanted)
    written = query.compile(
        cabinet.database.reading, compile_kwargs={"render_postcompile": True, "literal_binds": True}
    )
    if cabinet.database.reading.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table whole")
    with cabinet.database.read() as connection:
        plan = [row[-1] for row in connection.execute(sa.text(f"EXPLAIN QUERY PLAN {written}"))]

    assert any(index in line for line in plan), plan
    assert not any("TEMP B-TREE" in line for line in plan), plan


def test_a_store_keeps_the_order_where_databases_differ(cabinet: Cabinet) -> None:
    """Cases on which nothing is due are nowhere in the order, first or last."""
    waiting, ended = cabinet.add(request_id="k1"), cabinet.add(request_id="k2")
    for case in (waiting, ended):
        cabinet.decide(case, f"d-{case.id}")
    cabinet.withdraw(ended, "w1")

    found = cabinet.store.list(Filter(OFFICER, None, "", "", 10, order=Order.DUE))

    assert [one.id for one in found] == [waiting.id]
    assert found[0].due_time is not None
    assert found[0].due_time > BEGINNING
