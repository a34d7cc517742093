"""Where a server for tests is found: the user's, one in a container, or our own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from services.chassis.errors import UnavailableError

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

ANSWER_SECONDS = 10


class ContainerError(UnavailableError):
    """A container does not start."""

    reason = "CONTAINER"


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


@contextmanager
def started(make: "Callable[[], DockerContainer]") -> Iterator["DockerContainer"]:
    """Run a container; ContainerError in one line where it cannot be made or does not start."""
    from docker.errors import DockerException

    running = None
    try:
        running = make()
        running.start()
    except (DockerException, OSError, RuntimeError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        if running is not None:
            running.stop()
        raise ContainerError(f"A container does not start: {said[0]}") from error
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def found(
    variable: str,
    container: Callable[[], AbstractContextManager[str]],
    own: Callable[[], AbstractContextManager[str]],
    instead: str,
) -> Iterator[str]:
    """Give the address of the user's server, of one in a container, or of our own, in that order.

    Where a container does not start, that is said in one line, and our own is used in its place.
    """
    if given := os.environ.get(variable):
        yield given
        return
    with ExitStack() as opened:
        try:
            address = opened.enter_context(container()) if has_engine() else ""
        except ContainerError as error:
            print(f"{error} {instead} is used.", file=sys.stderr)  # noqa: T201
            address = ""
        yield address or opened.enter_context(own())
