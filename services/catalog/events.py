"""The bus door: each version that becomes the register is announced."""

from typing import Any

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.catalog.domain.editing import Published
from services.chassis import codec, outbox
from services.chassis.bus.port import Topic

TOPIC = Topic("qyzmet.catalog.v1", partitions=1, compact=True)
"""Every version that was ever the register, by its SHA-256."""
PUBLISHED = f"{codec.TYPE_PREFIX}catalog.published{codec.TYPE_SUFFIX}"
SOURCE = "/qyzmet/catalog"


def to_outbox(told: Published) -> dict[str, Any]:
    """Return a publication's event as a row of the outbox."""
    version = told.catalogue.version
    event = codec.Event(
        id=f"{version}:{codec.rfc3339(told.publish_time)}",
        type=PUBLISHED,
        source=SOURCE,
        subject=version,
        time=told.publish_time,
    )
    message = pb.CataloguePublished(
        version=version,
        base_version=told.base_version,
        subject=told.subject,
        service_count=len(told.catalogue.services),
        publish_time=codec.to_timestamp(told.publish_time),
    )
    data = codec.encode(message)
    return outbox.row(event.id, codec.to_message(TOPIC.name, version, event, data), PUBLISHED)
