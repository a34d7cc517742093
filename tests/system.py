"""A whole running system in a process of its own, as `make up` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
QYZMET = Path(sys.executable).with_name("qyzmet")
READY_SECONDS = 90.0
STOP_SECONDS = 20.0
DOORS = ("CATALOG", "CLASSIFIER", "CASES", "ROUTING", "DELIVERY", "FEED", "AUDIT")


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a system that keeps everything in a folder."""
    doors = {f"QYZMET_ADDRESSES__{door}": "127.0.0.1:0" for door in DOORS}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("QYZMET_")}
    return kept | doors | {"QYZMET_DATA_DIR": str(data)} | settings


@dataclass
class System:
    """Every service in one process, started, stopped and killed at will, always at one address."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return where the HTTP door is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the system, which its commands share."""
        return environment(self.data, QYZMET_HTTP_PORT=str(self.port), **self.settings)

    def start(self) -> float:
        """Start, wait until every service answers, and return the seconds it took."""
        self.data.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        with (self.data / "system.log").open("ab") as log:
            self.process = subprocess.Popen(
                [QYZMET, "up"],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() < begin + READY_SECONDS:
            assert self.process.poll() is None, self.log()[-4000:]
            if self.is_ready():
                return time.monotonic() - begin
            time.sleep(0.05)
        raise AssertionError("not ready in time: " + self.log()[-4000:])

    def is_ready(self) -> bool:
        """Tell whether every service answers."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill -9, as a power cut would end it."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """Ask to stop as Ctrl-C does, and return the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def end(self) -> None:
        """End whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def log(self) -> str:
        """Return what the system printed."""
        return (self.data / "system.log").read_text("utf-8", errors="replace")

    def run(
        self, *arguments: str, words: str = "", seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run the qyzmet command beside the system."""
        return subprocess.run(
            [QYZMET, *arguments],
            env=self.environment,
            cwd=ROOT,
            input=words,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
