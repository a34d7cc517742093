"""The register of public services: its nouns, and the rules that hold it together."""

from services.catalog.domain.register import (
    Agency,
    Audience,
    Catalogue,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
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

__all__ = [
    "Agency",
    "Audience",
    "Catalogue",
    "CatalogueError",
    "Channel",
    "Code",
    "Draft",
    "Fault",
    "LifeEvent",
    "LocalizedText",
    "Place",
    "Region",
    "Service",
    "check",
    "compose",
    "office_code",
    "suggestion",
]
