"""`qyzmet replay-decision`: make a decision again from what was kept, and hold it to its record."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

import typer

from classifier import artifact, handlers, rpc
from classifier.artifact import Stored
from classifier.artifact.layout import ModelRefusedError
from classifier.domain import OUT_OF_SCOPE, Classification, Suggestion
from deploy.cli import terminal
from deploy.cli.audit import bundle
from deploy.cli.verdict import Held, held
from services.audit.domain import decode, merkle
from services.audit.domain.proofs import Placed, UnknownDecisionError
from services.audit.store.proving import SqlLog
from services.cases.domain import Case, Happening, Step
from services.cases.handlers import Masked, masked_texts
from services.cases.store.cases import SqlCases
from services.cases.store.keys import Keys, master_key
from services.catalog.domain import Catalogue as Register
from services.catalog.rpc import to_proto
from services.catalog.store.versions import SqlVersions
from services.chassis import codec, config
from services.chassis.application import utc_now
from services.chassis.config import Settings
from services.chassis.database import Database, database_of
from services.chassis.errors import InternalError
from services.chassis.masking import mask
from services.chassis.principal import Principal, Role
from services.chassis.workdays import read_calendar
from services.routing.clients.catalogue import from_proto
from services.routing.domain import (
    MOST_SAMPLE,
    Alternative,
    Catalogue,
    Facts,
    Policy,
    Reason,
    draw,
)
from services.routing.domain import Classification as Seen
from services.routing.store import bundled_policy, kept_policy, read_policy

OURSELVES = Principal("service:replay", Role.SERVICE)
TRILLION = 10**12
MOST_APART = TRILLION // 10**9
"""How far a probability may be from the one that was recorded: 1e-9."""
MODEL = "model"
SYSTEM = "system"
CONFIRM = "confirm"
TRIAGE = "triage"

Ranking = list[tuple[str, int]]
"""Services, best first, with their probabilities in parts of 1e-12."""


@dataclass
class Replay:
    """What came of it: differences, or why there was nothing to compare."""

    verdict: str
    sealed: str
    differences: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)


def replay_decision(decision_id: str, *, as_json: bool) -> None:
    """Print what came of a replay; a difference ends with status 1."""
    found = replay(config.load(), decision_id)
    if as_json:
        terminal.print_json(vars(found))
    else:
        for told in found.differences:
            typer.echo(f"DIFFERS {told}")
        for told in found.not_compared:
            typer.echo(f"NOT COMPARED {told}")
        typer.echo(f"{found.verdict}; {found.sealed}")
    if found.differences:
        raise typer.Exit(1)


def replay(settings: Settings, decision_id: str) -> Replay:
    """Make a decision again: pinned model, catalogue of the time, the same masked text."""
    with ExitStack() as opened:

        def database(name: str) -> Database:
            return opened.enter_context(closing(database_of(settings, name)))

        log = SqlLog(database("audit"), bundle.keys_of(settings))
        if (placed := log.of_decision(decision_id)) is None:
            raise UnknownDecisionError
        record, sealed = decode(placed.record), _sealed(log, placed)
        cases = SqlCases(
            database("cases"),
            Keys(database("case-keys"), master_key(settings.secrets_dir)),
            lambda case, step: [],
            utc_now,
            read_calendar(settings.workdays),
        )
        case_id, version = str(record["case"]), record["case_version"]
        history = cases.steps(case_id)
        if all(step.case_version != version for step in history):
            told = f"the case: cases knows no version {version} of {case_id}"
            return Replay("nothing is known of what was decided upon", sealed, [told])
        masked = masked_texts(
            OURSELVES, [case_id], cases=cases, history=cases, vault=cases, mask=mask
        )
        if (gone := _without_text(record, masked[0], history, sealed)) is not None:
            return gone
        if record["actor"] != MODEL:
            return _unmodelled(record, sealed)
        found = _made_again(
            settings,
            record,
            masked[0].text,
            SqlVersions(database("catalog"), utc_now).get(str(record["catalogue"])),
            _Known(
                [step for step in history if step.case_version < version],
                _facts(cases.get([case_id])[case_id]),
            ),
        )
        verdict = "the decision comes out otherwise" if found.differences else "the same decision"
        return Replay(verdict, sealed, found.differences, found.not_compared)


def _without_text(
    record: dict[str, Any], masked: Masked, history: Sequence[Step], sealed: str
) -> Replay | None:
    """Tell what there is to say where the text that was decided upon is not there; else None."""
    if not masked.text:
        if any(step.type is Happening.ERASED for step in history):
            return Replay("text erased, commitment verifies", sealed)
        told = "the text: it cannot be read, and no erasure is recorded"
        return Replay("the text is lost", sealed, [told])
    if masked.commitment != record.get("commitment"):
        told = "the text: its commitment is not the one that was recorded"
        return Replay("another text than was decided upon", sealed, [told])
    return None


def _unmodelled(record: dict[str, Any], sealed: str) -> Replay:
    """Say of what no model decided that its text is the same, and what cannot be made again."""
    if record["actor"] != SYSTEM:
        unseen = "the choice: a person made it, and need not choose the same again"
        return Replay(
            f"decided by a person ({record['actor']}), on this text", sealed, [], [unseen]
        )
    if record["outcome"] != TRIAGE:
        told = f"the outcome: {record['outcome']}, and by itself the system only asks a person"
        return Replay("the decision comes out otherwise", sealed, [told])
    why = record.get("reason", "none")
    unseen = f"the reason ({why}): what no model was asked about leaves nothing to ask again"
    return Replay("left to a person by the system, on this text", sealed, [], [unseen])


def _sealed(log: SqlLog, placed: Placed) -> str:
    """Say under which checkpoint the record stands, after seeing that it does."""
    signed = log.checkpoint()
    if signed is None or placed.index >= signed.size:
        return "its record waits for the next checkpoint"
    (proof,) = log.prove([placed], signed.size)
    leaf, root = merkle.leaf_hash(placed.record), signed.checkpoint.root
    if not merkle.verify_inclusion(leaf, placed.index, signed.size, proof.hashes, root):
        raise AlteredRecordError
    return f"its record is number {placed.index} of {signed.size}"


class AlteredRecordError(InternalError):
    """The record is not the one that was sealed in the log."""

    reason = "RECORD_ALTERED"


@dataclass(frozen=True, slots=True)
class _Known:
    """What cases knew of the case beside its words."""

    before: Sequence[Step]
    facts: Facts


def _facts(case: Case) -> Facts:
    return Facts(region=case.region, chosen_service_id=case.chosen_service_id)


def _made_again(
    settings: Settings,
    record: dict[str, Any],
    text: str,
    catalogue: Register | None,
    known: _Known,
) -> Held:
    if catalogue is None:
        return Held([f"the catalogue {record['catalogue']} is not kept here"])
    services = {service.id for service in catalogue.services}
    successors = catalogue.successors
    try:
        stored = _model(settings, str(record["model"]), services | successors.keys())
    except ModelRefusedError as error:
        return Held([f"the model cannot be loaded: {error.message}"])
    (told,) = handlers.classify([mask(text)], models=_Pinned(stored), mask=mask)
    policy = _policy(settings, str(record.get("policy", "")))
    seen = codec.to_domain(rpc.to_proto(told), Seen)
    register = from_proto(to_proto(catalogue))
    ruled = held(record, seen, register, policy, known.before, known.facts)
    ranked = compared(record, _today(told, successors), services)
    drawn = drawn_otherwise(record, policy, told)
    return Held([*ranked, *ruled.differences, *drawn], ruled.not_compared)


def _policy(settings: Settings, version: str) -> Policy:
    """Return the policy of the time where it was kept, or the one in force."""
    kept = kept_policy(settings.policies_dir, version)
    return kept or read_policy(settings.policy or bundled_policy())


def _model(settings: Settings, model: str, services: set[str]) -> Stored:
    folder = settings.models_dir / model
    if settings.model is not None and settings.model.name == model:
        folder = settings.model
    return artifact.load(folder, services | {OUT_OF_SCOPE}, expected_id=model)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """The one model that was named by the record."""

    stored: Stored

    def current(self) -> Stored:
        return self.stored


def drawn_otherwise(record: dict[str, Any], policy: Policy, told: Classification) -> Sequence[str]:
    """Tell where the random sample differs: drawn against the rule, or passed over.

    The record names its policy. Of another than the one here only the largest share there can be
    is known: a case drawn above it was drawn by nobody's rule.
    """
    number = draw(str(record["case"]), str(record.get("policy", "")))
    is_ours = policy.version == record.get("policy")
    is_sampled = record.get("reason") == Reason.SAMPLED
    if is_sampled and number >= (policy.sample_share if is_ours else MOST_SAMPLE):
        return [f"the random sample: drawn, though its number is {number:.6f}"]
    is_open = record.get("reason") == Reason.CONFIDENT and "overrides" not in record
    if is_ours and is_open and number < policy.sample_share and told.emergency is None:
        return [f"the random sample: passed over, though its number is {number:.6f}"]
    return []


def _today(told: Classification, successors: Mapping[str, str]) -> Classification:
    """Return what a model says in the ids of the catalogue, as routing did."""
    said = tuple(Alternative(one.service_id, one.probability) for one in told.suggestions)
    seen = Catalogue.of("", [], [], successors).read(Seen(suggestions=said))
    suggestions = tuple(Suggestion(one.service_id, one.probability) for one in seen.suggestions)
    return replace(told, suggestions=suggestions)


def compared(record: dict[str, Any], told: Classification, services: set[str]) -> Sequence[str]:
    """Tell what differs: language, ranking, or a probability by more than 1e-9."""
    recorded: Ranking = [(str(service), int(parts)) for service, parts in record.get("ranking", [])]
    found: Ranking = [
        (one.service_id, round(one.probability * TRILLION))
        for one in told.suggestions
        if one.service_id in services
    ]
    if record["outcome"] == CONFIRM:  # offered is only what no office had returned
        offered = {service for service, _ in recorded}
        found = [one for one in found if one[0] in offered]
    if len(found) == len(recorded) + int(record.get("left_out", 0)):
        found = found[: len(recorded)]  # the least probable had no room in the record
    differences = []
    if told.language != record.get("language"):
        differences.append(f"the language: {record.get('language')}, now {told.language}")
    if [service for service, _ in recorded] != [service for service, _ in found]:
        names = " > ".join(service for service, _ in recorded)
        now = " > ".join(service for service, _ in found)
        return [*differences, f"the ranking: {names}, now {now}"]
    return differences + [
        f"the probability of {service}: {was / TRILLION:.12f}, now {now / TRILLION:.12f}"
        for (service, was), (_, now) in zip(recorded, found, strict=True)
        if abs(was - now) > MOST_APART
    ]
