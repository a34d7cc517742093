"""Topics of triaged cases: what analysts are told, and that no citizen's words are."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import Actor, Decision, Outcome, Words, decide
from services.cases.domain.topics import Days, Told, Topics, Triaged, days_from, topics
from services.cases.handlers import triaged_topics
from services.cases.ports import Change, ReadingFilter
from services.cases.store.grouping import group
from services.cases.store.readings import SqlReadings
from services.cases.store.triaged import SqlTriaged
from services.chassis.errors import ForbiddenError, InvalidError
from services.chassis.masking import mask
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import Client

ANALYST = Principal("analyst", Role.ANALYST)
WEEK = Days(date(2026, 3, 2), date(2026, 3, 8))
DRONES = "хочу разрешение на полёт дрона над полем номер {}"
BEES = "пчёлы соседа мешают нам жить, улей стоит у забора {}"
LEAST = 5


def told(text: str, number: int, topic: int = 0, *, is_before: bool = False, **more: Any) -> Told:
    """Return a case of a person of its own, in a topic."""
    values = {"case_id": f"c{number}", "person": f"p{number}", "language": "ru", "service_id": ""}
    return Told(Triaged(**(values | more)), text, topic, is_before)


def found(*all_told: Told) -> Topics:
    return topics(all_told, WEEK, least_people=LEAST, is_cut=False)


def test_a_topic_is_told_by_words_that_set_it_apart() -> None:
    """Those of drones name no bees, and what everybody writes tells nothing."""
    drones = [told("прошу: полёт дрона", number) for number in range(6)]
    bees = [told("прошу: пчёлы соседа", number, 1) for number in range(10, 15)]

    first, second = found(*drones, *bees).topics

    assert set(first.words) == {"полёт", "дрона"}
    assert set(second.words) == {"пчёлы", "соседа"}
    assert (first.case_count, second.case_count) == (6, 5)
    assert first.case_share == pytest.approx(6 / 11)


@pytest.mark.parametrize(("people", "shown"), [(LEAST - 1, False), (LEAST, True)])
def test_a_word_is_told_only_where_enough_people_used_it(people: int, shown: bool) -> None:
    """One less, and it might name somebody."""
    texts = ["полёт " + ("Айгерим" if number < people else "дрона") for number in range(12)]

    (topic,) = found(*(told(text, number) for number, text in enumerate(texts))).topics

    assert ("айгерим" in topic.words) is shown


def test_one_person_counts_once_however_often_they_write() -> None:
    """Who asks seven times names themselves seven times, and is not told."""
    own = [told("полёт Сериков", number, person="serik") for number in range(7)]
    others = [told("полёт дрона", number) for number in range(10, 16)]

    (topic,) = found(*own, *others).topics

    assert "сериков" not in topic.words
    assert "дрона" in topic.words


def test_a_topic_of_few_people_is_not_told() -> None:
    """Neither by words nor by its number."""
    few = [told("полёт дрона", number) for number in range(LEAST - 1)]

    assert (found(*few).topics, found(*few).case_count) == ([], LEAST - 1)


def test_what_was_masked_is_no_word() -> None:
    """The marks of numbers and names are left out, and so are numbers."""
    (topic,) = found(*(told("полёт [PHONE] [IIN] 12345", number) for number in range(6))).topics

    assert topic.words == ["полёт"]


def test_forms_of_a_word_are_told_once() -> None:
    """By the one that most people used."""
    forms = ["дронами"] * 5 + ["дронам"] * 6

    (topic,) = found(*(told(form, number) for number, form in enumerate(forms))).topics

    assert topic.words == ["дронам"]


def test_a_topic_is_held_against_the_days_before() -> None:
    """By its share, since the days before are more."""
    now = [told("полёт дрона", number) for number in range(6)]
    before = [told("полёт дрона", number, is_before=True) for number in range(10, 12)]
    others = [told("пчёлы соседа", number, 1, is_before=True) for number in range(20, 26)]

    first, second = found(*now, *before, *others).topics

    assert (first.case_share, first.reference_case_count) == (1.0, 2)
    assert first.reference_case_share == 0.25
    assert (second.case_count, second.case_share) == (0, 0.0)


@pytest.mark.parametrize(
    ("now", "before", "is_new"),
    [(30, 0, True), (29, 0, False), (30, 12, True), (30, 13, False)],
)
def test_a_topic_is_new_whose_share_is_three_times_what_it_was(
    now: int, before: int, is_new: bool
) -> None:
    """Of thirty cases and more: a third now, beside what it was of 119."""
    drones = [told("полёт дрона", number) for number in range(now)]
    earlier = [told("полёт дрона", 100 + number, is_before=True) for number in range(before)]
    bees = [told("пчёлы соседа", 200 + number, 1) for number in range(90 - now)]
    old = [told("пчёлы соседа", 300 + n, 1, is_before=True) for n in range(119 - before)]

    found_now = found(*drones, *earlier, *bees, *old).topics

    assert {topic.words[0]: topic.is_new for topic in found_now if topic.words} == {
        "дрона": is_new,
        "пчёлы": False,
    }


def test_without_days_before_nothing_is_new() -> None:
    """A system that begins knows nothing to hold a topic against."""
    drones = [told("полёт дрона", number) for number in range(40)]
    earlier = [told("пчёлы соседа", 100 + n, 1, is_before=True) for n in range(29)]

    assert [topic.is_new for topic in found(*drones, *earlier).topics] == [False, False]


def test_a_topic_tells_languages_and_what_the_model_thought() -> None:
    """The services thought of the most, at most three."""
    offered = ["a", "a", "b", "b", "b", "c", "d", ""]
    kinds = ["kk", "ru", "ru", "en", "mixed", "kk", "kk", ""]
    cases = zip(offered, kinds, strict=True)

    (topic,) = found(
        *(
            told("полёт дрона", number, service_id=service, language=kind)
            for number, (service, kind) in enumerate(cases)
        )
    ).topics

    assert topic.service_ids == ["b", "a", "c"]
    counts = (topic.kk_count, topic.ru_count, topic.en_count, topic.mixed_count)
    assert counts == (3, 2, 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [("x", "", "start_date"), ("", "x", "end_date"), ("2026-01-01", "2026-05-01", "start_date")],
)
def test_days_that_cannot_be_asked_for_are_refused(start: str, end: str, field: str) -> None:
    """No such day, or more than 92."""
    with pytest.raises(InvalidError) as refusal:
        days_from(start, end, WEEK.last)

    assert refusal.value.field == field


def test_the_usual_days_are_the_last_seven() -> None:
    """Held against the thirty before."""
    days = days_from("", "", WEEK.last)

    assert days == WEEK
    assert days.before == Days(date(2026, 1, 31), date(2026, 3, 1))


def test_texts_about_the_same_come_together() -> None:
    """And the same texts always in the same way."""
    texts = [form.format(number) for number in range(40) for form in (DRONES, BEES)]

    labels = group(texts)

    mixed = {frozenset(labels[0::2]) & frozenset(labels[1::2])}
    assert mixed == {frozenset()}
    assert labels == group(texts)


@pytest.mark.parametrize("texts", [[], ["дрон"], ["а б"] * 50, [str(n) * 4 for n in range(50)]])
def test_texts_that_share_no_word_are_one_group(texts: Sequence[str]) -> None:
    """There is nothing to tell them apart by."""
    assert group(texts) == [0] * len(texts)


class Desk:
    """Brings cases to a person, and asks what they are about."""

    def __init__(self, cabinet: Cabinet) -> None:
        self.cabinet = cabinet
        self.number = 0

    def bring(
        self, text: str, times: int, outcome: Outcome = Outcome.TRIAGE, reason: str = ""
    ) -> list[str]:
        return [self._bring(text.format(number), outcome, reason) for number in range(times)]

    def _bring(self, text: str, outcome: Outcome, reason: str) -> str:
        self.number += 1
        case = self.cabinet.add(
            request_id=f"k{self.number}", words=Words(text=text), owner=f"p{self.number}"
        )
        where = {"service_id": "x.y", "office": "MIA", "channel": "online"}
        decision = Decision(
            outcome=outcome,
            actor=Actor.MODEL,
            language="ru",
            reason_code=reason,
            **(where if outcome is Outcome.ROUTE else {}),
        )
        change = Change(
            case.id,
            0,
            "decide:d",
            lambda now: decide(
                now, decision, region="", request_id="decide:d", now=self.cabinet.clock()
            ),
        )
        self.cabinet.store.apply([change])
        return case.id

    def ask(self, language: str = "", day: date | None = None) -> Topics:
        store = self.cabinet.store
        today = (day or datetime.now(UTC).date()).isoformat() if day else ""
        return triaged_topics(
            ANALYST,
            today,
            today,
            language,
            least_people=LEAST,
            triaged=SqlTriaged(self.cabinet.database),
            vault=store,
            history=store,
            mask=mask,
            group=group,
            now=lambda: datetime.now(UTC),
        )


@pytest.fixture
def desk(cabinet: Cabinet) -> Desk:
    return Desk(cabinet)


def test_cases_that_went_to_a_person_are_told_by_topic(desk: Desk) -> None:
    """What was routed by itself is none of them, nor what the random sample took."""
    desk.bring(DRONES, 12)
    desk.bring(BEES, 12)
    desk.bring("паспорт потерял {}", 7, Outcome.ROUTE)
    desk.bring("паспорт потерял {}", 7, reason="SAMPLED")

    answer = desk.ask()

    assert answer.case_count == 24
    words = [set(topic.words) for topic in answer.topics]
    assert any("дрона" in one for one in words)
    assert any("пчёлы" in one for one in words)
    assert not any("паспорт" in one for one in words)


def test_an_erased_case_is_in_no_topic(desk: Desk) -> None:
    """With its key, its share of every word is gone."""
    erased = desk.bring(DRONES, LEAST)
    assert [topic.case_count for topic in desk.ask().topics] == [LEAST]

    desk.cabinet.store.erase(erased[0])

    assert (desk.ask().topics, desk.ask().case_count) == ([], LEAST - 1)


def test_other_languages_and_days_are_left_out(desk: Desk) -> None:
    """The language is what the citizen named, or else what was seen."""
    desk.bring(DRONES, LEAST)
    long_ago = datetime.now(UTC).date() - timedelta(100)

    assert desk.ask("ru").case_count == LEAST
    assert desk.ask("kk").case_count == 0
    assert desk.ask(day=long_ago).case_count == 0


def test_who_asked_is_recorded(desk: Desk) -> None:
    """As every reading of words is; no single case is named."""
    desk.ask()

    readings = SqlReadings(desk.cabinet.database).readings(ReadingFilter("", "analyst", "", 10))
    assert [(one.case_id, one.role) for one in readings] == [("", "analyst")]


def test_an_analyst_asks_by_rpc(cases: Client) -> None:
    """The answer names the days, what is compared, and each topic's figures."""
    for number in range(LEAST):
        case = cases.submit(f"k{number}", text=DRONES.format(number))
        cases.decide(case, outcome=pb.OUTCOME_TRIAGE, service_id="", office="", channel=0)

    answer = cases.call("ListTriagedTopics", pb.ListTriagedTopicsRequest(), ANALYST)

    assert (answer.case_count, answer.least_people) == (LEAST, 5)
    (topic,) = answer.topics
    assert (topic.case_count, topic.case_share, topic.is_small) == (LEAST, 1.0, True)
    assert "дрона" in topic.words
    assert answer.start_date < answer.end_date
    assert answer.reference_end_date < answer.start_date


def test_a_service_asks_by_itself(cases: Client) -> None:
    """To ring for what is new; that it read is on the record as well."""
    own = Principal("service:audit", Role.SERVICE)

    assert cases.call("ListTriagedTopics", pb.ListTriagedTopicsRequest(), own).topics == []


def test_a_citizen_is_told_no_topics(cases: Client) -> None:
    """They are for analysts."""
    with pytest.raises(ForbiddenError):
        cases.call("ListTriagedTopics", pb.ListTriagedTopicsRequest())
