"""People who type, and wait for what the page suggests to them.

What one person asks for, and when, follows from how people type and from what the script of the
page makes of it (`gateway/pages/assets/pages.js`):

* Each has a speed of their own, 36 ± 13 words of five letters a minute, 10 at least: the mean of
  37,370 people on phones (Palin et al., MobileHCI 2019). The time from key to key is log-normal,
  so that the quickest halt now and then, and the slowest at almost every key.
* They do not copy but say something of their own: before every fourth word they think, for a
  second and a half on average, exponentially.
* What they type are the bundled examples in three languages, letter by letter.
* The script asks when no key came for 450 ms, for texts of three letters or more, and once for
  each text. Of fewer than twelve letters the gateway answers by itself whether somebody is in
  danger: that is asked too, but the figures are those of answers that services are looked for.
  Nobody waits for an answer before they type on; each answer is waited for to its end, though a
  browser gives up an old one, so that slow ones count.
* Of whoever types nothing for another second and a half it asks by which words, for texts that
  services are looked for; these answers are among the figures.
* Whoever is done is followed at once by somebody else: so many type at every moment.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks import cpu, forms
from benchmarks.http import HttpClient
from benchmarks.numbers import quantiles
from classifier.examples import read_bundled
from gateway.pages.citizen.asking import FEWEST_LETTERS
from tests.system import System

PEOPLE = 50
CALLERS = 8
"""Who ask again as soon as they are answered: how many suggestions there are in a second."""
WARM_SECONDS = 8.0
SECONDS = 60.0

WAIT_SECONDS = 0.45
REST_SECONDS = 1.5
LEAST_LETTERS = 3
"""All as the script of the page has them."""
WORDS_PER_MINUTE, SPREAD, SLOWEST = 36.2, 13.0, 10.0
LETTERS_PER_WORD = 5
UNEVEN = 0.5
"""The standard deviation of the logarithm of the time from key to key."""
THINKS_BEFORE, THOUGHT_SECONDS = 0.25, 1.5


@dataclass(frozen=True, slots=True)
class Question:
    """What the script asks."""

    text: str
    is_why: bool = False
    """Whether it asks by which words as well."""


Ask = Callable[[Question], Awaitable[None]]
Person = Callable[[Ask, Random], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Heard:
    """How long each answer with services took, since a moment."""

    since: float
    waited: list[float] = field(default_factory=list)

    def note(self, text: str, begun: float) -> None:
        """Note the answer to what was asked then, where services were looked for."""
        if begun >= self.since and len(text) >= FEWEST_LETTERS:
            self.waited.append(time.monotonic() - begun)


def typing(running: System) -> dict[str, Any]:
    """Return what people wait for who type at once, and what it costs to serve them."""
    return {"people": PEOPLE, **asyncio.run(_measured(running, PEOPLE, _type_on))}


def capacity(running: System) -> dict[str, Any]:
    """Return how many suggestions a second there are for callers who never pause."""
    return {"callers": CALLERS, **asyncio.run(_measured(running, CALLERS, _ask_on))}


async def _measured(running: System, people: int, person: Person) -> dict[str, Any]:
    processes = {name: one.pid for name, one in running.processes.items()}
    heard = Heard(time.monotonic() + WARM_SECONDS)
    async with asyncio.TaskGroup() as all_of_them:
        tasks = [
            all_of_them.create_task(_one(running, heard, person, Random(number)))
            for number in range(people)
        ]
        await asyncio.sleep(WARM_SECONDS)
        before = cpu.by_name(processes)
        await asyncio.sleep(SECONDS)
        taken, waited = cpu.taken(before, cpu.by_name(processes)), tuple(heard.waited)
        for task in tasks:
            task.cancel()
    each = {name: round(used * 1000 / len(waited), 2) for name, used in taken.items()}
    return {
        "per_second": round(len(waited) / SECONDS, 1),
        "milliseconds": quantiles(waited),
        "processor_milliseconds_each": each,
    }


async def _one(running: System, heard: Heard, person: Person, random: Random) -> None:
    async with _browser(running, heard) as ask:
        await person(ask, random)


async def _type_on(ask: Ask, random: Random) -> None:
    """Type one text after another, whether or not there are answers."""
    async with asyncio.TaskGroup() as asking:
        await asyncio.sleep(random.random() * WARM_SECONDS / 2)
        while True:
            begin, at = time.monotonic(), 0.0
            for at, question in asked(random.choice(_texts()), random):
                await asyncio.sleep(begin + at - time.monotonic())
                asking.create_task(ask(question))


async def _ask_on(ask: Ask, random: Random) -> None:
    """Ask for whatever somebody would ask for, without a pause."""
    while True:
        for _, question in asked(random.choice(_texts()), random):
            await ask(question)


def asked(text: str, random: Random) -> Iterator[tuple[float, Question]]:
    """Give what the script asks for while somebody types a text, and how long after they began."""
    at, last = 0.0, ""
    for end, halt in enumerate(_halts(text, random), start=1):
        now = text[:end].strip()
        if halt >= WAIT_SECONDS and now != last:
            last = now
            if len(now) >= LEAST_LETTERS:
                yield at + WAIT_SECONDS, Question(now)
            if len(now) >= FEWEST_LETTERS and halt >= WAIT_SECONDS + REST_SECONDS:
                yield at + WAIT_SECONDS + REST_SECONDS, Question(now, is_why=True)
        at += halt


def _halts(text: str, random: Random) -> Iterator[float]:
    """Give how long somebody halts after each letter; after the last, they type no more."""
    speed = max(SLOWEST, random.gauss(WORDS_PER_MINUTE, SPREAD))
    mean = 60 / (speed * LETTERS_PER_WORD)
    for letter in text[:-1]:
        halt = random.lognormvariate(math.log(mean) - UNEVEN**2 / 2, UNEVEN)
        if letter == " " and random.random() < THINKS_BEFORE:
            halt += random.expovariate(1 / THOUGHT_SECONDS)
        yield halt
    yield math.inf


@cache
def _texts() -> Sequence[str]:
    return [one.text for one in read_bundled() if len(one.text) >= LEAST_LETTERS]


@asynccontextmanager
async def _browser(running: System, heard: Heard) -> AsyncIterator[Ask]:
    """Open the first page, and give what asks for suggestions as its script does."""
    async with forms.browser(running) as visited:
        mark = await forms.mark(visited)
        cookies = "; ".join(f"{name}={value}" for name, value in visited.cookies.items())
    where = urlsplit(running.url)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
        "Accept-Encoding": "gzip",
        "Origin": running.url,
        "Cookie": cookies,
    }
    client = HttpClient(where.hostname or "", where.port or 0, headers)

    async def ask(question: Question) -> None:
        begun = time.monotonic()
        why = {"why": "1"} if question.is_why else {}
        body = urlencode({"form": mark, "key": "0" * 32, "text": question.text} | why).encode()
        answer = await client.post("/ru/suggestions", body, "-")
        if answer.status != 200:
            raise ValueError(f"{answer.status} in place of suggestions")
        heard.note(question.text, begun)

    try:
        yield ask
    finally:
        await client.close()
