"""Tell whether the committed code of protos/ is what the protos say now."""

import filecmp
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "protos" / "gen"


def generate(into: Path) -> None:
    """Generate the code of every proto into a folder."""
    protos = sorted(str(path) for path in (ROOT / "protos" / "qyzmet").rglob("*.proto"))
    flags = [
        f"-I{ROOT / 'protos'}",
        f"-I{resources.files('grpc_tools') / '_proto'}",
        f"--python_out={into}",
        f"--mypy_out=quiet:{into}",
        f"--grpc_python_out={into}",
        f"--mypy_grpc_out=quiet:{into}",
    ]
    if protoc.main(["protoc", *flags, *protos]):
        raise SystemExit("the protos do not compile")


def stale() -> list[str]:
    """Return the generated files that differ from what the protos say, or are too many."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = _files(Path(folder))
        committed = _files(COMMITTED)
        return sorted(
            name
            for name in fresh | committed
            if name not in fresh
            or name not in committed
            or not filecmp.cmp(Path(folder) / name, COMMITTED / name, shallow=False)
        )


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*.py*") if path.suffix != ".pyc"
    }


if __name__ == "__main__":
    found = stale()
    if found:
        sys.exit("stale, run `make protos`: " + ", ".join(found))
