"""What callers may send: bodies and queries, strict in types and in names."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Language = Literal["kk", "ru", "en", "mixed"]
State = Literal[
    "submitted",
    "confirmation-requested",
    "triaged",
    "routed",
    "accepted",
    "information-requested",
    "completed",
    "returned",
    "withdrawn",
]

MAX_TEXT = 4000
NO_NUL = r"^[^\x00]*$"

Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_TEXT,
        pattern=NO_NUL,
        description="The citizen's own words, in Kazakh, Russian or English.",
    ),
]
Region = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{2}$",
        description="The citizen's region, the first two digits of its KATO code.",
    ),
]
ServiceId = Annotated[
    str, Field(max_length=128, pattern=NO_NUL, description="The service, by its id.")
]
Office = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="The office, by its code, such as MIA or akimat-75.",
    ),
]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Z][A-Z0-9_]*$")]
Version = Annotated[
    int,
    Field(
        ge=0,
        lt=2**63,
        description="The version of the case the caller saw; 0 where it does not matter.",
    ),
]
PageToken = Annotated[
    str,
    Field(max_length=512, pattern=NO_NUL, description="The next_page_token of the page before."),
]


class Body(BaseModel):
    """A JSON object in which every name is known and every type is exact."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    """The query of a URL, in which every name is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SubmitCase(Body):
    """A citizen's request."""

    text: Text
    language: Language | None = Field(None, description="The language, if the citizen named it.")
    region: Region | None = None
    contact: str | None = Field(
        None,
        max_length=254,
        pattern=NO_NUL,
        description="Where the citizen wants answers, an e-mail address or a phone number.",
    )


class Suggest(Body):
    """A text to find services for."""

    text: Text
    explain: bool = Field(
        False, description="True to learn which words spoke for the best service, by their places."
    )


class Confirm(Body):
    """The citizen's choice: a service, or a person who chooses."""

    service_id: ServiceId | None = None
    region: Region | None = None
    expected_version: Version = 0
    ask_person: bool = Field(False, description="True to let a person choose the service.")

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if bool(self.service_id) == self.ask_person:
            raise ValueError("give either service_id or ask_person: true")
        return self


class Assign(Body):
    """A triage officer's choice: a service, or that no public service handles the request."""

    service_id: ServiceId | None = None
    region: Region | None = None
    expected_version: Version = 0
    out_of_scope: bool = Field(
        False, description="True to say that no public service handles the request."
    )

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if bool(self.service_id) == self.out_of_scope:
            raise ValueError("give either service_id or out_of_scope: true")
        return self


class Withdraw(Body):
    """The citizen's wish to end the case."""

    expected_version: Version = 0


class Erase(Body):
    """The wish to destroy a case's words."""

    expected_version: Version = 0


class Accept(Body):
    """The office's word that it works on the case."""

    office: Office
    expected_version: Version = 0


class Complete(Body):
    """The office's word that it is done."""

    office: Office
    expected_version: Version = 0
    outcome_code: Code | None = Field(
        None, description="How it ended, such as GRANTED.", examples=["GRANTED"]
    )


class Return(Body):
    """The office's word that the case is not its own."""

    office: Office
    reason_code: Code = Field(description="Why, such as NOT_COMPETENT.", examples=["NOT_COMPETENT"])
    suggested_service_id: ServiceId | None = Field(
        None, description="The service that is meant, where the office knows."
    )
    suggested_office: Office | None = Field(
        None, description="The agency or office that is meant, where the office knows."
    )
    expected_version: Version = 0


class Ask(Body):
    """The office's question to the citizen."""

    office: Office
    question_code: Code = Field(
        description="What it is about, such as DOCUMENT_MISSING.", examples=["DOCUMENT_MISSING"]
    )
    text: str = Field(
        min_length=1, max_length=MAX_TEXT, pattern=NO_NUL, description="The question in words."
    )
    expected_version: Version = 0


class Provide(Body):
    """The citizen's answer to the office's question."""

    text: Text
    expected_version: Version = 0


class Reopen(Body):
    """The citizen's word that the case is not done."""

    text: Text | None = None
    expected_version: Version = 0


class Object(Body):
    """The citizen's objection to what a model decided."""

    text: Text | None = None
    expected_version: Version = 0


class Rate(Body):
    """The citizen's opinion of how the case was handled."""

    stars: int = Field(ge=1, le=5, description="From 1, bad, to 5, good.", examples=[4])
    expected_version: Version = 0


class Split(Body):
    """The part of a request that belongs elsewhere."""

    office: Office | None = Field(
        None, description="The office that holds the case; left out by a triage officer."
    )
    text: str = Field(
        min_length=1,
        max_length=MAX_TEXT,
        pattern=NO_NUL,
        description="The part that belongs elsewhere, in words.",
    )
    suggested_service_id: ServiceId | None = Field(
        None, description="The service that is meant, where it is known."
    )
    suggested_office: Office | None = Field(
        None, description="The agency or office that is meant, where it is known."
    )
    expected_version: Version = 0


class Filter(Body):
    """Which events are wanted; what is left out is not looked at."""

    types: list[Annotated[str, Field(max_length=64)]] = Field(
        [], max_length=100, description="Types, such as routed.", examples=[["routed"]]
    )
    service_ids: list[ServiceId] = Field([], max_length=500, description="Services, by their ids.")
    regions: list[Region] = Field([], max_length=100, description="Regions, by their codes.")


Url = Annotated[
    str,
    Field(
        max_length=2048,
        pattern=NO_NUL,
        description="Where a webhook is delivered to, an https address; left out for a stream.",
    ),
]


class Subscribe(Body):
    """How an office wants its feed."""

    name: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")]
    kind: Literal["webhook", "stream"]
    filter: Filter = Filter(types=[], service_ids=[], regions=[])
    url: Url | None = None
    after_sequence: int = Field(
        0, ge=-1, lt=2**63, description="Events after this sequence; -1 for those yet to come."
    )


class ChangeSubscription(Body):
    """How an office wants its feed from now on."""

    filter: Filter = Filter(types=[], service_ids=[], regions=[])
    url: Url | None = None


class Seek(Body):
    """A place in the feed: a sequence, or a time."""

    after_sequence: int | None = Field(None, ge=0, lt=2**63, description="After this sequence.")
    from_time: str | None = Field(
        None,
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$",
        description="With the first event from this time on.",
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.after_sequence is None) == (self.from_time is None):
            raise ValueError("give either after_sequence or from_time")
        return self


class SendAgain(Body):
    """Which dead letters to deliver again."""

    sequences: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(
        [], max_length=500, description="Their sequences; none for all."
    )


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
