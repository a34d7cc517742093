"""The pages of a citizen: ask, choose, send, follow."""

from gateway.pages.citizen import asking

ROUTERS = (asking.router,)

__all__ = ["ROUTERS"]
