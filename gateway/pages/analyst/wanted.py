"""What an analyst wants to see: days, filters and groups, all of it in the address."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from google.protobuf.message import Message
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.http.fields import NO_NUL
from services.chassis import codec

P = TypeVar("P", bound=Message)


def _empty_is_none(value: Any) -> Any:
    """A form sends every field, the empty ones too."""
    return None if value == "" else value


Blank = BeforeValidator(_empty_is_none)
Typed = Annotated[str, Field(max_length=64, pattern=NO_NUL)]
Day = Annotated[date | Typed | None, Field(union_mode="left_to_right"), Blank]
"""A day, or what was typed in its place: the page says what is wrong with it."""
Name = Annotated[Typed | None, Blank]
Code = Annotated[Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None, Blank]


class Wanted(BaseModel):
    """The names are those of the REST routes, so that an address tells what to ask there."""

    model_config = ConfigDict(extra="ignore")

    start_date: Day = None
    end_date: Day = None
    language: Annotated[Literal["kk", "ru", "en", "mixed"] | None, Blank] = None
    agency: Name = None
    life_event: Name = None
    region: Code = None
    group_by: Annotated[
        Literal["agency", "life-event", "language", "region", "service", "model", "day"] | None,
        Blank,
    ] = None
    service_id: Annotated[Annotated[str, Field(max_length=128, pattern=NO_NUL)] | None, Blank] = (
        None
    )
    outcome: Annotated[Literal["route", "confirm", "triage", "out-of-scope"] | None, Blank] = None
    model: Name = None
    table: Name = None
    """The table to give as CSV, in place of the page."""

    @property
    def no_days(self) -> Mapping[str, str]:
        """Return what was typed in the place of days and is none, by the names of their fields."""
        typed = {name: getattr(self, name) for name in DAYS}
        return {name: value for name, value in typed.items() if isinstance(value, str)}

    @property
    def span(self) -> int | None:
        """Return how many days lie between the first and the last; none where one is not said."""
        if not (isinstance(self.start_date, date) and isinstance(self.end_date, date)):
            return None
        return (self.end_date - self.start_date).days

    def told(self, *names: str) -> dict[str, str]:
        """Return some of what is wanted, as an address has it."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {name: given[name] for name in names if name in given}

    def ask(self, into: type[P], *names: str, **more: Any) -> P:
        """Return the request for a service."""
        return codec.from_json(self.told(*names) | more, into)


DAYS = ("start_date", "end_date")
MOST_DAYS = 366
"""So many days audit tells of at once."""
DEMAND = (*DAYS, "agency", "life_event", "language", "region")

Asked = Annotated[Wanted, Query()]


def address(path: str, told: Mapping[str, str], **more: str) -> str:
    """Return an address with what is wanted in it."""
    query = urlencode({name: value for name, value in {**told, **more}.items() if value})
    return f"{path}?{query}" if query else path


def spans(last: str) -> list[tuple[int, str, str]]:
    """Return the usual spans up to a day: how many days, the first and the last."""
    end = date.fromisoformat(last).toordinal()
    first = [(days, max(end - days + 1, 1)) for days in (7, 30, 90, 365)]
    return [(days, date.fromordinal(begin).isoformat(), last) for days, begin in first]
