"""Whether containers can be run here."""

import shutil
import subprocess

ANSWER_SECONDS = 10


def has_engine() -> bool:
    """Tell whether a Docker engine answers; its client alone runs nothing."""
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(
            ["docker", "info"], capture_output=True, timeout=ANSWER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0
