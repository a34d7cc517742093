"""A citizen whose request is on its way: choosing, objecting and following, in a real browser."""

import pytest
from playwright.sync_api import Request, expect

from tests.browser.citizen import (
    OFFICE,
    accepted,
    ask,
    ask_a_person,
    asked,
    at_case,
    case_id,
    is_local,
)
from tests.browser.conftest import Open
from tests.browser.desk import Case, Desk
from tests.browser.people import Visitor, each_way, plain, scripted
from tests.e2e.people import Town

LIVE = "**/live*"
TYPED = "Мен жазып отырмын"


def is_stream(request: Request) -> bool:
    """Tell whether a page asks to be told by the server."""
    return request.resource_type == "eventsource"


def completed(desk: Desk) -> Case:
    """Let an office complete such a request."""
    outcome = {"outcome_code": "GRANTED"}
    return desk.officer().act(accepted(desk)["id"], "complete", office=OFFICE, **outcome)


@each_way
def test_a_choice_of_a_machine_is_objected_to(visitor: Visitor, desk: Desk) -> None:
    """Then a person decides."""
    text = desk.words.of("route", language=visitor.language, where=is_local)
    at_case(visitor, desk.sent(desk.town.anonymous, text))
    assert visitor.heading == visitor.say("With the office")
    visitor.page.get_by_text(visitor.say("This is wrong"), exact=True).click()
    visitor.look("why")
    visitor.page.locator("#object").fill("Маған басқа қызмет керек. Мне нужно другое.")
    visitor.press("Let a person decide")

    expect(visitor.page.locator("h1")).to_have_text(
        visitor.say("A person looks for the right service")
    )


@each_way
def test_an_unsure_machine_asks(visitor: Visitor, desk: Desk) -> None:
    """On the page of the case, where nothing is chosen before somebody chooses."""
    text = desk.words.of("confirm", language=visitor.language, where=is_local)
    at_case(visitor, desk.sent(desk.town.anonymous, text))
    assert visitor.heading == visitor.say("Waits for your choice")
    visitor.press("Send my choice")
    expect(visitor.page.locator("#wrong")).to_have_text(
        visitor.say("Choose a service, or ask a person.")
    )
    visitor.look("choose")
    visitor.page.locator("#service1").check()
    visitor.press("Send my choice")

    expect(visitor.page.locator("h1")).to_have_text(visitor.say("With the office"))


@each_way
def test_a_person_is_asked_for_there_too(visitor: Visitor, desk: Desk) -> None:
    """Where none of the services is what was meant."""
    at_case(visitor, desk.sent(desk.town.anonymous, desk.words.of("confirm")))
    visitor.page.locator("#person").check()
    visitor.press("Send my choice")

    expect(visitor.page.locator("h1")).to_have_text(
        visitor.say("A person looks for the right service")
    )


@each_way
def test_whoever_writes_is_not_disturbed(visitor: Visitor, desk: Desk) -> None:
    """The page tells what is new, and keeps what was typed, also where that comes too late."""
    case = asked(desk)
    at_case(visitor, case)
    box = visitor.page.locator("#answer")
    box.fill(TYPED)
    desk.officer().act(case["id"], "complete", office=OFFICE, outcome_code="GRANTED")
    if visitor.scripts:
        expect(visitor.page.locator("h1")).to_have_text(visitor.say("Done"))
    assert box.input_value() == TYPED

    visitor.press("Send the answer")
    assert visitor.heading == visitor.say("The request changed while you were looking at it")
    assert visitor.page.locator("textarea").input_value() == TYPED
    visitor.look("refused")


@scripted
def test_what_was_typed_while_the_case_moved_is_sent(visitor: Visitor, desk: Desk) -> None:
    """The form that was kept is about the case as it is now."""
    case = asked(desk)
    at_case(visitor, case)
    visitor.page.locator("#answer").fill(TYPED)
    desk.officer().act(case["id"], "split", office=OFFICE, text="Жәрдемақы туралы")
    moved = str(desk.town.anonymous.case(case["id"])["version"])
    expect(visitor.page.locator("#case")).to_have_attribute("data-version", moved)
    visitor.press("Send the answer")

    expect(visitor.page.locator(".good")).to_have_text(visitor.say("Your answer was sent."))


@plain
def test_what_was_typed_while_the_case_moved_is_given_back(visitor: Visitor, desk: Desk) -> None:
    """To be sent from the page as it is now."""
    case = asked(desk)
    at_case(visitor, case)
    visitor.page.locator("#answer").fill(TYPED)
    desk.officer().act(case["id"], "split", office=OFFICE, text="Жәрдемақы туралы")
    visitor.press("Send the answer")
    kept = visitor.page.locator("textarea").input_value()
    assert kept == TYPED
    at_case(visitor, case)
    visitor.page.locator("#answer").fill(kept)
    visitor.press("Send the answer")

    expect(visitor.page.locator(".good")).to_have_text(visitor.say("Your answer was sent."))


@scripted
def test_what_was_chosen_while_the_case_moved_is_sent(visitor: Visitor, desk: Desk) -> None:
    """As what was typed is; before anything is chosen, the page shows what is new as a whole."""
    page, case = visitor.page, completed(desk)
    at_case(visitor, case)
    page.locator("#star4").check()
    moved = desk.town.anonymous.act(case["id"], "rate", stars=2)["version"]
    expect(page.locator("#case")).to_have_attribute("data-version", str(moved))
    expect(page.locator("#star4")).to_be_checked()
    visitor.press("Send my opinion")

    expect(page.locator(".good")).to_have_text(visitor.say("Thank you for your opinion."))
    assert desk.town.administrator().case(case["id"])["rating"]["stars"] == 4


@plain
def test_what_was_chosen_while_the_case_moved_is_chosen_anew(visitor: Visitor, desk: Desk) -> None:
    """On the page as it is now, to which the refusal leads back."""
    case = completed(desk)
    at_case(visitor, case)
    visitor.page.locator("#star4").check()
    desk.town.anonymous.act(case["id"], "rate", stars=2)
    visitor.press("Send my opinion")
    assert visitor.heading == visitor.say("The request changed while you were looking at it")
    visitor.follow(visitor.page.get_by_role("link", name=visitor.say("Back to the request")))
    visitor.page.locator("#star4").check()
    visitor.press("Send my opinion")

    expect(visitor.page.locator(".good")).to_have_text(visitor.say("Thank you for your opinion."))


@pytest.fixture
def turned_away(opened: Open, desk: Desk, language: str, scripts: bool) -> tuple[Visitor, str]:
    """Open the page of a case of one's own while too many follow theirs."""
    visitor = opened(language, "citizen", scripts=scripts)
    ask(visitor, desk.words.of("confirm"))
    ask_a_person(visitor)
    id_ = case_id(visitor)
    desk.settled(id_, desk.town.administrator())
    visitor.page.clock.install()
    visitor.page.route(LIVE, lambda route: route.fulfill(status=503), times=1)
    with visitor.page.expect_response(LIVE):
        visitor.go(f"/cases/{id_}")
    return visitor, id_


def look_again(visitor: Visitor) -> None:
    """Let so much time pass that the page asks again whether it may follow."""
    visitor.page.clock.run_for(21_000)


@scripted
def test_a_case_is_followed_as_soon_as_there_is_room(
    turned_away: tuple[Visitor, str], town: Town
) -> None:
    """The page asks again by itself."""
    visitor, id_ = turned_away
    with visitor.page.expect_event("request", is_stream):
        look_again(visitor)
    town.administrator().act(id_, "erase")

    expect(visitor.page.locator("h1")).to_have_text(visitor.say("Withdrawn"))


@scripted
def test_a_page_asks_nothing_more_once_the_session_is_over(
    turned_away: tuple[Visitor, str],
) -> None:
    """It shows what it knew, and nothing that is wrong."""
    visitor, _ = turned_away
    page, heading = visitor.page, visitor.heading
    page.context.clear_cookies()
    with page.expect_request(LIVE):
        look_again(visitor)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        look_again(visitor)
        page.wait_for_timeout(300)

    assert asked == []
    assert visitor.heading == heading
