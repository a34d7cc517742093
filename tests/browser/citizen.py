"""What a citizen does on the pages, as more than one test of them wants it."""

import re
from typing import Any

from tests.browser.desk import Case, Desk
from tests.browser.people import Visitor

OFFICE = "MIA"
CASE = re.compile(r"/cases/([0-9a-f-]{36})")


def is_local(seen: dict[str, Any]) -> bool:
    """Tell whether no service found depends on where somebody lives."""
    return not any(one.get("region_required") for one in seen["suggestions"])


def case_id(visitor: Visitor) -> str:
    """Return the id of the case whose page is open."""
    found = CASE.search(visitor.page.url)
    assert found, visitor.page.url
    return found.group(1)


def ask(visitor: Visitor, text: str) -> None:
    """Ask by the box and a press, as one does without scripts."""
    visitor.go("/")
    visitor.page.locator("#text").fill(text)
    visitor.press("Find the service")


def ask_a_person(visitor: Visitor) -> None:
    """Send what was asked to a person, whatever was found."""
    visitor.follow(visitor.page.locator('#found button[value="person"]'))


def at_case(visitor: Visitor, case: Case) -> None:
    """Open the page of a case."""
    visitor.go(f"/cases/{case['id']}")


def accepted(desk: Desk) -> Case:
    """Let an office accept the request of somebody who did not sign in."""
    case = desk.held(citizen=desk.town.anonymous)
    return desk.officer().act(case["id"], "accept", office=OFFICE)


def asked(desk: Desk) -> Case:
    """Let an office ask about such a request."""
    question = {"question_code": "DOCUMENT_MISSING", "text": "Copy?"}
    return desk.officer().act(accepted(desk)["id"], "ask", office=OFFICE, **question)
