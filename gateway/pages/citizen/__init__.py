"""The pages of a citizen: ask, choose, send, follow."""

from gateway.pages.citizen import asking, following, receipts, services, wishes

ROUTERS = (
    asking.router,
    services.router,
    receipts.router,
    following.router,
    wishes.router,
)

__all__ = ["ROUTERS"]
