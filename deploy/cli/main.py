"""The `qyzmet` command: one file per subcommand, imported when it is called."""

from deploy.cli import application

def main() -> None:
    """Run the command."""
    application.app()
