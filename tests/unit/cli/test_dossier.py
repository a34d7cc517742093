"""What an auditor is given beside the log."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from deploy.cli.audit import bundle, dossier
from deploy.cli.audit.commands import app
from deploy.cli.audit.figures import Mark, bars, line
from deploy.cli.audit.layout import File
from deploy.cli.audit.verify import verify
from services.audit.domain.checkpoints import Note, read_note
from services.audit.store.analyst import SqlAnalyst
from services.routing.store import bundled_policy, keep_policy, read_policy
from tests.unit.audit.stories import NOON
from tests.unit.audit.test_counts import stories
from tests.unit.cli.logs import Log

NOW = NOON + timedelta(days=20)
MODEL = "5" * 64


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Give a log of twenty records, three hundred cases counted, and a model."""
    grown = Log(tmp_path_factory.mktemp("log"))
    grown.grow(0, 20)
    SqlAnalyst(grown.database).record(stories(300, seed=11))
    model = grown.settings.models_dir / MODEL
    model.mkdir(parents=True)
    (model / "card.json").write_text('{"labels": 300}')
    (model / "weights.npy").write_bytes(b"weights")
    (grown.settings.models_dir / "live").write_text(MODEL)
    keep_policy(bundled_policy(), grown.settings.policies_dir)
    for name in ("history.jsonl", "proposals.jsonl"):
        (grown.settings.models_dir / name).write_text("{}\n")
    yield grown
    grown.database.close()


@pytest.fixture(scope="module")
def report(log: Log) -> list[File]:
    return list(dossier.files(log.settings, log.database, log.keys, NOW))


@pytest.fixture(scope="module")
def front(log: Log) -> list[File]:
    """Give what stands before the report in a bundle that has one."""
    return list(log.files(with_report=True))


@pytest.fixture(scope="module")
def files(front: list[File], report: list[File]) -> list[File]:
    return [*front, *report]


@pytest.fixture(scope="module")
def trusted(files: list[File]) -> Note:
    return read_note(dict(files)["log/checkpoint"].decode())


def test_all_an_auditor_asks_for_is_there(report: list[File]) -> None:
    """Figures, models, rules, data sheets, an entry for the register, a page for people."""
    names = {name for name, _ in report}

    answers = ("coverage", "forecast", "offline", "quality", "quality-model", "quality-service")
    answers += ("times", "drift", "programmes", "fairness-language", "fairness-region")
    assert names == {
        "report/summary.html",
        "report/algorithm-register.json",
        *(f"report/answers/{name}.json" for name in answers),
        f"report/models/{MODEL}/card.json",
        "report/models/history.jsonl",
        "report/models/proposals.jsonl",
        "report/policy/routing.toml",
        "report/policy/rights.toml",
        f"report/policy/versions/{read_policy(bundled_policy()).version}.json",
        "report/data/catalogue.md",
        "report/data/examples.md",
        "report/contents",
    }


def test_the_answers_are_those_of_the_doors(report: list[File]) -> None:
    """With what they are of, and how sure they are."""
    told = json.loads(dict(report)["report/answers/quality.json"])

    assert told["total"]["decided_count"] > 100
    assert {"count", "of", "value", "low", "high", "is_small"} == told["total"]["accuracy"].keys()


def test_the_entry_tells_of_the_figures(report: list[File]) -> None:
    """What only the operator knows is left empty rather than made up."""
    entry = json.loads(dict(report)["report/algorithm-register.json"])
    told = json.loads(dict(report)["report/answers/quality.json"])

    assert entry["accuracy_of_judged"] == told["total"]["accuracy"]["value"]
    assert entry["accuracy_of_random_sample"] == told["total"]["sample_accuracy"]["value"] > 0
    assert (entry["owner"], entry["model"]) == ("", MODEL)


def test_every_figure_has_its_table(report: list[File]) -> None:
    """No script, and nothing is fetched from elsewhere; three days make no line of a forecast."""
    page = dict(report)["report/summary.html"].decode()

    assert page.count("<h2>") == page.count("</table>") == page.count("<svg") + 1 == 8
    assert "<script" not in page
    assert set(re.findall(r'(?:href|src|xmlns)="([^"]+)"', page)) == {"http://www.w3.org/2000/svg"}
    for figure in re.findall(r"<svg.*?</svg>", page, re.S):
        ElementTree.fromstring(figure)


def test_a_system_that_saw_nothing_has_a_report(tmp_path: Path) -> None:
    """Of no case at all."""
    empty = Log(tmp_path)
    told = dict(dossier.files(empty.settings, empty.database, empty.keys, NOW))
    empty.database.close()

    assert b"<h2>Drift</h2>" in told["report/summary.html"]


def test_a_whole_bundle_verifies(files: list[File], trusted: Note) -> None:
    """The log and the report behind it, by the same keys."""
    assert verify(files, trusted).faults == []


def changed(report: list[File]) -> list[File]:
    return [(name, content.replace(b"300", b"400")) for name, content in report]


def left_out(report: list[File]) -> list[File]:
    return [one for one in report if one[0] != "report/answers/drift.json"]


def added(report: list[File]) -> list[File]:
    return [("report/praise.md", b"all is well"), *report]


def added_behind(report: list[File]) -> list[File]:
    return [*report, ("report/praise.md", b"all is well")]


def unsigned(report: list[File]) -> list[File]:
    return report[:-1]


def signed_by_another(report: list[File]) -> list[File]:
    content = report[-1][1].decode()
    text, _, signatures = content.partition("\n\n")
    return [*report[:-1], (report[-1][0], f"{text}\nx y\n\n{signatures}".encode())]


def taken_away(report: list[File]) -> list[File]:
    return []


@pytest.mark.parametrize(
    "change", [changed, left_out, added, added_behind, unsigned, signed_by_another, taken_away]
)
def test_a_report_that_was_changed_is_found(
    front: list[File],
    report: list[File],
    trusted: Note,
    change: Callable[[list[File]], list[File]],
) -> None:
    """Changed, shortened, added to, not signed by the log, or taken away as a whole."""
    found = verify([*front, *change(report)], trusted)

    assert found.faults
    assert all("report" in fault for fault in found.faults)


def test_a_report_where_none_was_promised_is_found(
    log: Log, report: list[File], trusted: Note
) -> None:
    """What is signed of the whole bundle says whether there is one."""
    assert verify([*log.files(), *report], trusted).faults


@pytest.mark.parametrize("has", [True, False])
def test_the_command_says_whether_there_is_a_report(
    log: Log, report: list[File], tmp_path: Path, has: bool
) -> None:
    """So that nobody takes the log alone for all there was."""
    file = tmp_path / "a.tar"
    bundle.write(file, [*log.files(with_report=has), *(report if has else [])])

    found = CliRunner().invoke(app, ["verify", str(file)])

    assert found.exit_code == 0
    assert f"with {'a' if has else 'no'} report, all whole" in found.output


def test_the_signature_is_of_no_checkpoint(report: list[File]) -> None:
    """What is signed of a report cannot be shown as what was signed of a log."""
    assert dict(report)[bundle.CONTENTS].startswith(b"qyzmet audit report\n")


def test_names_in_a_figure_are_text() -> None:
    """Whatever a service or an agency is called."""
    mark = Mark("<b>&", 0.5, 0.4, 0.6)

    for figure in (bars([mark], "<i>"), line([mark, mark], "<i>")):
        assert "<b>" not in figure
        assert "<i>" not in figure
        ElementTree.fromstring(figure)


def test_a_bar_ends_within_its_figure() -> None:
    """Whatever the figures are, and where there are none there is no figure."""
    wide = bars([Mark("a", 900.0, 100.0, 5000.0), Mark("b", 0.0, 0.0, 0.0)], "t", "h")

    assert max(float(x) for x in re.findall(r'x2="([0-9.]+)"', wide)) <= 720
    assert (bars([], "t"), line([], "t")) == ("", "")
