"""The OpenAPI document says what the routes do."""

from typing import Any, get_args

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.http import fields
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from services.chassis import codec


@pytest.fixture
def document(http: httpx.Client) -> dict[str, Any]:
    """Give the document as it is served."""
    return http.get("/openapi.json").json()


@pytest.fixture
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the operations by their ids."""
    found = [one for path in document["paths"].values() for one in path.values()]
    return {operation["operationId"]: operation for operation in found}


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    """An independent validator accepts it."""
    OpenAPIV31SpecValidator(document).validate()

    assert document["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema is named that is not there."""
    named = {part.split('"')[0] for part in str(document).replace("'", '"').split("schemas/")[1:]}

    assert named <= document["components"]["schemas"].keys()


@pytest.mark.parametrize("status", ["400", "401", "403", "429", "500", "503", "504"])
def test_every_operation_tells_its_refusals(operations: dict[str, Any], status: str) -> None:
    """What can happen to every request is told of every request, as a problem."""
    without = [
        name
        for name, operation in operations.items()
        if "application/problem+json" not in operation["responses"][status]["content"]
    ]

    assert without == []


@pytest.mark.parametrize("status", ["404", "408", "409", "413", "415", "422"])
def test_a_change_tells_its_own_refusals(operations: dict[str, Any], status: str) -> None:
    """Whoever changes a case may be late, wrong, or repeating."""
    assert status in operations["confirm_case"]["responses"]


def test_a_reading_tells_no_framework_error(operations: dict[str, Any]) -> None:
    """The framework's own 422 never happens, so it is not told."""
    assert "422" not in operations["list_cases"]["responses"]


def test_every_change_asks_for_a_key(operations: dict[str, Any]) -> None:
    """Whatever has a key in words has it in the document."""
    asking = {
        name
        for name, operation in operations.items()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    }

    of_cases = {"submit", "withdraw", "confirm", "assign", "accept", "complete", "return"}
    of_cases |= {"split", "reopen", "rate", "erase"}
    others = {"ask_citizen", "provide_information", "object_to_decision"}
    others |= {"change_service", "merge_services", "split_service"}
    others |= {"discard_draft", "publish_draft"}
    others |= {"propose_model", "approve_model", "refuse_model", "set_shadow"}
    assert asking == {f"{verb}_case" for verb in of_cases} | others


def test_every_change_of_a_case_takes_its_entity_tag(operations: dict[str, Any]) -> None:
    """Whoever may be late can say what they saw, and learns what holds after."""
    changes = [one for one in operations.values() if "412" in one["responses"]]

    for one in changes:
        assert "If-Match" in [parameter["name"] for parameter in one["parameters"]]
        assert "ETag" in one["responses"]["200"]["headers"]
    assert len(changes) >= 8


def test_every_operation_has_a_sentence(operations: dict[str, Any]) -> None:
    """A summary is a sentence, not a name."""
    assert [name for name, one in operations.items() if not one["summary"].endswith(".")] == []


def test_a_submission_is_shown_in_three_languages(operations: dict[str, Any]) -> None:
    """Kazakh, Russian and English stand side by side."""
    content = operations["submit_case"]["requestBody"]["content"]["application/json"]

    assert list(content["examples"]) == ["kk", "ru", "en"]


def test_every_field_of_an_answer_is_explained(document: dict[str, Any]) -> None:
    """The words of the contracts arrive, also those of times and lists."""
    fields = document["components"]["schemas"]["Case"]["properties"]

    assert fields["submit_time"]["description"] == "When the request was accepted."
    assert [name for name, field in fields.items() if not field.get("description")] == []


def test_every_example_is_taken(http: httpx.Client, operations: dict[str, Any]) -> None:
    """What the document shows works as it stands."""
    content = operations["submit_case"]["requestBody"]["content"]["application/json"]

    answers = [http.post("/v1/cases", json=one["value"]) for one in content["examples"].values()]

    assert {answer.status_code for answer in answers} == {201}


def test_an_answer_is_as_the_document_says(http: httpx.Client, document: dict[str, Any]) -> None:
    """The codec writes what the schema requires, and nothing it does not know."""
    schema = document["components"]["schemas"]["ListCasesResponse"]
    case = document["components"]["schemas"]["Case"]

    page = http.get("/v1/cases").json()

    assert set(schema["required"]) <= page.keys() <= schema["properties"].keys()
    assert set(case["required"]) <= page["cases"][0].keys() <= case["properties"].keys()


@pytest.mark.parametrize(
    ("said", "enum"),
    [
        (fields.State, cases_pb2.State.DESCRIPTOR),
        (fields.Language, catalog_pb2.Language.DESCRIPTOR),
    ],
)
def test_what_may_be_asked_for_is_what_the_contracts_know(said: Any, enum: Any) -> None:
    """A state or language added to the contracts is not forgotten here."""
    known = [codec.kebab(enum, value.number) for value in enum.values if value.number]

    assert list(get_args(said)) == known
