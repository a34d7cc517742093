"""Specifies how what people said of where cases belong waits for the next training."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifier import app, events
from classifier.corrections import read_corrections
from classifier.kept import CorrectionsFile, CorrectionsUnavailableError, files
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec, testing
from services.chassis.bus.port import Message, Record
from tests.unit.classifier.corpus import KNOWN

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)


def said(case_id: str, chosen: str = "land.plot") -> pb.Correction:
    return pb.Correction(
        case_id=case_id,
        chosen_service=chosen,
        actor=pb.ACTOR_KIND_CITIZEN,
        time=codec.to_timestamp(NOON),
    )


def message(told: pb.Correction, key: str = "") -> Message:
    event = codec.Event(
        id=f"{told.case_id}:1",
        type="kz.qyzmet.correction.recorded.v1",
        source="/qyzmet/cases/corrections",
        subject=told.case_id,
        time=NOON,
    )
    return codec.to_message(events.TOPIC.name, key or told.case_id, event, codec.encode(told))


def record(told: pb.Correction, key: str = "") -> Record:
    return received(message(told, key))


def erasure(case_id: str, name: str = "erased") -> Message:
    """Return an event of a case's story."""
    event = codec.Event(
        id=f"{case_id}:9",
        type=f"kz.qyzmet.case.{name}.v1",
        source="/qyzmet/cases",
        subject=case_id,
        time=NOON,
    )
    return codec.to_message(events.CASES.name, case_id, event, b"{}")


def received(sent: Message) -> Record:
    return Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, timestamp=NOON)


def cases_in(file: Path) -> list[str]:
    return [one.case_id for one in read_corrections(file)[0]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corrections" / "0.jsonl"


def test_what_was_kept_is_what_training_reads(file: Path) -> None:
    """Codes and ids, in the order in which they came."""
    events.handle([record(said("c1")), record(said("c2"))], file=CorrectionsFile(file))
    events.handle([record(said("c3", "car.licence"))], file=CorrectionsFile(file))

    read, _ = read_corrections(file)
    assert [one.case_id for one in read] == ["c1", "c2", "c3"]
    assert (read[2].label, read[2].actor, read[2].time) == ("car.licence", "citizen", NOON)


def test_a_line_that_a_crash_cut_off_is_no_line(file: Path) -> None:
    """The batch was not committed: it comes again, and the file reads on."""
    keeper = CorrectionsFile(file)
    events.handle([record(said("c1"))], file=keeper)
    with file.open("ab") as torn:
        torn.write(b'{"case_id": "c2", "chos')

    events.handle([record(said("c2"))], file=keeper)

    assert cases_in(file) == ["c1", "c2"]


def test_only_its_owner_reads_the_file(file: Path) -> None:
    """It tells which cases belong to one person."""
    CorrectionsFile(file).append([b"{}"])

    assert file.stat().st_mode & 0o077 == 0


def test_a_disk_that_is_full_is_waited_for(file: Path) -> None:
    """Nothing is set aside for it: the loop tries the batch again."""
    file.parent.mkdir()
    file.mkdir()

    with pytest.raises(CorrectionsUnavailableError):
        CorrectionsFile(file).append([b"{}"])


def test_what_was_said_of_an_erased_case_is_dropped(file: Path) -> None:
    """From the files of all replicas: its id, who wrote it, and every service that was named."""
    other = file.with_name("1.jsonl")
    for path, cases in ((file, ("c1", "c2", "c1")), (other, ("c1", "c3"))):
        events.handle([record(said(case)) for case in cases], file=CorrectionsFile(path))

    events.forget([received(erasure("c1"))], folder=file.parent)

    assert (cases_in(file), cases_in(other)) == (["c2"], ["c3"])
    assert all(path.stat().st_mode & 0o077 == 0 for path in files(file.parent))


def test_nothing_else_is_dropped(file: Path) -> None:
    """Other events of a case, and erasures of cases that nobody corrected, write no file anew."""
    CorrectionsFile(file).append([events.line_of(record(said("c1")))])
    before = file.stat().st_ino

    told = [erasure("c1", "completed"), erasure("c2")]
    events.forget([received(one) for one in told], folder=file.parent)

    assert (cases_in(file), file.stat().st_ino) == (["c1"], before)


def test_an_erasure_before_anything_was_kept_is_nothing(tmp_path: Path) -> None:
    """There is no folder yet."""
    events.forget([received(erasure("c1"))], folder=tmp_path / "corrections")

    assert not (tmp_path / "corrections").exists()


@pytest.mark.parametrize(
    ("told", "key"),
    [(said("c1"), "c2"), (pb.Correction(case_id="c1", chosen_service="land.plot"), "c1")],
)
def test_what_is_no_correction_is_malformed(file: Path, told: pb.Correction, key: str) -> None:
    """Another case's key, or no time: nothing of the batch is kept."""
    with pytest.raises(codec.MalformedEventError):
        events.handle([record(said("c0")), record(told, key)], file=CorrectionsFile(file))

    assert not file.exists()


def test_a_running_classifier_keeps_what_is_said(
    tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Without a model too: what people say is not lost before the first training.

    And is dropped when the case is erased.
    """
    with (
        testing.platform_in(tmp_path) as platform,
        testing.running(platform, app.build(platform, KNOWN)),
    ):
        platform.bus.publish([message(said("c1"))])
        folder = platform.settings.corrections_dir
        eventually(lambda: [path for path in files(folder) if path.stat().st_size])

        (kept,) = files(folder)
        assert cases_in(kept) == ["c1"]
        platform.bus.publish([erasure("c1")])
        eventually(lambda: not cases_in(kept))
