"""The register of public services: its nouns, and the rules that hold it together."""

from services.catalog.domain.paging import Bookmark, Page, PageTokenError, Question, page_limit
from services.catalog.domain.register import (
    Agency,
    Audience,
    Catalogue,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
    Retired,
    Service,
    office_code,
)
from services.catalog.domain.rules import (
    CatalogueError,
    Code,
    Fault,
    Place,
    check,
    compose,
    suggestion,
)
from services.catalog.domain.search import Search

__all__ = [
    "Agency",
    "Audience",
    "Bookmark",
    "Catalogue",
    "CatalogueError",
    "Channel",
    "Code",
    "Draft",
    "Fault",
    "LifeEvent",
    "LocalizedText",
    "Page",
    "PageTokenError",
    "Place",
    "Question",
    "Region",
    "Retired",
    "Search",
    "Service",
    "check",
    "compose",
    "office_code",
    "page_limit",
    "suggestion",
]
