"""The page that explains the API: made once from the OpenAPI document, without scripts."""

import base64
import hashlib
import json
from itertools import cycle
from typing import Any

import jinja2
import msgspec
from fastapi import FastAPI
from markupsafe import Markup
from starlette.responses import Response

from gateway.http.openapi import Document
from gateway.http.trace import SECURITY_HEADERS

FRESH_FOR = {"Cache-Control": "public, max-age=300"}
EXAMPLE_ORIGIN = "http://127.0.0.1:8080"


def install(app: FastAPI, document: Document) -> None:
    """Serve the OpenAPI document and the page made from it."""
    described = msgspec.json.encode(document)
    page, style = render(document)
    headers = FRESH_FOR | {"Content-Security-Policy": _policy(style)}

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi_json() -> Response:
        return Response(described, headers=FRESH_FOR, media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs_page() -> Response:
        return Response(page, headers=headers, media_type="text/html")


def render(document: Document) -> tuple[str, str]:
    """Return the page and the style that stands in it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gateway.http"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["prose"] = _prose
    style = environment.get_template("docs.css").render()
    page = environment.get_template("docs.html").render(
        document=document, groups=_groups(document), schemas=_schemas(document), style=style
    )
    return page, style


def _prose(text: str) -> Markup:
    """Return text with what stands between backticks as code, and everything escaped."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if is_code else part
        for part, is_code in zip(parts, cycle((False, True)), strict=False)
    )


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"{SECURITY_HEADERS['Content-Security-Policy']}; style-src 'sha256-{digest}'"


def _groups(document: Document) -> list[dict[str, Any]]:
    routes = [
        _route(path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return [
        {**tag, "routes": [route for route in routes if route["tag"] == tag["name"]]}
        for tag in document["tags"]
    ]


def _route(path: str, method: str, operation: Document) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(body.get("examples", {}).values())
    return {
        "id": operation["operationId"].replace("_", "-"),
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "body": _name(body.get("schema", {})),
        "examples": [
            {"summary": one["summary"], "curl": _curl(path, method, operation, one["value"])}
            for one in examples
        ]
        or [{"summary": "Example", "curl": _curl(path, method, operation, None)}],
        "responses": _responses(operation),
    }


def _responses(operation: Document) -> list[dict[str, str]]:
    return [
        {"status": status, "words": told["description"], "schema": _answer(told)}
        for status, told in operation["responses"].items()
    ]


def _answer(told: Document) -> str:
    return next((_name(one["schema"]) for one in told.get("content", {}).values()), "")


def _curl(path: str, method: str, operation: Document, body: Any) -> str:
    lines = ["curl -sS"]
    for parameter in operation.get("parameters", []):
        example = str(next(iter(parameter["schema"].get("examples", [])), ""))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", example)
        elif parameter["in"] == "header":
            lines.append(f"-H '{parameter['name']}: {example}'")
    if method != "get":
        lines.insert(1, f"-X {method.upper()}")
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join([f"{lines[0]} {EXAMPLE_ORIGIN}{path}", *lines[1:]])


def _schemas(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "words": schema.get("description", ""),
            "fields": [
                {
                    "name": field,
                    "type": _type(value),
                    "ref": _name(value) or _name(value.get("items", {})),
                    "words": value.get("description", ""),
                    "required": field in schema.get("required", []),
                }
                for field, value in schema.get("properties", {}).items()
            ],
        }
        for name, schema in document["components"]["schemas"].items()
    ]


def _name(schema: Document) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _type(schema: Document) -> str:
    """Say in a few words what a value looks like."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))
