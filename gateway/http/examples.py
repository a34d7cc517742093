"""Requests as people would write them, in three languages, for the OpenAPI document."""

from typing import Any

from fastapi.openapi.models import Example

PASSPORT_KK = "Төлқұжатымды жоғалтып алдым, жаңасын қалай аламын?"
PASSPORT_RU = "Потерял паспорт. Как получить новый?"
PASSPORT_EN = "I lost my passport. How do I get a new one?"


def _example(summary: str, **value: Any) -> Example:
    return Example(summary=summary, value=value)


SUBMIT: dict[str, Example] = {
    "kk": _example("Kazakh", text=PASSPORT_KK, language="kk", region="75"),
    "ru": _example("Russian", text=PASSPORT_RU, language="ru", region="71"),
    "en": _example("English", text=PASSPORT_EN, contact="reader@example.org"),
}
SUGGEST: dict[str, Example] = {
    "kk": _example("Kazakh", text=PASSPORT_KK),
    "ru": _example("Russian", text=PASSPORT_RU),
    "en": _example("English", text=PASSPORT_EN),
}
CONFIRM: dict[str, Example] = {
    "service": _example("One of the services offered", service_id="identity.passport"),
    "person": _example("Let a person choose", ask_person=True),
}
ASSIGN: dict[str, Example] = {
    "service": _example("A service", service_id="identity.passport", expected_version=2),
    "none": _example("No public service handles this", out_of_scope=True),
}
ACCEPT: dict[str, Example] = {"office": _example("Accept", office="MIA", expected_version=2)}
COMPLETE: dict[str, Example] = {
    "office": _example("Complete", office="MIA", outcome_code="GRANTED")
}
ASK: dict[str, Example] = {
    "kk": _example(
        "Kazakh",
        office="MIA",
        question_code="DOCUMENT_MISSING",
        text="Туу туралы куәліктің көшірмесін жібере аласыз ба?",
    ),
    "ru": _example(
        "Russian",
        office="MIA",
        question_code="DOCUMENT_MISSING",
        text="Пришлите, пожалуйста, копию свидетельства о рождении.",
    ),
}
PROVIDE: dict[str, Example] = {
    "kk": _example("Kazakh", text="Куәлік нөмірі 123456, 2019 жылы берілген."),
    "ru": _example("Russian", text="Номер свидетельства 123456, выдано в 2019 году."),
    "en": _example("English", text="The certificate has the number 123456, issued in 2019."),
}
OPEN: dict[str, Example] = {
    "look": _example("One looks, and leaves it to who has it", take_over=False)
}
RATE: dict[str, Example] = {"good": _example("Rather good", stars=4)}
SPLIT: dict[str, Example] = {
    "office": _example(
        "A part belongs elsewhere",
        office="MIA",
        text="Сонымен қатар зейнетақым қашан қайта есептеледі?",
        suggested_office="MTSZN",
    )
}
RETURN: dict[str, Example] = {
    "office": _example("Return", office="MIA", reason_code="NOT_COMPETENT"),
    "suggestion": _example(
        "Return, and say whose it is",
        office="MIA",
        reason_code="NOT_COMPETENT",
        suggested_office="MTSZN",
    ),
}
SUBSCRIBE: dict[str, Example] = {
    "webhook": _example(
        "By webhook", name="desk", kind="webhook", url="https://office.example.kz/events"
    ),
    "stream": _example(
        "By a stream, passports only",
        name="passports",
        kind="stream",
        filter={"service_ids": ["identity.passport"]},
    ),
}
CHANGE: dict[str, Example] = {
    "types": _example(
        "Two types of events",
        url="https://office.example.kz/events",
        filter={"types": ["routed", "withdrawn"]},
    )
}
SEEK: dict[str, Example] = {
    "sequence": _example("After a sequence", after_sequence=17),
    "time": _example("From a time", from_time="2026-03-01T09:00:00Z"),
}
SEND_AGAIN: dict[str, Example] = {
    "all": _example("All"),
    "some": _example("Two of them", sequences=[17, 23]),
}
_PASSPORT: dict[str, Any] = {
    "id": "identity.passport",
    "title": {"kk": "Төлқұжат беру", "ru": "Выдача паспорта", "en": "Issue of a passport"},
    "agency": "MIA",
    "life_event": "identity",
    "audience": "citizen",
    "channel": "in-person",
    "term_days": 15,
}
CHANGE_SERVICE: dict[str, Example] = {
    "term": _example("A new title and term", service=_PASSPORT, expected_version=3)
}
MERGE_SERVICES: dict[str, Example] = {
    "into": _example("Into another", successor_id="identity.id-card", expected_version=3)
}
SPLIT_SERVICE: dict[str, Example] = {
    "part": _example(
        "A part", part={**_PASSPORT, "id": "identity.child-passport"}, expected_version=3
    )
}
DISCARD_DRAFT: dict[str, Example] = {"seen": _example("As seen", expected_version=3)}
PUBLISH_DRAFT: dict[str, Example] = {"seen": _example("As seen", expected_version=3)}
PROPOSE_MODEL: dict[str, Example] = {
    "promotion": _example(
        "A candidate", model="5f" * 32, reason="It learned the spring's corrections."
    ),
    "rollback": _example(
        "The model before", kind="rollback", reason="Questions on pensions go astray."
    ),
}
ANSWER_PROPOSAL: dict[str, Example] = {
    "seen": _example("As seen", reason="I read where they differ.", expected_version=7)
}
SET_SHADOW: dict[str, Example] = {
    "candidate": _example("A candidate", model="5f" * 32, reason="It learned the spring's texts."),
    "none": _example("None any more", model="", reason="A week is enough.", expected_version=8),
}
