"""What a running system could not handle: an operator sees it, and orders another try."""

import json
from contextlib import closing

from deploy.cli.assembly import bus_file
from services.chassis.application import utc_now
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Message
from services.chassis.story import CASES_TOPIC
from services.chassis.testing import settings_in
from tests.e2e.conftest import Eventually
from tests.system import System

POISON = Message(CASES_TOPIC, "poison", b"{}", {})
GROUPS = ["audit", "audit-analyst", "delivery", "routing"]


def test_letters_are_listed_and_redriven(system: System, eventually: Eventually) -> None:
    """The order reaches the loop of the running service, and its answer the operator."""

    def groups() -> list[str]:
        told = json.loads(system.run("letters", "list", "--json").stdout)
        return [one["group"] for one in told["letters"] if one["key"] == POISON.key]

    with closing(EmbeddedBus(bus_file(settings_in(system.data)), now=utc_now)) as bus:
        bus.publish([POISON])
    eventually(lambda: groups() == GROUPS)

    again = system.run("letters", "redrive", "routing", POISON.key)

    assert (again.returncode, again.stdout.startswith("poison: 0 handled, then ")) == (1, True)
    assert groups() == GROUPS
