"""The page of models for who looks after them: propose, see what the gate says, approve, refuse.

And let a model look on before, or no more.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.audit.v1 import audit_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    ServiceError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor, in_language
from tests.unit.gateway.peer import HOSTILE, Peer

VisitAs = Callable[..., Visitor]

LIVE, OTHER = "5f" * 32, "a1" * 32
KEY = "0f" * 16
PATH = "/en/analyst/model"


def card(model: str) -> pb.ModelCard:
    figures = [pb.ModelFigures(language="all", count=3501, top1=0.8412, top3=0.93)]
    return pb.ModelCard(model=model, label_count=301, example_count=17_583, held_out=figures)


def figures(top1: float) -> pb.ModelFigures:
    return pb.ModelFigures(language="kk", count=1167, top1=top1, top3=0.93)


def trial(**more: Any) -> pb.Trial:
    return pb.Trial(
        time=Timestamp(seconds=1_768_728_600),
        languages=[pb.LanguageTrial(language="kk", before=figures(0.82), after=figures(0.71))],
        services=[
            pb.ServiceTrial(service_id="identity.passport", count=9, before=0.89, after=0.44)
        ],
        better_count=12,
        same_count=270,
        **more,
    )


PASSED = trial(is_passed=True)
FAULTS = [
    pb.GateFault(kind=pb.GATE_FAULT_KIND_LANGUAGE, name="kk", before=0.82, after=0.71),
    pb.GateFault(kind=pb.GATE_FAULT_KIND_ASTRAY, name="ru", before=0.02, after=0.12),
    pb.GateFault(kind=pb.GATE_FAULT_KIND_ROUTED, name="en", before=0.54, after=0),
    pb.GateFault(kind=pb.GATE_FAULT_KIND_LEFT, name="en", before=0.12, after=0.46),
    pb.GateFault(
        kind=pb.GATE_FAULT_KIND_SERVICE, name="identity.passport", before=0.89, after=0.44
    ),
]
STORED = pb.GetModelsResponse(
    live=card(LIVE), stored=[card(OTHER)], version=7, model_before="b2" * 32
)


def waiting(by: str = "aigul", **more: Any) -> pb.GetModelsResponse:
    """Return models of which one waits for an answer."""
    proposal = {
        "id": "3",
        "kind": pb.PROPOSAL_KIND_PROMOTION,
        "model": OTHER,
        "live": LIVE,
        "state": pb.PROPOSAL_STATE_OPEN,
        "proposed": pb.Act(subject=by, reason=HOSTILE),
    }
    told = pb.Proposal(**(proposal | more))
    return pb.GetModelsResponse(live=card(LIVE), version=8, proposals=[told])


@pytest.fixture
def steward(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers[pb.GetModelsRequest] = STORED
    return visit_as(Role.MODEL_STEWARD)


def main(visitor: Visitor, language: str = "en") -> str:
    answer = visitor.get(f"/{language}/analyst/model")
    assert answer.status_code == 200
    return answer.text.split("<main")[1]


def forms(text: str) -> set[str]:
    """Return what can be done on a page."""
    return set(re.findall(r'action="/en/analyst/model/(\w+)', text))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_stored_models_can_be_proposed(steward: Visitor, language: str) -> None:
    """With what their cards say; or the model that was live before."""
    text = main(steward, language)

    assert f'value="{OTHER}"' in text
    assert "84%" in text.replace("\xa0", "")
    assert 'value="rollback"' in text
    assert f'name="before" value="{"b2" * 32}"' in text


def test_a_model_is_proposed(steward: Visitor, peer: Peer) -> None:
    """As of the version that was on the page, under the key of the form; then the page says so."""
    sent = {"model": OTHER, "reason": " It learned. ", "version": "7", "key": KEY}
    answer = steward.send(f"{PATH}/propose", **sent)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?done=propose")
    assert peer.asked_for(pb.ProposeModelRequest) == [
        pb.ProposeModelRequest(
            kind=pb.PROPOSAL_KIND_PROMOTION,
            model=OTHER,
            reason="It learned.",
            expected_version=7,
            request_id=KEY,
        )
    ]
    assert "Proposed. The gate tries it now" in steward.get(answer.headers["location"]).text


def test_going_back_is_proposed(steward: Visitor, peer: Peer) -> None:
    """To the model that was on the page."""
    sent = {"model": "rollback", "before": "b2" * 32, "reason": "Astray.", "key": KEY}
    steward.send(f"{PATH}/propose", **sent)

    (asked,) = peer.asked_for(pb.ProposeModelRequest)
    assert (asked.kind, asked.model) == (pb.PROPOSAL_KIND_ROLLBACK, "b2" * 32)


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_a_proposal_is_answered(steward: Visitor, peer: Peer, verb: str) -> None:
    """With why, as of the version that was on the page."""
    sent = {"proposal": "3", "reason": "Seen.", "version": "8", "key": KEY}
    answer = steward.send(f"{PATH}/{verb}", **sent)

    assert answer.headers["location"] == f"{PATH}?done={verb}"
    (asked,) = [one for one in peer.asked if hasattr(one, "proposal_id")]
    assert type(asked).__name__ == f"{verb.title()}ModelRequest"
    assert (asked.proposal_id, asked.reason) == ("3", "Seen.")
    assert (asked.expected_version, asked.request_id) == (8, KEY)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_waits_is_shown_with_what_the_gate_found(
    steward: Visitor, peer: Peer, language: str
) -> None:
    """By language and by service, and what it said to citizens; words of people as text."""
    shadow = [pb.ShadowFigures(language="all", count=412, agreement=0.75)]
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED, shadow=shadow)
    text = main(steward, language).replace("\xa0", "")

    for told in ("82%", "71%", "89%", "44%", "75%", "412", f"Passport {language}", "aigul"):
        assert told in text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text


def test_a_passed_model_is_approved_or_refused(steward: Visitor, peer: Peer) -> None:
    """By somebody else than who proposed it."""
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED)

    assert forms(main(steward)) == {"approve", "refuse"}


def test_who_proposed_it_can_only_withdraw_it(steward: Visitor, peer: Peer) -> None:
    """And is told that another person must approve."""
    peer.answers[pb.GetModelsRequest] = waiting("somebody", trial=PASSED)
    text = main(steward)

    assert forms(text) == {"refuse"}
    assert "Withdraw the proposal" in text
    assert "another person must approve it" in text


def test_what_the_gate_refuses_cannot_be_approved(steward: Visitor, peer: Peer) -> None:
    """Each reason is told in words."""
    peer.answers[pb.GetModelsRequest] = waiting(trial=trial(faults=FAULTS))
    text = main(steward)

    assert forms(text) == {"refuse"}
    assert "Kazakh: right at first in 82%, then 71%" in text
    assert "Russian: of those routed without asking, 12% would go astray" in text
    assert "English: 54% were routed without asking, 0% would be" in text
    assert "English: 12% were left to people, 46% would be" in text
    assert "Passport en: 89% of its requests were found, 44% would be" in text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "The gate is trying it"),
        ({"trial": pb.Trial(failure="NO_TEXTS")}, "no text to try it on"),
        ({"trial": pb.Trial(failure="TOO_NEW")}, "TOO_NEW"),
    ],
)
def test_without_an_answer_of_the_gate_nobody_approves(
    steward: Visitor, peer: Peer, told: Any, words: str
) -> None:
    """The page says why it has none."""
    peer.answers[pb.GetModelsRequest] = waiting(**told)
    text = main(steward)

    assert forms(text) == {"refuse"}
    assert words in text


def test_going_back_needs_no_gate(steward: Visitor, peer: Peer) -> None:
    """It can be approved at once."""
    peer.answers[pb.GetModelsRequest] = waiting(kind=pb.PROPOSAL_KIND_ROLLBACK)

    assert forms(main(steward)) == {"approve", "refuse"}


def test_an_administrator_answers_and_does_not_propose(visit_as: VisitAs, peer: Peer) -> None:
    """A steward stands for a model first."""
    administrator = visit_as(Role.ADMINISTRATOR)
    peer.answers[pb.GetModelsRequest] = STORED
    assert forms(main(administrator)) == set()
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED)
    assert forms(main(administrator)) == {"approve", "refuse"}


def test_a_pinned_model_is_not_replaced(steward: Visitor, peer: Peer) -> None:
    """The page says so, and offers only what changes no answer."""
    told = pb.GetModelsResponse(live=card(LIVE), stored=[card(OTHER)], is_pinned=True)
    peer.answers[pb.GetModelsRequest] = told
    text = main(steward)

    assert forms(text) == {"shadow"}
    assert "A setting names the model that answers" in text


def test_what_was_proposed_stays_to_be_read(steward: Visitor, peer: Peer) -> None:
    """With both names, what became of it, and why."""
    settled = pb.Act(subject="marat", reason="Too soon.", time=Timestamp(seconds=1_768_728_600))
    told = waiting(state=pb.PROPOSAL_STATE_REFUSED, settled=settled)
    peer.answers[pb.GetModelsRequest] = told
    text = main(steward)

    for words in ("aigul", "refused, marat", "Too soon."):
        assert words in text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ForbiddenError("no", reason="SAME_PERSON"), 403, "another person must approve it"),
        (ConflictError("no", reason="GATE"), 409, "The gate refuses this model"),
        (VersionConflictError(), 409, "Somebody did something while you were looking"),
    ],
)
def test_what_cannot_be_done_is_told_on_the_page(
    steward: Visitor, peer: Peer, error: Exception, status: int, words: str
) -> None:
    """As it is now, with what was typed."""
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED)
    peer.refuse[pb.ApproveModelRequest] = error
    sent = {"proposal": "3", "reason": "I typed this.", "version": "8", "key": KEY}
    answer = steward.send(f"{PATH}/approve", **sent)

    assert answer.status_code == status
    assert words in answer.text
    assert ">I typed this.</textarea>" in answer.text


def test_another_language_of_a_refusal_keeps_what_was_typed(steward: Visitor, peer: Peer) -> None:
    """And tells why it was refused without trying it anew, though it may be possible now."""
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED)
    peer.refuse[pb.ApproveModelRequest] = ConflictError(reason="NOT_TRIED")
    sent = {"proposal": "3", "reason": "I typed this.", "version": "8", "key": KEY}
    page = steward.send(f"{PATH}/approve", **sent).text
    peer.forget()
    peer.answers[pb.GetModelsRequest] = waiting(trial=PASSED)

    other = in_language(steward, page, "ru").text

    assert "Проверка ещё не ответила" in other
    assert ">I typed this.</textarea>" in other
    assert peer.asked_for(pb.ApproveModelRequest) == []


@pytest.mark.parametrize(
    ("verb", "told"), [("propose", waiting(trial=PASSED)), ("approve", STORED), ("refuse", STORED)]
)
def test_what_was_typed_is_shown_where_its_form_is_gone(
    steward: Visitor, peer: Peer, verb: str, told: pb.GetModelsResponse
) -> None:
    """Somebody proposed or answered while they wrote."""
    for kind in (pb.ProposeModelRequest, pb.ApproveModelRequest, pb.RefuseModelRequest):
        peer.refuse[kind] = VersionConflictError()
    peer.answers[pb.GetModelsRequest] = told

    answer = steward.send(
        f"{PATH}/{verb}", model=OTHER, proposal="3", reason="I <b>typed</b> this."
    )

    assert answer.status_code == 409
    assert "<blockquote>I &lt;b&gt;typed&lt;/b&gt; this.</blockquote>" in answer.text


def test_a_form_keeps_the_days_of_its_page(steward: Visitor, peer: Peer) -> None:
    """Whether it is done or refused; and what the refusal shows has the address of the page."""
    peer.answers[audit_pb2.GetQualityRequest] = audit_pb2.GetQualityResponse(
        start_date="2026-03-01", end_date="2026-03-30"
    )
    days = "start_date=2026-03-01&end_date=2026-03-30"
    action = re.search(r'action="(/en/analyst/model/propose[^"#]*)', main(steward))
    assert action
    sent_to = unescape(action.group(1))

    done = steward.send(sent_to, model=OTHER, reason="Because.")
    refused = steward.send(sent_to, reason="Because.").text

    assert done.headers["location"] == f"{PATH}?{days}&done=propose"
    asked = peer.asked_for(audit_pb2.GetQualityRequest)[-1]
    assert (asked.start_date, asked.end_date) == ("2026-03-01", "2026-03-30")
    assert f'formaction="/kk/analyst/model/propose?{escape(days)}">Қазақша' in refused
    assert f'href="{PATH}?{escape(days)}&amp;table=stored" download' in refused


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": OTHER, "reason": "  "}, "Say why first"),
        ({"model": OTHER, "reason": "x" * 501}, "Say why first"),
        ({"reason": "Because."}, "Choose a model first."),
    ],
)
def test_a_form_that_lacks_something_is_shown_again(
    steward: Visitor, peer: Peer, fields: dict[str, str], words: str
) -> None:
    """Before the classifier hears of it, with what was chosen."""
    answer = steward.send(f"{PATH}/propose", **fields)

    assert answer.status_code == 400
    assert words in answer.text
    assert peer.asked_for(pb.ProposeModelRequest) == []
    assert ("required checked>" in answer.text) == ("model" in fields)


def test_a_form_of_another_site_does_nothing(steward: Visitor, peer: Peer) -> None:
    """Whoever is signed in."""
    answer = steward.send(f"{PATH}/approve", "https://evil.example", proposal="3", reason="x")

    assert answer.status_code == 403
    assert peer.asked_for(pb.ApproveModelRequest) == []


LOOKING_ON = pb.GetModelsResponse(
    live=card(LIVE),
    stored=[card(OTHER)],
    candidate=card(OTHER),
    shadow_model=OTHER,
    shadow_changes=[
        pb.ShadowChange(model=OTHER, act=pb.Act(subject="marat", reason=HOSTILE)),
        pb.ShadowChange(act=pb.Act(reason="qyzmet shadow")),
    ],
    version=9,
)


@pytest.mark.parametrize(
    ("verb", "model", "words"),
    [
        ("shadow", OTHER, "It looks on within seconds, and decides nothing."),
        ("unshadow", "", "It looks on no more."),
    ],
)
def test_a_steward_lets_a_model_look_on_and_ends_it(
    steward: Visitor, peer: Peer, verb: str, model: str, words: str
) -> None:
    """As of the version that was on the page, under the key of the form; then the page says so."""
    sent = {"model": OTHER, "reason": " It learned. ", "version": "9", "key": KEY}
    answer = steward.send(f"{PATH}/{verb}", **sent)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?done={verb}")
    assert peer.asked_for(pb.SetShadowRequest) == [
        pb.SetShadowRequest(model=model, reason="It learned.", expected_version=9, request_id=KEY)
    ]
    assert words in steward.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("told", "offered"),
    [
        (STORED, {"propose", "shadow"}),
        (LOOKING_ON, {"propose", "unshadow"}),
        (waiting(trial=PASSED), {"approve", "refuse"}),
    ],
)
def test_what_looks_on_can_be_ended_and_else_one_begun(
    steward: Visitor, peer: Peer, told: pb.GetModelsResponse, offered: set[str]
) -> None:
    """Of what is stored, where something is."""
    peer.answers[pb.GetModelsRequest] = told

    assert forms(main(steward)) == offered


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ANALYST])
def test_nobody_else_is_offered_to_let_a_model_look_on(
    visit_as: VisitAs, peer: Peer, role: Role
) -> None:
    """Who may not propose one reads who did, and no more."""
    for told in (STORED, LOOKING_ON):
        peer.answers[pb.GetModelsRequest] = told
        assert forms(main(visit_as(role))) == set()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_who_let_which_model_look_on_is_told(steward: Visitor, peer: Peer, language: str) -> None:
    """With why; by a command too, which may name nobody. Words of people are shown as text."""
    peer.answers[pb.GetModelsRequest] = LOOKING_ON
    _, table = main(steward, language).split("<p><button>", 1)
    table = table.split("</table>")[0]

    rows = [re.sub(r"<[^>]+>", " ", row) for row in table.split("<tr>")[2:]]
    assert f"{OTHER[:12]}" in rows[0]
    assert "marat" in rows[0]
    assert escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in rows[0]
    assert "qyzmet shadow" in rows[1]
    assert "–" in rows[1]


@pytest.mark.parametrize(
    ("pointed", "words"),
    [
        (OTHER, "This model is to look on."),
        (LIVE, "The model that looked on is live now"),
        ("", "No candidate looks on."),
    ],
)
def test_a_model_that_does_not_look_on_yet_or_any_more_is_told_so(
    steward: Visitor, peer: Peer, pointed: str, words: str
) -> None:
    """There is nothing to compare; what is wished for can be ended all the same."""
    told = pb.GetModelsResponse(live=card(LIVE), shadow_model=pointed)
    peer.answers[pb.GetModelsRequest] = told
    text = main(steward)

    assert words in text
    assert forms(text) == ({"unshadow"} if pointed else set())


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InvalidError("no", reason="NOT_FOUND"), 404, "This model is not stored any more."),
        (InvalidError("no", reason="UNKNOWN_LABEL"), 400, "names services that the register"),
        (ConflictError("no", reason="ALREADY_LIVE"), 409, "This model is live already."),
        (VersionConflictError(), 409, "Somebody did something while you were looking"),
    ],
)
def test_why_a_model_does_not_look_on_is_told_above_its_form(
    steward: Visitor, peer: Peer, error: ServiceError, status: int, words: str
) -> None:
    """With what was chosen and typed; and once, not beside the proposals too."""
    peer.refuse[pb.SetShadowRequest] = error
    answer = steward.send(f"{PATH}/shadow", model=OTHER, reason="I typed this.")

    assert answer.status_code == status
    above, below = answer.text.split(f'action="{PATH}/shadow', 1)
    assert words in above
    assert answer.text.count('id="trouble"') == 1
    assert f'<option value="{OTHER}" selected>' in below
    assert ">I typed this.</textarea>" in below


@pytest.mark.parametrize(("verb", "told"), [("shadow", LOOKING_ON), ("unshadow", STORED)])
def test_what_was_typed_is_shown_where_somebody_was_quicker(
    steward: Visitor, peer: Peer, verb: str, told: pb.GetModelsResponse
) -> None:
    """It looks on already, or no more, so that form is gone."""
    peer.refuse[pb.SetShadowRequest] = VersionConflictError()
    peer.answers[pb.GetModelsRequest] = told
    answer = steward.send(f"{PATH}/{verb}", model=OTHER, reason="I typed this.")

    assert "<blockquote>I typed this.</blockquote>" in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": OTHER, "reason": " "}, "Say why first"),
        ({"reason": "Because."}, "Choose a model first."),
    ],
)
def test_a_form_to_look_on_that_lacks_something_is_shown_again(
    steward: Visitor, peer: Peer, fields: dict[str, str], words: str
) -> None:
    """Before the classifier hears of it."""
    answer = steward.send(f"{PATH}/shadow", **fields)

    assert (answer.status_code, words in answer.text) == (400, True)
    assert peer.asked_for(pb.SetShadowRequest) == []


@pytest.mark.parametrize("verb", ["shadow", "unshadow"])
def test_a_form_of_another_site_lets_nothing_look_on(
    steward: Visitor, peer: Peer, verb: str
) -> None:
    """Nor ends it."""
    answer = steward.send(f"{PATH}/{verb}", "https://evil.example", model=OTHER, reason="x")

    assert answer.status_code == 403
    assert peer.asked_for(pb.SetShadowRequest) == []
