"""The pages of an office's officer, in a real browser."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.desk import Desk
from tests.browser.people import Visitor, each_way, scripted

HOSTILE = (
    "Паспорт <script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> "
    "{{ 7 * 7 }} </blockquote><h1>Ең басты</h1> &lt;b&gt; \u202eцвет\u202c ИИН"
)
TYPED = "Туған жылын анықтаңызшы: «2001» ме, әлде 2002 ме?"

OTHER_LAYOUTS = [
    ("о", "KeyJ", 1),  # Russian and Kazakh: by its place
    ("л", "KeyK", 0),
    ("j", "KeyC", 1),  # Dvorak: by its letter
    ("h", "KeyJ", 1),
    ("k", "KeyV", 0),
    ("t", "KeyK", 0),
]
"""What a key writes, where it is, and in which row one is then."""


@pytest.fixture
def officer(opened: Open, language: str, scripts: bool) -> Visitor:
    """Sign in the officer of the ministry, in the way of the test."""
    return opened(language, "officer of MIA", scripts=scripts)


def at_case(visitor: Visitor, case: dict[str, str]) -> None:
    visitor.go(f"/office/cases/{case['id']}?read=1")


def in_queue(visitor: Visitor, case: dict[str, str]) -> Locator:
    """Find a case in the queue: on a further page, where other tests left many."""
    row = visitor.page.locator(f'a[href*="{case["id"]}"]')
    while row.count() == 0:
        visitor.follow(visitor.page.locator("a[rel=next]"))
    return row


def open_part(visitor: Visitor, part: str) -> None:
    visitor.page.locator(f"#{part} > summary").click()


@scripted
def test_every_page_of_an_officer_is_for_everybody(officer: Visitor, desk: Desk) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    case = desk.held()
    desk.officer().post(f"/v1/cases/{case['id']}:open", {"take_over": False})
    officer.go("/office")
    officer.look("officer-queue")
    officer.go("/office?number=QZ-26-0000001-0")
    officer.look("officer-number")
    officer.go("/office?view=late")
    officer.look("officer-empty")
    at_case(officer, case)
    officer.look("officer-case")
    for part in ("ask", "return", "split"):
        open_part(officer, part)
    officer.look("officer-forms")
    desk.officer().act(case["id"], "accept", office="MIA")
    officer.follow(officer.page.locator("#accept button"))
    officer.look("officer-conflict")
    officer.go("/office/cases/019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607")
    assert officer.page.locator("main .lead").count() == 1
    officer.look("officer-gone")


@each_way
def test_a_case_goes_from_the_queue_to_its_end(officer: Visitor, desk: Desk) -> None:
    """Opened, accepted, asked about, answered, completed: each in one press or two."""
    citizen = desk.town.citizen()
    case = desk.held(citizen=citizen)
    page = officer.page

    officer.go("/office?view=all")
    officer.follow(in_queue(officer, case))
    assert page.locator(".said").inner_text() != ""
    officer.follow(page.locator("#accept button"))
    expect(page.locator("[role=status]")).to_be_visible()

    open_part(officer, "ask")
    page.locator("#ask-text").fill(TYPED)
    officer.follow(page.locator("#ask form > p > button"))
    expect(page.locator("[role=status]")).to_be_visible()
    assert citizen.json(citizen.get(f"/v1/cases/{case['id']}/text"))["messages"][0]["text"] == TYPED

    citizen.act(case["id"], "answer", text="2001")
    at_case(officer, case)
    assert "2001" in page.locator(".history").inner_text()
    if page.locator("#complete").get_attribute("open") is None:
        open_part(officer, "complete")
    page.locator("#outcome-1").check()
    officer.look("officer-accepted")
    officer.follow(page.locator("#complete form > p > button"))

    expect(page.locator("[role=status]")).to_contain_text(case["number"])
    assert citizen.case(case["id"])["state"] == "completed"
    at_case(officer, case)
    assert page.locator(".do form").count() == 0
    officer.look("officer-ended")


@each_way
def test_a_case_is_returned_in_two_strokes(officer: Visitor, desk: Desk) -> None:
    """One opens the reasons, one names the reason."""
    case = desk.held()
    at_case(officer, case)

    open_part(officer, "return")
    officer.follow(officer.page.locator(".reasons button").first)

    expect(officer.page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.town.administrator().case(case["id"])["returned_by"] == ["MIA"]


@each_way
def test_what_is_meant_is_searched_for_in_any_language(officer: Visitor, desk: Desk) -> None:
    """The service is found by Kazakh words on every page, and goes along."""
    case = desk.held()
    page = officer.page
    at_case(officer, case)

    open_part(officer, "split")
    page.locator("#split-text").fill("Жәрдемақы туралы")
    page.locator("#split-find").fill("балабақша")
    officer.enter(page.locator("#split-find"))
    assert page.locator("#split-text").input_value() == "Жәрдемақы туралы"
    found = page.locator("#split .options input[value^='service:']").first
    found.check()
    service = str(found.get_attribute("value")).partition(":")[2]
    officer.follow(page.locator("#split form > p > button"))

    expect(page.locator("[role=status]")).to_be_visible()
    administrator = desk.town.administrator()
    child = desk.settled(administrator.case(case["id"])["child_ids"][0], administrator)
    assert child["decision"]["service_id"] == service
    assert child["parent_id"] == case["id"]


@each_way
def test_two_officers_do_not_trample_each_other(officer: Visitor, desk: Desk) -> None:
    """Whoever comes second is told what changed and keeps what they typed."""
    case = desk.held()
    page = officer.page
    at_case(officer, case)
    open_part(officer, "ask")
    page.locator("#ask-text").fill(TYPED)
    desk.officer().act(case["id"], "accept", office="MIA")

    officer.follow(page.locator("#ask form > p > button"))

    assert page.locator("[role=alert] li").count() == 1
    assert page.locator("#ask-text").input_value() == TYPED
    officer.follow(page.locator("#ask form > p > button"))
    expect(page.locator("[role=status]")).to_be_visible()
    assert desk.officer().case(case["id"])["state"] == "information-requested"


@each_way
def test_what_was_typed_is_not_lost_when_a_case_is_gone(officer: Visitor, desk: Desk) -> None:
    """A colleague returned it meanwhile."""
    case = desk.held()
    at_case(officer, case)
    open_part(officer, "ask")
    officer.page.locator("#ask-text").fill(TYPED)
    desk.officer().act(case["id"], "return", office="MIA", reason_code="NOT_COMPETENT")

    officer.follow(officer.page.locator("#ask form > p > button"))

    assert officer.heading == officer.say("This case is not with you")
    assert officer.page.locator("blockquote").inner_text() == TYPED


@each_way
def test_a_hostile_text_is_only_a_text(officer: Visitor, desk: Desk) -> None:
    """Nothing of it is run, nothing of it is markup."""
    case = desk.held(HOSTILE)
    at_case(officer, case)

    assert officer.page.locator(".said").inner_text() == HOSTILE
    assert officer.page.title() != "taken"
    assert officer.page.locator("h1").count() == 1
    assert officer.page.locator("main img").count() == 0


@each_way
def test_words_are_read_when_they_are_asked_for(officer: Visitor, desk: Desk) -> None:
    """Not by looking at the case alone; and each reading is on record."""
    case = desk.held()
    administrator = desk.town.administrator()

    def readings() -> int:
        told = administrator.get("/v1/readings", case_id=case["id"]).json()["readings"]
        return len([one for one in told if one["role"] == "officer"])

    officer.go(f"/office/cases/{case['id']}")
    assert officer.page.locator(".said").count() == 0
    assert readings() == 0

    officer.follow(officer.page.locator('[data-key="w"]'))
    assert officer.page.locator(".said").count() == 1
    assert readings() == 1


@scripted
def test_the_queue_is_worked_by_keys(officer: Visitor, desk: Desk) -> None:
    """j and k move, Enter opens, a accepts, r and a digit return; whatever layout is on."""
    first, second = desk.held(), desk.held()
    officer.go("/office?view=new")
    page = officer.page
    rows = page.locator("[data-row]")
    here = "document.activeElement.href"

    page.keyboard.press("j")
    assert page.evaluate(here) == rows.nth(0).evaluate("one => one.href")
    page.keyboard.press("j")
    assert page.evaluate(here) == rows.nth(1).evaluate("one => one.href")
    page.keyboard.press("k")
    assert page.evaluate(here) == rows.nth(0).evaluate("one => one.href")
    for sign, place, row in OTHER_LAYOUTS:
        officer.strike(sign, place)
        assert page.evaluate(here) == rows.nth(row).evaluate("one => one.href"), (sign, place)
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/cases/**")

    at_case(officer, first)
    page.keyboard.press("a")
    expect(page.locator("[role=status]")).to_be_visible()
    assert desk.officer().case(first["id"])["state"] == "accepted"

    at_case(officer, second)
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.locator("[role=status]")).to_contain_text(second["number"])
    timeline = desk.town.administrator().case(second["id"])["timeline"]
    assert "WRONG_REGION" in [one.get("reason_code") for one in timeline]


@scripted
def test_a_key_of_the_queue_opens_the_case_where_it_is_done(officer: Visitor, desk: Desk) -> None:
    """r on a row leads to the reasons of its return."""
    desk.held()
    officer.go("/office?view=new")

    officer.page.keyboard.press("j")
    officer.page.keyboard.press("r")

    expect(officer.page.locator("#return[open] .reasons button").first).to_be_focused()


@scripted
def test_keys_are_off_while_one_types_and_may_be_off_for_good(officer: Visitor, desk: Desk) -> None:
    """What is typed is typed; and who is bothered turns them off (WCAG 2.1.4)."""
    case = desk.held()
    at_case(officer, case)
    page = officer.page
    open_part(officer, "ask")
    page.locator("#ask-text").press_sequentially("area")
    assert page.locator("#ask-text").input_value() == "area"
    assert desk.officer().case(case["id"])["state"] == "routed"

    page.locator("#keys > summary").click()
    page.locator("[data-toggle-keys]").click()
    at_case(officer, case)
    page.keyboard.press("a")
    page.keyboard.press("r")

    assert page.locator("#return[open]").count() == 0
    assert desk.officer().case(case["id"])["state"] == "routed"


@each_way
def test_a_number_leads_to_its_case(officer: Visitor, desk: Desk) -> None:
    """However it is typed."""
    case = desk.held()
    officer.go("/office")

    officer.page.locator("#number").fill(f" {case['number'].lower()} ")
    officer.enter(officer.page.locator("#number"))

    assert f"/office/cases/{case['id']}" in officer.page.url


@each_way
def test_filters_live_in_the_address(officer: Visitor, desk: Desk) -> None:
    """So that a list can be kept, and come back to, in another language too."""
    case = desk.held()
    officer.go("/office?view=new")
    officer.page.locator("#service").select_option(case["service_id"])
    officer.press("Show these")

    assert "view=new" in officer.page.url
    assert f"service={case['service_id']}" in officer.page.url
    officer.follow(officer.page.get_by_role("link", name=officer.other_language))
    assert officer.page.locator("#service").input_value() == case["service_id"]


@each_way
def test_somebody_elses_case_is_nowhere(officer: Visitor, desk: Desk) -> None:
    """What is not with one's office does not exist."""
    case = desk.waiting()
    at_case(officer, case)

    assert officer.heading == officer.say("This case is not with you")
