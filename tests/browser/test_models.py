"""How another model goes live, in a real browser: one person proposes, another approves.

And how one person lets it look on before, and no more.
"""

from playwright.sync_api import expect

from gateway.pages.languages import LANGUAGES
from tests.browser.conftest import Open
from tests.browser.people import Visitor, each_way
from tests.system import System

MODEL = "/analyst/model"
GATE_SECONDS = 600.0
PAUSE_MILLISECONDS = 500
SEES = "It sees what citizens write, and is never heard:"


def person(opened: Open, who: str, language: str = "en", **more: bool) -> Visitor:
    visitor = opened(language, who, **more)
    visitor.go(MODEL)
    return visitor


def propose(visitor: Visitor, choice: str = "#model-1") -> None:
    """Choose a model, say why, and send it."""
    visitor.page.locator(choice).check()
    visitor.page.locator("#propose-reason").fill("Ол көктемдегі түзетулерді үйренді.")
    visitor.press("Propose it")
    expect(visitor.page.locator("main [role=status]").first).to_be_visible()


def answer(visitor: Visitor, verb: str, button: str) -> None:
    """Say why, and approve or refuse."""
    visitor.page.locator(f"#{verb}-reason").fill("Айырмашылықтарын қарап шықтым.")
    visitor.press(button)
    expect(visitor.page.locator("main [role=status]").first).to_be_visible()


def wait_for_gate(visitor: Visitor, system: System) -> None:
    """Look again until the gate has answered, which takes a busy machine minutes."""

    def has_answered() -> bool:
        # A model is being tried: looking without a pause would take its machine away.
        visitor.page.wait_for_timeout(PAUSE_MILLISECONDS)
        visitor.go(MODEL)
        return visitor.page.locator("#approve-reason").count() > 0

    system.wait(has_answered, "the gate did not answer", seconds=GATE_SECONDS)


def live(visitor: Visitor) -> str:
    """Return which model answers, as the page says."""
    visitor.go(MODEL)
    return visitor.page.locator("main dd.hash").first.inner_text()


def test_the_page_of_models_is_for_everybody(opened: Open, system: System) -> None:
    """Where a form is refused, while a model waits with what the gate found, and after that."""
    steward, *late = (person(opened, "model steward", one) for one in ("en", *LANGUAGES))
    propose(steward)
    for one in late:
        one.page.locator("#model-1").check()
        one.page.locator("#propose-reason").fill("Она научилась тому же.")
        one.press("Propose it")
        expect(one.page.locator("main #trouble")).to_be_visible()
        one.look("model-refused")
    wait_for_gate(person(opened, "administrator"), system)
    for language in LANGUAGES:
        person(opened, "administrator", language).look("model-waiting")
    steward.go(MODEL)
    answer(steward, "refuse", "Withdraw the proposal")
    for language in LANGUAGES:
        person(opened, "model steward", language).look("model-withdrawn")


@each_way
def test_two_people_let_a_model_go_live_and_take_it_back(
    opened: Open, system: System, language: str, scripts: bool
) -> None:
    """Who proposed it cannot approve it."""
    steward = person(opened, "model steward", language, scripts=scripts)
    before = live(steward)
    propose(steward)
    assert steward.page.locator("#approve-reason").count() == 0
    other = person(opened, "administrator", language, scripts=scripts)
    wait_for_gate(other, system)
    answer(other, "approve", "Approve: let it answer citizens")

    system.wait(lambda: live(other) != before, "the approved model did not go live")
    table = other.page.locator("table").last.inner_text()
    assert "demo-steward, demo-administrator" in table

    steward.go(MODEL)
    propose(steward, "#model-before")
    other.go(MODEL)
    answer(other, "approve", "Approve: let it answer citizens")
    system.wait(lambda: live(other) == before, "the model before did not come back")


def set_shadow(visitor: Visitor, verb: str, button: str) -> None:
    """Say why, and let the newest stored model look on, or none any more."""
    visitor.page.locator(f"#{verb}-reason").fill("Бір апта бірге қарасын.")
    visitor.press(button)
    expect(visitor.page.locator("main [role=status]").first).to_be_visible()


def looks_on(visitor: Visitor) -> bool:
    """Tell whether the page shows a candidate beside the live model."""
    visitor.page.wait_for_timeout(PAUSE_MILLISECONDS)
    visitor.go(MODEL)
    return visitor.page.get_by_text(visitor.say(SEES)).count() > 0


@each_way
def test_a_steward_lets_a_model_look_on_and_ends_it(
    opened: Open, system: System, language: str, scripts: bool
) -> None:
    """One person is enough; who did it is told, and nobody else is offered it."""
    steward = person(opened, "model steward", language, scripts=scripts)
    before = live(steward)
    set_shadow(steward, "shadow", "Let it look on")
    system.wait(lambda: looks_on(steward), "the model did not look on")
    assert live(steward) == before
    steward.look("model-looking-on")
    other = person(opened, "administrator", language, scripts=scripts)
    assert looks_on(other)
    assert other.page.locator("#unshadow-reason").count() == 0

    set_shadow(steward, "unshadow", "Stop looking on")
    assert not looks_on(steward)
    table = steward.page.get_by_role("region", name=steward.say("Who let which model look on"))
    told = table.inner_text()
    assert told.count("demo-steward") >= 2
    assert steward.say("looking on ended") in told
