"""JSON schemas of the answers, made from the protos: the same source the codec writes from."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.http import words
from services.chassis import codec

Schema = dict[str, Any]

TIMESTAMP = "google.protobuf.Timestamp"

_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_INT64: {"type": "integer", "format": "int64"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
}

PROBLEM: Schema = {
    "type": "object",
    "description": "What went wrong, after RFC 9457.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem."},
        "title": {"type": "string", "description": "The kind of problem in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "This very problem in words."},
        "code": {"type": "string", "description": "A constant that programs may compare."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors": {
            "type": "array",
            "description": "What to change, field by field.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["field", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}


def reference(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def of_messages(messages: Iterable[Descriptor]) -> dict[str, Schema]:
    """Return the schemas of messages and of all they hold, by their names."""
    found: dict[str, Schema] = {}
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.name not in found:
            found[message.name] = _of_message(message)
            waiting += _held_by(message)
    return found


def _held_by(message: Descriptor) -> list[Descriptor]:
    held = [field.message_type for field in message.fields if field.message_type]
    return [one for one in held if one.full_name != TIMESTAMP]


def _of_message(message: Descriptor) -> Schema:
    return {
        "type": "object",
        "description": words.of_file(message.file.name).get(message.name, ""),
        "properties": {field.name: _of_field(message, field) for field in message.fields},
        "required": [field.name for field in message.fields if _is_always_there(field)],
    }


def _is_always_there(field: FieldDescriptor) -> bool:
    """Tell whether the codec writes the field even where it was not set."""
    is_left_out = field.message_type or field.enum_type or field.type == field.TYPE_STRING
    return bool(field.is_repeated or not is_left_out)


def _of_field(message: Descriptor, field: FieldDescriptor) -> Schema:
    one = _of_value(field)
    schema = {"type": "array", "items": one} if field.is_repeated else one
    told = words.of_file(message.file.name).get(f"{message.name}.{field.name}", "")
    return {**schema, "description": told} if told else schema


def _of_value(field: FieldDescriptor) -> Schema:
    if field.message_type:
        if field.message_type.full_name == TIMESTAMP:
            return {"type": "string", "format": "date-time"}
        return reference(field.message_type.name)
    if field.enum_type:
        names = (codec.kebab(field.enum_type, value.number) for value in field.enum_type.values)
        return {"type": "string", "enum": [name for name in names if name]}
    return dict(_SCALARS[field.type])
