"""What the draft promises to stewards, on each kind of database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from services.catalog import events
from services.catalog.app import MIGRATIONS
from services.catalog.domain import Catalogue
from services.catalog.domain.editing import ChangeKind, OwnDraftError, merge
from services.catalog.ports import Wish
from services.catalog.store import tables
from services.catalog.store.drafts import BaseMovedError, NothingToPublishError, SqlRegister
from services.catalog.store.versions import SqlVersions
from services.chassis.application import utc_now
from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.errors import (
    IdempotencyKeyReusedError,
    UnavailableError,
    VersionConflictError,
)

MERGE = partial(merge, service_id="identity.passport", successor_id="identity.id-card")
OTHER = partial(merge, service_id="housing.queue", successor_id="housing.address")


def wish(kind: ChangeKind = ChangeKind.MERGE, request: str = "r1", **more: Any) -> Wish:
    """Return what Aigul wants."""
    values = {"subject": "aigul", "expected_version": 0, "content": b"{}", **more}
    return Wish(kind=kind, request_id=request, **values)


PUBLISH = partial(wish, ChangeKind.PUBLISH)


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, SqlRegister]]:
    with closing(open_database(settings, "catalog", MIGRATIONS)) as database:
        yield database, SqlRegister(database, events.to_outbox, utc_now)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with opened(settings) as (database, _):
        yield database


@pytest.fixture
def register(database: Database, catalogue: Catalogue) -> SqlRegister:
    """Give a register that began with files."""
    register = SqlRegister(database, events.to_outbox, utc_now)
    register.begin(catalogue)
    return register


def announced(database: Database) -> list[str]:
    """Return the versions that wait to be told to the bus."""
    with database.read() as connection:
        wanted = sa.select(tables.outbox.c.aggregateid).order_by(tables.outbox.c.sequence)
        return list(connection.execute(wanted).scalars())


def test_a_draft_is_the_register_until_it_is_published(
    register: SqlRegister, database: Database, catalogue: Catalogue
) -> None:
    """Then it is kept for ever, current and announced."""
    draft = register.edit(wish(), MERGE)
    assert register.current() == catalogue

    published = register.publish(PUBLISH(request="r2", expected_version=draft.version))

    assert register.current() == draft.catalogue == published.base
    assert SqlVersions(database, utc_now).get(draft.catalogue.version) == draft.catalogue
    assert announced(database) == [catalogue.version, draft.catalogue.version]


def test_changes_of_several_add_up(register: SqlRegister) -> None:
    """There is one draft for all, and it names who made it."""
    register.edit(wish(), MERGE)
    draft = register.edit(wish(subject="berik"), OTHER)

    assert len(draft.catalogue.retired) == 2
    assert draft.editors == ("aigul", "berik")


def test_a_repeated_request_changes_nothing_more(register: SqlRegister) -> None:
    """Even where its first answer was lost and the draft went on."""
    first = register.edit(wish(), MERGE)
    second = register.edit(wish(), MERGE)

    assert second == first
    assert len(register.changes(0, 10)) == 1


def test_a_request_id_is_good_for_one_request(register: SqlRegister) -> None:
    """The other is refused, and not taken for the first."""
    register.edit(wish(), MERGE)

    with pytest.raises(IdempotencyKeyReusedError):
        register.edit(wish(content=b"other"), OTHER)


def test_nobody_overwrites_what_they_have_not_seen(register: SqlRegister) -> None:
    """Of two who saw the same draft, one is told that it changed."""
    register.edit(wish(), MERGE)
    register.edit(wish(request="r2", expected_version=1), OTHER)

    with pytest.raises(VersionConflictError):
        register.edit(wish(request="r3", subject="berik", expected_version=1), OTHER)


def test_a_discarded_draft_is_gone_and_the_next_is_free(
    register: SqlRegister, catalogue: Catalogue
) -> None:
    """Its changes stay in the trail."""
    register.edit(wish(), MERGE)
    after = register.discard(wish(ChangeKind.DISCARD, "r2"))

    assert (after.catalogue, after.editors) == (catalogue, ())
    kinds = [one.kind for one in register.changes(0, 10)]
    assert kinds == [ChangeKind.DISCARD, ChangeKind.MERGE]


def test_who_did_what_is_told_page_by_page(register: SqlRegister) -> None:
    """Newest first, and a publication with the version that it made."""
    register.edit(wish(service_id="identity.passport", other_id="identity.id-card"), MERGE)
    published = register.publish(PUBLISH(request="r2"))

    (newest,) = register.changes(0, 1)
    (oldest,) = register.changes(newest.draft_version, 1)
    assert newest.catalogue_version == published.base.version
    assert (oldest.service_id, oldest.other_id) == ("identity.passport", "identity.id-card")


def test_where_it_takes_two_people_no_editor_publishes(register: SqlRegister) -> None:
    """However little they changed; whoever changed nothing does, and the trail names them."""
    register.edit(wish(subject="aigul"), MERGE)
    register.edit(wish(request="r2", subject="berik"), OTHER)

    for editor in ("aigul", "berik"):
        with pytest.raises(OwnDraftError):
            register.publish(PUBLISH(request="r3", subject=editor), two_people=True)
    published = register.publish(PUBLISH(request="r4", subject="saule"), two_people=True)

    assert published.editors == ()
    assert register.changes(0, 1)[0].subject == "saule"


def test_where_one_is_enough_an_editor_publishes(register: SqlRegister) -> None:
    """As it was before there was such a rule."""
    register.edit(wish(subject="aigul"), MERGE)

    assert register.publish(PUBLISH(request="r2", subject="aigul")).editors == ()


def test_who_threw_a_draft_away_may_publish_the_next(register: SqlRegister) -> None:
    """What counts is who changed this draft, and not the one before."""
    register.edit(wish(subject="aigul"), MERGE)
    register.discard(wish(ChangeKind.DISCARD, "r2", subject="aigul"))
    register.edit(wish(request="r3", subject="berik"), OTHER)

    assert register.publish(PUBLISH(request="r4", subject="aigul"), two_people=True).editors == ()


def test_nothing_is_not_published(register: SqlRegister) -> None:
    """A version that is the same would be no event."""
    with pytest.raises(NothingToPublishError):
        register.publish(PUBLISH())


def test_a_change_that_fails_leaves_no_trace(register: SqlRegister, catalogue: Catalogue) -> None:
    """Neither in the draft nor in the trail."""

    def fail(seen: Catalogue) -> Catalogue:
        raise BaseMovedError

    with pytest.raises(BaseMovedError):
        register.edit(wish(), fail)

    assert register.revision().version == 0
    assert register.changes(0, 10) == []


def test_files_that_changed_win_while_nobody_published(
    register: SqlRegister, catalogue: Catalogue
) -> None:
    """As ever."""
    files = replace(catalogue, name="Another name")

    assert register.begin(files)
    assert register.current() == files


def test_what_was_published_stays_when_files_differ(
    register: SqlRegister, catalogue: Catalogue
) -> None:
    """A start does not undo the work of stewards."""
    register.edit(wish(), MERGE)
    published = register.publish(PUBLISH(request="r2")).base

    assert not register.begin(catalogue)
    assert not register.begin(replace(catalogue, name="Another name"))
    assert register.current() == published


def test_files_equal_to_what_is_current_are_followed_again(
    register: SqlRegister, catalogue: Catalogue
) -> None:
    """Whoever saved the register as files may edit those."""
    register.edit(wish(), MERGE)
    published = register.publish(PUBLISH(request="r2")).base
    edited = replace(published, name="Edited")

    assert register.begin(published)
    assert register.begin(edited)
    assert register.current() == edited


def test_a_draft_of_a_register_that_was_replaced_is_only_discarded(
    register: SqlRegister, catalogue: Catalogue
) -> None:
    """We do not merge; what was put in by hand is not overwritten."""
    register.edit(wish(), MERGE)
    assert register.take(replace(catalogue, name="By hand"), "operator")

    with pytest.raises(BaseMovedError):
        register.publish(PUBLISH(request="r2"))

    after = register.discard(wish(ChangeKind.DISCARD, "r3"))
    assert after.base.name == "By hand"


def test_another_member_follows_at_once(
    register: SqlRegister, settings: Settings, catalogue: Catalogue
) -> None:
    """Two processes on one database answer from the same version."""
    with opened(settings) as (_, other):
        assert other.current() == catalogue
        register.edit(wish(), MERGE)
        published = register.publish(PUBLISH(request="r2")).base

        assert other.current() == published


def test_before_the_first_start_there_is_nothing_to_change(database: Database) -> None:
    """A draft needs a register."""
    with pytest.raises(UnavailableError):
        SqlRegister(database, events.to_outbox, utc_now).edit(wish(), MERGE)
