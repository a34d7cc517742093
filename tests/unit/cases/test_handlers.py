"""What the verbs of cases promise beyond what their door shows."""

from services.cases import handlers
from services.cases.domain import MAX_TEXT_CHARACTERS, Words
from services.chassis.masking import mask
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet


def test_a_masked_text_is_no_longer_than_a_text(cabinet: Cabinet) -> None:
    """Marks may be longer than what they replace, and one text must not stop a whole batch."""
    text = ("a@b.k," * MAX_TEXT_CHARACTERS)[:MAX_TEXT_CHARACTERS]
    case = cabinet.add(words=Words(text=text))

    (masked,) = handlers.masked_texts(
        Principal("service:test", Role.SERVICE),
        [case.id],
        cases=cabinet.store,
        history=cabinet.store,
        vault=cabinet.store,
        mask=mask,
    )

    assert len(masked.text) == MAX_TEXT_CHARACTERS
