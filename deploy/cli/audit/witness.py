"""Watching a log with a key of one's own: what was signed once can be held against the log.

A witness keeps in its folder its key, the keys of the log, and the last checkpoint it cosigned.
It cosigns another only if that one shows the old to be its beginning (C2SP tlog-cosignature).
Two checkpoints that contradict each other are kept as evidence: both are signed by the log. They
do where two roots of one size differ: both signed, or one signed and one that is shown to lie
under another that is. Where the log does not show whether they fit (it does not answer, or with a
proof that leads nowhere), they are kept as well, and called unproven: that says nothing of a log.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from deploy.cli.audit import bundle, layout
from services.audit.domain import merkle
from services.audit.domain.checkpoints import (
    COSIGNATURE,
    NAME,
    Checkpoint,
    Note,
    PublicKey,
    read_key,
    read_note,
)
from services.audit.store.notes import Signer, signed_by
from services.chassis.errors import InvalidError, ServiceError, UnavailableError
from services.chassis.keyfile import load_or_make
from services.chassis.wholefile import whole

T = TypeVar("T")

SECONDS = 30.0


class UntrustedLogError(InvalidError):
    """No key that this witness knows signed the checkpoint."""

    reason = "UNTRUSTED_LOG"


class ContradictionError(InvalidError):
    """The log contradicts what it signed before."""

    reason = "CONTRADICTION"


class UnprovenError(InvalidError):
    """The log does not show that this checkpoint fits to what it signed before."""

    reason = "UNPROVEN"


class OlderCheckpointError(InvalidError):
    """This is an older checkpoint of the log than the one that was signed last."""

    reason = "OLDER_CHECKPOINT"


class NoLogError(UnavailableError):
    """What answers there is no log."""

    reason = "NO_LOG"


class WitnessNameError(InvalidError):
    """The name of a witness has no spaces and no plus sign, such as ministry.example/w1."""

    reason = "WITNESS_NAME"


@dataclass(frozen=True, slots=True)
class Source:
    """What a log says of itself: its latest checkpoint, its keys, and proofs."""

    note: str
    keys: Sequence[str]
    consistency: Callable[[int, int], Sequence[bytes]]


def source_of(place: str) -> Source:
    """Return the log at a URL, or in a folder that `qyzmet audit export` wrote."""
    return _over_http(place) if "://" in place else _in_folder(Path(place))


@dataclass(frozen=True, slots=True)
class Witness:
    """A watcher of logs, with a folder for what it must remember."""

    name: str
    folder: Path

    def __post_init__(self) -> None:
        """Refuse a name that no note can hold."""
        if not NAME.fullmatch(self.name):
            raise WitnessNameError

    def signer(self) -> Signer:
        """Return the key of this witness; it is made at first."""
        seed = load_or_make(self.folder / "witness.key", lambda: secrets.token_bytes(32))
        return Signer(self.name, seed, COSIGNATURE)

    def cosign(self, source: Source, time: int, trusted: Sequence[PublicKey] = ()) -> Note:
        """Cosign the latest checkpoint, or keep the evidence and raise ContradictionError.

        Where nothing shows whether it fits, both checkpoints are kept too (UnprovenError).
        Without a trusted key the first checkpoint decides which keys are the log's.
        """
        note = read_note(source.note)
        seen, before = note.checkpoint(), self._last(note.checkpoint().origin)
        known = [*trusted, *self._keys(seen.origin)]
        told = [read_key(text) for text in source.keys]
        offered = [key for key in told if key.speaks_for(seen.origin)]
        if not signed_by(note, known or offered):
            raise UntrustedLogError
        if before is not None:
            self._compare(before, note, source, time)
        cosigned = Note(note.text, [*note.signatures, self.signer().cosign(note.text, time)])
        # Who signs beside a known key is known from now on: so keys are rotated.
        self._keep(seen, cosigned, {*known, *signed_by(note, offered)})
        return cosigned

    def _compare(self, before: Note, note: Note, source: Source, time: int) -> None:
        old, new = before.checkpoint(), note.checkpoint()
        kept = _Kept(self.folder, before, note, time)
        if new.size == old.size:
            if new.root != old.root:
                raise kept.contradiction(f"it has two trees of {new.size} records")
            return
        first, second = sorted((old, new), key=lambda one: one.size)
        less = f"it shows {new.size} records where it had signed {old.size}: it was rolled back, "
        less += "or this is an older copy"
        more = f"it does not show that {old.size} records are the beginning of {new.size}"
        try:
            proof = source.consistency(first.size, second.size)
        except ServiceError as error:
            raise kept.unproven(f"{less if new is first else more} ({error.message})") from error
        held = (first.size, second.size, proof, first.root, second.root)
        if merkle.disproves_consistency(*held):
            why = f"{first.size} records are not the beginning of {second.size}"
            raise kept.contradiction(why, proof)
        fits = merkle.verify_consistency(*held)
        if new is first:
            raise OlderCheckpointError if fits else kept.unproven(less, proof)
        if not fits:
            raise kept.unproven(f"{more} (its proof does not hold)", proof)

    def _place(self, origin: str, kind: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}.{kind}"

    def _last(self, origin: str) -> Note | None:
        path = self._place(origin, "checkpoint")
        return read_note(path.read_text("utf-8")) if path.exists() else None

    def _keys(self, origin: str) -> list[PublicKey]:
        path = self._place(origin, "keys")
        return [read_key(text) for text in path.read_text("ascii").split()] if path.exists() else []

    def _keep(self, seen: Checkpoint, cosigned: Note, keys: set[PublicKey]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = sorted(key.text() for key in keys)
        for kind, content in (("keys", "\n".join(texts)), ("checkpoint", cosigned.whole())):
            with whole(self._place(seen.origin, kind)) as fresh:
                fresh.write_text(content, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Kept:
    """Two checkpoints that do not fit, and where they are kept: nobody can talk them away."""

    folder: Path
    before: Note
    now: Note
    time: int

    def contradiction(self, why: str, proof: Sequence[bytes] = ()) -> ContradictionError:
        """Keep them as what the log's own signatures prove."""
        name = f"evidence-{self.time}-{secrets.token_hex(4)}.json"
        return ContradictionError(self._told(name, why, proof))

    def unproven(self, why: str, proof: Sequence[bytes] = ()) -> UnprovenError:
        """Keep them once, however often somebody looks: neither is proven wrong."""
        both = hashlib.sha256((self.before.whole() + self.now.whole()).encode()).hexdigest()
        return UnprovenError(self._told(f"unproven-{both[:16]}.json", why, proof))

    def _told(self, name: str, why: str, proof: Sequence[bytes]) -> str:
        told = {
            "why": why,
            "before": self.before.whole(),
            "now": self.now.whole(),
            "proof": [base64.b64encode(one).decode() for one in proof],
            "time": self.time,
        }
        path = self.folder / name
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return f"{self.now.checkpoint().origin}: {why}; both checkpoints are in {path}"


def _in_folder(folder: Path) -> Source:
    try:
        note = (folder / layout.CHECKPOINT).read_text("utf-8")
        keys = (folder / bundle.KEYS).read_text("ascii").split()
    except OSError as error:
        raise InvalidError(f"{folder} is no exported log: {error.strerror}") from error

    def consistency(first: int, second: int) -> Sequence[bytes]:
        try:
            return merkle.consistency_proof(first, second, layout.tiles_in(folder, second))
        except (OSError, ValueError) as error:
            raise UnavailableError(f"{folder} lacks tiles of {second} records") from error

    return Source(note, keys, consistency)


class _Shown(msgspec.Struct):
    """What a running system says of its log."""

    note: str
    keys: list[str]


class _Shows(msgspec.Struct):
    """What a running system answers where it is asked for a proof."""

    hashes: list[bytes]


def _over_http(url: str) -> Source:
    def ask(path: str, kind: type[T], **query: Any) -> T:
        try:
            answer = httpx.get(f"{url.rstrip('/')}{path}", params=query, timeout=SECONDS)
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except httpx.HTTPError as error:
            raise UnavailableError(f"{url}: {error}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise NoLogError(f"{url}{path} is answered, but not as by a log") from error

    def consistency(first: int, second: int) -> Sequence[bytes]:
        return ask("/v1/audit/consistency", _Shows, first_size=first, second_size=second).hashes

    told = ask("/v1/audit/checkpoint", _Shown)
    return Source(told.note, told.keys, consistency)
