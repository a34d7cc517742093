"""The OpenAPI document: routes from the code, answers from the protos, words from both."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from google.protobuf import descriptor_pool

from gateway.http import schemas

TITLE = "Qyzmet"
VERSION = "1.0.0"
DESCRIPTION = """\
Takes a citizen's request in their own words, in Kazakh, Russian or English, to the office that
handles it. Requests and answers are JSON: names in snake_case, enums in lower-case kebab, times
after RFC 3339 in UTC. In answers, texts, objects and enums that are not set are left out; numbers,
truth values and lists are always there.

Whoever signs in sends `Authorization: Bearer TOKEN`. Whatever changes a case needs an
`Idempotency-Key`: a repetition with the same key gets the first answer. Every refusal is
`application/problem+json` (RFC 9457); its `code` is a constant that programs may compare."""

TAGS = [
    {"name": "cases", "description": "What citizens ask, and what becomes of it."},
    {"name": "routing", "description": "Which service handles a request."},
    {"name": "offices", "description": "What offices answer, and what they are sent."},
    {"name": "subscriptions", "description": "How offices want their feeds, and how that goes."},
    {"name": "services", "description": "The register of public services, and its coverage."},
    {"name": "analysts", "description": "What is counted, as JSON or as a table."},
    {"name": "models", "description": "Which model answers, and who lets which go live."},
    {"name": "catalogue", "description": "The draft of the register; for its stewards."},
    {"name": "audit", "description": "The log of decisions, its checkpoints and proofs."},
]
BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

Document = dict[str, Any]


def document(app: FastAPI) -> Document:
    """Return the OpenAPI 3.1 document of the app."""
    made = get_openapi(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    operations = [one for path in made["paths"].values() for one in path.values()]
    messages = {operation.pop("x-message") for operation in operations}
    for operation in operations:
        _split_words(operation)
        _drop_framework_errors(operation)
    components = made["components"]
    components["schemas"] = _schemas(components["schemas"], messages)
    components["securitySchemes"] = {"bearer": BEARER}
    made["security"] = [{"bearer": []}, {}]
    return made


def _split_words(operation: Document) -> None:
    """Make the first sentence of the docstring the summary, the rest the description."""
    first, _, rest = operation.pop("description").partition("\n\n")
    operation["summary"] = first
    if rest:
        operation["description"] = rest


def _drop_framework_errors(operation: Document) -> None:
    """Leave out the 422 that the framework would answer; ours is told as 400."""
    if "HTTPValidationError" in str(operation["responses"].get("422", "")):
        del operation["responses"]["422"]


def _schemas(bodies: Document, messages: set[str]) -> Document:
    pool = descriptor_pool.Default()
    answers = schemas.of_messages(pool.FindMessageTypeByName(name) for name in sorted(messages))
    ours = {name: body for name, body in bodies.items() if "ValidationError" not in name}
    return dict(sorted({**ours, **answers, "Problem": schemas.PROBLEM}.items()))
