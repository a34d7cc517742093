"""How much processor time processes took, as the kernel counts it."""

import os
from collections.abc import Mapping
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
SERVERS = {"java": "kafka", "postgres": "postgresql"}


def by_name(processes: Mapping[str, int]) -> dict[str, float]:
    """Return the processor seconds of these processes, of the servers we started, and of us."""
    found = {name: _own(pid) for name, pid in processes.items()}
    for pid in _children(os.getpid()):
        if (name := SERVERS.get((PROC / str(pid) / "comm").read_text().strip())) is not None:
            found[name] = _own(pid) + sum(map(_own, _children(pid)))
    return {**found, "load": _own(os.getpid())}


def taken(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what each took between two looks."""
    return {name: after[name] - before[name] for name in after}


def resident(pid: int) -> dict[str, float]:
    """Return the resident and the proportional set size of a process, in MiB."""
    rows = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    sizes = {row.split(":")[0]: int(row.split()[1]) / 1024 for row in rows[1:] if "kB" in row}
    return {"rss": round(sizes["Rss"], 1), "pss": round(sizes["Pss"], 1)}


def _own(pid: int) -> float:
    try:
        # After the name, which may hold spaces and brackets itself.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / TICK


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
    lists = (PROC / str(pid) / "task").glob("*/children")
    return [int(child) for listed in lists for child in listed.read_text().split()]
