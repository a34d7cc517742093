"""Citizens are told each step, in their language, once; and nobody learns their address."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.cases.v1 import cases_pb2_grpc as cases_grpc
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as delivery_grpc
from services.cases import app as cases_app
from services.chassis import testing
from services.chassis.application import Platform
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.errors import NotFoundError, UnavailableError
from services.chassis.outgoing import Notify
from services.chassis.principal import Principal, Role
from services.chassis.story import KNOWN_TYPES, ContactKind
from services.delivery import app
from services.delivery.clients.notify import Notifier
from services.delivery.clients.offices import REFRESH, Names, OfficeNames, names_of
from services.delivery.clients.templates import Templates
from services.delivery.domain.notices import (
    LANGUAGES,
    LATE,
    PAUSES,
    RETURNED,
    TOLD,
    Channel,
    Notice,
    NoticeState,
    Text,
    Told,
    judge,
    notices,
)
from services.delivery.domain.subscriptions import short_type
from services.delivery.events.notices import NoticeLoop
from services.delivery.handlers.notices import tell
from services.delivery.store.notices import SqlNotices
from tests.mailbox import Mailbox, mail_server
from tests.receiver import Answer, Receiver
from tests.unit.delivery.conftest import MIA
from tests.unit.delivery.parcels import MINUTE, SECRET
from tests.unit.delivery.stories import NOON, event, message

ADDRESS = "aigul@example.kz"
PHONE = "+77010000000"
WORDS = Text("Subject", "Body")
NOWHERE: Any = None
"""What is not come to."""
HERE = "https://qyzmet.example.kz"
UNTOLD = ("triaged", "rated", "erased")
Eventually = Callable[[Callable[[], object]], None]


def notice(**changed: Any) -> Notice:
    values: dict[str, Any] = {
        "case_id": "c1",
        "case_version": 1,
        "template": "submitted",
        "languages": ("en",),
        "number": "QZ-26-0000042-7",
        "office": "MIA",
    }
    return Notice(**values | changed)


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def ways(mail: Mailbox | None = None, receiver: Receiver | None = None, **more: Any) -> Notify:
    given: dict[str, Any] = {"timeout_seconds": 5.0, "smtp_security": "none", **more}
    if mail:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "sender": "a@qyzmet.kz"}
    if receiver:
        given |= {"gateway_url": receiver.url, "gateway_secret": SECRET}
    return Notify(**given)


def send(settings: Notify, contact: str) -> str:
    with closing(Notifier(settings)) as notifier:
        return notifier.send(contact, notice(), WORDS)


@contextmanager
def told(folder: Path, settings: Notify) -> Iterator[Callable[..., cases.Case]]:
    """Run cases and delivery, and give a way to submit."""
    with (
        testing.platform_in(folder, notify=settings, public_url=HERE) as platform,
        testing.running(platform, cases_app.build(platform)) as built,
        testing.running(platform, app.build(platform)),
        testing.channel_to(built.addresses["cases"]) as channel,
    ):
        yield lambda **fields: submit(platform, channel, **fields)


def submit(
    platform: Platform, channel: Any, principal: Principal | None = None, **fields: Any
) -> cases.Case:
    stub = cases_grpc.CasesServiceStub(channel)
    request = cases.SubmitCaseRequest(request_id="k1", text="Паспорт", **fields)
    return testing.caller(platform, principal).call(stub.SubmitCase, request).case


def rows(folder: Path, service: str, query: str) -> list[tuple[Any, ...]]:
    database = open_database(testing.settings_in(folder), service, folder_of(service))
    with closing(database), database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def folder_of(service: str) -> Path:
    return app.MIGRATIONS if service == "delivery" else cases_app.MIGRATIONS / "cases"


def test_a_citizen_is_told_by_mail_and_nothing_logs_where(
    tmp_path: Path, mail: Mailbox, eventually: Eventually, capfd: pytest.CaptureFixture[str]
) -> None:
    """From the submission to the letter; the address is asked for, and cases records that."""
    with told(tmp_path, ways(mail)) as submit:
        case = submit(contact=ADDRESS, language=catalog_pb2.LANGUAGE_KK)
        eventually(lambda: mail.messages)
        eventually(lambda: rows(tmp_path, "delivery", "select state from notices")[0] == ("sent",))

    (letter,) = mail.messages
    assert letter["To"] == ADDRESS
    assert letter["Subject"] == f"{case.number} өтініші қабылданды"
    assert letter["Message-ID"] == f"<{case.id}.1@qyzmet.kz>"
    assert letter.get_content().split()[-1] == f"{HERE}/kk/cases/{case.id}"
    query = "select template, languages, channel, code, attempts from notices"
    assert rows(tmp_path, "delivery", query) == [("submitted", "kk", "email", "SENT", 1)]
    accesses = rows(tmp_path, "cases", "select subject from accesses")
    assert accesses == [("service:delivery",)]
    assert ADDRESS not in "".join(capfd.readouterr())
    assert all(ADDRESS.encode() not in path.read_bytes() for path in tmp_path.glob("delivery*"))


def test_what_was_told_is_shown_to_whom_may_see_the_case(
    tmp_path: Path, mail: Mailbox, eventually: Eventually
) -> None:
    """When, in which language, by which way, how it ended: no address and no words.

    To anybody else there is no such case.
    """
    citizen, stranger = (Principal(name, Role.CITIZEN) for name in ("aigul", "berik"))
    with (
        testing.platform_in(tmp_path, notify=ways(mail)) as platform,
        testing.running(platform, cases_app.build(platform)) as built,
        testing.running(platform, app.build(platform)) as delivery,
        testing.channel_to(built.addresses["cases"]) as cases_door,
        testing.channel_to(delivery.addresses["delivery"]) as door,
    ):
        case = submit(
            platform, cases_door, citizen, contact=ADDRESS, language=catalog_pb2.LANGUAGE_RU
        )
        stub = delivery_grpc.DeliveryServiceStub(door)

        def told_to(principal: Principal) -> Sequence[pb.Notice]:
            request = pb.ListNoticesRequest(case_id=case.id)
            answer = testing.caller(platform, principal).call(stub.ListNotices, request)
            return list(answer.notices)

        eventually(lambda: [one.state for one in told_to(citizen)] == [pb.NOTICE_STATE_SENT])
        (found,) = told_to(Principal("root", Role.ADMINISTRATOR))
        for other in (stranger, MIA):
            with pytest.raises(NotFoundError):
                told_to(other)

    assert (found.case_version, found.template, found.languages) == (1, "submitted", ["ru"])
    assert (found.channel, found.code, found.attempts) == (pb.NOTICE_CHANNEL_EMAIL, "SENT", 1)
    assert found.attempt_time.ToDatetime() >= found.create_time.ToDatetime()
    assert not found.HasField("due_time")
    assert ADDRESS not in str(found)
    assert case.number not in str(found)


def test_who_left_no_address_is_not_told(
    tmp_path: Path, mail: Mailbox, eventually: Eventually
) -> None:
    """It is recorded that there was nowhere to tell, and nobody's words were opened to see that."""
    with told(tmp_path, ways(mail)) as submit:
        submit()
        query = "select state, code from notices"
        eventually(lambda: rows(tmp_path, "delivery", query) == [("dropped", "NO_CONTACT")])

    assert mail.messages == []
    assert rows(tmp_path, "cases", "select * from accesses") == []


def test_the_state_s_gateway_is_told_what_is_not_mail(mail: Mailbox, receiver: Receiver) -> None:
    """A telephone number goes there, signed, named for repetition."""
    settings = ways(mail, receiver)

    assert send(settings, PHONE) == send(settings, ADDRESS) == "SENT"

    (call,) = receiver.calls
    assert call.is_signed_with(SECRET)
    assert call.id == "c1.1"
    assert (call.event["to"], call.event["body"]) == (PHONE, "Body")
    assert [letter["To"] for letter in mail.messages] == [ADDRESS]


def test_what_goes_wrong_is_a_code_without_the_address(mail: Mailbox, receiver: Receiver) -> None:
    """A refusal, a status, nobody there."""
    mail.refuses = True
    receiver.answer = lambda call: Answer(503)
    gone = Mailbox(port=1)

    assert send(ways(mail), ADDRESS) == "REFUSED"
    assert send(ways(receiver=receiver), PHONE) == "STATUS_503"
    assert send(ways(gone), ADDRESS) == "CONNECTIONREFUSEDERROR"


@pytest.mark.parametrize("contact", ["aigul@", "a@x.kz, b@y.kz", "Aigul <a@x.kz>", "aigul"])
def test_what_is_no_single_address_is_no_way(
    mail: Mailbox, receiver: Receiver, contact: str
) -> None:
    """Nobody but the citizen is written to, also where such a contact was taken once."""
    with closing(Notifier(ways(mail, receiver))) as notifier:
        assert notifier.channel(contact) is Channel.NONE


@pytest.mark.parametrize("broken", ["contact", "render", "send"])
def test_a_surprise_is_an_attempt_that_failed(settings: Settings, broken: str) -> None:
    """It is recorded as a code without words, and given up after as many pauses as any other."""

    class Way:
        def channel(self, contact: str) -> Channel:
            return Channel.EMAIL

        def send(self, contact: str, notice: Notice, text: Text) -> str:
            return str(surprise("send", "SENT"))

    def surprise(where: str, result: Any) -> Any:
        if where == broken:
            raise IndexError(ADDRESS)
        return result

    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([notice()], NOON)
        needed: dict[str, Any] = {
            "notices": kept,
            "contact": lambda _: surprise("contact", ADDRESS),
            "render": lambda _: surprise("render", WORDS),
            "notify": Way(),
            "now": lambda: NOON,
        }

        assert tell(notice(), **needed).due == NOON + PAUSES[0]
        assert tell(notice(attempts=len(PAUSES)), **needed).state is NoticeState.FAILED
        assert kept.of("c1")[0].code == "INDEXERROR"


def test_a_service_of_ours_that_is_away_is_no_attempt() -> None:
    """The message is taken up again, and none of its attempts is used up."""

    def away(_: str) -> str:
        raise UnavailableError

    with pytest.raises(UnavailableError):
        tell(
            notice(), notices=NOWHERE, contact=away, render=Templates(), notify=NOWHERE, now=NOWHERE
        )


def test_a_server_that_says_nothing_holds_nobody_up(mail: Mailbox) -> None:
    """A message has a deadline."""
    mail.silent = threading.Event()

    assert send(ways(mail, timeout_seconds=1.0), ADDRESS) == "TIMEOUT"


def test_mail_is_not_sent_in_the_clear_where_tls_is_asked_for(mail: Mailbox) -> None:
    """A server that does not offer STARTTLS is handed nothing."""
    code = send(ways(mail, smtp_security="starttls"), ADDRESS)

    assert code == "SMTPNOTSUPPORTEDERROR"
    assert mail.messages == []


@pytest.mark.parametrize("template", sorted({*TOLD, *LATE.values(), *RETURNED.values()}))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_words_in_every_language(template: str, language: str) -> None:
    """With the number of the receipt, and the address of the case's page."""
    render = Templates("https://qyzmet.kz/{language}/cases/{case_id}")

    text = render(notice(template=template, languages=(language,)))

    assert "QZ-26-0000042-7" in text.subject
    assert "QZ-26-0000042-7" in text.body
    assert text.body.rstrip().endswith(f"https://qyzmet.kz/{language}/cases/c1")


@pytest.mark.parametrize(
    ("named", "languages"), [("en", ("en",)), (None, ("kk", "ru")), ("mixed", ("kk", "ru"))]
)
def test_who_named_no_language_is_told_in_those_of_the_state(
    named: str | None, languages: tuple[str, ...]
) -> None:
    """Kazakh first, then Russian, in one message."""
    data = json.dumps({"number": "n", "language": named}).encode()

    (found,) = notices([event("c1", 1, "routed", event=data)])

    assert found.languages == languages
    assert Templates()(found).body.count("MIA") == len(languages)


def test_steps_that_are_nobody_s_news_are_not_told() -> None:
    """A triage is the state's own affair, and an opinion or an erasure leaves nothing to tell."""
    assert notices([event("c1", n, name) for n, name in enumerate(UNTOLD, 1)]) == []


def test_every_step_is_told_or_is_not_by_choice() -> None:
    """A step that is added is added to one of the two."""
    assert {short_type(name) for name in KNOWN_TYPES} == TOLD | set(UNTOLD)


@pytest.mark.parametrize(("level", "count"), [(1, 1), (2, 0), (3, 0)])
def test_that_it_is_late_is_told_once(level: int, count: int) -> None:
    """Each further level is for those above, who hear it by alarms."""
    late = event("c1", 9, "overdue", event=b'{"escalation": {"level": %d}}' % level)

    assert len(notices([late])) == count


@pytest.mark.parametrize(
    ("clock", "ru", "kk"),
    [
        ("RECEIPT_OVERDUE", "должно было уже зарегистрировать", "тіркеуі керек еді"),
        ("PASS_ON_OVERDUE", "не передало его дальше", "басқа мекемеге жібермеді"),
        ("TERM_OVERDUE", "не рассмотрено в срок", "мерзімінде қаралмады"),
    ],
)
def test_what_is_late_is_told(clock: str, ru: str, kk: str) -> None:
    """Only of the term itself it is said that the request was not handled within it."""
    body = told_late(clock)

    assert ru in body
    assert kk in body
    assert ("не рассмотрено в срок" in body) is (clock == "TERM_OVERDUE")
    assert ("мерзімінде қаралмады" in body) is (clock == "TERM_OVERDUE")


@pytest.mark.parametrize(
    ("reason", "ru", "kk"),
    [
        ("NOT_COMPETENT", "не относится к его компетенции", "құзыретіне кірмейді"),
        ("WRONG_REGION", "относится к другому региону", "басқа өңірге қатысты"),
        ("INSUFFICIENT_INFORMATION", "недостаточно сведений", "мәлімет жеткіліксіз"),
        ("DUPLICATE", "уже зарегистрировано", "бұрын тіркелген"),
        ("OTHER", "Ведомство вернуло ваше обращение", "өтінішіңізді қайтарды"),
    ],
)
def test_why_it_was_returned_is_told(reason: str, ru: str, kk: str) -> None:
    """As the page tells it, in the languages of the citizen; a reason that says nothing is none."""
    data = json.dumps({"reason_code": reason}).encode()

    (found,) = notices([event("c1", 3, "returned", event=data)])

    body = Templates()(found).body
    assert ru in body
    assert kk in body
    assert (found.template == "returned") is (reason == "OTHER")


@pytest.mark.parametrize("way", [Notify(), Notify(smtp_host="127.0.0.1", smtp_port=1)])
def test_of_an_erased_case_nothing_is_kept(
    tmp_path: Path, way: Notify, eventually: Eventually
) -> None:
    """Neither number nor office nor languages; also where nobody is told anything any more."""
    with testing.platform_in(tmp_path, notify=way) as platform:
        with closing(open_database(platform.settings, "delivery", app.MIGRATIONS)) as database:
            SqlNotices(database).add([notice(case_id=name) for name in ("c1", "c2")], NOON)
        with testing.running(platform, app.build(platform)):
            platform.bus.publish([message("c1", 1, "erased", office="")])

            query = "select case_id from notices"
            eventually(lambda: rows(tmp_path, "delivery", query) == [("c2",)])


def test_a_request_that_no_office_has_is_told_to_wait_for_one() -> None:
    """Nobody is named who could have passed it on."""
    body = told_late("PASS_ON_OVERDUE", office="")

    assert "не передано в ведомство" in body
    assert "мекемеге жіберілмеді" in body
    assert "()" not in body


def told_late(clock: str, **more: Any) -> str:
    data = json.dumps({"reason_code": clock, "escalation": {"level": 1}}).encode()
    (found,) = notices([event("c1", 9, "overdue", event=data, **more)])
    return Templates()(found).body


@pytest.mark.parametrize("template", sorted(TOLD))
def test_a_message_never_holds_words(template: str) -> None:
    """Whatever an event should come to hold one day, only number and office are shown."""
    told = dict.fromkeys(("text", "contact", "reason_code", "question", "service_id"), "құпия")
    made = event("c1", 2, template, event=json.dumps(told | {"number": "QZ-26-1"}).encode())

    (found,) = notices([made])
    text = Templates()(found)

    assert "құпия" not in text.subject + text.body
    assert "QZ-26-1" in text.subject


def test_an_attempt_that_failed_is_made_again_and_then_given_up() -> None:
    """After the last pause."""
    fates = [
        judge(notice(attempts=tried), "TIMEOUT", Channel.EMAIL, NOON)
        for tried in range(len(PAUSES) + 1)
    ]

    assert [fate.due - NOON for fate in fates] == [*PAUSES, timedelta(0)]
    assert fates[-1].state is NoticeState.FAILED


def test_a_message_is_kept_once_and_taken_by_one(settings: Settings) -> None:
    """An event that comes twice tells once; what a dead member held is taken up again."""
    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([notice()], NOON)
        kept.add([notice(), notice(case_id="c2")], NOON)

        first = kept.claim(10, NOON, NOON + MINUTE)

        assert sorted(one.case_id for one in first) == ["c1", "c2"]
        assert kept.claim(10, NOON, NOON + MINUTE) == []
        kept.record(first[0], judge(first[0], "SENT", Channel.EMAIL, NOON))
        (again,) = kept.claim(10, NOON + MINUTE, NOON + MINUTE * 2)
        assert again == first[1]


def test_a_message_does_not_overtake_an_earlier_one_of_its_case(settings: Settings) -> None:
    """It waits until that is told or given up; those of other cases do not."""
    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([notice(), notice(case_version=2), notice(case_id="c2")], NOON)
        assert claimed(kept, NOON) == [("c1", 1), ("c2", 1)]
        assert claimed(kept, NOON) == []

        kept.record(notice(), judge(notice(), "TIMEOUT", Channel.EMAIL, NOON))
        assert claimed(kept, NOON + PAUSES[0] - MINUTE / 2) == []
        assert ("c1", 2) not in claimed(kept, NOON + PAUSES[0])

        kept.record(notice(), judge(notice(), "SENT", Channel.EMAIL, NOON))
        assert claimed(kept, NOON + PAUSES[0]) == [("c1", 2)]


def test_a_message_that_waits_says_since_when_and_until_when(settings: Settings) -> None:
    """Not tried yet, to be tried again, given up: each is seen, in the order of the steps."""
    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([notice(case_version=2, template="routed"), notice(), notice(case_id="c2")], NOON)
        kept.record(notice(), judge(notice(), "TIMEOUT", Channel.EMAIL, NOON + MINUTE))

        first, second = kept.of("c1")

        assert (first.template, second.template) == ("submitted", "routed")
        assert (first.code, first.attempts, first.attempt_time) == ("TIMEOUT", 1, NOON + MINUTE)
        assert first.due_time == NOON + MINUTE + PAUSES[0]
        assert (second.code, second.attempts, second.attempt_time) == ("", 0, None)
        assert (second.channel, second.state) == (Channel.NONE, NoticeState.DUE)

        tired = notice(attempts=len(PAUSES))
        kept.record(tired, judge(tired, "TIMEOUT", Channel.EMAIL, NOON + MINUTE))
        assert (kept.of("c1")[0].state, kept.of("c1")[0].due_time) == (NoticeState.FAILED, None)


def claimed(kept: SqlNotices, now: datetime) -> list[tuple[str, int]]:
    found = kept.claim(10, now, now + MINUTE)
    return sorted((one.case_id, one.case_version) for one in found)


def test_who_is_slow_to_reach_holds_up_nobody_else(
    settings: Settings, eventually: Eventually
) -> None:
    """While one thread waits for a mail server, what is due to all others goes by the next."""
    may_end = threading.Event()
    reached: list[str] = []

    def tell_one(told: Notice) -> Told:
        if told.case_id == "slow":
            may_end.wait(20)
        reached.append(told.case_id)
        done = judge(told, "SENT", Channel.EMAIL, NOON)
        kept.record(told, done)
        return done

    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([notice(case_id=name) for name in ("slow", *map(str, range(60)))], NOON)
        loop = NoticeLoop(kept, tell_one, lambda: NOON, threads=2, lease=MINUTE)
        loop.start()

        eventually(lambda: sorted(reached) == sorted(map(str, range(60))))

        may_end.set()
        eventually(lambda: "slow" in reached)
        loop.stop(grace=5.0)


def test_where_there_is_no_contact_nobody_asks(settings: Settings) -> None:
    """The submission says so, and no later step of the case is told either; others are."""
    without, left = ({"contact_kind": ContactKind.NONE}, {"contact_kind": ContactKind.LEFT})
    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        first = [notice(**without), notice(case_id="c2", **left), notice(case_version=2)]
        assert kept.add(first, NOON) == 1
        assert kept.add([notice(case_version=3), notice(case_id="c2", case_version=2)], NOON) == 1

        assert claimed(kept, NOON) == [("c2", 1)]
        assert [(one.state, one.code) for one in kept.of("c1")] == [
            (NoticeState.DROPPED, "NO_CONTACT")
        ] * 3


def test_what_was_found_out_once_is_not_asked_again(settings: Settings) -> None:
    """Until a step says that there is a contact now, also where an old one comes once more."""
    asked = notice()
    with closing(open_database(settings, "delivery", app.MIGRATIONS)) as database:
        kept = SqlNotices(database)
        kept.add([asked], NOON)
        kept.record(asked, judge(asked, "NO_CONTACT", Channel.NONE, NOON))
        kept.add([notice(case_version=2)], NOON)
        assert claimed(kept, NOON) == []

        kept.add([notice(case_version=3, contact_kind=ContactKind.LEFT)], NOON)
        kept.add([notice(contact_kind=ContactKind.NONE), notice(case_version=4)], NOON)

        assert claimed(kept, NOON) == [("c1", 3)]
        assert kept.of("c1")[3].state is NoticeState.DUE


NAMES = {"MIA": {"kk": "ІІМ", "ru": "МВД", "en": ""}}


def test_an_office_is_told_by_its_name() -> None:
    """In each language of the message, and by its code where the register has no name."""
    render = Templates(office_name=OfficeNames(lambda: NAMES, lambda: NOON))

    both = render(notice(template="accepted", languages=("kk", "ru"))).body

    assert "Мекеме (ІІМ)" in both
    assert "Ведомство (МВД)" in both
    assert "(MIA)" in render(notice(template="accepted", languages=("en",))).body


def test_a_register_that_is_away_holds_no_message_up() -> None:
    """The code is told meanwhile, and nobody asks again for each message."""
    asked: list[datetime] = []
    times = iter([NOON, NOON, NOON + REFRESH, NOON + REFRESH])

    def ask() -> Names:
        asked.append(NOON)
        if len(asked) == 1:
            raise UnavailableError
        return NAMES

    names = OfficeNames(ask, lambda: next(times))

    assert [names("MIA", "ru") for _ in range(3)] == ["MIA", "MIA", "МВД"]
    assert len(asked) == 2


def test_the_register_names_an_agency_and_its_offices_in_regions() -> None:
    """As the pages do."""
    agency = catalog_pb2.Agency(code="AKIMAT")
    agency.name.ru = "Акимат"
    region = catalog_pb2.Region(code="75")
    region.name.ru = "Алматы"

    found = names_of(catalog_pb2.Catalogue(agencies=[agency], regions=[region]))

    assert (found["AKIMAT"]["ru"], found["akimat-75"]["ru"]) == ("Акимат", "Акимат, Алматы")
