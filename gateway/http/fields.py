"""What bodies and queries are made of: types with their limits, strict in types and in names."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
