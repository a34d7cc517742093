"""What catalog does: questions of all who look into the register, and the work of its stewards."""

from services.catalog.handlers.editing import (
    change_service,
    discard_draft,
    list_changes,
    merge_services,
    publish_draft,
    split_service,
)
from services.catalog.handlers.reading import get_catalogue, get_service, list_services

__all__ = [
    "change_service",
    "discard_draft",
    "get_catalogue",
    "get_service",
    "list_changes",
    "list_services",
    "merge_services",
    "publish_draft",
    "split_service",
]
