"""A bundle is verified offline: whatever was done to it is found and named."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.audit import bundle, layout
from deploy.cli.audit.commands import app
from deploy.cli.audit.layout import File
from deploy.cli.audit.verify import NOT_EXCLUDED, Report, kept_note, verify
from services.audit.domain.checkpoints import COSIGNATURE, Note, read_note
from services.audit.store.keys import LogKeys
from services.audit.store.notes import Signer
from tests.unit.cli.logs import Log, rolled_back

CHANGES = 1000
ENTRIES = "log/tile/entries/"
WITNESS = Signer("ministry.test/w1", b"w" * 32, COSIGNATURE)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Give a log of 600 records under 4 checkpoints, signed by two keys in turn."""
    grown = Log(tmp_path_factory.mktemp("log"))
    grown.grow(0, 100)
    grown.grow(100, 256)
    grown.keys.rotate()
    grown.grow(256, 400)
    grown.grow(400, 600)
    yield grown
    grown.database.close()


@pytest.fixture(scope="module")
def files(log: Log) -> list[File]:
    return list(log.files())


@pytest.fixture(scope="module")
def trusted(files: list[File]) -> Note:
    """Give the latest checkpoint, as somebody keeps it."""
    return read_note(dict(files)["log/checkpoint"].decode())


def at(files: list[File], name: str) -> int:
    return next(place for place, (found, _) in enumerate(files) if found.startswith(name))


def with_records(
    files: list[File], change: Callable[[list[bytes]], None], number: int = 0
) -> list[File]:
    """Return the files with the records of a bundle changed."""
    place = at(files, layout.path_of("entries", number, 256).join(["log/", ""]))
    records = layout.unframed(files[place][1])
    change(records)
    packed = b"".join(map(layout.framed, records))
    return [*files[:place], (files[place][0], packed), *files[place + 1 :]]


def test_a_whole_bundle_has_no_fault(files: list[File], trusted: Note) -> None:
    """And nothing is left that cannot be excluded."""
    report = verify(files, trusted)

    assert (report.faults, report.not_excluded) == ([], ())
    assert (report.size, report.checkpoints) == (600, 4)


def test_without_a_trusted_checkpoint_it_says_what_it_cannot_tell(files: list[File]) -> None:
    """A log that was written anew as a whole looks whole."""
    report = verify(files, None)

    assert report.is_good
    assert report.not_excluded == NOT_EXCLUDED


def test_an_early_checkpoint_is_trust_enough(files: list[File]) -> None:
    """What came after is signed by keys that the old key vouches for."""
    first = json.loads(dict(files)["checkpoints.jsonl"].split(b"\n")[0])

    assert verify(files, read_note(first)).is_good


def swap(records: list[bytes]) -> None:
    records[7], records[20] = records[20], records[7]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda records: records.__setitem__(5, records[5].replace(b"MIA", b"MIB")),
            "record 5 was",
        ),
        (lambda records: records.pop(5), "record 5 was removed"),
        (lambda records: records.insert(5, records[9]), "inserted at 5 (case c9"),
        (swap, "reordered: 7, 20"),
        (lambda records: records.__setitem__(255, b"{}"), "record 255 was changed"),
    ],
)
def test_what_was_done_to_a_record_is_named(
    files: list[File], trusted: Note, change: Callable[[list[bytes]], None], named: str
) -> None:
    """By its place, and by its case where that can still be read."""
    report = verify(with_records(files, change), trusted)

    assert any(named in fault for fault in report.faults), report.faults


def forged(log: Log, tmp_path: Path, upto: int, kind: str = "c") -> Log:
    """Write another log under the same keys, as who holds them could."""
    other = Log(tmp_path)
    for path in (log.settings.data_dir / "keys").iterdir():
        target = tmp_path / "keys" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    other.grow(0, upto, kind)
    return other


@pytest.mark.parametrize(
    ("written", "named"),
    [((400, "c"), "rolled back"), ((600, "x"), "forked"), ((700, "x"), "another tree of 600")],
)
def test_a_log_written_anew_by_its_owner_is_found(
    log: Log, trusted: Note, tmp_path: Path, written: tuple[int, str], named: str
) -> None:
    """The signatures hold; the checkpoint that was kept tells."""
    other = forged(log, tmp_path, *written)

    assert verify(other.files(), None).is_good
    report = verify(other.files(), trusted)
    assert any(named in fault for fault in report.faults), report.faults
    other.database.close()


def test_a_log_signed_by_a_stranger_is_found(trusted: Note, tmp_path: Path) -> None:
    """The same records under the same name, and another key."""
    other = Log(tmp_path)
    other.grow(0, 600)

    faults = verify(other.files(), trusted).faults

    assert any("no key of the bundle signed" in fault for fault in faults)
    other.database.close()


def continued_by_a_witness(files: list[File], folder: Path) -> list[File]:
    """Return a bundle with one record more, vouched for by the key of a witness alone."""
    other = Log(folder)
    other.grow(0, 601)
    found, own = dict(other.files()), dict(files)
    other.database.close()
    text = read_note(found["log/checkpoint"].decode()).text
    note = Note(text, [WITNESS.cosign(text, 2)]).whole()
    lines = [*own[bundle.CHECKPOINTS].decode().splitlines(), bundle.line(note)]
    found["log/checkpoint"] = note.encode()
    found[bundle.CHECKPOINTS] = "".join(f"{line}\n" for line in lines).encode()
    found[bundle.KEYS] = own[bundle.KEYS] + f"{WITNESS.public.text()}\n".encode()
    found[bundle.HEAD] = bundle.head(read_note(note).checkpoint(), len(lines))
    return list(found.items())


def test_a_witness_cannot_continue_the_log(
    files: list[File], trusted: Note, tmp_path: Path
) -> None:
    """Its cosignature under the kept checkpoint makes its key no key of the log."""
    cosigned = Note(trusted.text, [*trusted.signatures, WITNESS.cosign(trusted.text, 1)])

    faults = verify(continued_by_a_witness(files, tmp_path), cosigned).faults

    assert faults == [
        "the checkpoint of 601 is not signed by the log",
        "the cover is not what was signed of this bundle",
    ]


def test_a_key_that_sealed_nothing_yet_signs_the_cover(tmp_path: Path) -> None:
    """Beside the one before it, which is trusted."""
    grown = Log(tmp_path)
    kept = grown.grow(0, 5)
    grown.keys.rotate()
    files = grown.files()
    grown.database.close()

    assert verify(files, read_note(kept)).faults == []


def flip(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    turned = content[place] ^ (1 << chance.randrange(8))
    return content[:place] + bytes([turned]) + content[place + 1 :]


def flip_anywhere(files: list[File], chance: random.Random) -> None:
    place = chance.randrange(len(files))
    files[place] = (files[place][0], flip(files[place][1], chance))


def remove_file(files: list[File], chance: random.Random) -> None:
    files.pop(chance.randrange(len(files)))


def swap_files(files: list[File], chance: random.Random) -> None:
    a, b = chance.sample(range(len(files)), 2)
    files[a], files[b] = files[b], files[a]


def repeat_file(files: list[File], chance: random.Random) -> None:
    place = chance.randrange(len(files))
    files.insert(place, files[place])


def change_records(files: list[File], chance: random.Random) -> None:
    place = chance.choice([n for n, (name, _) in enumerate(files) if name.startswith(ENTRIES)])
    records = layout.unframed(files[place][1])
    a, b = chance.sample(range(len(records)), 2)
    kind = chance.randrange(4)
    if kind == 0:
        records.pop(a)
    elif kind == 1:
        records.insert(a, records[b])
    elif kind == 2:
        records[a], records[b] = records[b], records[a]
    else:
        records[a] = flip(records[a], chance)
    files[place] = (files[place][0], b"".join(map(layout.framed, records)))


def drop_checkpoint(files: list[File], chance: random.Random) -> None:
    place = at(files, bundle.CHECKPOINTS)
    lines = files[place][1].splitlines(keepends=True)
    lines.pop(chance.randrange(len(lines)))
    files[place] = (files[place][0], b"".join(lines))


def kinds(keys: LogKeys) -> Sequence[Callable[[list[File], random.Random], None]]:
    """Return what may be done to a bundle; to roll it back or fork it takes the log's keys."""

    def roll_back(files: list[File], chance: random.Random) -> None:
        files[:] = rolled_back(files, chance.randrange(1, 600), keys)

    def fork(files: list[File], chance: random.Random) -> None:
        files[:] = rolled_back(files, 600, keys, chance.randrange(600))

    return (
        flip_anywhere,
        remove_file,
        swap_files,
        repeat_file,
        change_records,
        change_records,
        drop_checkpoint,
        roll_back,
        fork,
    )


def test_a_thousand_random_changes_are_all_found(
    log: Log, files: list[File], trusted: Note
) -> None:
    """Bits, records, hashes, checkpoints, keys, files, roll-backs, forks: one change each time."""
    chance = random.Random(20260118)
    missed: Counter[str] = Counter()
    for _ in range(CHANGES):
        kind = chance.choice(kinds(log.keys))
        changed = list(files)
        kind(changed, chance)
        report: Report = verify(changed, trusted)
        missed[kind.__name__] += report.is_good and changed != files

    assert not +missed


@pytest.mark.parametrize("size", [1, 100, 256, 599])
def test_a_roll_back_by_the_owner_is_whole_but_for_what_was_kept(
    log: Log, files: list[File], trusted: Note, size: int
) -> None:
    """To any size, signed anew: nothing in it is wrong, and who kept a checkpoint finds it."""
    shorter = list(rolled_back(files, size, log.keys))

    assert verify(shorter, None).faults == []
    assert verify(shorter, trusted).faults == [
        f"the log was rolled back: it had 600 records, and has {size}"
    ]


@pytest.mark.parametrize("place", [0, 99, 100, 599])
def test_a_fork_by_the_owner_is_whole_but_for_what_was_kept(
    log: Log, files: list[File], trusted: Note, place: int
) -> None:
    """One record says something else, and all behind it is signed anew: who kept finds it."""
    forked = list(rolled_back(files, 600, log.keys, place))

    assert verify(forked, None).faults == []
    assert any("forked" in fault for fault in verify(forked, trusted).faults)


def test_a_bundle_is_one_file(log: Log, files: list[File], tmp_path: Path) -> None:
    """Written and read as a stream, plain or compressed."""
    for name in ("a.tar", "a.tar.gz"):
        bundle.write(tmp_path / name, files)

        assert list(bundle.read(tmp_path / name)) == files


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    """As a fault, not as a crash."""
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")

    assert not verify(bundle.read(broken), None).is_good


def test_the_command_tells_what_it_found(files: list[File], trusted: Note, tmp_path: Path) -> None:
    """Status 0 of a whole bundle, 1 of another, whose faults are printed."""
    good, bad, kept = tmp_path / "good.tar", tmp_path / "bad.tar", tmp_path / "kept"
    bundle.write(good, files)
    bundle.write(bad, with_records(files, lambda records: records.pop(5)))
    kept.write_text(trusted.whole(), "utf-8")

    whole = CliRunner().invoke(app, ["verify", str(good), "--trusted", str(kept)])
    found = CliRunner().invoke(app, ["verify", str(bad), "--trusted", str(kept)])
    alone = CliRunner().invoke(app, ["verify", str(good)])

    assert (whole.exit_code, found.exit_code, alone.exit_code) == (0, 1, 0)
    assert "600 records" in whole.output
    assert "record 5 was removed" in found.output
    assert "cannot be excluded" in alone.output


@pytest.mark.parametrize(
    "kept", ["{}", "{}\n", "{}\n\n", "\n{}"], ids=["exact", "jq -r", "an editor", "pasted"]
)
def test_a_checkpoint_is_read_as_people_keep_it(
    files: list[File], trusted: Note, tmp_path: Path, kept: str
) -> None:
    """With empty lines around it: none of them is signed."""
    file = tmp_path / "kept"
    file.write_text(kept.format(trusted.whole()), "utf-8")

    assert verify(files, kept_note(file)).is_good


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"no note"])
def test_a_checkpoint_that_cannot_be_read_is_told_in_a_line(
    files: list[File], tmp_path: Path, content: bytes | None
) -> None:
    """With a code, not as a crash."""
    good, kept = tmp_path / "good.tar", tmp_path / "kept"
    bundle.write(good, files)
    if content is not None:
        kept.write_bytes(content)

    found = CliRunner().invoke(app, ["verify", str(good), "--trusted", str(kept)])

    assert found.exit_code == 2
    assert "NOT_A_CHECKPOINT" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_the_log_is_exported_as_tiles(log: Log, tmp_path: Path) -> None:
    """Under the paths of C2SP tlog-tiles, from which proofs can be made."""
    written = layout.write(tmp_path, bundle.log_files(log.database, log.keys))

    assert (tmp_path / "tile/0/000").stat().st_size == 8192
    assert (tmp_path / "tile/entries/002.p/88").exists()
    assert (tmp_path / "tile/1/000.p/2").stat().st_size == 64
    assert written == 9
    assert layout.write(tmp_path, bundle.log_files(log.database, log.keys)) == 2


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Log, list[str]]]:
    """Give a log of twenty checkpoints, more than a bundle holds, and all of them."""
    monkeypatch.setattr(bundle, "MOST_CHECKPOINTS", 5)
    grown = Log(tmp_path)
    notes = [grown.grow(number, number + 1) for number in range(10)]
    grown.keys.rotate()
    notes.append(grown.grow(10, 11))
    (grown.settings.data_dir / "keys" / "log-1.key").unlink()
    notes += [grown.grow(number, number + 1) for number in range(11, 20)]
    yield grown, notes
    grown.database.close()


def test_a_bundle_holds_some_checkpoints_of_a_slow_log(long: tuple[Log, list[str]]) -> None:
    """Evenly, with the last, and with those by which the next key is known."""
    held = dict(long[0].files())["checkpoints.jsonl"].decode().splitlines()

    sizes = [read_note(json.loads(line)).checkpoint().size for line in held]
    assert sizes == [1, 5, 9, 10, 11, 12, 13, 17, 20]


def test_every_checkpoint_is_trust_enough_though_it_is_not_held(
    long: tuple[Log, list[str]],
) -> None:
    """The records themselves show the tree that it signed."""
    files = long[0].files()

    assert [verify(files, read_note(note)).faults for note in long[1]] == [[]] * 20


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (67, "067"), (1067, "x001/067"), (1234067, "x001/x234/067")]
)
def test_paths_are_those_of_the_specification(number: int, path: str) -> None:
    """Index 1234067 is the example of C2SP tlog-tiles."""
    assert layout.path_of("0", number, 256) == f"tile/0/{path}"
