"""What stewards may send about the draft of the register."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.http.fields import NO_NUL, Body, PageToken, Query, ServiceId


class DraftView(Query):
    """How much of the draft to show."""

    with_catalogue: bool = Field(
        False, description="Whether to send the whole register along, as it would be."
    )


class ChangePage(Query):
    """Which changes to list."""

    page_size: int = Field(100, ge=1, le=500, description="At most this many changes.")
    page_token: PageToken | None = None


DraftVersion = Annotated[
    int,
    Field(
        ge=0,
        lt=2**63,
        description="The version of the draft the caller saw; 0 where it does not matter.",
    ),
]


class LocalizedTitle(Body):
    """A title in three languages."""

    kk: str = Field(max_length=500, pattern=NO_NUL, description="Kazakh.")
    ru: str = Field(max_length=500, pattern=NO_NUL, description="Russian.")
    en: str = Field(max_length=500, pattern=NO_NUL, description="English.")


class LocalizedWords(Body):
    """A longer text in three languages; all or none."""

    kk: str = Field("", max_length=2000, pattern=NO_NUL, description="Kazakh.")
    ru: str = Field("", max_length=2000, pattern=NO_NUL, description="Russian.")
    en: str = Field("", max_length=2000, pattern=NO_NUL, description="English.")


class WholeService(Body):
    """A service as it is to be, whole."""

    id: ServiceId
    title: LocalizedTitle
    description: LocalizedWords | None = None
    evidence: LocalizedWords | None = None
    keywords: LocalizedWords | None = None
    agency: str = Field(max_length=32, pattern=NO_NUL, description="The owner, by its code.")
    life_event: str = Field(max_length=50, pattern=NO_NUL, description="The life event's slug.")
    audience: Literal["citizen", "business", "both"] = Field(description="Whom it is for.")
    channel: Literal["online", "in-person"] = Field(description="How it is reached today.")
    online_address: str = Field(
        "",
        max_length=500,
        pattern=NO_NUL,
        description="Where it is had online, such as https://egov.kz; empty where not known.",
    )
    term_days: int = Field(
        0, ge=0, le=1000, description="Its own term in working days; 0 where none is named."
    )


class ChangeService(Body):
    """A service as it is to be."""

    service: WholeService
    expected_version: DraftVersion = 0


class MergeServices(Body):
    """The service that the old id is to lead to."""

    successor_id: ServiceId
    expected_version: DraftVersion = 0


class SplitService(Body):
    """The new service, and what stays of the old one where that changes."""

    part: WholeService
    rest: WholeService | None = None
    expected_version: DraftVersion = 0


class DiscardDraft(Body):
    """Which draft is thrown away."""

    expected_version: DraftVersion = 0


class PublishDraft(Body):
    """Which draft becomes the register."""

    expected_version: int = Field(
        ge=1, lt=2**63, description="The version of the draft the caller looked at."
    )
