"""A file of cases, from training to the feeds: the first 80 % teach, the last 10 % test."""

import argparse
import json
import tempfile
from pathlib import Path

from classifier.examples import rows
from tests.system import System

TRAIN_SHARE = 0.8
TEST_SHARE = 0.1
SENT = 2000


def main() -> None:
    """Train, start, replay, and print the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--agency", default="agency")
    parser.add_argument("--rate", default="100")
    given = parser.parse_args()
    total = sum(1 for _ in rows(given.file))
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(given, total, Path(folder)), ensure_ascii=False, indent=2))


def measure(given: argparse.Namespace, total: int, folder: Path) -> dict[str, object]:
    """Return the figures of one run in a folder."""
    catalogue = folder / "catalogue"
    system = System(folder / "data", {"QYZMET_CATALOGUE": str(catalogue)})
    columns = ("--text", given.text, "--label", given.label)
    trained = system.run(
        *("train", "--catalogue", str(catalogue), "--examples", str(given.file), *columns),
        *("--agency", given.agency, "--limit", str(int(total * TRAIN_SHARE))),
        seconds=3600,
    )
    if trained.returncode:
        raise SystemExit(trained.stderr)
    skipped = total - int(total * TEST_SHARE)
    try:
        ready = system.start()
        replayed = system.run(
            *("replay", str(given.file), *columns, "--rate", given.rate, "--json"),
            *("--skip", str(skipped), "--limit", str(SENT), "--url", system.url),
            seconds=1800,
        )
    finally:
        system.end()
    if replayed.returncode:
        raise SystemExit(replayed.stderr)
    figures: dict[str, object] = json.loads(replayed.stdout.splitlines()[-1])
    return {"rows": total, "ready_seconds": round(ready, 1), **figures}


if __name__ == "__main__":
    main()
