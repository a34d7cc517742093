"""The table of who may do what, read from one file that a lawyer can read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from services.chassis.errors import ForbiddenError
from services.chassis.principal import Principal, Role

ROLES = "roles"
ROUTES = "routes"
CALLERS = "callers"
PUBLIC = "public"
TABLES = frozenset({ROLES, ROUTES, CALLERS, PUBLIC})
"""The tables of the file that are not a service's."""
OPEN = "open"


class NoRowError(ForbiddenError):
    """Nobody may use this: the table of who may do what does not name it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call what: full method name to roles, and the portal's routes to methods."""

    rows: Mapping[str, frozenset[Role]]
    routes: Mapping[str, str] = field(default_factory=dict)
    """A route, such as `GET /v1/cases`, to the method it calls; OPEN where everybody may use it."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What each role is, in words."""
    callers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Whose certificates each service takes, where there is TLS between services."""
    public: Mapping[str, str] = field(default_factory=dict)
    """The calls that need no token, in production either, and why."""

    @classmethod
    def bundled(cls) -> "Policy":
        """Read the table that ships with the product."""
        text = resources.files("services.chassis").joinpath("policy.toml").read_text("utf-8")
        return cls.read(text)

    @classmethod
    def read(cls, text: str) -> "Policy":
        """Read a table."""
        table = tomllib.loads(text)
        rows = {
            f"/{service}/{method}": frozenset(Role(role) for role in roles)
            for service, methods in table.items()
            if service not in TABLES
            for method, roles in methods.items()
        }
        routes = {
            route: told if told == OPEN else f"/{told}"
            for route, told in table.get(ROUTES, {}).items()
        }
        callers = {service: frozenset(names) for service, names in table.get(CALLERS, {}).items()}
        public = {f"/{method}": why for method, why in table.get(PUBLIC, {}).items()}
        return cls(rows, routes, table.get(ROLES, {}), callers, public)

    def check(self, method: str, principal: Principal) -> None:
        """Refuse a method that has no row for the principal's role."""
        if principal.role not in self.rows.get(method, frozenset()):
            raise ForbiddenError(f"the role {principal.role.value} may not call {method[1:]}")

    def is_open(self, route: str) -> bool:
        """Tell whether a route of the portal is for everybody, signed in or not."""
        return self.routes.get(route) == OPEN

    def is_public(self, method: str) -> bool:
        """Tell whether anybody may make a call without saying who they are."""
        return method in self.public

    def check_route(self, route: str, principal: Principal) -> None:
        """Refuse a route of the portal to whom the method behind it is refused."""
        method = self.routes.get(route)
        if method is None:
            raise NoRowError
        if method != OPEN and principal.role not in self.rows.get(method, frozenset()):
            raise ForbiddenError(f"the role {principal.role.value} may not use {route}")
