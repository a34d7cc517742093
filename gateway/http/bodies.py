"""What callers may send, strict in types and in names."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.http.fields import (
    MAX_TEXT,
    NO_NUL,
    Body,
    Code,
    Language,
    Office,
    Region,
    ServiceId,
    Text,
    Version,
)


class SubmitCase(Body):
    """A citizen's request."""

    text: Text
    language: Language | None = Field(None, description="The language, if the citizen named it.")
    region: Region | None = None
    contact: str | None = Field(
        None,
        max_length=254,
        pattern=NO_NUL,
        description="Where the citizen wants to be told of each step, an e-mail address or a phone "
        "number; used for nothing else, and told to no officer.",
    )
    wish: str | None = Field(
        None,
        max_length=MAX_TEXT,
        pattern=NO_NUL,
        description="What the citizen says beside it for whoever decides; kept as a message.",
    )
    ask_person: bool = Field(False, description="True to let a person choose the service.")
    service_id: ServiceId | None = Field(
        None,
        description="The service the citizen chose among those suggested: their answer where they "
        "would be asked which is meant.",
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
    text: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_TEXT,
        pattern=NO_NUL,
        description="What the citizen is told of it, such as why it was refused.",
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


class Open(Body):
    """How a case is opened."""

    take_over: bool = Field(description="Go on with it although a colleague has it open.")
