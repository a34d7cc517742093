"""Commands that try words, requests, decisions and catalogues."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.commands.options import ALL, Catalogue, Limit, Text, Url
from deploy.cli.terminal import told_errors

app = typer.Typer()


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


@app.command(epilog="Example: qyzmet check-catalogue services/catalog/data/catalogue")
def check_catalogue(folder: Annotated[Path, typer.Argument(help="The folder to check.")]) -> None:
    """Read a catalogue and tell every fault with its file and line."""
    from services.catalog import store

    with told_errors():
        found = store.read_folder(folder)
        typer.echo(f"{len(found.services)} services, version {found.version}")
