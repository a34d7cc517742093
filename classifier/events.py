"""The bus door: what people said of where cases belong, kept for the next training.

What was kept of a case is dropped when the case is erased.
"""

from collections.abc import Sequence
from pathlib import Path

from classifier import kept
from classifier.kept import CorrectionsFile
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.bus.port import Record, Topic
from services.chassis.story import CASES_TOPIC, CORRECTIONS_TOPIC

GROUP = "classifier-corrections"
TOPIC = Topic(CORRECTIONS_TOPIC)
CASES = Topic(CASES_TOPIC)


def erasures_group(member: str) -> str:
    """Return the group of one replica: each learns of every erasure, since each has its files."""
    return f"classifier-erasures-{member}"


def handle(records: Sequence[Record], *, file: CorrectionsFile) -> None:
    """Keep a batch; one that comes again is kept again, and counts once where it is sifted."""
    file.append([line_of(record) for record in records])


def forget(records: Sequence[Record], *, folder: Path) -> None:
    """Drop from the kept files what was said of cases that were erased.

    Of all other events nothing is read but their type, so none of them can be malformed here.
    """
    kept.forget(folder, codec.erased(records))


def line_of(record: Record) -> bytes:
    """Return the data of an event as one line; raises MalformedEventError."""
    _, data = codec.from_record(record)
    said = codec.decode(data, pb.Correction)
    if said.case_id != record.key or not said.HasField("time"):
        raise codec.MalformedEventError("a correction names its key as its case, and a time")
    return codec.encode(said)
