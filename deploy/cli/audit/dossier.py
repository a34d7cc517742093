"""What an auditor is given beside the log: models, rules, data sheets, figures, and a summary.

report/summary.html            for people
report/answers/NAME.json       what analysts are told, as the doors tell it
report/algorithm-register.json the entry for a register of algorithms
report/models/ID/…             the card and manifest of each model, and who made it live
report/policy/…                the routing policy in force, all before it, and who may do what
report/data/…                  data sheets of the catalogue and of the examples
report/contents                SHA-256 of each of these, signed by the log's keys
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from classifier import artifact
from deploy.cli.audit import summary
from deploy.cli.audit.bundle import CONTENTS, REPORT, REPORT_HEAD
from deploy.cli.audit.layout import File
from deploy.cli.audit.register import in_force
from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.clients import from_proto
from services.audit.domain import Register
from services.audit.domain.checkpoints import Note
from services.audit.domain.counts import Dimension
from services.audit.domain.demand import GroupBy
from services.audit.domain.facts import day_of
from services.audit.domain.programmes import Plan
from services.audit.handlers import analyst
from services.audit.handlers.asking import Asked
from services.audit.handlers.today import CountedToday
from services.audit.ports import Clock
from services.audit.rpc import wire
from services.audit.store.answers import SqlCounted
from services.audit.store.demand import SqlDemand
from services.audit.store.keys import LogKeys
from services.audit.store.plans import read_plan
from services.catalog.rpc import to_proto
from services.chassis import codec
from services.chassis.config import Settings
from services.chassis.database import Database

DAYS = 365
QUALITIES = {
    "quality": Dimension.LANGUAGE,
    "quality-model": Dimension.MODEL,
    "quality-service": Dimension.SERVICE,
}
OF_MODELS = ("card.json", "card.md", "manifest.json", "risk-coverage.svg")
OF_THEIR_LIFE = ("history.jsonl", "proposals.jsonl")
"""Who let which go live or look on, and what was proposed and refused."""
DATA_SHEETS = {
    "data/catalogue.md": ("services.catalog", "data/catalogue/DATASHEET.md"),
    "data/examples.md": ("classifier", "data/DATASHEET.md"),
    "policy/rights.toml": ("services.chassis", "policy.toml"),
}


@dataclass(frozen=True, slots=True)
class _Copy:
    """A register of services that was read once."""

    register: Register

    def latest(self) -> Register:
        """Return it."""
        return self.register

    def of_version(self, version: str) -> Register | None:
        """Return it where it is that one: a report tells of today."""
        return self.register if self.register.version == version else None


def files(settings: Settings, database: Database, keys: LogKeys, now: datetime) -> Iterator[File]:
    """Give what belongs into a bundle behind the log; what is signed of it comes last."""
    told = []
    for name, content in _files(settings, database, now):
        told.append(f"{sha256(content).hexdigest()} {name}")
        yield name, content
    text = "\n".join([REPORT_HEAD, *told]) + "\n"
    yield CONTENTS, Note(text, [signer.sign(text) for signer in keys.signers()]).whole().encode()


def _files(settings: Settings, database: Database, now: datetime) -> Iterator[File]:
    told = answers(settings, database, now)
    live = artifact.live(settings.models_dir) or ""
    entry = register_entry(settings, live, told["quality"])
    facts = {
        "Made": codec.rfc3339(now),
        "Days": f"{told['quality']['start_date']} to {told['quality']['end_date']}",
        "Model": live or "none",
        "Log": settings.log_origin,
    }
    page = summary.page("What was decided, and how well", facts, told)
    yield f"{REPORT}summary.html", page.encode()
    yield f"{REPORT}algorithm-register.json", _json(entry)
    for name, answer in told.items():
        yield f"{REPORT}answers/{name}.json", _json(answer)
    for path in _models(settings.models_dir):
        yield f"{REPORT}models/{path.relative_to(settings.models_dir)}", path.read_bytes()
    yield f"{REPORT}policy/routing.toml", _policy(settings)
    for path in sorted(settings.policies_dir.glob("*.json")):
        yield f"{REPORT}policy/versions/{path.name}", path.read_bytes()
    for name, (package, file) in DATA_SHEETS.items():
        yield f"{REPORT}{name}", resources.files(package).joinpath(file).read_bytes()


def answers(settings: Settings, database: Database, now: datetime) -> Mapping[str, Any]:
    """Return what analysts are told of the last year, as JSON."""
    year = Asked(
        start_date=day_of(now - timedelta(DAYS - 1)),
        end_date=day_of(now),
    )
    registers = _registers(settings)
    counted = CountedToday(SqlCounted(database), registers)
    known: dict[str, Any] = {"counted": counted, "now": lambda: now}
    plan = read_plan(settings.audit.programmes)
    told = chain(
        _of_demand(year, registers, demands=SqlDemand(database), **known),
        _of_cases(year, registers, plan, **known),
    )
    return {name: codec.to_json(message) for name, message in told}


def _of_demand(
    year: Asked, registers: _Copy, *, demands: SqlDemand, counted: CountedToday, now: Clock
) -> Iterable[tuple[str, Message]]:
    known: dict[str, Any] = {
        "demands": demands,
        "counted": counted,
        "registers": registers,
        "now": now,
    }
    series = analyst.coverage_series(year, GroupBy.NONE, **known)
    offline = analyst.offline_services(year, analyst.MAX_RANKED, **known)
    forecast = analyst.coverage_forecast(
        year.end_date, "", year, demands=demands, counted=counted, now=now
    )
    yield "coverage", wire.dated(series, pb.GetCoverageSeriesResponse)
    yield "offline", wire.offline(offline)
    yield "forecast", wire.dated(forecast, pb.GetCoverageForecastResponse)


def _of_cases(
    year: Asked, registers: _Copy, plan: Plan, **known: Any
) -> Iterable[tuple[str, Message]]:
    until = Asked(end_date=year.end_date)
    for name, by in QUALITIES.items():
        yield name, wire.dated(analyst.quality_of(year, by, **known), pb.GetQualityResponse)
    for by in (Dimension.LANGUAGE, Dimension.REGION):
        found = analyst.fairness_of(year, by, **known)
        yield f"fairness-{by}", wire.dated(found, pb.GetFairnessResponse)
    times = analyst.times_of(year, Dimension.AGENCY, registers=registers, **known)
    yield "times", wire.dated(times, pb.GetTimesResponse)
    yield "drift", wire.dated(analyst.drift_of(until, Asked(), **known), pb.GetDriftResponse)
    yield (
        "programmes",
        wire.programmes(analyst.programmes_of(until, plan=plan, registers=registers, **known)),
    )


def _registers(settings: Settings) -> _Copy:
    return _Copy(from_proto(to_proto(in_force(settings))))


def register_entry(settings: Settings, live: str, quality: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry for a register of algorithms; what only the operator knows is left empty."""
    total = quality["total"]
    return {
        "name": "Qyzmet: routing of citizens' requests to public services",
        "owner": "",
        "contact": "",
        "legal_basis": "",
        "purpose": "Finds the public service a citizen's request is for, and its office.",
        "what_it_decides": "Where a case goes first; never whether a request is granted.",
        "kind": "Linear text classifier with calibrated probabilities, below a routing policy",
        "model": live,
        "languages": ["kk", "ru", "en"],
        "personal_data": "Masked before the model sees a text; words are kept by cases alone.",
        "human_oversight": "Unsure cases go to the citizen or an officer; anybody may object, and "
        "then a person decides; a random sample of what the model is sure of is decided by people "
        "who do not see its answer; it can be switched off for a service, a language, or as a "
        "whole.",
        "cases_decided_first_by_the_model": total["decided_count"],
        "share_routed_without_asking": total["auto_routed"]["value"],
        "share_overridden": total["overridden"]["value"],
        "share_objected": total["objected"]["value"],
        "accuracy_of_judged": total["accuracy"]["value"],
        "accuracy_of_random_sample": total["sample_accuracy"]["value"],
        "log": settings.log_origin,
        "how_to_verify": "qyzmet audit verify BUNDLE --trusted CHECKPOINT",
    }


def _models(folder: Path) -> Sequence[Path]:
    found = [path for name in OF_MODELS for path in sorted(folder.glob(f"*/{name}"))]
    told = (folder / name for name in OF_THEIR_LIFE)
    return [*found, *(path for path in told if path.exists())]


def _policy(settings: Settings) -> bytes:
    if settings.policy is not None:
        return settings.policy.read_bytes()
    return resources.files("services.routing").joinpath("data/policy.toml").read_bytes()


def _json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
