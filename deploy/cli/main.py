"""The `qyzmet` command: what it can do, with examples; the work is in the files beside this."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli import groups, people
from deploy.cli.audit import commands
from deploy.cli.groups import BusUrl
from deploy.cli.terminal import told_errors

ALL = 1_000_000_000

app = typer.Typer(
    name="qyzmet",
    help="Takes a citizen's request, in their own words, to the office that handles it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)
app.add_typer(groups.corrections, name="corrections")
app.add_typer(groups.catalogue, name="catalogue")
app.add_typer(groups.letters, name="letters")

app.add_typer(commands.app, name="audit")

Url = Annotated[
    str, typer.Option(help="Address of a running system; the one of the settings if not given.")
]
DatabaseUrl = Annotated[
    str, typer.Option("--database", help="postgresql://USER@HOST:PORT/NAME; else QYZMET_DATABASE.")
]
Text = Annotated[str, typer.Option("--text", help="Column that holds the words.")]
Limit = Annotated[int, typer.Option(help="Use at most this many rows.", min=1)]
Catalogue = Annotated[
    Path | None, typer.Option(help="Folder of the catalogue; the bundled one if not given.")
]


class ServiceName(StrEnum):
    """A service that can run by itself."""

    CATALOG = "catalog"
    CLASSIFIER = "classifier"
    CASES = "cases"
    ROUTING = "routing"
    DELIVERY = "delivery"
    AUDIT = "audit"
    GATEWAY = "gateway"


@app.command(
    epilog="Example: QYZMET_HTTP_PORT=9000 qyzmet up, or qyzmet up --bus kafka://127.0.0.1:9092 "
    "--database postgresql://postgres@127.0.0.1:5432/postgres"
)
def up(bus: BusUrl = "", database: DatabaseUrl = "") -> None:
    """Start every service in one process; without options, without any other server."""
    from deploy.cli import running

    with told_errors():
        running.up(bus, database)


@app.command(epilog="Example: qyzmet serve routing")
def serve(
    name: Annotated[ServiceName, typer.Argument(help="The service to run.")],
    bus: BusUrl = "",
    database: DatabaseUrl = "",
) -> None:
    """Run one service; the others are found by QYZMET_ADDRESSES__<NAME>."""
    from deploy.cli import running

    with told_errors():
        running.serve(name.value, bus, database)


@app.command(epilog="Example: qyzmet topics --bus kafka://127.0.0.1:9092")
def topics(bus: BusUrl = "", catalogue: Catalogue = None) -> None:
    """Make every topic in Kafka, one for each office too, and check those that exist."""
    from deploy.cli import topics as verb

    with told_errors():
        verb.topics(catalogue, bus)


@app.command(epilog="Example: qyzmet access MIA mia-reader --password")
def access(
    office: Annotated[str, typer.Argument(help="The office, by its code.")],
    user: Annotated[str, typer.Argument(help="The user that the brokers know its reader by.")],
    bus: BusUrl = "",
    catalogue: Catalogue = None,
    password: Annotated[
        bool, typer.Option("--password", help="Make a password for SCRAM-SHA-512 and print it.")
    ] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the rights away.")] = False,
) -> None:
    """Let a user of Kafka read an office's topic and nothing else; show all that it may do."""
    from deploy.cli import access as verb

    with told_errors():
        verb.access(office, user, catalogue, bus, password=password, revoke=revoke)


@app.command(epilog="Example: qyzmet certificates certificates --office MIA")
def certificates(
    folder: Annotated[Path, typer.Argument(help="Where they are put.")],
    office: Annotated[
        list[str] | None, typer.Option(help="An office that calls by itself; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long they are good.", min=1, max=3650)] = 397,
) -> None:
    """Make certificates for TLS between services, signed by an authority made along with them.

    Run again, it makes new ones of the same authority.
    """
    from deploy.cli import certificates as verb

    with told_errors():
        verb.certificates(folder, office or [], days)


@app.command(
    epilog="Example: qyzmet train --catalogue own --examples cases.csv.gz --text words "
    "--label reason --agency handled_by"
)
def train(
    catalogue: Catalogue = None,
    examples: Annotated[
        Path | None, typer.Option(help="CSV or JSONL of examples; the bundled ones if not given.")
    ] = None,
    text: Text = "text",
    label: Annotated[str, typer.Option(help="Column of the service's id or title.")] = "service_id",
    agency: Annotated[
        str, typer.Option(help="Column of who handled it, to make a catalogue that is not there.")
    ] = "",
    limit: Limit = ALL,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    candidate: Annotated[
        bool, typer.Option("--candidate", help="Only store it, even where no model is live.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Put it in the live one's place, past the gate: to develop."),
    ] = False,
    recipe: Annotated[
        str,
        typer.Option(
            help="Which terms the model is made of: a recipe's name, or `auto` for the one that "
            "fits by held-out examples. The bundled examples have `standard`, others `auto`."
        ),
    ] = "",
    with_corrections: Annotated[
        Path | None, typer.Option(help="What `qyzmet corrections collect` wrote.")
    ] = None,
    correction_weight: Annotated[
        int, typer.Option(help="As how many examples a correction counts.", min=1, max=10)
    ] = 1,
) -> None:
    """Train a model and measure it on held-out examples; it goes live where none is.

    Beside a live model it is a candidate: `qyzmet compare` and `qyzmet promote` come next.
    Where the folder of the catalogue does not exist, one is made from the labels.
    """
    from deploy.cli import model
    from services.chassis.errors import InvalidError

    with told_errors():
        if candidate and live:
            raise InvalidError("a model is stored only, or goes live: one of both", reason="WHICH")
        model.train(
            catalogue,
            model.Source(examples, text=text, label=label, agency=agency, limit=limit),
            seed=seed,
            recipe=recipe,
            when=model.When.NEVER
            if candidate
            else (model.When.ALWAYS if live else model.When.FIRST),
            lessons=model.Lessons(with_corrections, correction_weight)
            if with_corrections
            else None,
        )


Labelled = Annotated[
    Path | None,
    typer.Option(
        "--examples", help="CSV or JSONL of labelled texts; the bundled test if not given."
    ),
]
Model = Annotated[str, typer.Option(help="Beginning of a model's id; the live one if not given.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Who answers for it; may be repeated.")]


@app.command(epilog="Example: qyzmet evaluate --examples own-test.csv")
def evaluate(
    examples: Labelled = None,
    model: Model = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write Markdown, JSON and the curve into.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on labelled texts it was not trained on."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.evaluate_model(model, examples, out, as_json=as_json)


@app.command(epilog="Example: qyzmet check-model")
def check_model(
    model: Model = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell as codes where a model and the catalogue do not fit; status 1 where they do not."""
    from deploy.cli import lifecycle

    with told_errors():
        fits = lifecycle.check_model(model, as_json=as_json)
    if not fits:
        raise typer.Exit(1)


@app.command(epilog="Example: qyzmet compare 3f2a9c01, or qyzmet compare --shadow")
def compare(
    candidate: Annotated[
        str, typer.Argument(help="Beginning of the candidate's id; the shadow's if not given.")
    ] = "",
    model: Model = "",
    examples: Labelled = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="By what it saw beside the live model.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --shadow: print one JSON object.")
    ] = False,
) -> None:
    """Show a candidate beside the live model, by language and by service."""
    from deploy.cli import lifecycle
    from deploy.cli import shadow as looking_on

    with told_errors():
        if shadow:
            looking_on.compare(candidate, model, as_json=as_json)
        else:
            lifecycle.compare_models(candidate, model, examples)


@app.command(epilog="Example: qyzmet shadow 3f2a9c01, and later qyzmet shadow --off")
def shadow(
    candidate: Annotated[str, typer.Argument(help="Beginning of the candidate's id.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Let nobody look on any more.")] = False,
) -> None:
    """Let a candidate see what the live model sees; its answers are recorded and never used."""
    from deploy.cli import shadow as verb

    with told_errors():
        verb.shadow(candidate, off=off)


@app.command(epilog='Example: qyzmet promote 3f2a9c01 --by "A. Serik" --by "D. Omarova"')
def promote(
    candidate: Annotated[str, typer.Argument(help="Beginning of the candidate's id.")],
    by: By = None,
    examples: Labelled = None,
) -> None:
    """Make a candidate the live model, if no language and no service pays for it."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.promote(candidate, by or [], examples)


@app.command(epilog='Example: qyzmet rollback --by "A. Serik"')
def rollback(by: By = None) -> None:
    """Make the model live again that was live before; nothing needs a restart."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.rollback(by or [])


@app.command(epilog='Example: qyzmet explain "нужен загранпаспорт"')
def explain(
    text: Annotated[str, typer.Argument(help="The words.")],
    service: Annotated[str, typer.Option(help="The service; the best one if not given.")] = "",
    against: Annotated[str, typer.Option(help="Another one; the runner-up if not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell which words spoke for a service and against another; they add up to the decision."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.explain(text, service, against, as_json=as_json)


@app.command(epilog='Example: echo \'{"text": "нужен загранпаспорт"}\' | qyzmet classify --jsonl')
def classify(
    text: Annotated[str, typer.Argument(help="The words; - or nothing reads them.")] = "-",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read and write one JSON object a line.")
    ] = False,
    catalogue: Catalogue = None,
) -> None:
    """Tell which service words speak of, as /v1/suggestions would; starts no server."""
    from deploy.cli import classify as verb

    with told_errors():
        verb.classify(text, jsonl=jsonl, folder=catalogue)


@app.command(
    epilog="Example: qyzmet replay requests.csv --text words --label service --rate 50 --json"
)
def replay(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL of requests, plain or .gz.")],
    text: Text = "text",
    label: Annotated[str, typer.Option(help="Column of the right service's id or title.")] = "",
    region: Annotated[str, typer.Option(help="Column of the region's code.")] = "region",
    rate: Annotated[float, typer.Option(help="Requests a second.", min=0.1, max=5000)] = 50.0,
    skip: Annotated[int, typer.Option(help="Pass over the first rows.", min=0)] = 0,
    limit: Limit = ALL,
    url: Url = "",
    token: Annotated[str, typer.Option(help="Bearer token; anonymous if not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """Send a file of requests through a running system and count what became of each."""
    from deploy.cli import replay as verb
    from deploy.cli import terminal

    with told_errors():
        columns = verb.Columns(text=text, label=label, region=region)
        requests = verb.read_requests(file, columns, skip=skip, limit=limit)
        figures = verb.replay(requests, url=url, rate=rate, token=token)
        if as_json:
            terminal.print_json(figures)
        else:
            verb.show(figures)


@app.command(
    "replay-decision",
    epilog="Example: qyzmet replay-decision 019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607:2",
)
def replay_decision(
    decision: Annotated[str, typer.Argument(help="The decision, by its id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a decision again with the model and catalogue of its time, and tell what differs."""
    from deploy.cli import decision as verb

    with told_errors():
        verb.replay_decision(decision, as_json=as_json)


@app.command(epilog="Example: qyzmet demo --url http://127.0.0.1:9000")
def demo(url: Url = "") -> None:
    """Send thirty requests in three languages through a running system and show their way."""
    from deploy.cli import demo as verb

    with told_errors():
        verb.demo(url)


app.command(epilog="Example: qyzmet token officer --office MIA --office akimat-75")(people.token)
app.command(epilog="Example: qyzmet pseudonym officer-7")(people.pseudonym)


@app.command(epilog="Example: qyzmet check-catalogue services/catalog/data/catalogue")
def check_catalogue(folder: Annotated[Path, typer.Argument(help="The folder to check.")]) -> None:
    """Read a catalogue and tell every fault with its file and line."""
    from services.catalog import store

    with told_errors():
        found = store.read_folder(folder)
        typer.echo(f"{len(found.services)} services, version {found.version}")


def main() -> None:
    """Run the command."""
    app()
