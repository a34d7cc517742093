"""Topics and their settings: made where they are missing, compared where they exist."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import CoordinatorNotAvailableError, TopicAlreadyExistsError, for_code

from services.chassis.bus.kafka.connection import Connection, opened
from services.chassis.bus.kafka.refusals import KafkaRefusedError, reaching, telling
from services.chassis.bus.port import LARGEST_MESSAGE, Topic
from services.chassis.errors import NotFoundError

COPIES = 3
OVERHEAD = 128 * 1024
"""Room beside the value: key and headers, and what a dead letter adds."""
SEE_SETTINGS = "DESCRIBE_CONFIGS"
READ = "READ"
WRITE = "WRITE"
NEWEST = OffsetSpec.LATEST
PARTITIONS, COPIED, RIGHTS = "partitions", "replication.factor", "rights"
REMEDIES = {
    PARTITIONS: "leave it: with another number the later events of a case would go elsewhere",
    COPIED: "give each of its partitions more replicas by kafka-reassign-partitions.sh",
    RIGHTS: "let us see how topics are kept, and they are compared",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A topic that is not as it should be."""

    topic: str
    setting: str
    wanted: str
    found: str

    @property
    def remedy(self) -> str:
        """Say what an operator can do."""
        return REMEDIES.get(self.setting, "change it by kafka-configs.sh --alter")


class Topics:
    """What the brokers know of topics; a topic that exists is never changed."""

    def __init__(self, connection: Connection) -> None:
        self._lock = threading.Lock()
        self._partitions: dict[str, int] = {}
        self._copied: dict[str, int] = {}
        self._rights: dict[str, Sequence[str] | None] = {}
        with reaching(connection.brokers):
            self._admin = opened(KafkaAdminClient, connection.client("admin"))
            self._copies = min(COPIES, len(self._admin.describe_cluster()["brokers"]))

    def partitions(self, name: str) -> int:
        """Return how many partitions a topic has; they never change."""
        if (known := self._partitions.get(name)) is not None:
            return known
        found = self._describe([name])
        if name not in found:
            raise NotFoundError(f"There is no topic {name}.")
        return found[name]

    def ends(self, name: str) -> Mapping[int, int]:
        """Return the offset that the next record of each partition will get."""
        asked = {TopicPartition(name, number): NEWEST for number in range(self.partitions(name))}
        with self._lock, telling(f"read {name}"):
            told = self._admin.list_partition_offsets(asked)
        return {place.partition: found.offset for place, found in told.items()}

    def ensure(self, topics: Sequence[Topic]) -> Sequence[Difference]:
        """Make what is missing; return how those that exist differ from what is wanted."""
        found = self._describe([topic.name for topic in topics])
        missing = {topic.name: self._new(topic) for topic in topics if topic.name not in found}
        if missing:
            self._create(missing)
        return self._compare([topic for topic in topics if topic.name in found], found)

    def check_reading(self, topics: Sequence[str], group: str) -> None:
        """Refuse at the start what would else fail in every round, or read nothing silently."""
        for name in topics:
            self._demand(READ, self._rights.get(name), f"topic {name}")
        with self._lock, telling(f"read as group {group}"):
            try:
                told = self._admin.describe_groups([group])[group]
            except CoordinatorNotAvailableError:  # the cluster's first group; it is being made
                return
        if told["error"] is None:  # else the first poll will tell
            self._demand(READ, told["authorized_operations"], f"group {group}")

    def check_writing(self, topics: Sequence[str]) -> None:
        """Refuse at the start what would else leave an outbox standing, or a dead letter."""
        for name in topics:
            self.partitions(name)  # has the rights told, also of one that was made just now
            self._demand(WRITE, self._rights.get(name), f"topic {name}")

    def _demand(self, right: str, rights: Sequence[str] | None, what: str) -> None:
        if rights is not None and right not in rights:
            doing, had = right.lower(), " ".join(rights) or "nothing"
            missing = f"{right} on {what} is missing; we have {had}"
            raise KafkaRefusedError(f"The brokers do not let us {doing}: {missing}.")

    def has_member(self, group: str, member: str) -> bool:
        """Tell whether a group has a member of this static name."""
        with self._lock, telling(f"describe group {group}"):
            told = self._admin.describe_groups([group])[group]
        return any(one["group_instance_id"] == member for one in told["members"] or ())

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()

    def _describe(self, names: Sequence[str]) -> dict[str, int]:
        if not names:
            return {}
        with self._lock, telling("describe topics"):
            described = self._admin.describe_topics(list(names))
        for topic in described:
            error = for_code(topic["error_code"])
            if topic["error_code"] == 0 and topic["partitions"]:
                self._partitions[topic["name"]] = len(topic["partitions"])
                self._copied[topic["name"]] = min(
                    len(p["replica_nodes"]) for p in topic["partitions"]
                )
                self._rights[topic["name"]] = topic["authorized_operations"]
            elif topic["error_code"] != 3:  # 3: there is no such topic
                with telling(f"describe {topic['name']}"):
                    raise error(topic["name"])
        return {name: self._partitions[name] for name in names if name in self._partitions}

    def _create(self, missing: Mapping[str, Mapping[str, Any]]) -> None:
        try:
            with self._lock, telling(f"create {', '.join(missing)}"):
                try:
                    self._admin.create_topics(dict(missing), wait_for_metadata=True)
                except TopicAlreadyExistsError:  # another service made one meanwhile
                    self._create_singly(missing)
        finally:
            for name in missing:
                self._partitions.pop(name, None)

    def _create_singly(self, missing: Mapping[str, Mapping[str, Any]]) -> None:
        for name, settings in missing.items():
            try:
                self._admin.create_topics({name: settings}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue

    def _new(self, topic: Topic) -> dict[str, Any]:
        return {
            "num_partitions": topic.partitions,
            "replication_factor": self._copies,
            "configs": self._configs(topic),
        }

    def _configs(self, topic: Topic) -> dict[str, str]:
        retention = -1 if topic.retention is None else topic.retention.total_seconds() * 1000
        return {
            "retention.ms": str(int(retention)),
            "cleanup.policy": "compact" if topic.compact else "delete",
            "min.insync.replicas": "2" if self._copies >= COPIES else "1",
            "max.message.bytes": str(LARGEST_MESSAGE + OVERHEAD),
        }

    def _compare(
        self, topics: Sequence[Topic], partitions: Mapping[str, int]
    ) -> Sequence[Difference]:
        if not topics:
            return []
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
        with self._lock, telling("describe the settings of topics"):
            told = self._admin.describe_configs(asked, config_filter="all")
        configs = told[next(iter(told))]
        return [
            Difference(topic.name, setting, wanted, found)
            for topic in topics
            for setting, wanted, found in self._pairs(
                topic, partitions[topic.name], configs.get(topic.name, {})
            )
            if wanted != found
        ]

    def _pairs(
        self, topic: Topic, partitions: int, configs: Mapping[str, Any]
    ) -> list[tuple[str, str, str]]:
        found = self._copied[topic.name]
        counted = [
            (PARTITIONS, str(topic.partitions), str(partitions)),
            # More are no fault: brokers may be away that have some of them.
            (COPIED, str(max(self._copies, found)), str(found)),
        ]
        if not configs:  # what we may not see comes back empty
            return [*counted, (RIGHTS, SEE_SETTINGS, " ".join(self._rights[topic.name] or ()))]
        wanted = self._configs(topic)
        pairs = [(name, value, str(configs[name]["value"])) for name, value in wanted.items()]
        return [*counted, *pairs]
