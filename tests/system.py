"""A whole running system beside the tests, as `make up` or as seven `qyzmet serve` start it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

from deploy.ports import answers, free_port
from tests.policy import unsampled

ROOT = Path(__file__).parents[1]
QYZMET = Path(sys.executable).with_name("qyzmet")
READY_SECONDS = 90.0
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.05
DOORS = ("CATALOG", "CLASSIFIER", "CASES", "ROUTING", "DELIVERY", "FEED", "AUDIT")
SERVICES = ("catalog", "classifier", "cases", "routing", "delivery", "audit", "gateway")
"""Who is asked starts before who asks."""
CATALOG = "QYZMET_ADDRESSES__CATALOG"
WHOLE = ("up",)


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a system that keeps everything in a folder, and draws no sample."""
    doors = {f"QYZMET_ADDRESSES__{door}": "127.0.0.1:0" for door in DOORS}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("QYZMET_")}
    policy = settings.get("QYZMET_POLICY") or str(unsampled(data))
    return kept | doors | {"QYZMET_DATA_DIR": str(data), "QYZMET_POLICY": policy} | settings


def listens(address: str) -> bool:
    """Tell whether somebody listens there."""
    return answers(int(address.rpartition(":")[2]))


def doors() -> dict[str, str]:
    """Return an address for every door, for services that must find each other."""
    return {f"QYZMET_ADDRESSES__{door}": f"127.0.0.1:{free_port()}" for door in DOORS}


@dataclass
class System:
    """Every service in one process, started, stopped and killed at will, always at one address."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

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
        begin = time.monotonic()
        self.spawn(*WHOLE)
        self.wait_ready()
        return time.monotonic() - begin

    def spawn(self, *arguments: str, name: str = "", **settings: str) -> None:
        """Start one process of the system, and wait for nothing."""
        self.data.mkdir(parents=True, exist_ok=True)
        name = name or arguments[-1]
        with (self.data / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [QYZMET, *arguments],
                env=self.environment | settings,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until every service answers, while every process lives."""
        self.wait(self.is_ready, "not ready in time")

    def wait(
        self, condition: Callable[[], bool], otherwise: str, *, seconds: float = READY_SECONDS
    ) -> None:
        """Wait until something is true of the running system."""
        deadline = time.monotonic() + seconds
        while not condition():
            dead = [name for name, one in self.processes.items() if one.poll() is not None]
            assert not dead, f"{dead} ended: {self.log()[-4000:]}"
            assert time.monotonic() < deadline, f"{otherwise}: {self.log()[-4000:]}"
            time.sleep(LOOK_SECONDS)

    def is_ready(self) -> bool:
        """Tell whether every service answers."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self, *names: str) -> None:
        """Kill -9, as a power cut would end it: these processes, or all there are."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)

    def send(self, number: signal.Signals, name: str) -> None:
        """Send a signal to a process, such as SIGSTOP."""
        os.killpg(self.processes[name].pid, number)

    def limit_files(self, size: int = resource.RLIM_INFINITY) -> None:
        """Let no process write beyond this size of a file, as a full disk would; or again let them.

        Python ignores the signal that goes with it, so a write fails as on a full disk.
        """
        for process in self.processes.values():
            _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def stop(self) -> int:
        """Ask to stop as Ctrl-C does, and return the worst exit status."""
        processes = list(self.processes.values())
        for process in reversed(processes):
            process.send_signal(signal.SIGINT)
        statuses = [process.wait(STOP_SECONDS) for process in processes]
        self.processes.clear()
        return max(statuses, key=abs)

    def end(self) -> None:
        """End whatever still runs."""
        for name in [name for name, one in self.processes.items() if one.poll() is None]:
            self.kill(name)

    def log(self) -> str:
        """Return what the system printed."""
        files = sorted(self.data.glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "".join(path.read_text("utf-8", errors="replace") for path in files)

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


@dataclass
class Apart(System):
    """Each service in a process of its own, so that one can be killed or held while others work."""

    def __post_init__(self) -> None:
        self.settings = doors() | self.settings

    def start(self) -> float:
        """Start, wait until every service answers, and return the seconds it took."""
        begin = time.monotonic()
        self.serve("catalog")
        self.wait(lambda: listens(self.settings[CATALOG]), "catalog does not listen")
        self.serve(*SERVICES[1:])
        self.wait_ready()
        return time.monotonic() - begin

    def serve(self, *names: str) -> None:
        """Start services, and wait for nothing."""
        for name in names:
            self.spawn("serve", name)


S = TypeVar("S", bound=System)


@contextmanager
def started(system: S) -> Iterator[S]:
    """Start a system, and end whatever of it still runs afterwards."""
    try:
        system.start()
        yield system
    finally:
        system.end()
