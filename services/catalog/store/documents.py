"""Reads one YAML file into texts, lists and mappings that know the line they stand on.

Every scalar is text: `no` stays "no" and 10 stays "10". What a register has no use
for, and what can make a small file large, is refused: anchors, aliases, tags, deep
nesting, a second document.
"""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from services.catalog.domain import Code, Fault

MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 8
LOADER = getattr(
    yaml, "CBaseLoader", yaml.BaseLoader
)  # libyaml where there is one: ten times faster


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, with one space between words and in Unicode NFC."""

    line: int
    value: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    nodes: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping: each key with its line and its value."""

    line: int
    entries: dict[str, tuple[int, "Node"]] = field(default_factory=dict)


Node = Text | Items | Mapping


class DocumentError(Exception):
    """The file cannot be read as a whole."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_document(path: Path, name: str) -> tuple[Node, list[Fault]]:
    """Return what a file holds and the keys it repeats; `name` tells the file in faults."""
    text = _read_text(path, name)
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _refusal(Code.BAD_YAML, name, _line(error), error.problem or "not YAML") from error
    except yaml.reader.ReaderError as error:
        message = f"a character that YAML does not allow, at offset {error.position}"
        raise _refusal(Code.BAD_YAML, name, 1, message) from error
    if builder.root is None:
        raise _refusal(Code.EMPTY_FILE, name, 1, "the file is empty")
    return builder.root, builder.faults


def _line(error: yaml.MarkedYAMLError) -> int:
    # A quote that is never closed is noticed at the end of the file; its beginning helps more.
    in_scalar = "scalar" in (error.context or "")
    mark = (in_scalar and error.context_mark) or error.problem_mark
    return mark.line + 1 if mark else 1


def _read_text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _refusal(Code.MISSING_FILE, name, 1, error.strerror or "cannot be read") from error
    if len(data) > MAX_FILE_BYTES:
        raise _refusal(Code.FILE_TOO_LARGE, name, 1, f"larger than {MAX_FILE_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(Code.BAD_UTF8, name, line, "not UTF-8") from error


def _refusal(code: Code, name: str, line: int, message: str) -> DocumentError:
    return DocumentError(Fault(code, f"{name}:{line}", message))


@dataclass(slots=True)
class _Builder:
    """Puts the tree together from the parser's events."""

    name: str
    root: Node | None = None
    faults: list[Fault] = field(default_factory=list)
    _open: list[Items | Mapping] = field(default_factory=list)
    _keys: list[Text | None] = field(default_factory=list)
    """For every open collection, the key that waits for its value."""

    def take(self, event: yaml.Event) -> None:
        """Take one event."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        self._refuse(event, line)
        if isinstance(event, yaml.ScalarEvent):
            self._add(Text(line, _tidy(event.value)))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter(Items(line))
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter(Mapping(line))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _refuse(self, event: yaml.Event, line: int) -> None:
        for found, what in (
            (
                isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None),
                "an anchor or alias",
            ),
            (getattr(event, "tag", None), "a tag"),
            (isinstance(event, yaml.DocumentStartEvent) and self.root, "a second document"),
            (len(self._open) > MAX_DEPTH, "nesting this deep"),
        ):
            if found:
                raise _refusal(Code.REFUSED_YAML, self.name, line, f"{what} is not allowed here")

    def _enter(self, node: Items | Mapping) -> None:
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.nodes.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._key(node)
        else:
            self._keys[-1] = None
            self._put(parent, key, node)

    def _key(self, node: Node) -> Text:
        if not isinstance(node, Text):
            raise _refusal(Code.REFUSED_YAML, self.name, node.line, "a key must be a word")
        return node

    def _put(self, parent: Mapping, key: Text, node: Node) -> None:
        if key.value in parent.entries:
            first = parent.entries[key.value][0]
            message = f"the key {key.value[:100]!r} is given already on line {first}"
            self.faults.append(Fault(Code.DUPLICATE_KEY, f"{self.name}:{key.line}", message))
        else:
            parent.entries[key.value] = (key.line, node)


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
