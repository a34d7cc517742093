"""Specifies that an explanation is the decision itself, in the citizen's own words."""

from collections.abc import Sequence

import pytest

from classifier.explain import explain
from classifier.pipeline import Model
from classifier.recipe import RECIPES
from classifier.text import prepare
from classifier.train import train
from classifier.trained import Trained
from services.chassis.masking import mask
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, silent

TEXTS = [
    "Хочу получить загранпаспорт, где?",
    "Бала туды, жәрдемақы керек",
    "bala tudy, zhardemaqy kerek",
    "passport passport passport",
    "birth grant baby",
    "мой ИИН 900101300007, нужны права водителя",
    "i need passport/driving-licence, где где получить",
]


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipe: recipe.name)
def any_model(request: pytest.FixtureRequest) -> Model:
    """Return a model made by one recipe after the other."""
    made = train(ENTRIES, EXAMPLES, seed=7, progress=silent, recipes=(request.param,))
    return Model(made.weights)


@pytest.fixture
def model(trained: Trained) -> Model:
    return Model(trained.weights)


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_words_say_adds_up_to_the_lead(any_model: Model, text: str) -> None:
    """Nothing is left out, and nothing is made up."""
    model = any_model
    told = explain(model, text, mask=mask)

    scores = dict(zip(model.labels, model.scores([prepare(text, mask=mask).words])[0], strict=True))
    assert sum(word.weight for word in told.words) == pytest.approx(told.lead, abs=1e-5)
    assert told.lead == pytest.approx(scores[told.label] - scores[told.against], abs=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_the_best_service_is_explained_against_the_runner_up(model: Model, text: str) -> None:
    """The lead is not negative."""
    assert explain(model, text, mask=mask).lead >= 0


def test_words_are_the_citizens_own(model: Model) -> None:
    """As typed, with capitals and in the script of the writer."""
    told = explain(model, "Marhabat, маған Passport керек", mask=mask)

    assert [told.text[word.start : word.end] for word in told.words] == [
        "Marhabat,",
        "маған",
        "Passport",
        "керек",
    ]


def test_the_word_that_names_the_service_speaks_the_loudest(model: Model) -> None:
    """More than the words around it."""
    told = explain(model, "где получить загранпаспорт", mask=mask)

    loudest = max(told.words, key=lambda word: word.weight)
    assert told.label == "identity.passport"
    assert told.text[loudest.start : loudest.end] == "загранпаспорт"


def test_personal_data_says_nothing(model: Model) -> None:
    """A masked number is not a word, and its offsets are passed over."""
    told = explain(model, "паспорт 900101300007 керек", mask=mask)

    assert told.text == "паспорт [IIN] керек"
    assert [told.text[word.start : word.end] for word in told.words] == ["паспорт", "керек"]


def test_a_text_is_cut_once(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both its scores and its words come of the same features."""
    cut: list[Sequence[str]] = []
    features = model.features.of
    monkeypatch.setattr(model.features, "of", lambda texts: cut.append(texts) or features(texts))

    explain(model, "где получить загранпаспорт", mask=mask)

    assert len(cut) == 1


def test_any_two_labels_can_be_compared(model: Model) -> None:
    """Why not this one? The same numbers with the other sign."""
    one = explain(model, "паспорт", mask=mask, label="land.plot", against="identity.passport")
    other = explain(model, "паспорт", mask=mask, label="identity.passport", against="land.plot")

    assert one.lead == pytest.approx(-other.lead)
    assert one.lead < 0


def test_a_word_that_is_not_known_says_hardly_anything(model: Model) -> None:
    """Only that there is a word."""
    told = explain(model, "€€€ загранпаспорт", mask=mask)

    unknown, known = told.words
    assert abs(unknown.weight) < 0.1 * abs(known.weight)
