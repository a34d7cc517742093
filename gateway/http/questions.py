"""What analysts may ask: queries, strict in types and in names; answers are tables as well."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.http.fields import NO_NUL, Language, PageToken, Query, Region, ServiceId

Day = Annotated[
    date,
    Field(description="A day in Kazakhstan.", examples=["2026-01-18"]),
]


class Table(Query):
    """A question whose answer is a table as well."""

    format: Literal["json", "csv"] | None = Field(
        None, exclude=True, description="How to answer; by itself as `Accept` says."
    )


class Days(Table):
    """In which days."""

    start_date: Day | None = None
    end_date: Day | None = None


class Demand(Days):
    """Whose demand, and in which days."""

    agency: str | None = Field(
        None, max_length=64, pattern=NO_NUL, description="Only services of this agency."
    )
    life_event: str | None = Field(
        None, max_length=64, pattern=NO_NUL, description="Only services of this life event."
    )
    language: Language | None = Field(None, description="Only cases in this language.")
    region: Region | None = Field(None, description="Only cases of this region.")


class CoverageSeries(Demand):
    """What to tell of the coverage by day."""

    group_by: Literal["agency", "life-event", "language", "region"] | None = Field(
        None, description="What to tell the cases by, beside the day."
    )
    interval: Literal["day", "week", "month"] | None = Field(
        None, description="How long a time is told as one; weeks begin on Monday."
    )
    service_id: ServiceId | None = None
    with_services: bool = Field(
        False,
        description="Whether to tell how many services were online from day to day, in JSON only.",
    )


class OfflinePage(Demand):
    """Which services that are not online to rank."""

    page_size: int = Field(100, ge=1, le=1000, description="At most this many services.")


class CoverageForecast(Table):
    """What to look back on, as of which day, and by when all is wanted online."""

    start_date: Day | None = None
    as_of_date: Day | None = None
    goal_date: Day | None = None


class QualityGroups(Days):
    """What to tell of how well the model does."""

    group_by: Literal["model", "language", "service", "region", "day"] | None = Field(
        None, description="What to tell it by."
    )


class DecisionPage(Days):
    """Which decisions to find."""

    service_id: ServiceId | None = None
    outcome: Literal["route", "confirm", "triage", "out-of-scope"] | None = Field(
        None, description="Only decisions with this outcome."
    )
    language: Language | None = Field(None, description="Only cases in this language.")
    model: str | None = Field(
        None,
        max_length=64,
        pattern=NO_NUL,
        description="Only decisions of models whose ids begin so.",
    )
    page_size: int = Field(50, ge=1, le=1000, description="At most this many decisions.")
    page_token: PageToken | None = None


class TimesGroups(Days):
    """What to tell of how long cases take."""

    group_by: Literal["agency", "service", "language", "region", "day"] | None = Field(
        None, description="What to tell it by."
    )


class FairnessGroups(Days):
    """What to tell of how groups are served."""

    group_by: Literal["language", "region"] = Field(
        description="What to tell it by.", examples=["language"]
    )


class DriftDays(Days):
    """Which days to compare, and with which."""

    reference_start_date: Day | None = None
    reference_end_date: Day | None = None
    language: Language | None = Field(None, description="Only cases in this language.")


class TopicDays(Days):
    """In which days, at most 92, and in which language cases went to a person."""

    language: Language | None = Field(None, description="Only cases in this language.")
