"""Commands of two words."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.commands.options import BusUrl, DatabaseUrl
from deploy.cli.terminal import told_errors

corrections = typer.Typer(help="What people said of where cases belong.", no_args_is_help=True)


@corrections.callback()
def _corrections() -> None:
    """Keep `collect` a command of its own, though it is the only one yet."""


@corrections.command(epilog="Example: qyzmet corrections collect --out learned.jsonl")
def collect(
    out: Annotated[Path, typer.Option(help="Where examples with masked words go.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="JSONL of events of qyzmet.corrections.v1; if not given, what was kept here."
        ),
    ] = None,
    held: Annotated[
        Path | None, typer.Option(help="Where those go that a person must look at.")
    ] = None,
) -> None:
    """Make examples of corrections, with masked words from a running system.

    The file holds citizens' masked words: collect anew for every training, so that erased
    cases drop out, and delete it afterwards.
    """
    from deploy.cli import corrections as verb

    with told_errors():
        verb.collect(file, out, held or out.with_suffix(".held.jsonl"))


catalogue = typer.Typer(help="Catalogues of others, and ours for others.", no_args_is_help=True)


@catalogue.command(
    "import",
    epilog="Example: qyzmet catalogue import register.csv my-catalogue --column title_ru=Name",
)
def import_catalogue(
    source: Annotated[Path, typer.Argument(help="A CSV, or CPSV-AP as .ttl, .jsonld or .json.")],
    folder: Annotated[Path, typer.Argument(help="The catalogue to write.")],
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=COLUMN of a CSV; may be repeated.")
    ] = None,
) -> None:
    """Make a catalogue of a register somebody keeps in another form.

    Keys that do not have our form are made anew, and texts that lack a language stand in
    another one; both are counted. A catalogue that is there is written over; its regions stay
    where a CSV comes.
    """
    from deploy.cli import catalogue as verb

    with told_errors():
        verb.import_(source, folder, column or [])


@catalogue.command("export", epilog="Example: qyzmet catalogue export my-catalogue services.ttl")
def export_catalogue(
    folder: Annotated[Path, typer.Argument(help="The catalogue.")],
    target: Annotated[Path, typer.Argument(help="A .csv, .ttl, .jsonld or .json file.")],
) -> None:
    """Write a catalogue as a table, or as CPSV-AP 3.2."""
    from deploy.cli import catalogue as verb

    with told_errors():
        verb.export(folder, target)


@catalogue.command("save", epilog="Example: qyzmet catalogue save my-catalogue")
def save_catalogue(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    database: DatabaseUrl = "",
) -> None:
    """Write the register that is current as files; stewards may have published since the last."""
    from deploy.cli import catalogue as verb

    with told_errors():
        verb.save(folder, database)


@catalogue.command("publish", epilog="Example: qyzmet catalogue publish my-catalogue")
def publish_catalogue(
    folder: Annotated[Path, typer.Argument(help="The catalogue.")],
    database: DatabaseUrl = "",
) -> None:
    """Make a folder the register, in place of what stewards published."""
    from deploy.cli import catalogue as verb

    with told_errors():
        verb.publish(folder, database)


letters = typer.Typer(help="What services could not handle and set aside.", no_args_is_help=True)


@letters.command("list", epilog="Example: qyzmet letters list --group routing")
def list_letters(
    group: Annotated[str, typer.Option(help="Only what this group of consumers set aside.")] = "",
    bus: BusUrl = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is parked: a line for each key, by the record that holds it up."""
    from deploy.cli import letters as verb

    with told_errors():
        verb.show(group, bus, as_json=as_json)


@letters.command(
    epilog="Example: qyzmet letters redrive routing 019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
)
def redrive(
    group: Annotated[str, typer.Argument(help="The group of consumers, as `list` shows it.")],
    key: Annotated[
        list[str] | None, typer.Argument(help="The keys, as `list` shows them: cases.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that the group has parked.")] = False,
    seconds: Annotated[
        float, typer.Option("--wait", help="Wait so many seconds for what comes of it.", min=0)
    ] = 30.0,
    bus: BusUrl = "",
) -> None:
    """Order parked records to be handled again, each key in order, until one fails again.

    The order stands on the bus until the service has served it, also over a restart. Status 1
    where a record failed again.
    """
    from deploy.cli import letters as verb

    with told_errors():
        verb.redrive(group, key or [], bus, every=every, seconds=seconds)
