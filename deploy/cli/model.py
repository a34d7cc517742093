"""`qyzmet train`: a model out of a catalogue and examples, live only where none is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from pathlib import Path

from classifier import artifact, labelled, today
from classifier.artifact import ModelRefusedError
from classifier.corrections import Learned, read_collected
from classifier.domain import Entry, Example
from classifier.examples import read_bundled
from classifier.labelled import Columns
from classifier.limits import Origin
from classifier.recipe import AUTO, STANDARD, Recipe, named
from deploy.cli import lifecycle, own, terminal
from deploy.cli.audit.register import in_force
from services.catalog import store
from services.catalog.domain import Catalogue
from services.chassis import config
from services.chassis.config import Settings
from services.chassis.errors import InvalidError, UnavailableError

OUTDATED = "the live model was made for another version of this product"
Bundled = Callable[[], tuple[Catalogue, list[Example]]]


AT_ONCE = "trained, at once"
"""What the history calls a model that somebody put in the place of another without the gate."""


class When(Enum):
    """When a model goes live that was just trained."""

    NEVER = auto()
    FIRST = auto()
    """Where none is that could answer; another one's place is taken by the gate."""
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """A file of examples and its columns; no file means the bundled examples."""

    path: Path | None = None
    text: str = "text"
    label: str = "service_id"
    agency: str = ""
    limit: int = 1_000_000

    @property
    def facts(self) -> Mapping[str, str]:
        """Return whose examples they are, for the card."""
        if self.path is None:
            return {"examples_from": Origin.BUNDLED}
        return {"examples_from": Origin.OWN, "examples_file": self.path.name}


@dataclass(frozen=True, slots=True)
class Lessons:
    """A file of collected corrections, and as how many examples each counts."""

    path: Path
    weight: int = 1


def train(
    folder: Path | None,
    source: Source,
    *,
    seed: int,
    recipe: str = "",
    when: When = When.FIRST,
    lessons: Lessons | None = None,
) -> str:
    """Train a model, make it live where it may be, say how good it is; return its id."""
    settings = config.load()
    if when is When.ALWAYS and settings.is_production:
        message = "in production a model takes another one's place by `qyzmet promote`"
        raise InvalidError(message, reason="GATE")
    recipes = named(recipe or (STANDARD.name if source.path is None else AUTO))
    folder = folder or settings.catalogue or store.bundled_folder()
    catalogue = _catalogue(folder, source)
    examples = examples_of(catalogue, source)
    learned = _learned(catalogue, lessons)
    return _train(
        *(settings, catalogue, examples),
        seed=seed,
        recipes=recipes,
        when=when,
        learned=learned,
        origin=source.facts,
    )


def ensure_live(settings: Settings, bundled: Bundled | None = None) -> None:
    """Train the bundled model where none is live, or the one that is has no use here any more."""
    if settings.model is not None:
        return
    is_outdated = artifact.live(settings.models_dir) is not None
    if is_outdated and not _is_outdated(settings):
        return
    if settings.catalogue is not None:
        raise InvalidError(
            f"{OUTDATED if is_outdated else 'this catalogue has no model yet'}: "
            "run `qyzmet train --catalogue … --examples …`",
            reason="MODEL_OUTDATED" if is_outdated else "NO_MODEL",
        )
    what = OUTDATED.capitalize() if is_outdated else "No model yet"
    terminal.err.print(f"{what}: training the bundled one, once")
    _train(settings, *(bundled or _bundled)(), seed=0, origin=Source().facts)


def refusal(settings: Settings) -> str:
    """Say why the live model is not served with the register in force; empty where it is."""
    live = artifact.live(settings.models_dir)
    if settings.model is not None or live is None:
        return ""  # a pinned one that is refused ends the start
    try:
        labels = lifecycle.labels_of(in_force(settings))
        artifact.check(settings.models_dir / live, labels, expected_id=live)
    except ModelRefusedError as error:
        return f"Model {live[:12]} is live, and refused ({error.reason}): {error.message}"
    except UnavailableError:
        pass  # a disk or a database that errs now says nothing against the model
    return ""


def _is_answered(settings: Settings) -> bool:
    """Tell whether a model is live that may be served with the register of the settings."""
    live = artifact.live(settings.models_dir)
    if live is None:
        return False
    try:
        lifecycle.load(settings, live, lifecycle.known_services(settings))
    except InvalidError:  # one that is refused: of before, of another register, damaged
        return False
    return True


def _is_outdated(settings: Settings) -> bool:
    live = artifact.live(settings.models_dir)
    return live is not None and artifact.is_outdated(settings.models_dir / live)


def _bundled() -> tuple[Catalogue, list[Example]]:
    return store.read_folder(store.bundled_folder()), read_bundled()


def _train(
    settings: Settings,
    catalogue: Catalogue,
    examples: list[Example],
    *,
    seed: int,
    recipes: Sequence[Recipe] = (STANDARD,),
    when: When = When.FIRST,
    learned: Learned | None = None,
    origin: Mapping[str, str],
) -> str:
    from classifier import train as training

    examples = [*examples, *(learned.examples if learned else ())]

    with terminal.progress("training") as advance:
        trained = training.train(
            entries_of(catalogue), examples, seed=seed, progress=advance, recipes=recipes
        )
    facts = {**trained.facts, **origin, "catalogue_version": catalogue.version}
    trained = replace(trained, facts=facts | ({"corrections": learned.facts} if learned else {}))
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    model = artifact.save(trained, settings.models_dir)
    _publish(settings, model, when)
    terminal.err.print(f"Its card: {settings.models_dir / model}/card.md")
    return model


def _publish(settings: Settings, model: str, when: When) -> None:
    """Make a model live where none could answer, or where that is wanted; say which it is."""
    is_first = not _is_answered(settings)
    if when is When.NEVER or (when is When.FIRST and not is_first):
        terminal.err.print(
            f"Model {model[:12]} is stored, and not live: look at it by "
            f"`qyzmet compare {model[:12]}`, then `qyzmet promote {model[:12]} --by NAME --by NAME`"
        )
        return
    artifact.publish(settings.models_dir, model, why="trained" if is_first else AT_ONCE)
    terminal.err.print(f"Model {model[:12]} is live")


def _catalogue(folder: Path, source: Source) -> Catalogue:
    """Read the catalogue, or make one of the labels where there is none."""
    if folder.exists() or source.path is None:
        return store.read_folder(folder)
    terminal.err.print(f"There is no catalogue at {folder}: making one of the labels")
    made = own.make(
        source.path, folder, label=source.label, agency=source.agency, limit=source.limit
    )
    terminal.err.print(f"{len(made.services)} services, {len(made.agencies)} agencies")
    return made


def examples_of(catalogue: Catalogue, source: Source) -> list[Example]:
    """Read the examples; a label may be a service's id or any of its titles."""
    if source.path is None:
        return today.examples_of(read_bundled(), catalogue.successors)
    columns = Columns(source.text, source.label)
    return labelled.read(source.path, own.names(catalogue), columns, limit=source.limit)


def _learned(catalogue: Catalogue, lessons: Lessons | None) -> Learned | None:
    if lessons is None:
        return None
    services = {service.id: service.id for service in catalogue.services}
    services |= catalogue.successors
    learned = read_collected(lessons.path, services, weight=lessons.weight)
    if unknown := learned.facts["of_unknown_services"]:
        terminal.err.print(f"{unknown} corrections say services the catalogue does not have")
    return learned


def entries_of(catalogue: Catalogue) -> list[Entry]:
    """Return what training needs of a catalogue."""
    return [
        Entry(
            service.id,
            asdict(service.title),
            [
                text
                for localized in (service.description, service.keywords)
                for text in asdict(localized).values()
                if text
            ],
        )
        for service in catalogue.services
    ]
