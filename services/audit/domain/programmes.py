"""Programmes of the country's AI plan: who asks for them and completes them, beside the plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.audit.domain.counts import HandlingCounts
from services.audit.domain.demand import Period
from services.audit.domain.measures import Share


@dataclass(frozen=True, slots=True)
class Audience:
    """People a plan wants to reach, and the services that reach them."""

    name: str
    target: int
    services: Sequence[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted until when, and who said so."""

    name: str
    source: str
    begin: date
    end: date
    audiences: Sequence[Audience]

    def under(self, today: Callable[[str], str]) -> "Plan":
        """Return the plan by the ids that its services have today, each once."""
        return replace(
            self,
            audiences=[
                replace(one, services=tuple(dict.fromkeys(map(today, one.services))))
                for one in self.audiences
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRow:
    """How far one audience is; fields as in audit.proto."""

    audience: str
    target_count: int
    request_count: int
    completed_count: int
    expected_count: int
    """What a straight line from the plan's beginning to its end would have by now."""
    services: Sequence[str]

    @property
    def completed(self) -> Share:
        """Return what is done of what the plan wants."""
        return Share(min(self.completed_count, self.target_count), self.target_count)


@dataclass(frozen=True, slots=True)
class Programmes:
    """How far each audience is, and all."""

    plan: Plan
    period: Period
    rows: Sequence[ProgrammeRow]
    total: ProgrammeRow


def programmes(plan: Plan, period: Period, found: Mapping[str, HandlingCounts]) -> Programmes:
    """Hold requests and completions of services against a plan."""
    passed = (min(period.end, plan.end) - plan.begin).days / (plan.end - plan.begin).days
    rows = [_row(one, found, max(0.0, passed)) for one in plan.audiences]
    total = ProgrammeRow(
        audience="",
        target_count=sum(row.target_count for row in rows),
        request_count=sum(row.request_count for row in rows),
        completed_count=sum(row.completed_count for row in rows),
        expected_count=sum(row.expected_count for row in rows),
        services=(),
    )
    return Programmes(plan, period, rows, total)


def _row(one: Audience, found: Mapping[str, HandlingCounts], passed: float) -> ProgrammeRow:
    told = [found.get(service, HandlingCounts()) for service in one.services]
    return ProgrammeRow(
        audience=one.name,
        target_count=one.target,
        request_count=sum(counts.case_count for counts in told),
        completed_count=sum(counts.completed_count for counts in told),
        expected_count=round(one.target * passed),
        services=one.services,
    )
