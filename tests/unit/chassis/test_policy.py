"""The table of who may call what, held against the contracts."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import MethodDescriptor

import qyzmet
from services.chassis.errors import ForbiddenError
from services.chassis.policy import Policy
from services.chassis.principal import ANONYMOUS, Principal, Role

PEOPLE = frozenset(Role) - {Role.SERVICE}


def contracts() -> Iterator[MethodDescriptor]:
    """Give every call of every contract, found by walking the generated code."""
    (generated,) = map(Path, qyzmet.__path__)
    for path in sorted(generated.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(generated.parent).with_suffix("").parts)
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            yield from service.methods


CALLS = sorted(f"/{call.containing_service.full_name}/{call.name}" for call in contracts())
POLICY = Policy.bundled()


def test_the_contracts_are_found() -> None:
    """The walk over the contracts sees all six areas."""
    areas = {call.split(".")[1] for call in CALLS}

    assert areas == {"audit", "cases", "catalog", "classifier", "delivery", "routing"}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_has_a_row(call: str) -> None:
    """A call added to a contract is decided upon, by naming at least one role."""
    assert POLICY.rows.get(call)


@pytest.mark.parametrize("call", sorted(POLICY.rows))
def test_every_row_names_a_call(call: str) -> None:
    """A call that was taken away leaves no row behind."""
    assert call in CALLS


def test_nobody_needs_a_name_to_watch_the_log() -> None:
    """And for nothing else; the table says why."""
    assert {call.rpartition("/")[2] for call in POLICY.public} == {
        "GetCheckpoint",
        "GetConsistencyProof",
    }
    assert all(POLICY.public.values())


@pytest.mark.parametrize("call", sorted(POLICY.public))
def test_what_is_for_anybody_is_for_citizens(call: str) -> None:
    """Somebody without a name is a citizen who did not sign in."""
    POLICY.check(call, ANONYMOUS)


@pytest.mark.parametrize("service", sorted({call.split("/")[1] for call in CALLS}))
def test_every_service_says_whose_certificates_it_takes(service: str) -> None:
    """With TLS between services, a service without a line would answer nobody."""
    assert POLICY.callers.get(service)


def test_every_line_of_certificates_names_a_service() -> None:
    """A service that was taken away leaves no line behind."""
    assert POLICY.callers.keys() <= {call.split("/")[1] for call in CALLS}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_something(role: Role) -> None:
    """A role without a single call would be a mistake."""
    assert any(role in roles for roles in POLICY.rows.values())


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("call", CALLS)
def test_the_table_is_what_is_enforced(call: str, role: Role) -> None:
    """Who is in the row passes, who is not is refused."""
    somebody = Principal("somebody", role)

    if role in POLICY.rows[call]:
        POLICY.check(call, somebody)
    else:
        with pytest.raises(ForbiddenError):
            POLICY.check(call, somebody)


@pytest.mark.parametrize(
    "call",
    [
        "/qyzmet.cases.v1.CasesService/RecordDecisions",
        "/qyzmet.cases.v1.CasesService/RecordResponse",
        "/qyzmet.cases.v1.CasesService/RecordOverdue",
    ],
)
def test_only_services_change_a_case_s_decision(call: str) -> None:
    """No person records a decision past routing and delivery."""
    assert not POLICY.rows[call] & PEOPLE


def test_the_citizen_s_words_are_for_few() -> None:
    """Those who sort, count and administer do not read them."""
    readers = POLICY.rows["/qyzmet.cases.v1.CasesService/GetCaseText"]

    assert readers == {Role.CITIZEN, Role.PORTAL, Role.OFFICER}


def test_who_did_not_sign_in_may_submit() -> None:
    """An anonymous citizen is a citizen."""
    POLICY.check("/qyzmet.cases.v1.CasesService/SubmitCase", ANONYMOUS)


@pytest.mark.parametrize(
    "call", ["", "/", "SubmitCase", "/qyzmet.cases.v1.CasesService/submitcase"]
)
def test_what_is_no_call_is_refused(call: str) -> None:
    """Names are compared as they are."""
    with pytest.raises(ForbiddenError):
        POLICY.check(call, ANONYMOUS)


def test_every_role_is_told_in_words() -> None:
    """The file tells a lawyer what each role is, and no role that is not there."""
    assert set(POLICY.roles) == set(Role)
    assert all(words.endswith(".") for words in POLICY.roles.values())


def test_the_file_names_no_call_twice() -> None:
    """TOML refuses a second line for a call; so nobody is let in by a line further down."""
    text = '["a.v1.A"]\nDo = ["citizen"]\nDo = ["portal"]\n'

    with pytest.raises(ValueError, match="overwrite"):
        Policy.read(text)


def test_a_role_that_is_misspelt_stops_the_start() -> None:
    """A slip in the table is not a role nobody has."""
    with pytest.raises(ValueError, match="citizn"):
        Policy.read('["a.v1.A"]\nDo = ["citizn"]\n')
