"""Specifies when somebody is told to call for help, and when not."""

from pathlib import Path

import pytest

from classifier.emergency import find, read
from classifier.text import prepare
from services.chassis.masking import mask

IN_NEED = [
    ("101", "көршінің үйі өртеніп жатыр, тез келіңіздер"),
    ("101", "горит балкон на пятом этаже, дым в подъезде"),
    ("101", "there are flames coming out of the neighbour's kitchen"),
    ("104", "үйде газ иісі қатты шығып тұр"),
    ("104", "на кухне сильно пахнет газом"),
    ("104", "strong smell of gas in the basement"),
    ("102", "біреу есікті бұзып кіріп жатыр, жалғызбын"),
    ("102", "на меня напал мужчина с ножом"),
    ("102", "a man with a gun is threatening people outside"),
    ("103", "әкем құлап түсті, дем алмай жатыр"),
    ("103", "ребенок не дышит, губы посинели"),
    ("103", "my mother collapsed and is not responding"),
    ("112", "адам суға батып барады"),
    ("112", "мы застряли в лифте, помогите"),
    ("112", "flood water is rising, we are on the roof"),
    ("101", "у нас пожар"),
    ("101", "there is a fire in my building"),
    ("102", "kuieuim uryp jatyr"),
    ("102", "my child is missing"),
    ("102", "қызды күштеп көлікке салып әкетті"),
    ("103", "у мамы инфаркт, помогите"),
    ("103", "жылан шағып алды"),
    ("103", "i want to kill myself"),
    ("103", "ударило током, не дышит"),
    ("112", "жер сілкінісі болып жатыр"),
    ("112", "we are lost in the mountains and it is getting dark"),
]
ORDINARY = [
    "fire safety certificate for a cafe",
    "police clearance certificate",
    "how do I get an ambulance driver's licence",
    "справка об отсутствии судимости из полиции",
    "заключение пожарной безопасности для магазина",
    "подключить газ к частному дому",
    "вызвать врача на дом",
    "сгорел дом в прошлом году, положена ли выплата",
    "өрт қауіпсіздігі туралы анықтама керек",
    "газ қосу үшін қандай құжат керек",
    "жедел жәрдем көлігіне лицензия",
    "стою в очереди на квартиру, горю от нетерпения",
    "после инфаркта дадут ли группу инвалидности",
    "у нас пожарная сигнализация, нужно заключение",
    "my baby girl is born, how do I register her",
]


IN_HASTE = [
    ("101", "весь подъезд в дыму, щиток искрит"),
    ("101", "bruning smell and smoke from the fuse box"),
    ("104", "иіс тиген сияқты, басымыз айналып тұр"),
    ("104", "газопровод перебили экскаватором, свищет"),
    ("104", "co alarm keeps beeping and we all have headaches"),
    ("102", "у меня вырвали телефон и убежали, стою у вокзала"),
    ("102", "сөмкемді жұлып алып қашып барады екі жігіт"),
    ("102", "kuieuim pyshaqpen quyp jur, balalarmen qamalyp aldyq"),
    ("102", "two guys just robbed me at knifepoint"),
    ("102", "девочку затолкали в черную машину и увезли"),
    ("103", "сердце остановилось, делаем массаж сердца"),
    ("103", "agam tokka tusti, demi joq"),
    ("103", "her throat is closing, she is blue and wheezing"),
    ("103", "балаға сүйек тамағына тұрып қалды, көгеріп кетті"),
    ("103", "собака вцепилась в ребенка, помогите"),
    ("112", "мальчик нырнул и не всплывает"),
    ("112", "бала өзенге құлап кетіп, ағып барады"),
    ("112", "car went into the canal and people are still inside"),
]
OUTCRIES = [
    ("101", "у нас дома пожар!"),
    ("101", "пожар"),
    ("101", "горим"),
    ("101", "пожар в общежитии на третьем этаже"),
    ("101", "в квартире огонь"),
    ("101", "пәтерде өрт"),
    ("101", "көршінің үйінде өрт"),
    ("101", "өртеніп жатырмыз"),
    ("101", "fire at home"),
    ("101", "there is a fire on the second floor"),
    ("103", "не могу дышать"),
    ("103", "задыхаюсь"),
    ("103", "дем ала алмай жатырмын"),
    ("103", "tunshygyp baramyn"),
    ("103", "i can't breathe"),
    ("103", "struggling to breathe"),
    ("103", "сердечный приступ"),
    ("103", "у меня инфаркт"),
    ("103", "жүрек ұстамасы"),
    ("103", "менде инфаркт"),
    ("103", "heart attack"),
    ("103", "i'm having a stroke"),
    ("103", "человек умирает"),
    ("103", "передозировка"),
    ("103", "дтп, люди пострадали"),
    ("103", "жол апаты, адамдар жараланды"),
    ("103", "accident on the highway, people are hurt"),
    ("103", "машина сбила пешехода"),
    ("103", "баланы машина қағып кетті"),
    ("112", "car accident people trapped"),
    ("112", "авария, люди в машине"),
    ("112", "жол апаты болды, адамдар қысылып қалды"),
    ("102", "нас грабят"),
    ("102", "в дом лезут"),
]
BESIDE_WORDS_OF_OFFICES = [
    ("103", "my son was fine and now he is not breathing"),
    ("103", "после прививки ребёнок не может дышать"),
    ("103", "екпеден кейін бала дем ала алмай жатыр"),
    ("103", "he is three weeks old and stopped breathing"),
    ("103", "у пенсионерки в поликлинике остановка сердца"),
    ("103", "тамақтан кейін тамағына сүйек тұрып қалды, көгеріп барады"),
    ("103", "husband collapsed at the clinic, no pulse, please hurry"),
    ("103", "стояли в очереди, бабушка упала и не дышит"),
    ("103", "ребёнок выпил уксус в школьной столовой, ему плохо"),
    ("101", "пожар в поликлинике"),
    ("101", "емханада өрт"),
    ("101", "мектепте өрт, балалар ішінде"),
    ("101", "горит школьный автобус, дети внутри"),
    ("101", "the court building is on fire, people inside"),
    ("102", "избивают пенсионера, помогите"),
    ("102", "вырвали сумку с документами и убежали"),
    ("102", "күйеуім құжаттарымды алып, мені ұрып жатыр"),
    ("102", "at the passport office a man with a gun, shots, help"),
    ("104", "в школьной столовой сильно пахнет газом"),
    ("104", "емханада газ иісі шығып тұр"),
    ("112", "шахтёров завалило, выйти не могут"),
    ("112", "застряли в лифте поликлиники, помогите"),
    ("112", "мектепке бара жатқан бала суға батып барады, көмектесіңіз"),
]
MATTERS_OF_OFFICES = [
    "сгорела баня, где взять бумагу, что был пожар",
    "fire extinguisher for the office",
    "benefit for those whose house fire left nothing",
    "пожарный выход в подъезде закрыт",
    "өрт сөндіргіш үйге қайдан аламын",
    "rehabilitation after heart attack",
    "у мужа был инфаркт, как получить группу инвалидности",
    "нечем дышать от свалки за посёлком, пусть проверят",
    "зауыттың түтінінен дем ала алмай жатырмыз, экологтар тексерсін",
    "дтп, пострадавший, как получить выплату по страховке",
    "сбили цену на мою квартиру, куда писать",
    "горим желанием открыть кафе",
    "горит лампочка в подъезде днём и ночью",
    "пожарная часть какого района",
    "справка о пожаре для страховки",
    "өрт анықтамасы",
    "был пожар в квартире, где взять справку",
    "certificate after a fire in my flat",
    "how much is the fine for leaving a fire in the forest",
    "when his heart stopped we had no plan, how do I get the funeral grant",
    "ребенок задыхался в прошлом году, нужна выписка из поликлиники",
    "откачивать септик, нужно подключение к канализации",
    "муж избивал меня, как подать на развод",
]
PEACEFUL = [
    "переехала к сыну, в регистратуре говорят вы не наша",
    "want to discharge treated waste water into the river",
    "емтиханнан қалай өтемін, горло болит, перенести можно?",
    "куда сдать старый телефон",
]


@pytest.mark.parametrize(("number", "text"), IN_NEED)
def test_whoever_is_in_need_is_told_whom_to_call(number: str, text: str) -> None:
    """In each of the three languages."""
    found = find(text, mask=mask)

    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(("number", "text"), IN_HASTE)
def test_hasty_words_of_every_day_are_understood(number: str, text: str) -> None:
    """Nobody in danger writes as an office does, or without slips."""
    found = find(text, mask=mask)

    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(("number", "text"), OUTCRIES)
def test_whoever_cries_out_need_not_explain(number: str, text: str) -> None:
    """Two or three words are what a frightened person writes."""
    found = find(text, mask=mask)

    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(("number", "text"), BESIDE_WORDS_OF_OFFICES)
def test_a_word_of_an_office_silences_nobody_in_danger(number: str, text: str) -> None:
    """Who cannot breathe may stand in a queue, and a clinic may burn."""
    found = find(text, mask=mask)

    assert found is not None
    assert found.number == number


@pytest.mark.parametrize("text", MATTERS_OF_OFFICES)
def test_a_fire_or_an_illness_that_offices_deal_with_is_no_outcry(text: str) -> None:
    """What is over, or feared, or only named, is told to an office as any other request."""
    assert find(text, mask=mask) is None


def test_a_single_word_is_an_outcry_only_alone() -> None:
    """In a story the same word may be said of anything."""
    assert find("огонь", mask=mask) is not None
    assert find("вечный огонь на площади давно никто не чистит", mask=mask) is None


@pytest.mark.parametrize("text", PEACEFUL)
def test_a_word_that_danger_shares_with_peace_frightens_nobody(text: str) -> None:
    """To move house, a river, a sore throat: none of them is a call for help by itself."""
    assert find(text, mask=mask) is None


@pytest.mark.parametrize("text", ORDINARY)
def test_whoever_asks_an_office_for_something_is_not(text: str) -> None:
    """A request that only names fire, police or gas is an ordinary one."""
    assert find(text, mask=mask) is None


@pytest.mark.parametrize(
    "text",
    [
        "үй өртеніп жатыр",
        "уй ортенип жатыр",
        "uy ortenip jatyr",
        "úı órtenip jatyr",
        "GORIT NASH DOM",
        "gj;fh d rdfhnbht gjvjubnt",
    ],
)
def test_every_spelling_is_understood(text: str) -> None:
    """Whatever keyboard and alphabet a frightened person has at hand."""
    found = find(text, mask=mask)

    assert found is not None
    assert found.code == "FIRE"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("үйіміз өртеніп жатыр", "қоңырау"),
        ("горит наш дом", "звоните"),
        ("our house is on fire", "call"),
    ],
)
def test_the_answer_is_in_the_language_of_the_text(text: str, word: str) -> None:
    """So that it is understood at once."""
    found = find(text, mask=mask)

    assert found is not None
    assert word in found.message


def test_who_mixes_languages_is_answered_in_both() -> None:
    """Kazakh first, then Russian."""
    found = find("үйіміз өртеніп жатыр, тез келіңіз, там дети и мы не можем выйти", mask=mask)

    assert found is not None
    assert found.message.index("қоңырау") < found.message.index("звоните")


def test_words_far_apart_make_no_rule() -> None:
    """A story that names a fire here and a house a page later tells of no burning house."""
    story = "горит " + "слово " * 40 + "дом"

    assert find(story, mask=mask) is None


def test_only_what_is_sure_speaks_beside_words_of_offices(tmp_path: Path) -> None:
    """And nothing where a word says that nobody is in danger."""
    path = tmp_path / "emergencies.yaml"
    path.write_text(
        "words: {burns: [горит], fire: [пожар]}\nunless: [справка]\nnever: [эколог]\n"
        "emergencies: [{code: FIRE, number: 101, message: {ru: a}, sure: [burns], rules: [fire]}]"
    )
    rules = read(path)
    texts = ("пожар", "пожар справка", "горит справка", "горит эколог")

    found = [rules.find(prepare(text, mask=mask)) is not None for text in texts]

    assert found == [True, False, True, False]


@pytest.mark.parametrize("kind", ["sure", "rules"])
def test_a_rule_without_its_words_is_refused(tmp_path: Path, kind: str) -> None:
    """Whoever edits the rules learns of a slip at the start."""
    path = tmp_path / "emergencies.yaml"
    path.write_text(
        "words: {burns: [горит]}\nunless: [справка]\n"
        "emergencies: [{code: FIRE, number: 101, message: {ru: a},"
        f" {kind}: [burns place]}}]"
    )

    with pytest.raises(ValueError, match="place"):
        read(path)


@pytest.mark.parametrize("word", ["го*", "один два три четыре"])
def test_a_word_that_cannot_be_matched_is_refused(tmp_path: Path, word: str) -> None:
    """Two letters begin too many words; four words side by side are never said alike."""
    path = tmp_path / "emergencies.yaml"
    path.write_text(f"words: {{burns: ['{word}']}}\nunless: []\nemergencies: []")

    with pytest.raises(ValueError, match="too short"):
        read(path)
