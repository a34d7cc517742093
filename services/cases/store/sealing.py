"""What is said with changes, encrypted before anything is locked."""

from collections.abc import Mapping, Sequence

from services.cases.domain import Words
from services.cases.ports import Change
from services.cases.store.judgement import Sealed
from services.cases.store.keys import Keys
from services.cases.store.rows import encode


def seal(keys: Keys, changes: Sequence[Change]) -> Mapping[str, Sealed]:
    """Encrypt what is said with changes, by case; a part that is split off gets its own key."""
    saying = [(change, change.words) for change in changes if change.words]
    if not saying:
        return {}
    known = keys.find([change.case_id for change, _ in saying])
    return {change.case_id: _sealed(keys, change, words, known) for change, words in saying}


def _sealed(keys: Keys, change: Change, words: Words, known: Mapping[str, bytes]) -> Sealed:
    mac = keys.mac(encode(words))
    if part := change.part:
        # The key is on disk before the words are, as with every new case.
        return Sealed(mac, keys.seal(part.id, keys.new(part.id), words))
    if (key := known.get(change.case_id)) is None:
        return Sealed(mac, None)
    return Sealed(mac, keys.seal(change.case_id, key, words, name=change.request_id))
