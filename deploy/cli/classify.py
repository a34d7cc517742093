"""`qyzmet classify`: what would be decided about words, without starting anything."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from pydantic_core import from_json
from rich.markup import escape
from rich.table import Table

from classifier import artifact, handlers
from classifier.artifact import Stored
from classifier.domain import OUT_OF_SCOPE, NoModelError
from classifier.rpc import to_proto as classification_to_proto
from deploy.cli import lifecycle, terminal
from services.catalog import rpc as catalog_rpc
from services.catalog import store as catalog_store
from services.chassis import codec, config, problems
from services.chassis.config import Settings
from services.chassis.errors import InvalidError, ServiceError, TooLargeError
from services.chassis.masking import mask
from services.routing import rpc, store
from services.routing.clients.catalogue import from_proto as catalogue_from_proto
from services.routing.domain import Classification
from services.routing.handlers import suggest

MAX_LINE_BYTES = 256 * 1024

Suggest = Callable[[str], dict[str, Any]]


def classify(text: str, *, jsonl: bool, folder: Path | None) -> None:
    """Classify words given or read, for people or for programs."""
    settings = config.load()
    answer = suggester(settings, folder)
    if jsonl:
        for line in _lines(sys.stdin.buffer):
            terminal.print_json(_answer_line(line, answer))
        return
    words = sys.stdin.read(MAX_LINE_BYTES) if text == "-" else text
    _show(answer(words.strip()))


def suggester(settings: Settings, folder: Path | None = None) -> Suggest:
    """Return what /v1/suggestions does, on the live model and the catalogue of the settings."""
    found = catalog_store.read_folder(
        folder or settings.catalogue or catalog_store.bundled_folder()
    )
    catalogue = catalogue_from_proto(catalog_rpc.to_proto(found))
    policy = store.read_policy(settings.policy or store.bundled_policy())
    models = _Models(_load(settings, lifecycle.labels_of(found)))

    def classified(texts: Sequence[str]) -> Sequence[Classification]:
        seen = handlers.classify([mask(text) for text in texts], models=models, mask=mask)
        return [codec.to_domain(classification_to_proto(one), Classification) for one in seen]

    def answer(text: str) -> dict[str, Any]:
        suggestion = suggest(text, classify=classified, catalogue=catalogue, policy=policy)
        return codec.to_json(rpc.to_proto(suggestion))

    return answer


class _Models:
    """The one model this command loaded."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def current(self) -> Stored:
        return self._stored


def _load(settings: Settings, services: set[str]) -> Stored:
    live = artifact.live(settings.models_dir)
    if settings.model is None and live is None:
        raise NoModelError("there is no model yet: run `qyzmet train` first")
    folder = settings.model or settings.models_dir / str(live)
    return artifact.load(folder, services | {OUT_OF_SCOPE})


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Give each line; of one that is too long only so much that it can be seen."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES + 1)
        yield line


def _answer_line(line: bytes, answer: Suggest) -> dict[str, Any]:
    """Answer one line; a line that cannot be answered gets its problem, and the others go on."""
    try:
        return answer(_text_of(line))
    except ServiceError as error:
        return problems.to_problem(error)


def _text_of(line: bytes) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise TooLargeError(f"a line has at most {MAX_LINE_BYTES} bytes")
    try:
        values = from_json(line, allow_inf_nan=False)  # bounded in depth, as the portal's own
    except ValueError as error:
        raise InvalidError("not JSON", reason="MALFORMED_JSON") from error
    if not isinstance(values, dict) or not isinstance(values.get("text"), str):
        raise InvalidError("a JSON object with `text` is needed", field="text")
    return str(values["text"])


def _show(answer: dict[str, Any]) -> None:
    if emergency := answer.get("emergency"):
        terminal.out.print(f"[bold red]{escape(emergency['message'])}[/bold red]")
    terminal.out.print(
        f"language {answer.get('language', '?')} · outcome {answer['outcome']} "
        f"({answer['reason_code']})"
    )
    table = Table("service", "probability", "title", "channel", box=None)
    for one in answer["suggestions"]:
        title = one["title"].get(answer.get("language", "en")) or one["title"]["en"]
        table.add_row(one["service_id"], f"{one['probability']:.3f}", escape(title), one["channel"])
    terminal.out.print(table)
