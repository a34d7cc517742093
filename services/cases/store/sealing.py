"""What is said with changes, encrypted before anything is locked."""

from collections.abc import Mapping, Sequence

from services.cases.domain import Words
from services.cases.ports import Change
from services.cases.store.judgement import Sealed
from services.cases.store.keys import Keys
from services.cases.store.rows import encode


def seal(keys: Keys, changes: Sequence[Change]) -> Mapping[str, Sealed]:
    """Encrypt what is said with changes, by case; a part that is split off gets its own key."""
    saying = [change for change in changes if change.words or change.terms]
    speaking = [change.case_id for change in saying if change.words]
    known = keys.find(speaking) if speaking else {}
    return {change.case_id: _sealed(keys, change, known) for change in saying}


def _sealed(keys: Keys, change: Change, known: Mapping[str, bytes]) -> Sealed:
    terms_mac = keys.mac(encode(change.terms)) if change.terms else None
    if change.words is None:
        return Sealed(terms_mac=terms_mac)
    words = _encrypted(keys, change, change.words, known.get(change.case_id))
    return Sealed(keys.mac(encode(change.words)), words, terms_mac)


def _encrypted(keys: Keys, change: Change, words: Words, key: bytes | None) -> bytes | None:
    if part := change.part:
        # The key is on disk before the words are, as with every new case.
        return keys.seal(part.id, keys.new(part.id), words)
    return keys.seal(change.case_id, key, words, name=change.request_id) if key else None
