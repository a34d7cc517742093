"""What an office makes of its events, and a program of its that reads them as a stream."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis.client import metadata, open_channel

Told = tuple[str, int]
"""A case and its version."""
AGAIN_SECONDS = 0.1
ACKNOWLEDGE_EVERY = 5
"""So that some of what was worked on comes again after a kill."""
STOP_SECONDS = 60.0


@dataclass
class Work:
    """Effects of events: each that is newer than what is known of its case has one."""

    effects: list[Told] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    disorder: int = 0

    def take(self, case: str, version: int) -> None:
        """Work with an event, unless it came before; note where one was left out."""
        if version <= self.versions.get(case, 0):
            return
        # The first event an office is told of a case is not the case's first.
        self.disorder += case in self.versions and version != self.versions[case] + 1
        self.versions[case] = version
        self.effects.append((case, version))


def by_case(told: Iterable[Told]) -> Mapping[str, list[int]]:
    """Return the versions of each case in their order."""
    found: dict[str, list[int]] = defaultdict(list)
    for case, version in told:
        found[case].append(version)
    return found


@dataclass
class Program:
    """Reads a stream with a kept cursor, and opens it again whenever it breaks."""

    stub: pb_grpc.CursorServiceStub
    office: str
    name: str
    token: str
    work: Work = field(default_factory=Work)
    opened: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Read until it is stopped."""
        while not self.stopping.wait(AGAIN_SECONDS):
            try:
                self._read()
            except grpc.RpcError:
                continue
            except ValueError:  # what gRPC says of a closed channel
                return

    def _read(self) -> None:
        shown = metadata(self.token)
        request = pb.ConsumeRequest(office=self.office, name=self.name)
        for count, told in enumerate(self.stub.Consume(request, metadata=shown), 1):
            self.opened += count == 1
            self.work.take(told.event.event.case_id, told.event.event.case_version)
            if count % ACKNOWLEDGE_EVERY == 0:
                done = pb.AcknowledgeRequest(
                    office=self.office, name=self.name, sequence=told.event.sequence
                )
                self.stub.Acknowledge(done, metadata=shown)


@contextmanager
def reading(address: str, office: str, name: str, token: str) -> Iterator[Program]:
    """Read the stream of a subscription for as long as the block lasts."""
    with open_channel(address) as channel:
        program = Program(pb_grpc.CursorServiceStub(channel), office, name, token)
        thread = threading.Thread(target=program.run)
        thread.start()
        try:
            yield program
        finally:
            program.stopping.set()
            channel.close()
            thread.join(STOP_SECONDS)
