"""A server in a process of its own, which tells its address and ends when it is let go."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOCAL = "127."


@contextmanager
def beside(module: str, *arguments: str) -> Iterator[str]:
    """Run a module as a server, and give its address."""
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            # Others may print before; the address is the first line that looks like one.
            told = next((line for line in process.stdout if line.startswith(LOCAL)), "")
            if not told:
                raise SystemExit(f"{module} did not start.")
            yield told.strip()
        finally:
            process.kill()


def serve_until_told(address: str) -> None:
    """Tell where we listen, and wait until whoever started us lets go."""
    print(address, flush=True)
    # Nobody reads on: what is logged would fill the pipe, and then stop us.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stdin.read()
