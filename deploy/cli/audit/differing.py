"""Naming what was done to records: removed, inserted, reordered or changed, by place and case."""

from collections import Counter
from collections.abc import Iterator, Sequence

from services.audit.domain import decode

MOST_MOVED = 20
"""So many places of what was reordered are named."""


def differences(
    begin: int, records: Sequence[bytes], found: Sequence[bytes], sealed: Sequence[bytes]
) -> Iterator[str]:
    """Tell how the leaves that were found differ from those that were sealed."""
    first = next(
        (place for place, (a, b) in enumerate(zip(found, sealed, strict=False)) if a != b),
        min(len(found), len(sealed)),
    )
    is_last = first == len(found) - 1 == len(sealed) - 1
    if not is_last and list(found[first : len(sealed) - 1]) == list(sealed[first + 1 :]):
        yield f"record {begin + first} was removed"
    elif not is_last and list(found[first + 1 : len(sealed) + 1]) == list(
        sealed[first : len(found) - 1]
    ):
        yield f"a record was inserted at {begin + first}{_case(records[first])}"
    elif len(found) == len(sealed) and Counter(found) == Counter(sealed):
        moved = [begin + n for n, (a, b) in enumerate(zip(found, sealed, strict=True)) if a != b]
        yield f"records were reordered: {', '.join(map(str, moved[:MOST_MOVED]))}"
    else:
        for place, (a, b) in enumerate(zip(found, sealed, strict=False)):
            if a != b:
                yield f"record {begin + place} was changed{_case(records[place])}"


def _case(record: bytes) -> str:
    try:
        told = decode(record)
        return f" (case {told['case']}, version {told['case_version']})"
    except (ValueError, KeyError, RecursionError):
        return " (it cannot be read any more)"
