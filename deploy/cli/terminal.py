"""How the command speaks: results on standard output, progress and words on standard error."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.chassis.errors import ServiceError

PAPER_WIDTH = 140


def _console(*, stderr: bool = False) -> Console:
    """Return a console; a file or a pipe has no width of its own, so it gets a wide one."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = PAPER_WIDTH
    return console


out = _console()
err = _console(stderr=True)

Advance = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show a progress bar on standard error; a bare terminal gets one line per stage."""
    columns = (
        TextColumn("[progress.description]{task.description:<32}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=False) as bar:
        task = bar.add_task(title, total=None)

        def advance(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield advance


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


@contextmanager
def told_errors() -> Iterator[None]:
    """Tell an error in one line with its code, and end with status 2."""
    try:
        yield
    except ServiceError as error:
        err.print(f"[red]{error.reason}[/red] {escape(error.message)}", soft_wrap=True)
        raise typer.Exit(2) from error
