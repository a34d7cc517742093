"""The commands of `qyzmet audit`; the work is in the files beside this."""

import time
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import told_errors

app = typer.Typer(
    help="The log of decisions: bundles, offline verification, witnesses, keys.",
    no_args_is_help=True,
)


class Form(StrEnum):
    """How tables are written."""

    CSV = "csv"
    PARQUET = "parquet"


CheckpointFile = Annotated[
    Path | None,
    typer.Option("--trusted", help="A checkpoint you kept, as `note` of /v1/audit/checkpoint."),
]


@app.command(epilog="Example: qyzmet audit bundle decisions.tar.gz")
def bundle(
    file: Annotated[Path, typer.Argument(help="The archive, .tar or .tar.gz.")],
    log_only: Annotated[
        bool, typer.Option("--log-only", help="Leave the report out: records and checkpoints.")
    ] = False,
) -> None:
    """Write the log, and a report of what was decided how well, into one archive for an auditor."""
    from deploy.cli.audit import bundle as archive
    from deploy.cli.audit import dossier
    from services.chassis import config
    from services.chassis.application import utc_now

    with told_errors():
        settings = config.load()
        keys = archive.keys_of(settings)
        with archive.opened(settings) as database:
            files = archive.files(database, keys, with_report=not log_only)
            if not log_only:
                files = chain(files, dossier.files(settings, database, keys, utc_now()))
            archive.write(file, files)


@app.command(epilog="Example: qyzmet audit export /srv/www/log")
def export(folder: Annotated[Path, typer.Argument(help="The folder.")]) -> None:
    """Write the log as static files (C2SP tlog-tiles); again to add what is new."""
    from deploy.cli.audit import bundle as archive
    from deploy.cli.audit import layout
    from services.chassis import config

    with told_errors():
        settings = config.load()
        with archive.opened(settings) as database:
            files = archive.log_files(database, archive.keys_of(settings))
            typer.echo(f"{layout.write(folder, files)} files written")


@app.command(epilog="Example: qyzmet audit rebuild")
def rebuild() -> None:
    """Make anew what analysts are told, from the topic of cases; its answers wait meanwhile.

    Where that breaks off, analysts get no answers until it is run again.
    """
    from deploy.cli.audit import rebuild as verb
    from services.chassis import config

    with told_errors():
        followed, left_out = verb.rebuild(config.load())
    typer.echo(f"{followed} events followed, {left_out} left out")


@app.command(epilog="Example: qyzmet audit tables analysis --format csv")
def tables(
    folder: Annotated[Path, typer.Argument(help="The folder.")],
    form: Annotated[
        Form, typer.Option("--format", help="parquet needs pip install 'qyzmet[analyst]'.")
    ] = Form.PARQUET,
) -> None:
    """Write what analysts are told as tables, for DuckDB and the like: counters and cases."""
    from deploy.cli.audit import tables as verb
    from services.chassis import config

    with told_errors():
        for name, count in verb.write(config.load(), folder, form):
            typer.echo(f"{name}: {count} rows")


@app.command(epilog="Example: qyzmet audit verify decisions.tar.gz --trusted kept-checkpoint")
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.")], trusted: CheckpointFile = None
) -> None:
    """Find whatever was changed, removed, inserted or reordered; needs nothing but the files."""
    from deploy.cli.audit import bundle as archive
    from deploy.cli.audit import verify as verifying

    with told_errors():
        kept = verifying.kept_note(trusted) if trusted else None
        report = verifying.verify(archive.read(file), kept)
    for told in report.faults:
        typer.echo(f"FAULT {told}")
    if report.more:
        typer.echo(f"and {report.more} more")
    if report.not_excluded:
        typer.echo("Without a trusted checkpoint it cannot be excluded")
        for told in report.not_excluded:
            typer.echo(f"  {told}")
    if not report.is_good:
        raise typer.Exit(1)
    typer.echo(
        f"{report.origin}: {report.size} records and {report.checkpoints} checkpoints, "
        f"with {'a' if report.has_report else 'no'} report, all whole"
    )


@app.command(
    "verify-proof", epilog="Example: qyzmet audit verify-proof proof.json --trusted kept-checkpoint"
)
def verify_proof(
    file: Annotated[Path, typer.Argument(help="What /v1/cases/{id}/proof or the receipt gave.")],
    trusted: CheckpointFile = None,
) -> None:
    """See that the decisions on a case are in the log; needs nothing but the file."""
    from deploy.cli.audit import proof
    from deploy.cli.audit import verify as verifying

    with told_errors():
        kept = verifying.kept_note(trusted) if trusted else None
        report = proof.verify_proof(file, kept)
    for told in report.records:
        typer.echo(told)
    for told in report.faults:
        typer.echo(f"FAULT {told}")
    if report.not_excluded:
        typer.echo(f"{'It' if kept else 'Without a trusted checkpoint it'} cannot be excluded")
        for told in report.not_excluded:
            typer.echo(f"  {told}")
    if report.faults:
        raise typer.Exit(1)
    waiting = f"; {report.waiting} more wait for a checkpoint" if report.waiting else ""
    sealed = f"{len(report.records)} of {report.size} records, as they were sealed"
    typer.echo(f"{report.origin}: {sealed}{waiting}")


@app.command(
    epilog="Example: qyzmet audit witness https://qyzmet.example --name ministry.example/w1 "
    "--folder witness"
)
def witness(
    source: Annotated[str, typer.Argument(help="URL of a running system, or an exported folder.")],
    name: Annotated[str, typer.Option(help="The name you sign by, such as ministry.example/w1.")],
    folder: Annotated[Path, typer.Option(help="Where your key and what you signed is kept.")],
    key: Annotated[
        list[str] | None, typer.Option(help="A verifier key of the log you trust.")
    ] = None,
) -> None:
    """Cosign the latest checkpoint with your own key, if the log is what you signed before.

    Prints the cosigned checkpoint. Where the log contradicts itself, both checkpoints are kept.
    """
    from deploy.cli.audit import witness as watching
    from services.audit.domain.checkpoints import read_key

    with told_errors():
        trusted = [read_key(text) for text in key or []]
        watcher = watching.Witness(name, folder)
        found = watcher.cosign(watching.source_of(source), int(time.time()), trusted)
    typer.echo(found.whole(), nl=False)
    typer.echo(f"signed as {watcher.signer().public.text()}", err=True)


@app.command("rotate-key", epilog="Example: qyzmet audit rotate-key")
def rotate_key() -> None:
    """Make the next key of the log; both sign until you remove the old one's file."""
    from deploy.cli.audit import bundle as archive
    from services.chassis import config

    with told_errors():
        typer.echo(archive.keys_of(config.load()).rotate().public.text())


@app.command(epilog="Example: qyzmet audit reconcile")
def reconcile(
    url: Annotated[str, typer.Option(help="Address of a running system.")] = "",
    token: Annotated[
        str, typer.Option(help="Bearer token of an analyst or administrator; production wants one.")
    ] = "",
) -> None:
    """Hold every decision of cases against the log, both ways; a gap ends with status 1."""
    from deploy.cli.audit import reconcile as verb

    with told_errors():
        checked, waiting, gaps = verb.reconcile(url, token)
    for told in gaps:
        typer.echo(f"GAP {told}")
    typer.echo(f"{checked} decisions compared, {len(gaps)} gaps, {waiting} on their way")
    if gaps:
        raise typer.Exit(1)
