"""What is measured on: the embedded bus and SQLite, or Apache Kafka and PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

from tests.servers import kafka, postgres
from tests.system import Apart, System, doors

BUILD = Path(__file__).parents[1] / "build" / "bench"
HOME = BUILD / "home"
TRAIN_SECONDS = 1800


class Ground(StrEnum):
    """Which servers the system stands on."""

    EMBEDDED = "embedded"
    SERVERS = "kafka+postgresql"


def model() -> Path:
    """Return the bundled model, trained once for all measurements."""
    if not _live(HOME).exists():
        return train(System(HOME))
    return HOME / "models" / _live(HOME).read_text().strip()


def train(system: System, *arguments: str) -> Path:
    """Train a model by the command, and return its folder."""
    trained = system.run("train", *arguments, seconds=TRAIN_SECONDS)
    if trained.returncode:
        raise SystemExit(trained.stderr)
    return system.data / "models" / _live(system.data).read_text().strip()


def _live(home: Path) -> Path:
    return home / "models" / "live"


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder on the disk of the project, removed in the end."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="run-", dir=BUILD))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def standing(ground: Ground, where: Path) -> Iterator[Mapping[str, str]]:
    """Run the servers of a ground, our own, and give the settings that name them."""
    if ground is Ground.EMBEDDED:
        yield {}
        return
    with ExitStack() as opened:
        broker = opened.enter_context(kafka.own(where / "kafka"))
        server = opened.enter_context(postgres.own())
        yield {"QYZMET_BUS": f"kafka://{broker.address}", "QYZMET_DATABASE": server.url}


@contextmanager
def system(
    ground: Ground, *, apart: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[System]:
    """Run the whole system on a ground, in one process or each service in its own."""
    with folder() as where, standing(ground, where) as servers:
        given = {"QYZMET_MODEL": str(model()), "QYZMET_LOG_FORMAT": "json"}
        given |= {**doors(), **servers, **(settings or {})}
        running = (Apart if apart else System)(where / "data", given)
        try:
            running.start()
            yield running
        finally:
            running.end()
