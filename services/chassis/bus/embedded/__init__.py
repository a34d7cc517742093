"""The embedded adapter of the bus: no server, one file."""

from services.chassis.bus.embedded.bus import EmbeddedBus
from services.chassis.bus.embedded.file import BusFileError

__all__ = ["BusFileError", "EmbeddedBus"]
