"""What must be known of a model before it is trusted, in sentences that are true of this one."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

MEASURE = "accuracy on real requests must be measured before decisions are routed without a person."


class Origin(StrEnum):
    """Whose the examples are that a model learned."""

    BUNDLED = "bundled"
    """They ship with the product."""
    OWN = "own"
    """Somebody brought them in a file."""


def of(data: Mapping[str, Any]) -> Iterator[str]:
    """Give what must be known of this model, and is true of it."""
    yield _origin(data)
    if "corrections" in data:
        yield (
            "The corrections among them are masked words of citizens, of those cases only on "
            "which somebody said where they belong."
        )
    if data["services_with_examples"] < data["services"]:
        yield "Services without examples are known by their titles only and are found less often."
    yield "Probabilities are calibrated on held-out examples; they shift when requests shift."
    yield _writers(data)
    yield (
        "Thresholds were chosen on the same held-out predictions that the table tells of, so the "
        "errors of the routed and the offered look a little better there than they are."
    )


def _origin(data: Mapping[str, Any]) -> str:
    match data.get("examples_from"):
        case Origin.BUNDLED:
            written = "The bundled examples were written for this product, not taken from citizens"
        case Origin.OWN:
            written = (
                f"The examples and their labels are those of {data['examples_file']}: how they "
                "came about, and whose requests are missing, only those know who made that file"
            )
        case _:
            written = "Where the examples come from was not told"
    return f"{written}; {MEASURE}"


def _writers(data: Mapping[str, Any]) -> str:
    """Tell whether a writer may be on both sides of what is learned and what is asked."""
    if not (named := data["examples_with_writer"]):
        return (
            "No example tells who wrote it: texts that were asked may be by those who were learned "
            "from, and the figures flatter then."
        )
    told = (
        "Held out are texts of writers of whom nothing was learned, as far as writers are told: "
        f"of {named} of {data['examples']} examples."
    )
    if data.get("examples_from") != Origin.BUNDLED:
        return told
    return f"{told} The bundled ones name personas; most of one service share an author."
