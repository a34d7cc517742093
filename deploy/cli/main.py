"""The `qyzmet` command."""

import typer

from deploy.cli.audit import commands as audit
from deploy.cli.commands import groups, models, servers, trying

app = typer.Typer(
    name="qyzmet",
    help="Takes a citizen's request, in their own words, to the office that handles it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)
for part in (servers, models, trying):
    app.add_typer(part.app)
app.add_typer(groups.corrections, name="corrections")
app.add_typer(groups.catalogue, name="catalogue")
app.add_typer(groups.letters, name="letters")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run the command."""
    app()
