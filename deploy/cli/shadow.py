"""`qyzmet shadow` and `qyzmet compare --shadow`: a candidate that looks on, and what it saw."""

import secrets
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from classifier import artifact, record
from classifier.lifecycle import Lifecycle, Wish
from classifier.watch import Register
from deploy.cli import lifecycle, terminal
from services.catalog import store
from services.chassis import config
from services.chassis.application import utc_now
from services.chassis.config import Settings
from services.chassis.errors import InvalidError

SHOWN_DIFFERENCES = 20
COMMAND = "qyzmet shadow"
"""What is written down in place of a reason, which a command is not told."""


def shadow(candidate: str, by: Sequence[str], *, off: bool) -> None:
    """Let a candidate look on, or none any more, as the page of models does."""
    settings = config.load()
    if off == bool(candidate):
        raise InvalidError("name a candidate, or say --off", reason="WHICH")
    model = "" if off else artifact.find(settings.models_dir, candidate)
    life = Lifecycle(
        settings.models_dir,
        lambda: Register("", frozenset(lifecycle.known_services(settings))),
        utc_now,
        is_pinned=settings.model is not None,
    )
    life.set_shadow(model, Wish(", ".join(by), COMMAND, 0, secrets.token_hex(16)))
    if off:
        terminal.err.print("No model looks on")
        return
    terminal.err.print(f"Model {model[:12]} looks on; see it by `qyzmet compare --shadow`")


def compare(candidate: str, model: str, *, as_json: bool) -> None:
    """Tell how a candidate would have answered beside the live model."""
    settings = config.load()
    seen = _model(settings, candidate, artifact.shadow(settings.models_dir), "looks on")
    answers = settings.model.name if settings.model else artifact.live(settings.models_dir)
    live = _model(settings, model, answers, "is live")
    catalogue = store.read_folder(settings.catalogue or store.bundled_folder())
    found = record.summarise(
        record.read(settings.shadow_dir),
        live=live,
        shadow=seen,
        successors=catalogue.successors,
    )
    if as_json:
        terminal.print_json({"live": live, "shadow": seen, **found.as_json()})
        return
    if not found.languages:
        terminal.err.print(f"{seen[:12]} has seen nothing beside {live[:12]} yet")
        return
    _show(f"{seen[:12]} beside {live[:12]}", found)


def _model(settings: Settings, given: str, pointed: str | None, what: str) -> str:
    if given:
        return artifact.find(settings.models_dir, given)
    if pointed is None:
        raise InvalidError(f"no model {what}", reason="NO_MODEL")
    return pointed


def _show(title: str, found: record.Summary) -> None:
    names = next(iter(found.languages.values())).as_json()
    table = Table("", *(name.replace("_", " ") for name in names), box=None, title=title)
    for language, told in found.languages.items():
        table.add_row(language, *(f"{value:g}" for value in told.as_json().values()))
    terminal.out.print(table)
    table = Table("live", "shadow", "texts", box=None)
    for (live, shadow), count in found.differences[:SHOWN_DIFFERENCES]:
        table.add_row(escape(live), escape(shadow), str(count))
    terminal.out.print(table)
    terminal.out.print(f"{found.dropped} texts were dropped")
