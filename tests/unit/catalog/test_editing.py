"""What stewards may do to a register, and what becomes of ids that stop."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.catalog.domain import Catalogue, LocalizedText, Retired, Service, compose
from services.catalog.domain.editing import Revision, change, merge, split
from services.catalog.store import read_folder, save_folder
from services.chassis.errors import InvalidError
from tests.unit.catalog.conftest import draft, service, text

PASSPORT, CARD = "identity.passport", "identity.id-card"


def test_a_changed_service_takes_the_other_s_place(catalogue: Catalogue) -> None:
    """Nothing else differs."""
    made = change(catalogue, PASSPORT, service(PASSPORT, title=text("travel document")))

    (one,) = Revision(1, catalogue, made).differences()
    assert one.before
    assert one.after
    assert (one.before.title, one.after.title) == (text(PASSPORT), text("travel document"))


def test_an_id_that_was_renamed_leads_to_the_new_one(catalogue: Catalogue) -> None:
    """Whoever kept the old id finds the service."""
    made = change(catalogue, PASSPORT, service("identity.travel"))

    assert made.service(PASSPORT).id == "identity.travel"


def test_a_renamed_service_may_take_its_old_id_back(catalogue: Catalogue) -> None:
    """And then the other one leads."""
    made = change(catalogue, PASSPORT, service("identity.travel"))
    back = change(made, "identity.travel", service(PASSPORT))

    assert back.retired == (Retired("identity.travel", PASSPORT),)


def test_a_merged_service_leads_to_the_other_with_all_that_led_to_it(catalogue: Catalogue) -> None:
    """However often services are merged, an id is one step from its service."""
    once = merge(catalogue, PASSPORT, CARD)
    twice = merge(once, CARD, "housing.address")

    assert {one.id: one.successor_id for one in twice.retired} == {
        PASSPORT: "housing.address",
        CARD: "housing.address",
    }


def test_a_part_becomes_a_service_and_the_rest_stays(catalogue: Catalogue) -> None:
    """Under its id, with what is left of it."""
    rest = service(PASSPORT, title=text("passport for adults"))
    made = split(catalogue, PASSPORT, service("identity.child-passport"), rest)

    assert made.service("identity.child-passport").agency == "MIA"
    assert made.service(PASSPORT).title == text("passport for adults")


@pytest.mark.parametrize(
    ("wanted", "reason", "field"),
    [
        (service(PASSPORT, title=LocalizedText("a", "", "b")), "MISSING_LANGUAGE", "title.ru"),
        (service(PASSPORT, title=text("a" * 501)), "BAD_TEXT", "title.kk"),
        (service(PASSPORT, keywords=text("a" * 2001)), "BAD_TEXT", "keywords.kk"),
        (service(PASSPORT, agency="NOBODY"), "UNKNOWN_AGENCY", "agency"),
        (service(PASSPORT, life_event="never"), "UNKNOWN_LIFE_EVENT", "life-event"),
        (service("Passport"), "BAD_ID", "id"),
        (service(CARD), "DUPLICATE_ID", "id"),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused_at_its_field(
    catalogue: Catalogue, wanted: Service, reason: str, field: str
) -> None:
    """A draft can always be published."""
    with pytest.raises(InvalidError) as caught:
        change(catalogue, PASSPORT, wanted)

    assert (caught.value.reason, caught.value.field) == (reason, field)


def test_an_id_that_stopped_is_not_given_to_another_service(catalogue: Catalogue) -> None:
    """Old cases would suddenly be about something else."""
    merged = merge(catalogue, PASSPORT, CARD)

    with pytest.raises(InvalidError) as caught:
        split(merged, "housing.address", service(PASSPORT))

    assert caught.value.reason == "DUPLICATE_ID"


@pytest.mark.parametrize(
    ("gone", "successor", "reason"),
    [
        (PASSPORT, PASSPORT, "SAME_SERVICE"),
        (PASSPORT, "no.such", "UNKNOWN_SERVICE"),
        ("no.such", PASSPORT, "UNKNOWN_SERVICE"),
    ],
)
def test_a_merger_needs_two_services(
    catalogue: Catalogue, gone: str, successor: str, reason: str
) -> None:
    """Of the register."""
    with pytest.raises(InvalidError) as caught:
        merge(catalogue, gone, successor)

    assert caught.value.reason == reason


def test_what_was_edited_is_read_back_from_files(tmp_path: Path, catalogue: Catalogue) -> None:
    """With the ids that stopped, and to the same version, however it was typed."""
    typed = service(CARD, title=LocalizedText("  а\u0306  b ", "и\u0306", "id\ncard"))
    made = merge(change(catalogue, CARD, typed), PASSPORT, CARD)

    save_folder(made, tmp_path)

    assert made.service(CARD).title.ru == "й"
    assert read_folder(tmp_path).version == made.version


def test_saving_without_stopped_ids_removes_their_file(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """A folder holds what was saved last."""
    save_folder(merge(catalogue, PASSPORT, CARD), tmp_path)
    save_folder(catalogue, tmp_path)

    assert read_folder(tmp_path) == catalogue


@pytest.mark.parametrize("one", [Retired(CARD, PASSPORT), Retired("old.one", "no.such")])
def test_a_stopped_id_is_no_service_and_leads_to_one(one: Retired) -> None:
    """Files that say otherwise are refused."""
    with pytest.raises(InvalidError):
        compose(replace(draft(), retired=(one,)))


def test_stopped_ids_belong_to_the_version(catalogue: Catalogue) -> None:
    """A catalogue read from its content still knows where they lead."""
    made = merge(catalogue, PASSPORT, CARD)

    assert Catalogue.from_canonical(made.canonical()) == made
    assert made.version != replace(made, retired=()).version
