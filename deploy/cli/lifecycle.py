"""`qyzmet evaluate|compare|promote|rollback|explain`: what a model is worth, who let it live."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from classifier import artifact, card, checks, gate, picture, today
from classifier.artifact import Stored, layout
from classifier.byservice import by_service
from classifier.domain import OUT_OF_SCOPE
from classifier.evaluate import Metrics, curves, judge, measure
from classifier.explain import explain as explained
from classifier.labelled import USUAL, Columns
from deploy.cli import asked, terminal
from services.catalog import store as catalog_store
from services.catalog.domain import Catalogue
from services.chassis import config
from services.chassis.config import Settings
from services.chassis.errors import ConflictError, InvalidError
from services.chassis.masking import mask

PEOPLE = 2
"""Nobody puts a model to work alone."""
SHOWN_SERVICES = 10
LOUD_SHARE = 0.25
"""A word with at least so much of the loudest word's weight is marked."""


def evaluate_model(
    model: str, file: Path | None, out: Path | None, *, columns: Columns = USUAL, as_json: bool
) -> None:
    """Measure one model on labelled texts, and write it down where a folder is named."""
    settings = config.load()
    catalogue = _catalogue(settings)
    stored = load(settings, model, labels_of(catalogue))
    texts = asked.texts(file, columns, catalogue)
    asked.warn(stored, texts, catalogue)
    judged = judge(stored.model, texts, mask=mask)
    judged = today.judged_of(judged, catalogue.successors)
    found, risks = measure(judged, stored.thresholds), curves(judged)
    told = card.evaluation(
        stored.id, found, stored.thresholds, risks, by_service(judged, stored.thresholds)
    )
    told["of_unknown_services"] = len(asked.strangers(stored, texts, catalogue))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "evaluation.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        (out / "evaluation.md").write_text(card.evaluation_as_markdown(told), "utf-8")
        (out / layout.PICTURE).write_text(picture.risk_coverage(risks), "utf-8")
    if as_json:
        terminal.print_json(told)
        return
    _show(f"Model {stored.id[:12]}", found)
    _show_thresholds(told["thresholds"])
    for one in _findings(catalogue, stored):
        terminal.err.print(_told(one))


def check_model(model: str, *, as_json: bool) -> bool:
    """Tell where a model and the catalogue do not fit; return whether they do."""
    settings = config.load()
    folder = _folder(settings, model)
    stored = load(settings, model, set(artifact.labels(folder)))  # of whatever register it is
    found = _findings(_catalogue(settings), stored)
    if as_json:
        findings = [{"code": one.code.value, "concerns": list(one.concerns)} for one in found]
        terminal.print_json({"model": stored.id, "findings": findings})
    else:
        for one in found:
            terminal.out.print(_told(one))
    return not found


def _findings(catalogue: Catalogue, stored: Stored) -> list[checks.Finding]:
    labels = stored.model.labels
    ids = {service.id for service in catalogue.services}
    ids |= catalogue.successors.keys() & set(labels)
    return list(checks.check(labels, ids, card=stored.card, version=catalogue.version))


def _told(found: checks.Finding) -> str:
    some = ", ".join(found.concerns[:SHOWN_SERVICES])
    more = " …" if len(found.concerns) > SHOWN_SERVICES else ""
    return f"{found.code}: {len(found.concerns)}: {escape(some)}{more}"


def compare_models(
    candidate: str, model: str, file: Path | None, *, columns: Columns = USUAL
) -> None:
    """Show a candidate beside the live model, and what the gate says."""
    settings = config.load()
    found = _compare(settings, candidate, model, file, columns)
    _show("Before", found.before)
    _show("After", found.after)
    table = Table("service", "texts", "before", "after", box=None)
    for one in found.services[:SHOWN_SERVICES]:
        if one.after < one.before:
            table.add_row(one.name, str(one.count), f"{one.before:.2f}", f"{one.after:.2f}")
    terminal.out.print(table)
    for reason in (reasons := list(gate.refusals(found))):
        terminal.out.print(f"The gate refuses: {escape(reason)}")
    if not reasons:
        terminal.out.print("The gate lets it pass")


def promote(
    candidate: str, by: Sequence[str], file: Path | None, *, columns: Columns = USUAL
) -> None:
    """Make a candidate the live model: the gate must let it pass, and two people stand for it."""
    people = _people(by)
    settings = _unpinned()
    if len(people) < PEOPLE:
        raise InvalidError("two people stand for a model: --by NAME --by NAME", reason="TWO_PEOPLE")
    live = artifact.live(settings.models_dir)
    if live is not None:
        found = _compare(settings, candidate, live, file, columns)
        if reasons := list(gate.refusals(found)):
            raise ConflictError("\n".join(["the gate refuses:", *reasons]), reason="GATE")
    model = artifact.find(settings.models_dir, candidate)
    load(settings, model, known_services(settings))
    _let_live(settings, model, people, "promoted", in_place_of=live)
    terminal.err.print(f"Model {model[:12]} is live, by {escape(' and '.join(people))}")


def rollback(by: Sequence[str]) -> None:
    """Make the model live again that was live before."""
    people = _people(by)
    settings = _unpinned()
    if not people:
        raise InvalidError("somebody must answer for it: --by NAME", reason="NOBODY")
    live, model = artifact.live(settings.models_dir), artifact.before(settings.models_dir)
    load(settings, model, known_services(settings))  # what would not be served is not published
    _let_live(settings, model, people, artifact.ROLLED_BACK, in_place_of=live)
    terminal.err.print(f"Model {model[:12]} is live again")


def _unpinned() -> Settings:
    """Return the settings, where another model than theirs can go live."""
    settings = config.load()
    if settings.model is not None:
        message = "QYZMET_MODEL names the model that answers, so no other can go live"
        raise ConflictError(message, reason="MODEL_PINNED")
    return settings


def _let_live(
    settings: Settings, model: str, people: Sequence[str], why: str, *, in_place_of: str | None
) -> None:
    """Make a model live in the place of the one that it was compared with, and of no other."""
    with artifact.locked(settings.models_dir):
        if artifact.live(settings.models_dir) != in_place_of:
            message = "another model went live meanwhile: look at that one, and decide anew"
            raise ConflictError(message, reason="LIVE_CHANGED")
        artifact.publish_locked(settings.models_dir, model, by=people, why=why)


def explain(text: str, service: str, against: str, *, as_json: bool) -> None:
    """Show which words spoke for the best service and against the runner-up."""
    settings = config.load()
    stored = load(settings, "", known_services(settings))
    for label in filter(None, (service, against)):
        if label not in stored.model.labels:
            raise InvalidError(f"the model knows no {label}", reason="UNKNOWN_SERVICE")
    told = explained(stored.model, text, mask=mask, label=service, against=against)
    if as_json:
        terminal.print_json({"model": stored.id, **asdict(told)})
        return
    terminal.out.print(f"{told.label} before {told.against}, by {told.lead:.3f}")
    marked = Text(told.text)
    loudest = max((abs(word.weight) for word in told.words), default=0.0)
    table = Table("word", "weight", box=None)
    for word in sorted(told.words, key=lambda one: -abs(one.weight)):
        table.add_row(Text(told.text[word.start : word.end]), f"{word.weight:+.3f}")
        if loudest and abs(word.weight) >= LOUD_SHARE * loudest:
            marked.stylize("bold green" if word.weight > 0 else "bold red", word.start, word.end)
    terminal.out.print(marked)
    terminal.out.print(table)


def _compare(
    settings: Settings, candidate: str, model: str, file: Path | None, columns: Columns
) -> gate.Comparison:
    catalogue = _catalogue(settings)
    services = labels_of(catalogue)
    live = load(settings, model, services)
    other = load(settings, artifact.find(settings.models_dir, candidate), services)
    texts = asked.of_gate(settings, file, columns, catalogue)
    if not gate.is_asked_of(live, texts, catalogue.successors):
        raise InvalidError(
            "the gate's texts name no service of this register: "
            "name yours by --examples or QYZMET_GATE_EXAMPLES",
            reason=gate.NO_TEXTS,
        )
    asked.warn(live, texts, catalogue)
    return gate.compare(live, other, texts, mask=mask, successors=catalogue.successors)


def _people(by: Sequence[str]) -> list[str]:
    return sorted({" ".join(name.split()) for name in by} - {""})


def known_services(settings: Settings) -> set[str]:
    """Return the ids that a model may name: of the catalogue's services, and those that led on."""
    return labels_of(_catalogue(settings))


def labels_of(catalogue: Catalogue) -> set[str]:
    """Return the ids that a model may name beside this register."""
    return {service.id for service in catalogue.services} | catalogue.successors.keys()


def _catalogue(settings: Settings) -> Catalogue:
    return catalog_store.read_folder(settings.catalogue or catalog_store.bundled_folder())


def load(settings: Settings, model: str, services: set[str]) -> Stored:
    """Load a model by the beginning of its id; without one, the model that answers."""
    folder = _folder(settings, model)
    is_pinned = folder == settings.model  # under whatever name: who pinned it vouches for it
    expected = "" if is_pinned else folder.name
    return artifact.load(folder, services | {OUT_OF_SCOPE}, expected_id=expected)


def _folder(settings: Settings, model: str) -> Path:
    if model:
        return settings.models_dir / artifact.find(settings.models_dir, model)
    if settings.model is not None:
        return settings.model
    if (live := artifact.live(settings.models_dir)) is None:
        raise InvalidError(
            "there is no live model yet: run `qyzmet train` first", reason="NO_MODEL"
        )
    return settings.models_dir / live


def _show_thresholds(thresholds: Mapping[str, Mapping[str, float]]) -> None:
    table = Table("language", "routed from", "offered from", "out of scope at most", box=None)
    for language, told in thresholds.items():
        table.add_row(language, *(f"{value:g}" for value in told.values()))
    terminal.out.print(table)


def _show(title: str, found: Mapping[str, Metrics]) -> None:
    names = ("texts", *next(iter(found.values())).as_json())
    table = Table(*(name.replace("_", " ") for name in names), box=None, title=title)
    for name, told in found.items():
        table.add_row(name, *(f"{value:g}" for value in told.as_json().values()))
    terminal.out.print(table)
