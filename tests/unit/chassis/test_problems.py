"""How every error is told, over gRPC and over HTTP."""

import inspect
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis import errors, problems
from services.chassis.errors import ServiceError
from tests.unit.chassis import doors

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ServiceError) and kind is not ServiceError
]


class HomeworkError(errors.ConflictError):
    """A kind that only one service knows."""

    reason = "HOMEWORK_EATEN"


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_in_the_table(kind: type[ServiceError]) -> None:
    """An error added without a row fails here."""
    assert kind in problems.TABLE


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_reason_of_its_own(kind: type[ServiceError]) -> None:
    """Programs can tell errors apart by the reason alone."""
    assert [other for other in KINDS if other.reason == kind.reason] == [kind]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_s_docstring_is_its_message(kind: type[ServiceError]) -> None:
    """Every error says something, even where the raiser says nothing."""
    assert kind().message == kind.__doc__
    assert kind("said").message == str(kind("said")) == "said"


@pytest.fixture(scope="module", params=doors.DOORS)
def door(request: pytest.FixtureRequest) -> Iterator[grpc.Channel]:
    """Give a channel to a door that refuses with the error its caller names."""

    def answer(wanted: StringValue, _context: Any) -> StringValue:
        name, reason, field = wanted.value.split("|")
        raise (getattr(errors, name, None) or HomeworkError)("Өтініш", reason=reason, field=field)

    with doors.opened(doors.DOORS[request.param](answer)) as channel:
        yield channel


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_arrives_as_what_it_was(door: grpc.Channel, kind: type[ServiceError]) -> None:
    """Class, message, reason and field survive the way through a real door."""
    with pytest.raises(ServiceError) as refusal:
        doors.ask(door, text=f"{kind.__name__}||region")

    got = refusal.value
    assert type(got) is kind
    assert (got.message, got.reason, got.field) == ("Өтініш", kind.reason, "region")


@pytest.mark.parametrize("kind", KINDS)
def test_a_reason_of_its_own_keeps_an_error_s_family(
    door: grpc.Channel, kind: type[ServiceError]
) -> None:
    """Where the reason is not one of the table's, the status says which family it is."""
    with pytest.raises(ServiceError) as refusal:
        doors.ask(door, text=f"{kind.__name__}|A_SPECIAL_CASE|")

    got = refusal.value
    assert got.reason == "A_SPECIAL_CASE"
    assert problems.telling(got).code is problems.TABLE[kind].code


def test_a_service_s_own_error_arrives_as_its_nearest_kind(door: grpc.Channel) -> None:
    """Who does not know the class still knows the family and the reason."""
    with pytest.raises(errors.ConflictError) as refusal:
        doors.ask(door, text="HomeworkError||")

    assert refusal.value.reason == "HOMEWORK_EATEN"


@pytest.mark.parametrize("kind", KINDS)
def test_the_status_code_is_the_table_s(door: grpc.Channel, kind: type[ServiceError]) -> None:
    """Callers that know nothing of us see the standard's own code."""
    with pytest.raises(grpc.RpcError) as refusal:
        doors.method(door)(StringValue(value=f"{kind.__name__}||"), timeout=10)

    assert refusal.value.code() is problems.TABLE[kind].code


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_may_succeed_later_invites_another_try(
    door: grpc.Channel, kind: type[ServiceError]
) -> None:
    """google.rpc.RetryInfo comes with errors that pass, and with no others."""
    with pytest.raises(grpc.RpcError) as refusal:
        doors.method(door)(StringValue(value=f"{kind.__name__}||"), timeout=10)

    details = dict(refusal.value.trailing_metadata())[problems.DETAILS_KEY]
    assert (b"google.rpc.RetryInfo" in details) == issubclass(kind, errors.RETRYABLE)


@pytest.mark.parametrize("kind", [*KINDS, HomeworkError])
def test_a_problem_has_the_members_of_its_standard(kind: type[ServiceError]) -> None:
    """RFC 9457: type, title, status, detail and instance."""
    problem = problems.to_problem(kind("What happened."), instance="/cases/1")

    assert problem["type"].startswith("https://qyzmet.kz/problems/")
    assert problem["title"] == problems.telling(kind()).title
    assert problem["status"] == problems.telling(kind()).http
    assert problem["detail"] == "What happened."
    assert problem["instance"] == "/cases/1"


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_s_status_is_an_error_s(kind: type[ServiceError]) -> None:
    """4xx where the caller must change something, 5xx where we must; 429 asks for patience."""
    status = problems.TABLE[kind].http
    ours = (errors.UnavailableError, errors.DeadlineError, errors.InternalError)

    assert status // 100 == (5 if issubclass(kind, ours) else 4)


def test_a_problem_s_type_and_code_name_the_reason() -> None:
    """One as an address, one as a constant."""
    problem = problems.to_problem(errors.IdempotencyKeyReusedError())

    assert problem["type"] == "https://qyzmet.kz/problems/idempotency-key-reused"
    assert problem["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_a_problem_names_the_field_to_change() -> None:
    """Where the error knows the field, the problem does."""
    problem = problems.to_problem(errors.InvalidError("too long", field="text"))

    assert problem["errors"] == [{"field": "text", "detail": "too long"}]


def test_a_problem_leaves_out_what_it_does_not_know() -> None:
    """No empty members."""
    assert problems.to_problem(errors.NotFoundError()).keys() == {
        "type",
        "title",
        "status",
        "detail",
        "code",
    }


def test_an_error_outside_the_table_is_told_as_ours() -> None:
    """What nobody thought of is a failure of ours, not the caller's."""

    class NovelError(ServiceError):
        """Something new."""

    assert problems.telling(NovelError()).http == 500
