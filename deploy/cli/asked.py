"""The labelled texts that models are measured by: somebody's own, or those that ship."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from classifier import gate, labelled
from classifier.artifact import Stored
from classifier.domain import OUT_OF_SCOPE, Example
from classifier.examples import read_bundled_tests
from classifier.labelled import Columns
from deploy.cli import own, terminal
from services.catalog.domain import Catalogue
from services.chassis.config import Settings

SHOWN = 5


def texts(file: Path | None, columns: Columns, catalogue: Catalogue) -> list[Example]:
    """Return the texts of a file, under the ids of a register; the bundled ones without a file."""
    if file is None:
        return read_bundled_tests()
    return labelled.read(file, own.names(catalogue), columns)


def of_gate(
    settings: Settings, file: Path | None, columns: Columns, catalogue: Catalogue
) -> list[Example]:
    """Return the texts that the gate asks: of the file that is named, or of the settings."""
    if file is None and settings.gate_examples is not None:
        file, columns = settings.gate_examples, Columns(settings.gate_text, settings.gate_label)
    return texts(file, columns, catalogue)


def strangers(stored: Stored, asked: Sequence[Example], catalogue: Catalogue) -> list[Example]:
    """Return the texts of services that a model does not know; no answer to them can be right."""
    successors = catalogue.successors
    known = {successors.get(label, label) for label in stored.model.labels} | {OUT_OF_SCOPE}
    return [one for one in asked if successors.get(one.label, one.label) not in known]


def warn(stored: Stored, asked: Sequence[Example], catalogue: Catalogue) -> None:
    """Say aloud where texts are not, or not all, of the register that a model was made for."""
    strange = strangers(stored, asked, catalogue)
    some = ", ".join(sorted({one.label for one in strange})[:SHOWN])
    if not gate.is_asked_of(stored, asked, catalogue.successors):
        terminal.err.print(
            "[bold red]OTHER_REGISTER: none of these texts is of a service that this model knows: "
            "the figures say nothing of it.[/] Name texts of its register by --examples, and their "
            f"columns by --text and --label. These speak of: {escape(some) or 'no service'}"
        )
    elif strange:
        terminal.err.print(
            f"[bold]{len(strange)} of {len(asked)} texts are of services that this model does not "
            f"know[/], and count as wrong: {escape(some)}"
        )
