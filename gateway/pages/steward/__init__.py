"""The pages of a catalogue steward: find, change, merge, split, compare, publish."""

from gateway.pages.steward import draft, services

ROUTERS = (services.router, draft.router)

__all__ = ["ROUTERS"]
