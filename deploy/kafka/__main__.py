"""`make kafka`: run a broker in var/kafka until Ctrl-C."""

import contextlib
import sys
from pathlib import Path

from deploy.cli.terminal import err
from deploy.kafka.broker import Broker, BrokerError

DATA = Path("var/kafka")
CACHE = Path("build/kafka")
PORT = 9092


def main() -> int:
    """Start the broker, say where it is, and stop it at the end."""
    try:
        err.print("Starting Apache Kafka; the first time its jars are fetched (43 MB)")
        broker = Broker(DATA, CACHE, port=PORT)
        broker.start()
    except BrokerError as error:
        err.print(f"{error.reason}: {error}")
        return 1
    err.print(f"Kafka listens on {broker.address}: qyzmet up --bus kafka://{broker.address}")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            status = broker.wait()
            err.print(f"Kafka ended: {broker.last_words()}")
            return status
        return 0
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(main())
