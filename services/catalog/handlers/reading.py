"""What is asked of the register: one function per question."""

from bisect import bisect_right
from itertools import islice

from services.catalog.domain import (
    Bookmark,
    Catalogue,
    Page,
    PageTokenError,
    Question,
    Search,
    Service,
    page_limit,
)
from services.catalog.ports import Versions
from services.chassis.errors import NotFoundError


def get_catalogue(
    version: str, known_version: str, *, current: Catalogue, versions: Versions
) -> Catalogue | None:
    """Return the register at a version, or nothing where the caller has it already."""
    catalogue = _at(version, current, versions) if version else current
    if catalogue is None:
        raise NotFoundError("there is no such version of the catalogue", reason="UNKNOWN_VERSION")
    return None if catalogue.version == known_version else catalogue


def get_service(service_id: str, *, current: Catalogue) -> Service:
    """Return a service of the current register; an id that stopped leads to its successor."""
    return current.service(service_id)


def list_services(
    question: Question,
    *,
    page_size: int,
    page_token: str,
    current: Catalogue,
    versions: Versions,
) -> tuple[Catalogue, Page]:
    """Return a page of services, and the register it was read from.

    A list goes on in the version it began in: nothing is skipped or shown twice
    when a new version is published between two pages.
    """
    limit = page_limit(page_size)
    if not page_token:
        return current, _page(current, question, after="", limit=limit)
    bookmark = Bookmark.of(page_token, question)
    if (catalogue := _at(bookmark.version, current, versions)) is None:
        raise PageTokenError
    return catalogue, _page(catalogue, question, after=bookmark.last_id, limit=limit)


def _at(version: str, current: Catalogue, versions: Versions) -> Catalogue | None:
    return current if version == current.version else versions.get(version)


def _page(catalogue: Catalogue, question: Question, *, after: str, limit: int) -> Page:
    services = catalogue.services
    begin = bisect_right(services, after, key=lambda service: service.id)
    search = Search(question.query)
    wanted = (
        service
        for service in islice(services, begin, None)
        if question.accepts(service) and search.finds(service, catalogue.agency(service.agency))
    )
    found = list(islice(wanted, limit + 1))
    more = len(found) > limit
    token = Bookmark(catalogue.version, question, found[limit - 1].id).token() if more else ""
    return Page(found[:limit], token)
