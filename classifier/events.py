"""The bus door: what people said of where cases belong, kept for the next training."""

from collections.abc import Sequence

from classifier.kept import CorrectionsFile
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.bus.port import Record, Topic
from services.chassis.story import CORRECTIONS_TOPIC

GROUP = "classifier-corrections"
TOPIC = Topic(CORRECTIONS_TOPIC)


def handle(records: Sequence[Record], *, file: CorrectionsFile) -> None:
    """Keep a batch; one that comes again is kept again, and counts once where it is sifted."""
    file.append([line_of(record) for record in records])


def line_of(record: Record) -> bytes:
    """Return the data of an event as one line; raises MalformedEventError."""
    _, data = codec.from_record(record)
    said = codec.decode(data, pb.Correction)
    if said.case_id != record.key or not said.HasField("time"):
        raise codec.MalformedEventError("a correction names its key as its case, and a time")
    return codec.encode(said)
