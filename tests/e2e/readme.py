"""The README as a program: its commands in their order, followed in a folder that looks like ours.

The folder holds links to everything the project has, an environment that is already made,
and a trained model, so that every command runs as it stands, and only its port is another.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.system import READY_SECONDS, ROOT, STOP_SECONDS, System

README = (ROOT / "README.md").read_text("utf-8")
OWN_PORT = "8080"
COMMAND_SECONDS = 120
Process = subprocess.Popen[str]
RECURSE = re.compile(r"make (test|check|faults)$")
"""Commands that would run this very test again."""
TOLD = "Ctrl-C stops everything"
"""The last thing a system says when it has started; its door answers a moment before."""


def commands() -> list[str]:
    """Return every command of the README's sh blocks, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and line[0] != "#"]


def targets() -> list[str]:
    """Return every make target the README speaks of."""
    return sorted(set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)))


def links() -> list[str]:
    """Return every link of the README that leads to a file."""
    found = re.findall(r"\]\(([^)#]+)", README)
    return [link for link in found if not link.startswith("http")]


def folders() -> list[str]:
    """Return every folder and file that the README's map names in its first column."""
    rows = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def lay_out(folder: Path, models: Path) -> None:
    """Make a folder look like the project with its environment made and its model trained."""
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name != "var":
            (folder / path.name).symlink_to(path)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (folder / ".venv" / ".ready").touch()
    shutil.copytree(models, folder / "var" / "models")


@dataclass
class Reader:
    """Somebody who types what the README says, one command after the other."""

    system: System
    folder: Path
    answers: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    running: Process | None = None

    def follow(self, command: str) -> None:
        """Type a command and keep what came of it."""
        if command.endswith(" up"):
            self.stop()
            self._start(command)
        else:
            typed = RECURSE.sub(r"make -n \1", command).replace(OWN_PORT, str(self.system.port))
            with self._type(typed) as process:
                out, err = process.communicate(timeout=COMMAND_SECONDS)
            self._keep(command, process.returncode, out, err)

    def stop(self) -> None:
        """Press Ctrl-C, which reaches everything in the terminal."""
        if self.running is not None and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGINT)
            self.running.wait(STOP_SECONDS)

    def _start(self, command: str) -> None:
        """Start a system and wait, as a reader does, until it is ready and has told what to try."""
        with self._log.open("w", encoding="utf-8") as log:
            self.running = self._type(command, log)
        deadline = time.monotonic() + READY_SECONDS
        while not (self.system.is_ready() and TOLD in self._log.read_text("utf-8")):
            assert self.running.poll() is None, self._log.read_text("utf-8")
            assert time.monotonic() < deadline, f"{command} is not ready in time"
            time.sleep(0.05)
        self._keep(command, 0, self._log.read_text("utf-8"), "")

    def _type(self, command: str, output: IO[str] | int = subprocess.PIPE) -> Process:
        return subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.system.environment,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )

    def _keep(self, command: str, status: int, out: str, err: str) -> None:
        self.answers[command] = subprocess.CompletedProcess(command, status, out, err)

    @property
    def _log(self) -> Path:
        return self.folder / "up.log"
