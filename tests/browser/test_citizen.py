"""A citizen's whole way, from words to an opinion, in a real browser."""

from playwright.sync_api import expect

from tests.browser.citizen import ask, ask_a_person, case_id, is_local
from tests.browser.conftest import Open, WrittenTo
from tests.browser.desk import Desk
from tests.browser.people import Visitor, each_way

QUESTION = "Құжаттың көшірмесін жібересіз бе? <b>Пришлите копию.</b>"


def send(visitor: Visitor, desk: Desk, contact: str) -> None:
    """Ask, choose the first service that is found, and go on to the page of the case."""
    page = visitor.page
    visitor.go("/")
    page.get_by_text(visitor.say("Messages about this request"), exact=True).click()
    visitor.look("first")
    page.locator("#contact").fill(contact)
    page.locator("#text").fill(desk.words.of("confirm", language=visitor.language, where=is_local))
    visitor.press("Find the service")
    expect(page.locator(".cards h3").first).to_be_visible()
    assert page.locator("mark").count() >= 1
    visitor.look("found")
    visitor.follow(page.locator('.cards button[name="service"]').first)
    assert visitor.heading == visitor.say("We have your request")
    visitor.look("receipt")
    desk.chosen(case_id(visitor))
    visitor.follow(page.get_by_role("link", name=visitor.say("Follow the request")))


def tells(visitor: Visitor, words: str) -> None:
    """See the page of a case tell what is new: by itself, or without scripts by a reload."""
    if not visitor.scripts:
        visitor.page.reload()
    expect(visitor.page.locator("h1")).to_have_text(visitor.say(words))


@each_way
def test_from_words_to_an_opinion(visitor: Visitor, desk: Desk, was_written_to: WrittenTo) -> None:
    """Page by page, each looked at; and told of it by e-mail."""
    town, page = desk.town, visitor.page
    contact = f"aigul.{visitor.language}.{visitor.scripts}@mail.kz"
    send(visitor, desk, contact)
    expect(page.locator("h1")).to_have_text(visitor.say("With the office"))
    visitor.look("with-the-office")
    case = town.administrator().case(case_id(visitor))
    assert case["language"] == visitor.language
    was_written_to(contact)

    officer, office = town.officer(case["office"]), case["office"]
    officer.act(case["id"], "accept", office=office)
    tells(visitor, "The office works on it")
    question = {"question_code": "DOCUMENT_MISSING", "text": QUESTION}
    officer.act(case["id"], "ask", office=office, **question)
    tells(visitor, "Waits for your answer")
    visitor.look("asked")
    visitor.press("Send the answer")
    expect(page.locator(".wrong")).to_have_text(visitor.say("Write your answer."))
    page.locator("#answer").fill("Міне. Вот она.")
    visitor.press("Send the answer")
    expect(page.locator(".good")).to_have_text(visitor.say("Your answer was sent."))

    officer.act(case["id"], "complete", office=office, outcome_code="GRANTED")
    tells(visitor, "Done")
    visitor.look("done")
    page.locator('input[name="stars"][value="4"]').check()
    visitor.press("Send my opinion")
    expect(page.locator(".good")).to_have_text(visitor.say("Thank you for your opinion."))
    assert town.administrator().case(case["id"])["rating"]["stars"] == 4
    page.get_by_text(visitor.say("It is not done"), exact=True).click()
    visitor.press("Open it again")
    expect(page.locator("h1")).to_have_text(visitor.say("A person looks for the right service"))


@each_way
def test_one_who_signed_in_finds_their_request_and_takes_it_back(
    opened: Open, desk: Desk, language: str, scripts: bool
) -> None:
    """A person was asked; the list and the number of the receipt lead to it; two presses end it."""
    visitor = opened(language, "citizen", scripts=scripts)
    page = visitor.page
    ask(visitor, desk.words.of("confirm", language=language))
    ask_a_person(visitor)
    assert visitor.heading == visitor.say("We have your request")
    number = page.locator(".facts .number").inner_text()
    id_ = case_id(visitor)
    desk.settled(id_, desk.town.administrator())
    visitor.go("/cases")
    visitor.look("own-requests")
    page.locator("#number").fill(number)
    visitor.press("Find")
    assert page.locator(".card").count() == 1

    visitor.follow(page.locator(".card a"))
    assert number in page.locator(".number").first.inner_text()
    page.get_by_text(visitor.say("I need it no more"), exact=True).click()
    visitor.press("Withdraw the request")
    assert visitor.heading == visitor.say("Withdrawn")
    visitor.look("withdrawn")

    desk.town.administrator().act(id_, "erase")
    visitor.go(f"/cases/{id_}")
    assert page.locator(".box").count() == 1
    visitor.look("erased")
