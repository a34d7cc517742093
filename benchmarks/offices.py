"""A hundred offices and more, and requests for the busiest hundred."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from benchmarks import texts
from services.catalog import store

COUNT = 100
REGIONAL = frozenset({"MIA", "MJ", "MLSP"})
"""Agencies with a branch in each region, as they are; in the register only akimats have them."""
FIRST_SHARE = 0.2
"""Of all requests for one office: more than lies about on the way to who does not read."""


def write(folder: Path) -> None:
    """Write the bundled register with branches of more agencies."""
    bundled = store.read_folder(store.bundled_folder())
    agencies = (
        replace(one, regional=one.regional or one.code in REGIONAL) for one in bundled.agencies
    )
    store.save_folder(replace(bundled, agencies=tuple(agencies)), folder)


def requests(model: Path, folder: Path) -> Sequence[texts.Routed]:
    """Return requests for the hundred busiest offices; the busiest has a fifth of them all."""
    regions = [region.code for region in store.read_folder(folder).regions]
    found = texts.routed(model, folder, regions=regions)
    counts = Counter(request.office for request in found).most_common(COUNT)
    if len(counts) < COUNT:
        raise SystemExit(f"There are requests for {len(counts)} offices, not for {COUNT}.")
    first, known = counts[0][0], {office for office, _ in counts}
    its = [request for request in found if request.office == first]
    others = [request for request in found if request.office in known - {first}]
    wanted = round(len(others) * FIRST_SHARE / (1 - FIRST_SHARE))
    return others + list(islice(cycle(its), wanted))
