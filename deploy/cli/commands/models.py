"""Commands for the life of a model: made, measured, looked at, let live."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.commands.options import ALL, Catalogue, Label, Limit, Text
from deploy.cli.terminal import told_errors

app = typer.Typer()

Labelled = Annotated[
    Path | None,
    typer.Option(
        "--examples", help="CSV or JSONL of labelled texts; the bundled test if not given."
    ),
]
Model = Annotated[str, typer.Option(help="Beginning of a model's id; the live one if not given.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Who answers for it; may be repeated.")]


@app.command(
    epilog="Example: qyzmet train --catalogue own --examples cases.csv.gz --text words "
    "--label reason --agency handled_by"
)
def train(
    catalogue: Catalogue = None,
    examples: Annotated[
        Path | None, typer.Option(help="CSV or JSONL of examples; the bundled ones if not given.")
    ] = None,
    text: Text = "text",
    label: Label = "service_id",
    agency: Annotated[
        str, typer.Option(help="Column of who handled it, to make a catalogue that is not there.")
    ] = "",
    limit: Limit = ALL,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    candidate: Annotated[
        bool, typer.Option("--candidate", help="Only store it, even where no model is live.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Put it in the live one's place, past the gate: to develop."),
    ] = False,
    recipe: Annotated[
        str,
        typer.Option(
            help="Which terms the model is made of: a recipe's name, or `auto` for the one that "
            "fits by held-out examples. The bundled examples have `standard`, others `auto`."
        ),
    ] = "",
    with_corrections: Annotated[
        Path | None, typer.Option(help="What `qyzmet corrections collect` wrote.")
    ] = None,
    correction_weight: Annotated[
        int, typer.Option(help="As how many examples a correction counts.", min=1, max=10)
    ] = 1,
) -> None:
    """Train a model and measure it on held-out examples; it goes live where none is.

    Beside a live model it is a candidate: `qyzmet compare` and `qyzmet promote` come next.
    Where the folder of the catalogue does not exist, one is made from the labels.
    """
    from deploy.cli import model
    from services.chassis.errors import InvalidError

    with told_errors():
        if candidate and live:
            raise InvalidError("a model is stored only, or goes live: one of both", reason="WHICH")
        model.train(
            catalogue,
            model.Source(examples, text=text, label=label, agency=agency, limit=limit),
            seed=seed,
            recipe=recipe,
            when=model.When.NEVER
            if candidate
            else (model.When.ALWAYS if live else model.When.FIRST),
            lessons=model.Lessons(with_corrections, correction_weight)
            if with_corrections
            else None,
        )


@app.command(epilog="Example: qyzmet evaluate --examples own-test.csv")
def evaluate(
    examples: Labelled = None,
    text: Text = "text",
    label: Label = "service_id",
    model: Model = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write Markdown, JSON and the curve into.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on labelled texts it was not trained on."""
    from classifier.labelled import Columns
    from deploy.cli import lifecycle

    with told_errors():
        columns = Columns(text, label)
        lifecycle.evaluate_model(model, examples, out, columns=columns, as_json=as_json)


@app.command(epilog="Example: qyzmet check-model")
def check_model(
    model: Model = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell as codes where a model and the catalogue do not fit; status 1 where they do not."""
    from deploy.cli import lifecycle

    with told_errors():
        fits = lifecycle.check_model(model, as_json=as_json)
    if not fits:
        raise typer.Exit(1)


@app.command(epilog="Example: qyzmet compare 3f2a9c01, or qyzmet compare --shadow")
def compare(
    candidate: Annotated[
        str, typer.Argument(help="Beginning of the candidate's id; the shadow's if not given.")
    ] = "",
    model: Model = "",
    examples: Labelled = None,
    text: Text = "text",
    label: Label = "service_id",
    shadow: Annotated[
        bool, typer.Option("--shadow", help="By what it saw beside the live model.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --shadow: print one JSON object.")
    ] = False,
) -> None:
    """Show a candidate beside the live model, by language and by service."""
    from classifier.labelled import Columns
    from deploy.cli import lifecycle
    from deploy.cli import shadow as looking_on

    with told_errors():
        if shadow:
            looking_on.compare(candidate, model, as_json=as_json)
        else:
            lifecycle.compare_models(candidate, model, examples, columns=Columns(text, label))


@app.command(epilog="Example: qyzmet shadow 3f2a9c01, and later qyzmet shadow --off")
def shadow(
    candidate: Annotated[str, typer.Argument(help="Beginning of the candidate's id.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Let nobody look on any more.")] = False,
    by: By = None,
) -> None:
    """Let a candidate see what the live model sees; its answers are recorded and never used."""
    from deploy.cli import shadow as verb

    with told_errors():
        verb.shadow(candidate, by or [], off=off)


@app.command(epilog='Example: qyzmet promote 3f2a9c01 --by "A. Serik" --by "D. Omarova"')
def promote(
    candidate: Annotated[str, typer.Argument(help="Beginning of the candidate's id.")],
    by: By = None,
    examples: Labelled = None,
    text: Text = "text",
    label: Label = "service_id",
) -> None:
    """Make a candidate the live model, if no language and no service pays for it."""
    from classifier.labelled import Columns
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.promote(candidate, by or [], examples, columns=Columns(text, label))


@app.command(epilog='Example: qyzmet rollback --by "A. Serik"')
def rollback(by: By = None) -> None:
    """Make the model live again that was live before; nothing needs a restart."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.rollback(by or [])


@app.command(epilog='Example: qyzmet explain "нужен загранпаспорт"')
def explain(
    text: Annotated[str, typer.Argument(help="The words.")],
    service: Annotated[str, typer.Option(help="The service; the best one if not given.")] = "",
    against: Annotated[str, typer.Option(help="Another one; the runner-up if not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell which words spoke for a service and against another; they add up to the decision."""
    from deploy.cli import lifecycle

    with told_errors():
        lifecycle.explain(text, service, against, as_json=as_json)
