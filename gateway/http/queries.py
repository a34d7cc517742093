"""What callers may ask for in an address: pages of lists, and places in the log."""

from typing import Literal

from pydantic import AwareDatetime, Field

from gateway.http.fields import NO_NUL, Office, PageToken, Query, ServiceId, State


class AttemptPage(Query):
    """Which attempts to list."""

    page_size: int = Field(100, ge=1, le=500, description="At most this many attempts.")
    before_id: int = Field(
        0,
        ge=0,
        lt=2**63,
        description="Only attempts with a smaller id than this; 0 for the newest.",
    )


class CasePage(Query):
    """Which cases to list."""

    page_size: int = Field(50, ge=1, le=200, description="At most this many cases.")
    page_token: PageToken | None = None
    state: State | None = Field(None, description="Only cases in this state.")
    office: Office | None = Field(None, description="Only cases this office holds.")
    number: str | None = Field(
        None,
        max_length=32,
        pattern=NO_NUL,
        description="Only the case with this number on its receipt.",
    )
    service_id: ServiceId | None = Field(None, description="Only cases this service handles.")
    due_before: AwareDatetime | None = Field(
        None, description="Only cases that are due by law before this moment."
    )
    order: Literal["newest", "due"] | None = Field(
        None,
        description="Newest first, or what is due by law the soonest first; then only such cases.",
    )


class ReadingPage(Query):
    """Which readings to list."""

    page_size: int = Field(50, ge=1, le=200, description="At most this many readings.")
    page_token: PageToken | None = None
    case_id: str | None = Field(
        None, max_length=36, pattern=NO_NUL, description="Only readings of this case."
    )
    subject: str | None = Field(
        None, max_length=255, pattern=NO_NUL, description="Only readings by this subject."
    )


class ServicePage(Query):
    """Which services to list."""

    page_size: int = Field(100, ge=1, le=500, description="At most this many services.")
    page_token: PageToken | None = None
    life_event: str | None = Field(
        None, max_length=64, pattern=NO_NUL, description="Only services of this life event."
    )
    agency: str | None = Field(
        None, max_length=64, pattern=NO_NUL, description="Only services of this agency."
    )
    query: str | None = Field(
        None,
        max_length=100,
        pattern=NO_NUL,
        description="Only services with all of these words, or their beginnings, in any language.",
    )


class FeedPage(Query):
    """Which events of an office's feed to list."""

    after_sequence: int = Field(
        0, ge=0, lt=2**63, description="Only events after this sequence; 0 for all."
    )
    after_event_id: str = Field(
        "",
        max_length=128,
        pattern=NO_NUL,
        description="The id of the event with that sequence, as it was read; refused where the "
        "feed has another there: the cursor is of another feed.",
    )
    page_size: int = Field(100, ge=1, le=500, description="At most this many events.")


class CheckpointSize(Query):
    """Which checkpoint to get."""

    size: int = Field(0, ge=0, lt=2**63, description="The size of the log; 0 for the latest.")


class LogSizes(Query):
    """Which two logs to compare."""

    first_size: int = Field(ge=1, lt=2**63, description="The smaller size.", examples=[1000])
    second_size: int = Field(
        0, ge=0, lt=2**63, description="The larger size; 0 for that of the latest checkpoint."
    )


class ReconciledKey(Query):
    """Behind which decision to go on comparing."""

    after_case_id: str = Field(
        "", max_length=64, pattern=NO_NUL, description="The last case of the page before."
    )
    after_case_version: int = Field(0, ge=0, lt=2**63, description="Its last version.")
