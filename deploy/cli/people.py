"""Commands about who calls: their tokens, and what logs call them."""

from typing import Annotated

import typer

from deploy.cli.terminal import told_errors


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


def pseudonym(
    subject: Annotated[str, typer.Argument(help="Who it is, as `sub` of their tokens.")],
) -> None:
    """Print how the logs of this installation call somebody, to find what was refused to them."""
    from deploy.cli import running

    with told_errors():
        typer.echo(running.pseudonym(subject))
