"""Which language a page is in, and how it tells times and numbers."""

from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.languages import Manner, first_sentence, preferred
from tests.unit.gateway.pages.conftest import Visitor

MOMENT = datetime(2026, 11, 27, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-KZ,ru;q=0.9,en;q=0.8", "ru"),
        ("en-GB", "en"),
        ("de, en;q=0.4, ru;q=0.7", "ru"),
        ("kk", "kk"),
        ("ru;q=0, en;q=0.1", "en"),
        ("fr", "kk"),
        ("", "kk"),
        ("en;q=nonsense", "kk"),
    ],
)
def test_the_first_address_speaks_the_browsers_language(header: str, language: str) -> None:
    """The language asked for first among ours; Kazakh where none of them is."""
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("It is free. You need a photo.", "It is free."),
        ("Құжат беріледі. Онымен шетелге шығады.", "Құжат беріледі."),
        (
            "Жильё дают в столице, т. е. бесплатно. «Бастау» отдельно.",
            "Жильё дают в столице, т. е. бесплатно.",
        ),
        ("One only", "One only"),
        ("", ""),
    ],
)
def test_a_text_begins_with_a_sentence(text: str, first: str) -> None:
    """Up to where another begins."""
    assert first_sentence(text) == first


def test_the_first_address_leads_to_a_language(visitor: Visitor) -> None:
    """The browser is sent on, and caches know why."""
    answer = visitor.get("/", **{"Accept-Language": "ru"})

    assert (answer.status_code, answer.headers["location"]) == (302, "/ru/")
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_page_says_which_language_it_is_in_and_leads_to_the_others(
    visitor: Visitor, language: str
) -> None:
    """By the language of the document, and by links to the same page."""
    page = visitor.get(f"/{language}/sign-in?next=%2Fkk%2Fcases").text

    assert f'<html lang="{language}">' in page
    others = {"kk", "ru", "en"} - {language}
    assert all(f'href="/{other}/sign-in?next=%2Fkk%2Fcases"' in page for other in others)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("kk", "2026\u202fж. 28 қараша"),
        ("ru", "28 ноября 2026\u202fг."),
        ("en", "28 November 2026"),
    ],
)
def test_a_day_is_told_as_the_language_tells_it(language: str, day: str) -> None:
    """As people in the country see it: when it is evening in London, it is tomorrow."""
    assert Manner.of(language, "Asia/Almaty").day(MOMENT) == day


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_moment_tells_hour_and_minute_of_the_country(language: str) -> None:
    """Whether it comes as a message's time or as ours."""
    stamp = Timestamp()
    stamp.FromDatetime(MOMENT)
    manner = Manner.of(language, "Asia/Almaty")

    assert "01:05" in manner.moment(stamp)
    assert manner.moment(stamp) == manner.moment(MOMENT)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0 %"),
        (0.004, "< 1 %"),
        (0.92, "92 %"),
        (0.997, "> 99 %"),
        (1.0, "100 %"),
    ],
)
def test_nearly_all_is_not_called_all(value: float, told: str) -> None:
    """A model that is almost sure is never told to be sure."""
    said = Manner.of("ru", "Asia/Almaty").percent(value)

    assert said.replace("\N{NO-BREAK SPACE}", " ") == told
