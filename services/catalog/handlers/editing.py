"""The work of stewards: one draft is changed, and published or thrown away."""

from collections.abc import Sequence

from services.catalog.domain import Service, page_limit
from services.catalog.domain.editing import Change, Revision, change, merge, split
from services.catalog.domain.paging import PageTokenError
from services.catalog.ports import Register, Wish
from services.chassis.errors import InvalidError

MAX_REQUEST_ID = 128
MAX_VERSION_DIGITS = 18


def change_service(wish: Wish, service: Service, *, register: Register) -> Revision:
    """Put a service in another's place, under the same id or a new one."""
    return register.edit(
        _checked(wish), lambda catalogue: change(catalogue, wish.service_id, service)
    )


def merge_services(wish: Wish, *, register: Register) -> Revision:
    """End a service in favour of another."""
    return register.edit(
        _checked(wish), lambda catalogue: merge(catalogue, wish.service_id, wish.other_id)
    )


def split_service(
    wish: Wish, part: Service, rest: Service | None, *, register: Register
) -> Revision:
    """Make a service of its own of a part of another."""
    return register.edit(
        _checked(wish), lambda catalogue: split(catalogue, wish.service_id, part, rest)
    )


def discard_draft(wish: Wish, *, register: Register) -> Revision:
    """Throw the draft away."""
    return register.discard(_checked(wish))


def publish_draft(wish: Wish, *, register: Register, two_people: bool = False) -> Revision:
    """Make the draft the register; who publishes says which draft they looked at.

    Where it takes two people, they have changed nothing in it themselves.
    """
    if not wish.expected_version:
        raise InvalidError("say which version of the draft you saw", field="expected_version")
    return register.publish(_checked(wish), two_people=two_people)


def list_changes(
    page_size: int, page_token: str, *, register: Register
) -> tuple[Sequence[Change], str]:
    """Return a page of who changed what, and the token of the next."""
    limit = page_limit(page_size)
    if page_token and not (
        page_token.isascii() and page_token.isdigit() and len(page_token) <= MAX_VERSION_DIGITS
    ):
        raise PageTokenError
    found = register.changes(int(page_token or 0), limit + 1)
    more = len(found) > limit
    return found[:limit], str(found[limit - 1].draft_version) if more else ""


def _checked(wish: Wish) -> Wish:
    if not 1 <= len(wish.request_id) <= MAX_REQUEST_ID or not wish.request_id.isprintable():
        raise InvalidError(f"a request id has 1 to {MAX_REQUEST_ID} characters", field="request_id")
    if wish.expected_version < 0:
        raise InvalidError("a version is not negative", field="expected_version")
    return wish
