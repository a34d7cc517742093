"""`qyzmet certificates`: an authority of one's own, and a certificate for each service."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rich.markup import escape

from deploy.cli.assembly import BUILDERS
from deploy.cli.terminal import err
from services.chassis.application import utc_now
from services.chassis.errors import InvalidError
from services.chassis.tls import CA, DOMAIN
from services.chassis.wholefile import whole

CA_KEY = "ca-key.pem"
CA_DAYS = 3650
SLACK = timedelta(minutes=5)
"""How far clocks of other machines may be behind ours."""
TOOLS = ("corrections",)
"""Commands that ask a running service in a name of their own."""
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def certificates(folder: Path, offices: Sequence[str], days: int) -> None:
    """Make the authority if there is none, and certificates of it, in place of older ones."""
    for office in offices:
        if not CODE.fullmatch(office) or office in (*BUILDERS, *TOOLS):
            raise InvalidError(f"{office}: this is no code of an office", field="office")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = _authority(folder)
    for name in (*BUILDERS, *TOOLS):
        _issue(folder, authority, "service", name, days)
    for office in offices:
        _issue(folder, authority, "office", office, days)
    err.print(
        f"{escape(str(folder))}: {len(BUILDERS)} services, {len(offices)} offices, "
        f"good for {days} days. Give each machine ca.pem and its own two files; "
        f"keep {CA_KEY} off all of them."
    )


class _Authority:
    """Who signs the certificates."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate


def _authority(folder: Path) -> _Authority:
    """Load the authority of a folder, or make one there."""
    certificate, key = folder / CA, folder / CA_KEY
    if certificate.exists() != key.exists():
        raise InvalidError(f"{folder} holds only one of {CA} and {CA_KEY}", reason="CERTIFICATE")
    if not key.exists():
        return _make_authority(folder)
    try:
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        signed = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (ValueError, TypeError) as error:
        raise InvalidError(f"{folder}: {CA} or {CA_KEY} cannot be read") from error
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise InvalidError(f"{key} is not a key on an elliptic curve")
    return _Authority(loaded, signed)


def _make_authority(folder: Path) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Qyzmet services")])
    signed = (
        _builder(name, name, key.public_key(), CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CA_KEY, _private(key))
    _write(folder / CA, signed.public_bytes(serialization.Encoding.PEM))
    return _Authority(key, signed)


def _issue(folder: Path, authority: _Authority, kind: str, name: str, days: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName(name), x509.UniformResourceIdentifier(f"{DOMAIN}{kind}/{name}")]
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if kind == "service":
        uses.append(ExtendedKeyUsageOID.SERVER_AUTH)
    else:
        names = names[1:]
    issuer = authority.certificate
    signed = (
        _builder(subject, issuer.subject, key.public_key(), days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    _write(folder / f"{name}-key.pem", _private(key))
    _write(folder / f"{name}.pem", signed.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = utc_now()
    return x509.CertificateBuilder(
        issuer, subject, key, x509.random_serial_number(), now - SLACK, now + timedelta(days=days)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner only, whole or not at all."""
    with whole(path, 0o600) as fresh:
        fresh.write_bytes(content)
