"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

ALL = 1_000_000_000
"""Rows of a file, where nobody asks for fewer."""

Url = Annotated[
    str, typer.Option(help="Address of a running system; the one of the settings if not given.")
]
BusUrl = Annotated[str, typer.Option("--bus", help="kafka://HOST:PORT; else QYZMET_BUS.")]
DatabaseUrl = Annotated[
    str, typer.Option("--database", help="postgresql://USER@HOST:PORT/NAME; else QYZMET_DATABASE.")
]
Text = Annotated[str, typer.Option("--text", help="Column that holds the words.")]
Label = Annotated[str, typer.Option("--label", help="Column of the service's id or title.")]
Limit = Annotated[int, typer.Option(help="Use at most this many rows.", min=1)]
Catalogue = Annotated[
    Path | None, typer.Option(help="Folder of the catalogue; the bundled one if not given.")
]
