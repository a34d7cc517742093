"""The model card: what a model was made of, what it can do, and where it ends."""

from collections.abc import Mapping
from typing import Any

from classifier.trained import Trained

LIMITS = (
    "The examples were written for this product, not taken from citizens; accuracy on real "
    "requests must be measured before decisions are routed without a person.",
    "Services without examples are known by their titles only and are found less often.",
    "Probabilities are calibrated on held-out examples; they shift when requests shift.",
    "Thresholds were chosen on the same held-out predictions that the table tells of, so the "
    "errors of the routed and the offered look a little better there than they are.",
)


def describe(trained: Trained) -> dict[str, Any]:
    """Return the card as plain values."""
    return {
        "data": dict(trained.facts),
        "labels": len(trained.weights.labels),
        "features": {table.name: len(table.terms) for table in trained.weights.tables},
        "held_out": {name: told.as_json() for name, told in trained.metrics.items()},
        "held_out_title_only": trained.title_only.as_json(),
        "thresholds": {
            language.value: {"route": round(told.route, 4), "confirm": round(told.confirm, 4)}
            for language, told in trained.thresholds.by_language.items()
        },
        "limits": list(LIMITS),
    }


def as_markdown(card: Mapping[str, Any]) -> str:
    """Return the card for people."""
    data = card["data"]
    metrics = {**card["held_out"], "titles only": card["held_out_title_only"]}
    return "\n".join(
        [
            "# Model card",
            "",
            f"{card['labels']} labels; {data['examples']} examples of "
            f"{data['services_with_examples']} services; titles of {data['services']} services.",
            *_corrections(data),
            "",
            "## Accuracy on held-out examples",
            "",
            *_table(("texts", *next(iter(metrics.values()))), metrics),
            "",
            f"Where services without examples exist, a share of {data['title_only_share']} of the "
            "others kept its titles only in each fold: an assumption about how often citizens ask "
            "for services without examples.",
            "",
            "## Thresholds",
            "",
            f"At most {data['route_error_bound']:.0%} of the routed are wrong; at most "
            f"{data['confirm_miss_bound']:.0%} of the offered miss the right service.",
            "",
            *_table(("language", "route", "confirm"), card["thresholds"]),
            "",
            "## Limits",
            "",
            *(f"- {limit}" for limit in card["limits"]),
            "",
        ]
    )


def _corrections(data: Mapping[str, Any]) -> list[str]:
    """Tell which part of the data people said of cases, where any did."""
    told = data.get("corrections")
    if not told:
        return []
    actors = ", ".join(f"{count} by {actor}" for actor, count in told["by_actor"].items())
    return [
        "",
        f"Among them are corrections of {told['cases']} cases ({actors}), from {told['from']} to "
        f"{told['to']}, each counted {told['weight']} times; {told['bore_out']} of them bore "
        "the model out.",
    ]


def _table(head: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    cells = [head, tuple("---" for _ in head)]
    cells += [(name, *map(str, row.values())) for name, row in rows.items()]
    return [f"| {' | '.join(row)} |" for row in cells]
