"""A Kafka broker that asks for TLS, for a password and for rights, as a government's does."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.kafka.broker import Broker
from tests.servers.kafka import own

ADMIN, ADMIN_PASSWORD = "admin", "of-the-admin"
CLERK, CLERK_PASSWORD = "clerk", "of-the-clerk"
GUARDED = """
listener.security.protocol.map=CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={pem}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
ssl.endpoint.identification.algorithm=
ssl.truststore.type=PEM
ssl.truststore.location={certificate}
listener.name.client.plain.sasl.jaas.config={login} required \
username="{admin}" password="{admin_password}" \
user_{admin}="{admin_password}" user_{clerk}="{clerk_password}";
listener.name.client.scram-sha-512.sasl.jaas.config={scram} required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin};User:ANONYMOUS
"""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A running broker, and the certificate that it shows."""

    broker: Broker
    certificate: Path


@contextmanager
def guarded(folder: Path) -> Iterator[Guarded]:
    """Run a broker that lets in the admin, who may do all, and the clerk, who may do nothing."""
    pem, certificate = folder / "broker.pem", folder / "certificate.pem"
    write_certificate(pem, certificate)
    more = GUARDED.format(
        pem=pem,
        certificate=certificate,
        scram="org.apache.kafka.common.security.scram.ScramLoginModule",
        login="org.apache.kafka.common.security.plain.PlainLoginModule",
        admin=ADMIN,
        admin_password=ADMIN_PASSWORD,
        clerk=CLERK,
        clerk_password=CLERK_PASSWORD,
    )
    with own(folder / "broker", more=more) as broker:
        yield Guarded(broker, certificate)


def write_certificate(pem: Path, certificate: Path) -> None:
    """Write a key with a certificate that it signed itself, and the certificate alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate.write_bytes(signed)
    pem.write_bytes(private + signed)
