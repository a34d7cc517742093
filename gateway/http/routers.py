"""Where the routes of programs begin, so that pages need not be held against each of them."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

ROOT = "/v1/"


class ApiRouter(APIRouter):
    """Routes of programs; an address that is not one of theirs is passed on without a look at each.

    There are a hundred, and holding an address against all takes as long as making a small page.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether one of the routes fits a request."""
        if not scope["path"].startswith(ROOT):
            return Match.NONE, {}
        return super().matches(scope)
