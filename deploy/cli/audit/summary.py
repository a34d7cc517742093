"""The summary of a bundle for people: one HTML page without scripts, each figure with its table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from deploy.cli.audit.figures import Mark, bars, line

MOST_ROWS = 40
TEMPLATE = "summary.html.j2"

Answer = Mapping[str, Any]
"""What an answer says, as JSON has it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A figure, its table, and what both mean."""

    title: str
    words: str
    figure: Markup
    columns: Sequence[str]
    every_row: Sequence[Sequence[object]]

    @property
    def rows(self) -> Sequence[Sequence[object]]:
        """Return the rows that are shown."""
        return self.every_row[:MOST_ROWS]

    @property
    def left_out(self) -> int:
        """Return how many rows are not."""
        return len(self.every_row) - len(self.rows)


def page(title: str, facts: Mapping[str, object], answers: Mapping[str, Answer]) -> str:
    """Return the page."""
    text = resources.files("deploy.cli.audit").joinpath(TEMPLATE).read_text("utf-8")
    made = jinja2.Environment(autoescape=True).from_string(text)
    sections = [section(answers) for section in SECTIONS]
    return made.render(title=title, facts=facts, sections=sections)


def _coverage(answers: Mapping[str, Answer]) -> Section:
    points = answers["coverage"]["points"]
    marks = [_exact(one["day"], one["online_case_share"], False) for one in points]
    rows = [(one["day"], one["case_count"], _percent(one["online_case_share"])) for one in points]
    words = "The share of cases that online services handle, by the day they were submitted."
    columns = ("day", "cases", "online")
    return Section("Coverage by online services", words, line(marks, words), columns, rows)


def _forecast(answers: Mapping[str, Answer]) -> Section:
    points = [one for one in answers["forecast"]["points"] if one["basis"] == "demand"]
    marks = [Mark(one["day"], one["share"], one["low"], one["high"]) for one in points]
    rows = [
        (
            one["basis"],
            one["day_count"],
            _percent(one["share"]),
            one.get("reach_date", "–"),
            one.get("earliest_reach_date", "–"),
            one.get("latest_reach_date", "–"),
            one.get("reason_code", ""),
        )
        for one in answers["forecast"]["forecasts"]
    ]
    words = "When all is online if all goes on as before, with intervals of 95 %."
    columns = ("by", "days", "now", "reached", "earliest", "latest", "")
    return Section("The way to all services online", words, line(marks, words), columns, rows)


def _quality(answers: Mapping[str, Answer]) -> Section:
    rows = answers["quality"]["rows"]
    names = ("auto_routed", "misrouted", "overridden", "objected", "accuracy", "sample_accuracy")
    marks = [_mark(one.get("key", "–"), one["accuracy"]) for one in rows]
    told = [
        (one.get("key", "–"), one["decided_count"], *(_share(one[name]) for name in names))
        for one in rows
    ]
    words = "What a model first said of a case, by language; accuracy is of what was judged, "
    words += "sample accuracy of what was drawn at random."
    columns = ("language", "cases", *(name.replace("_", " ") for name in names))
    return Section("Quality, overrides and objections", words, bars(marks, words), columns, told)


def _reliability(answers: Mapping[str, Answer]) -> Section:
    rows = [one for one in answers["quality"]["reliability"] if not one.get("key")]
    marks = [_mark(f"said {_percent(one['mean_score'])}", one["accuracy"]) for one in rows]
    told = [(_percent(one["mean_score"]), _share(one["accuracy"])) for one in rows]
    words = "How often the model was right where it was so certain."
    return Section("Calibration", words, bars(marks, words), ("said", "right"), told)


def _times(answers: Mapping[str, Answer]) -> Section:
    rows = answers["times"]["rows"]
    marks = [
        Mark(
            one.get("key", "–"),
            one["first_answer"]["mean"],
            one["first_answer"]["mean_low"],
            one["first_answer"]["mean_high"],
            one["first_answer"]["is_small"],
        )
        for one in rows[:MOST_ROWS]
    ]
    told = [
        (
            one.get("key", "–"),
            one["case_count"],
            f"{one['first_answer']['median']:.1f}",
            f"{one['completion']['median']:.1f}",
            _share(one["late"]),
            _share(one["reopened"]),
            f"{one['mean_stars']:.1f}",
        )
        for one in rows
    ]
    words = "Hours to the first answer (mean; medians in the table), and complaints, by agency."
    columns = ("agency", "cases", "answer", "done", "late", "reopened", "stars")
    return Section("Times and complaints", words, bars(marks, words, "h"), columns, told)


def _fairness(answers: Mapping[str, Answer]) -> Section:
    told, marks = [], []
    for by in ("language", "region"):
        for one in answers[f"fairness-{by}"]["rows"]:
            name = f"{by} {one.get('key', '–')}"
            marks.append(_mark(name, one["accuracy"]))
            gaps = ("accuracy_gap", "abstention_gap", "misrouted_gap")
            told.append(
                (
                    name,
                    one["case_count"],
                    *(_gap(one[gap], 100, " %") for gap in gaps),
                    _gap(one["waiting_gap"], 1, " h"),
                )
            )
    words = "Accuracy by group, and gaps to all others; * where the interval leaves 0 out."
    columns = ("group", "cases", "accuracy", "abstention", "misrouted", "waiting")
    return Section("Fairness", words, bars(marks, words), columns, told)


def _drift(answers: Mapping[str, Answer]) -> Section:
    rows = answers["drift"]["rows"]
    marks = [_exact(one["measure"], one["stability_index"], one["is_small"]) for one in rows]
    told = [
        (
            one["measure"],
            one["reference_case_count"],
            one["case_count"],
            f"{one['stability_index']:.3f}",
            f"{one['adjusted_p_value']:.4f}",
            "alarm" if one["is_alarm"] else "",
        )
        for one in rows
    ]
    words = "How much the last seven days differ from the thirty before (PSI; from 0.2 on much)."
    columns = ("measure", "before", "now", "index", "p", "")
    return Section("Drift", words, bars(marks, words, "PSI"), columns, told)


def _programmes(answers: Mapping[str, Answer]) -> Section:
    rows = answers["programmes"]["rows"]
    marks = [_mark(one["audience"], one["completed"]) for one in rows]
    told = [
        (one["audience"], one["target_count"], one["request_count"], one["completed_count"])
        for one in rows
    ]
    words = f"{answers['programmes']['plan']}. {answers['programmes']['source']}"
    columns = ("audience", "plan", "requests", "completed")
    return Section("Programmes", words, bars(marks, words), columns, told)


SECTIONS: Sequence[Callable[[Mapping[str, Answer]], Section]] = (
    _coverage,
    _forecast,
    _quality,
    _reliability,
    _times,
    _fairness,
    _drift,
    _programmes,
)


def _mark(name: str, share: Answer) -> Mark:
    return Mark(name, share["value"], share["low"], share["high"], share["is_small"])


def _exact(name: str, value: float, is_small: bool) -> Mark:
    return Mark(name, value, value, value, is_small)


def _share(share: Answer) -> str:
    few = " (few)" if share["is_small"] else ""
    return f"{_percent(share['value'])} of {share['of']}{few}"


def _gap(gap: Answer, scale: float, unit: str) -> str:
    value, low, high = (gap[name] * scale for name in ("value", "low", "high"))
    return f"{value:+.1f}{unit} [{low:+.1f}, {high:+.1f}]{' *' if gap['is_clear'] else ''}"


def _percent(value: float) -> str:
    return f"{value:.1%}"
