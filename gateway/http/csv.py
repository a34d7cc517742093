"""Answers as tables: CSV after RFC 4180, for whoever accepts text/csv rather than JSON."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.session import answer
from services.chassis import codec

MEDIA_TYPE = "text/csv"
MARK = "\ufeff"
"""Tells spreadsheets that the letters of a file are UTF-8."""
JSON = "application/json"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for something to compute."""


def answer_rows(request: Request, message: Message, rows: str) -> Response:
    """Return a message as JSON, or the list in its field as CSV where the caller likes it more.

    What `format` asks for comes before what `Accept` says.
    """
    if _is_csv(request):
        told = Response(table(message, rows), media_type=MEDIA_TYPE)
    else:
        told = answer(message)
    told.headers["vary"] = "Accept"
    return told


def _is_csv(request: Request) -> bool:
    if wanted := request.query_params.get("format"):
        return wanted == "csv"
    accept = request.headers.get("accept", "")
    return _weight(accept, MEDIA_TYPE) > _weight(accept, JSON)


def table(message: Message, rows: str, *, each: str = "", has_head: bool = True) -> str:
    """Return the list in a field as CSV; fields of a part carry its name before theirs.

    Of the lists of parts that a row may hold one is told, `each`, by a row for each of its parts.
    """
    kind = message.DESCRIPTOR.fields_by_name[rows].message_type
    written = io.StringIO()
    columns = list(_columns(kind, each=each))
    writer = csv.DictWriter(written, columns, restval="", extrasaction="ignore")
    if has_head:
        writer.writeheader()
    for row in codec.to_json(message)[rows]:
        for part in row.get(each) or [{}]:
            writer.writerow(dict(_flat(row | {each: part})))
    return written.getvalue()


def _columns(kind: Any, before: str = "", each: str = "") -> Iterator[str]:
    for field in kind.fields:
        if not field.message_type or _is_time(field):
            yield before + field.name
        elif not field.is_repeated or field.name == each:
            yield from _columns(field.message_type, f"{before}{field.name}_")


def _is_time(field: Any) -> bool:
    """Tell whether a field holds a moment, which is one text in JSON."""
    return bool(field.message_type.full_name == Timestamp.DESCRIPTOR.full_name)


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}_")
        elif not isinstance(value, list):
            yield before + name, _harmless(value)
        elif all(isinstance(one, str) for one in value):
            yield before + name, _harmless("; ".join(value))


def _harmless(value: Any) -> Any:
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value


def _weight(accept: str, wanted: str) -> float:
    """Return how much a caller likes a media type named in Accept; 0 where it is not named."""
    for part in accept.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        if name == wanted:
            weights = [one[2:] for one in parameters if one.startswith("q=")]
            try:
                return float(weights[0]) if weights else 1.0
            except ValueError:
                return 0.0
    return 0.0
