"""A citizen in a hurry, until their words are sent, in a real browser."""

from playwright.sync_api import expect

from tests.browser.citizen import ask, ask_a_person, case_id
from tests.browser.people import Visitor, each_way, scripted
from tests.e2e.people import Town

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)> \"' паспорт керек"
DANGER = {
    "kk": ("Өрт", "Өрт шықты, пәтер жанып жатыр, үйде адамдар бар"),
    "ru": ("Дом горит", "Пожар, горит квартира, в доме люди"),
    "en": ("My house is on fire", "Fire, my house is burning, people are inside"),
}
"""As one types it, and what one would send."""
WISHES = {
    "kk": "Балаға шетелдік паспорт керек",
    "ru": "Нужен загранпаспорт ребёнку",
    "en": "I need a passport for my child",
}


@scripted
def test_services_come_while_one_types(visitor: Visitor) -> None:
    """Without a press; when the words go, so do they."""
    visitor.go("/")
    box = visitor.page.locator("#text")
    box.press_sequentially(WISHES[visitor.language], delay=5)
    expect(visitor.page.locator(".cards h3").first).to_be_visible()

    box.fill("")
    expect(visitor.page.locator(".cards")).to_have_count(0)


@each_way
def test_services_come_by_a_press(visitor: Visitor) -> None:
    """On the same page, which keeps the words."""
    ask(visitor, WISHES[visitor.language])

    expect(visitor.page.locator(".cards h3").first).to_be_visible()
    assert visitor.page.locator("#text").input_value() == WISHES[visitor.language]


@each_way
def test_somebody_in_danger_sees_whom_to_call(visitor: Visitor) -> None:
    """While they type, after a press, and on the receipt of what they sent."""
    begun, whole = DANGER[visitor.language]
    call = visitor.page.locator(".call").first
    visitor.go("/")
    if visitor.scripts:
        visitor.page.locator("#text").fill(begun)
        expect(call).to_have_attribute("href", "tel:101")
        visitor.page.locator("#text").fill("")
        expect(call).to_have_count(0)

    ask(visitor, whole)
    expect(call).to_have_attribute("href", "tel:101")
    visitor.look("danger")
    ask_a_person(visitor)
    expect(call).to_have_attribute("href", "tel:101")
    visitor.look("danger-receipt")


@each_way
def test_a_hostile_text_is_words_everywhere(visitor: Visitor) -> None:
    """In the box, on the page of the case, and in an office's question."""
    ask(visitor, HOSTILE)
    assert visitor.page.locator("#text").input_value() == HOSTILE
    ask_a_person(visitor)
    visitor.go(f"/cases/{case_id(visitor)}")

    said = visitor.page.locator("details blockquote").first
    expect(said).to_have_text(HOSTILE)
    assert "taken" not in visitor.page.title()


@each_way
def test_a_form_that_is_too_old_is_sent_again(visitor: Visitor) -> None:
    """With what was typed into it, by one more press."""
    visitor.go("/")
    visitor.page.locator("#text").fill("Төлқұжат керек. Нужен паспорт.")
    visitor.page.evaluate("document.querySelector('[name=form]').value = 'of yesterday'")
    visitor.press("Find the service")
    assert visitor.heading == visitor.say("This form is too old")
    visitor.look("too-old")
    visitor.press("Send it again")

    expect(visitor.page.locator(".cards h3").first).to_be_visible()


@each_way
def test_a_service_is_asked_for_on_its_own_page(visitor: Visitor) -> None:
    """What it needs stands there, and a box."""
    visitor.go("/services/identity.passport")
    visitor.look("service")
    visitor.press("Send it")

    assert visitor.heading == visitor.say("We have your request")


@each_way
def test_the_first_visit_is_small(visitor: Visitor) -> None:
    """At most six requests, none of them elsewhere."""
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.go("/")
    visitor.page.wait_for_load_state("networkidle")

    assert len(asked) <= 6
    assert {url.split("/")[2] for url in asked} == {visitor.page.url.split("/")[2]}


@each_way
def test_a_receipt_is_printed_without_what_one_cannot_press(visitor: Visitor, town: Town) -> None:
    """On paper stand the number, the address and the square."""
    id_ = town.anonymous.submit("Паспорт керек")["id"]
    visitor.go(f"/cases/{id_}/receipt")
    visitor.page.emulate_media(media="print")

    assert not visitor.page.locator("footer").is_visible()
    assert not visitor.page.locator(".actions").first.is_visible()
    assert visitor.page.locator(".qr svg").is_visible()
    assert id_ in visitor.page.locator(".facts").inner_text()
