"""`make postgres`: run a server in var/postgres until Ctrl-C."""

import contextlib
import os
import sys
from pathlib import Path

from deploy.cli.terminal import err
from deploy.postgres.server import Server, ServerError

DATA = Path("var/postgres")
DATA_OF_ROOT = Path("/var/tmp/qyzmet-postgres")  # noqa: S108  a folder the server's account may enter
PORT = 5433
"""Not 5432: Debian starts a server of its own there."""


def main() -> int:
    """Start the server, say where it is, and stop it at the end."""
    server = Server(DATA if os.geteuid() else DATA_OF_ROOT / "data", port=PORT)
    try:
        server.start()
    except ServerError as error:
        err.print(f"{error.reason}: {error}")
        return 1
    err.print(f"PostgreSQL listens: qyzmet up --database {server.url}")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            status = server.wait()
            err.print(f"PostgreSQL ended: {server.last_words()}")
            return status
        return 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
