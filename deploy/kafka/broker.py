"""An Apache Kafka broker on this machine, for development and tests: `make kafka`.

The jars come from Maven Central at the versions pinned in pom.xml, once, into a
cache folder; the broker is one Java process of ours, ended by its process id.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.ports import answers, free_port
from services.chassis.errors import UnavailableError

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
START_SECONDS = 90.0
STOP_SECONDS = 20.0
DOWNLOAD_SECONDS = 600.0
STEP = 0.1
LAST_LINES = 3
JAVA_OPTIONS = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
CLUSTER_ID = "cXl6bWV0LWthZmthLWRldg"


class BrokerError(UnavailableError):
    """The broker cannot be had; the message says what is missing."""

    reason = "KAFKA_BROKER"


def version() -> str:
    """Return the version of Apache Kafka that pom.xml pins."""
    (pinned,) = re.findall(
        r"<artifactId>kafka_[^<]*</artifactId>\s*<version>([^<]+)<", POM.read_text()
    )
    return str(pinned)


def jars(cache: Path) -> Path:
    """Return the folder of the broker's jars, fetched by Maven where they are not there yet."""
    folder = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    if folder.is_dir():
        return folder
    fetching = folder.with_suffix(f".{os.getpid()}")
    command = [
        *(_tool("mvn", "Maven (Debian: apt install maven)"), "--batch-mode", "--quiet"),
        *("--file", str(POM), "dependency:copy-dependencies"),
        *("-DincludeScope=runtime", f"-DoutputDirectory={fetching.absolute()}"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
    )
    if done.returncode:
        raise BrokerError(f"Maven could not fetch Apache Kafka: {_last(done.stdout)}")
    try:
        fetching.rename(folder)
    except OSError:  # another process fetched the same meanwhile
        shutil.rmtree(fetching)
    return folder


class Broker:
    """One broker with its data folder and port; it may be killed, paused and started again.

    More lines of server.properties may be given; of two for one setting the last holds.
    """

    def __init__(self, data: Path, cache: Path, *, port: int = 0, more: str = "") -> None:
        self._data = data
        self._more = more
        self._classpath = f"{jars(cache)}/*"
        self._java = _tool("java", "Java 17 or newer (Debian: apt install default-jre-headless)")
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return host:port for clients."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start and wait until it answers; a folder that is new is formatted first."""
        if answers(self._port):  # who listens there would be taken for ours
            raise BrokerError(
                f"{self.address} is taken: something else listens there; end it first"
            )
        self._data.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        if not (self._data / "log" / "meta.properties").exists():
            self._format(properties)
        with (self._data / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka", str(properties)),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; we stop it in good order
            )
        self._await_ready()

    def stop(self) -> None:
        """End in good order; kill what does not end."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
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
        return _last((self._data / "broker.log").read_text(errors="replace"))

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _command(self, main: str, *arguments: str) -> Sequence[str]:
        level = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [self._java, *JAVA_OPTIONS, level, "-cp", self._classpath, main, *arguments]

    def _write_properties(self) -> Path:
        """Write the pinned settings with this broker's own places."""
        path = self._data / "server.properties"
        if path.exists():  # the controller's address is part of what was formatted
            return path
        controller = f"127.0.0.1:{free_port()}"
        path.write_text(
            (HERE / "server.properties").read_text()
            + f"listeners=CLIENT://{self.address},CONTROLLER://{controller}\n"
            + f"advertised.listeners=CLIENT://{self.address}\n"
            + f"controller.quorum.voters=1@{controller}\n"
            + f"log.dirs={self._data.absolute() / 'log'}\n"
            + self._more
        )
        return path

    def _format(self, properties: Path) -> None:
        command = self._command(
            "kafka.tools.StorageTool",
            *("format", "--cluster-id", CLUSTER_ID, "--config", str(properties)),
        )
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        if done.returncode:
            raise BrokerError(f"Kafka could not format its folder: {_last(done.stderr)}")

    def _await_ready(self) -> None:
        """Wait until the broker takes connections; it listens only once it is in the cluster."""
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                raise BrokerError(f"Kafka ended at its start: {self.last_words()}")
            if answers(self._port):
                return
            time.sleep(STEP)
        self.kill()
        raise BrokerError(f"Kafka did not listen on {self.address} within {START_SECONDS:.0f} s")


def _tool(name: str, wanted: str) -> str:
    if (path := shutil.which(name)) is None:
        raise BrokerError(f"a Kafka broker needs {wanted}, which is not installed")
    return path


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-LAST_LINES:]) or "it said nothing"
