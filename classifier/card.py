"""The model card: what a model was made of, what it can do, and where it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from classifier import limits
from classifier.byservice import ServiceMetrics
from classifier.domain import Thresholds, ThresholdTable
from classifier.evaluate import Metrics, Point
from classifier.trained import Trained

SHOWN_COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
WEAKEST = 20
"""So many services are shown to people; the JSON tells of all."""
FEWEST_TEXTS = 5
"""A service with fewer texts is not called weak by what became of them."""


def describe(trained: Trained) -> dict[str, Any]:
    """Return the card as plain values."""
    return {
        "data": dict(trained.facts),
        "labels": len(trained.weights.labels),
        "features": {table.name: len(table.terms) for table in trained.weights.tables},
        "held_out": {name: told.as_json() for name, told in trained.metrics.items()},
        "held_out_title_only": trained.title_only.as_json(),
        "held_out_by_service": services_as_json(trained.services),
        "thresholds": {
            language.value: _rounded(told)
            for language, told in trained.thresholds.by_language.items()
        },
        "risk_coverage": curves_as_json(trained.curves),
        "limits": list(limits.of(trained.facts)),
    }


def services_as_json(services: Mapping[str, ServiceMetrics]) -> dict[str, dict[str, float]]:
    """Return what was measured by service as plain numbers."""
    return {name: told.as_json() for name, told in services.items()}


def _weakest(services: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return the services that are found least often, for people; the weakest come first."""
    known = [one for one in services.items() if one[1]["count"] >= FEWEST_TEXTS]
    if not known:
        return []
    shown = dict(known[:WEAKEST])
    return [
        f"The weakest {len(shown)} of {len(known)} labels with at least {FEWEST_TEXTS} texts; "
        "*astray* are texts of others that would be routed there. The JSON tells of all.",
        "",
        *_table(("label", *known[0][1]), shown),
        "",
    ]


def _rounded(thresholds: Thresholds) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(thresholds).items()}


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
            *_recipe(data),
            "",
            "## Accuracy on held-out examples",
            "",
            *_table(("texts", *next(iter(metrics.values()))), metrics),
            "",
            *_weakest(card.get("held_out_by_service", {})),
            f"Where services without examples exist, a share of {data['title_only_share']} of the "
            "others kept its titles only in each fold: an assumption about how often citizens ask "
            "for services without examples.",
            "",
            "## Thresholds",
            "",
            f"At most {data['route_error_bound']:.0%} of the routed are wrong; at most "
            f"{data['stray_share_bound']:.0%} of texts out of scope are routed; at most "
            f"{data['confirm_miss_bound']:.0%} of the offered miss the right service.",
            "",
            *_table(("language", "route", "confirm", "out of scope at most"), card["thresholds"]),
            "",
            *curve_lines(card["risk_coverage"]),
            "## Limits",
            "",
            *(f"- {one}" for one in card["limits"]),
            "",
        ]
    )


def curves_as_json(curves: Mapping[str, Sequence[Point]]) -> dict[str, list[dict[str, float]]]:
    """Return curves as plain numbers, rounded as far as they mean something."""
    return {
        name: [{told: round(value, 4) for told, value in asdict(point).items()} for point in curve]
        for name, curve in curves.items()
    }


def curve_lines(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> list[str]:
    """Return the curves for people: a picture, and the risk at each coverage by language."""
    if not curves:
        return []
    rows = {
        f"{share:.0%}": {name: _risk_at(curve, share) for name, curve in curves.items()}
        for share in SHOWN_COVERAGES
    }
    return [
        "## Risk by coverage",
        "",
        "If so many texts were routed, the surest first, this share of them would go to a wrong "
        "service.",
        "",
        "![Risk by coverage](risk-coverage.svg)",
        "",
        *_table(("coverage", *curves), rows),
        "",
    ]


def _risk_at(curve: Sequence[Mapping[str, float]], share: float) -> str:
    return next((f"{one['risk']:.1%}" for one in curve if one["coverage"] >= share - 0.001), "")


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


def _recipe(data: Mapping[str, Any]) -> list[str]:
    """Tell which terms the model is made of, and what other recipes were worth."""
    told = data.get("recipe")
    if not told:
        return []
    kinds = "; ".join(
        f"{one['name']} {one['sizes'][0]}–{one['sizes'][1]}, counted {one['share']}"
        for one in told["kinds"]
    )
    lines = [
        "",
        f"Recipe *{told['name']}*: {kinds}; penalty {told['penalty']}, "
        f"evenness of labels {told['evenness']}, stacking {told.get('stacking', 0.0)}.",
    ]
    if tried := told["loss_of_tried"]:
        losses = "; ".join(f"{name} {loss}" for name, loss in tried.items())
        lines += ["", f"It fits these examples best, by its loss on held-out ones: {losses}."]
    return lines


def _table(head: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    cells = [head, tuple("---" for _ in head)]
    cells += [(name, *map(str, row.values())) for name, row in rows.items()]
    return [f"| {' | '.join(row)} |" for row in cells]


def evaluation(
    model: str,
    metrics: Mapping[str, Metrics],
    thresholds: ThresholdTable,
    curves: Mapping[str, Sequence[Point]],
    services: Mapping[str, ServiceMetrics],
) -> dict[str, Any]:
    """Return what was measured of a stored model as plain values."""
    return {
        "model": model,
        "metrics": {name: told.as_json() for name, told in metrics.items()},
        "services": services_as_json(services),
        "thresholds": {
            language.value: _rounded(told) for language, told in thresholds.by_language.items()
        },
        "risk_coverage": curves_as_json(curves),
    }


def evaluation_as_markdown(told: Mapping[str, Any]) -> str:
    """Return what was measured for people."""
    metrics = told["metrics"]
    return "\n".join(
        [
            f"# Evaluation of model {told['model'][:12]}",
            "",
            *_table(("texts", *next(iter(metrics.values()))), metrics),
            "",
            *_weakest(told["services"]),
            "## Thresholds",
            "",
            *_table(("language", "route", "confirm", "out of scope at most"), told["thresholds"]),
            "",
            *curve_lines(told["risk_coverage"]),
        ]
    )
