"""Commands that run services, make ready what they run on, and say who calls them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.commands.options import BusUrl, Catalogue, DatabaseUrl
from deploy.cli.terminal import told_errors

app = typer.Typer()


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
    "--database postgresql://qyzmet:qyzmet-development@127.0.0.1:5433/postgres"
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
    """Run one service; the others are found by QYZMET_ADDRESSES__NAME."""
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


@app.command(epilog="Example: qyzmet token officer --office MIA --office akimat-75")
def token(
    role: Annotated[str, typer.Argument(help="A role of services/chassis/principal.py.")],
    subject: Annotated[str, typer.Option(help="Who it is.")] = "somebody",
    office: Annotated[list[str] | None, typer.Option(help="An office; may be repeated.")] = None,
    portal: Annotated[str, typer.Option(help="The portal they come through.")] = "web",
) -> None:
    """Print a token of the local issuer, good for twelve hours."""
    from deploy.cli import running

    with told_errors():
        typer.echo(running.token(role, subject, office or [], portal))


@app.command(epilog="Example: qyzmet pseudonym officer-7")
def pseudonym(
    subject: Annotated[str, typer.Argument(help="Who it is, as `sub` of their tokens.")],
) -> None:
    """Print how the logs of this installation call somebody, to find what was refused to them."""
    from deploy.cli import running

    with told_errors():
        typer.echo(running.pseudonym(subject))
