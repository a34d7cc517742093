"""The ledger checker: what was acknowledged to the outside, held against everything inside.

A client writes down its own acknowledgements, on disk, before and after each call. When
all is quiet again an auditor who trusts nobody opens the databases and the bus and asks:
is each acknowledged request there once, is each decision logged once, did each office get
each case once and in order, without a gap, in its feed and in its topic?
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.faults.books import Books
from tests.faults.clients import Journal

TOPIC = "qyzmet.cases.v1"
QUIET_SECONDS = 120.0
LOOK_SECONDS = 0.1

Versions = Mapping[str, list[int]]
"""The versions of each case, in the order in which they were met."""


@dataclass(frozen=True)
class Account:
    """What the auditor found."""

    acknowledged: int
    cases: int
    lost: int
    doubled: int
    out_of_order: int
    unlogged: int
    undelivered: int
    gaps: int
    republished: int

    @property
    def is_clean(self) -> bool:
        """Tell whether every promise was kept; publishing twice breaks none of them."""
        faults = (self.lost, self.doubled, self.out_of_order, self.unlogged, self.undelivered)
        return not any(faults) and not self.gaps

    def __str__(self) -> str:
        return "ledger: " + " · ".join(f"{value} {name}" for name, value in vars(self).items())


def wait_until_quiet(books: Books) -> None:
    """Wait until every case is decided, the outboxes are empty, and the consumers at the end."""
    deadline = time.monotonic() + QUIET_SECONDS
    while unrest := _unrest(books):
        assert time.monotonic() < deadline, f"not quiet in time: {unrest}"
        time.sleep(LOOK_SECONDS)


def _unrest(books: Books) -> str:
    """Tell what is still under way, or nothing."""
    for service in ("cases", "delivery"):
        if waiting := books.rows(service, "select count(*) from outbox")[0][0]:
            return f"{waiting} events in the outbox of {service}"
    undecided = "select count(*) from cases where state = 'submitted'"
    if waiting := books.rows("cases", undecided)[0][0]:
        return f"{waiting} cases undecided"
    last = dict(books.rows("cases", "select id, version from cases"))
    for service in ("delivery", "audit"):
        seen = dict(books.rows(service, "select case_id, case_version from seen"))
        if behind := sum(seen.get(case_id) != version for case_id, version in last.items()):
            return f"{service} is behind in {behind} cases"
    return ""


def audit(journal: Journal, books: Books) -> Account:
    """Hold the client's journal against the databases and the bus of a system that is quiet."""
    acknowledged: dict[str, set[str]] = defaultdict(set)
    for entry in journal.entries():
        if entry["event"] == "acknowledged":
            acknowledged[entry["key"]].add(entry["case_id"])
    cases = dict(books.rows("cases", "select id, version from cases"))
    keys = Counter(key for (key,) in books.rows("cases", "select request_id from submissions"))
    published, feeds = _published(books, cases), _feeds(books)
    topics = _topics(books, cases, {office for office, _ in feeds})
    ids = {case_id for ids in acknowledged.values() for case_id in ids}
    return Account(
        acknowledged=len(acknowledged),
        cases=len(cases),
        lost=len(ids - cases.keys()) + len(acknowledged.keys() - keys.keys()),
        doubled=sum(len(ids) > 1 for ids in acknowledged.values())
        + sum(count > 1 for count in keys.values())
        + max(len(cases) - len(keys), 0)
        + _repeated(feeds.values()),
        out_of_order=sum(_disorder(found.values()) for found in (published, feeds, topics)),
        unlogged=_unlogged(books),
        undelivered=_undelivered(books) + _missing(feeds, topics),
        gaps=_gaps(books)
        + sum(set(published[id_]) != set(range(1, v + 1)) for id_, v in cases.items()),
        republished=_repeated(published.values()) + _repeated(topics.values()),
    )


def _published(books: Books, cases: Iterable[str]) -> dict[str, list[int]]:
    """Return the versions on the bus, by case; what somebody else put there is not looked at."""
    found: dict[str, list[int]] = {case_id: [] for case_id in cases}
    for key, _, value in books.history(TOPIC):
        if key in found:
            found[key].append(json.loads(value)["case_version"])
    return found


def _feeds(books: Books) -> dict[tuple[str, str], list[int]]:
    """Return the versions in the feeds, by office and case, in the order of the feed."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    query = "select office, case_id, case_version from feed order by office, sequence"
    for office, case_id, version in books.rows("delivery", query):
        found[office, case_id].append(version)
    return found


def _topics(
    books: Books, cases: Mapping[str, int], offices: Iterable[str]
) -> dict[tuple[str, str], list[int]]:
    """Return the versions in the offices' topics, as the feeds should have them."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for office in offices:
        for key, _, value in books.history(f"qyzmet.office.{office}.v1"):
            if key in cases:
                found[office, key].append(json.loads(value)["case_version"])
    return found


def _disorder(sequences: Iterable[list[int]]) -> int:
    """Count versions that first appear after a later one of the same case."""
    firsts = [list(dict.fromkeys(versions)) for versions in sequences]
    return sum(later < earlier for found in firsts for earlier, later in pairwise(found))


def _repeated(sequences: Iterable[list[int]]) -> int:
    return sum(len(versions) - len(set(versions)) for versions in sequences)


def _missing(
    feeds: Mapping[tuple[str, str], list[int]], topics: Mapping[tuple[str, str], list[int]]
) -> int:
    """Count events of feeds that are not in the office's topic, and the other way round."""
    return sum(
        len(set(feeds.get(key, ())) ^ set(topics.get(key, ())))
        for key in feeds.keys() | topics.keys()
    )


def _undelivered(books: Books) -> int:
    """Count steps that put a case with an office and are not in that office's feed."""
    columns = "select office, case_id, case_version"
    steps = books.rows("cases", f"{columns} from steps where office <> ''")
    return len(set(steps) - set(books.rows("delivery", f"{columns} from feed")))


def _unlogged(books: Books) -> int:
    """Count decisions of cases that audit does not hold exactly once."""
    decided = "('routed', 'confirmation-requested', 'triaged')"
    made = f"select case_id, case_version from steps where type in {decided}"
    steps = Counter(books.rows("cases", made))
    logged = Counter(books.rows("audit", "select case_id, case_version from decisions"))
    return sum((steps - logged).values()) + sum((logged - steps).values())


def _gaps(books: Books) -> int:
    """Count sequences missing from any office's feed."""
    query = "select office, count(*), max(sequence), min(sequence) from feed group by office"
    found = books.rows("delivery", query)
    return sum(highest - count + lowest - 1 for _, count, highest, lowest in found)
