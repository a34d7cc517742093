"""The bundled policy without its random sample, for what is tested of cases that are routed."""

from pathlib import Path

from services.routing.store import bundled_policy

RULE = "sample-share = 0.02"


def unsampled(folder: Path, share: float = 0.0) -> Path:
    """Return the bundled policy as a file in a folder, with this share drawn: by itself none."""
    path = folder / "policy.toml"
    if not path.exists():
        told = bundled_policy().read_text("utf-8")
        assert RULE in told, "the bundled policy draws another sample"
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(told.replace(RULE, f"sample-share = {share}"), "utf-8")
    return path
