"""A PostgreSQL server on this machine, for development and tests: `make postgres`.

Debian keeps the programs out of the path and the server refuses to run as root;
both are seen to here. Every commit is on disk before it is answered, as in production.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.ports import answers, free_port
from services.chassis.errors import UnavailableError

BINARIES = "/usr/lib/postgresql"
ACCOUNT = "postgres"
"""Who runs the server where we are root."""
USER = "qyzmet"
PASSWORD = "qyzmet-development"  # noqa: S105  of a server that listens on this machine only
DATABASE = "postgres"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
STEP = 0.02
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class ServerError(UnavailableError):
    """The server cannot be had; the message says what is missing."""

    reason = "POSTGRESQL_SERVER"


class Server:
    """One server with its data folder and port; it may be killed, paused and started again."""

    def __init__(self, data: Path, *, port: int = 0) -> None:
        self._data = data.absolute()
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the setting `QYZMET_DATABASE` for this server."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Start and wait until it answers; a folder that is new is made a cluster first."""
        if answers(self._port):  # who listens there would be taken for ours
            address = f"127.0.0.1:{self._port}"
            raise ServerError(f"{address} is taken: something else listens there; end it first")
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        deadline = time.monotonic() + START_SECONDS
        # After a kill the server refuses to start until its last child has left.
        while not self._starts(deadline):
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL did not start: {self.last_words()}")
            time.sleep(STEP)

    def stop(self) -> None:
        """End at once and in good order (SIGINT: a fast shutdown)."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it and all its children as a crash of the machine would (SIGKILL)."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it hang (SIGSTOP): connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def wait(self) -> int:
        """Wait until the process ends, and return its code."""
        return self._process.wait() if self._process is not None else 0

    def last_words(self) -> str:
        """Return the last lines of its log."""
        log = self._data.with_name(f"{self._data.name}.log")
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return " / ".join(lines[-3:]) or "it said nothing"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        parent = self._process.pid  # first, so that it makes no more children
        for pid in (parent, *_children(parent)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def _initialise(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        word = self._data.with_name(f"{self._data.name}.password")
        word.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(self._data, ACCOUNT)
            shutil.chown(word, ACCOUNT)
        made = subprocess.run(
            [
                *(_program("initdb"), "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"),
                *("--auth=scram-sha-256", f"--username={USER}", f"--pwfile={word}"),
                str(self._data),
            ],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
            cwd="/",
            **_account(),
        )
        word.unlink()
        if made.returncode:
            raise ServerError(f"PostgreSQL could not make {self._data}: {made.stderr.strip()}")

    def _starts(self, deadline: float) -> bool:
        with (self._data.with_name(f"{self._data.name}.log")).open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                **_account(),
                start_new_session=True,  # Ctrl-C is for us; we stop it in good order
            )
        while self._process.poll() is None:
            if self._is_ready():
                return True
            if time.monotonic() > deadline:
                self.kill()
                return False
            time.sleep(STEP)
        self._process = None
        return False

    def _command(self) -> Sequence[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return [_program("postgres"), "-D", str(self._data), "-p", str(self._port), *settings]

    def _is_ready(self) -> bool:
        asked = subprocess.run(
            [_program("pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self._port}"],
            check=False,
        )
        return asked.returncode == 0


def _program(name: str) -> str:
    versions = sorted(Path(BINARIES).glob("*/bin"), key=lambda path: float(path.parent.name))
    places = os.pathsep.join([*(str(path) for path in reversed(versions)), os.defpath])
    if (path := shutil.which(name, path=places) or shutil.which(name)) is None:
        raise ServerError(
            "PostgreSQL is not installed (Debian: apt install postgresql); "
            "or give TEST_POSTGRES_URL=postgresql://…"
        )
    return path


def _account() -> dict[str, Any]:
    """Return who is to run the server; nobody else where we are not root."""
    if os.geteuid() != 0:
        return {}
    try:
        group = pwd.getpwnam(ACCOUNT).pw_gid
    except KeyError as error:
        raise ServerError(
            f"PostgreSQL needs the account {ACCOUNT}: it does not run as root"
        ) from error
    return {"user": ACCOUNT, "group": group, "extra_groups": []}


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
