"""An office's own certificate authority, and its server's certificate (RFC 5280)."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_LIFE = timedelta(days=20 * 365)
"""Longer than the kiosks live that are told to trust it."""
_SERVER_LIFE = timedelta(days=3 * 365)
_EARLIER = timedelta(days=1)
"""Valid from the day before: a kiosk's clock may be a little behind."""


class CertificateError(Exception):
    """The files cannot be read or written, or a host is no name."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the files are."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class _Signer:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def create_certificate(folder: Path, hosts: Sequence[str], now: datetime) -> Certificate:
    """Write ``ca.pem``, ``server.pem`` and their keys (mode 0600) into ``folder``; an authority
    that is there signs again. Raises :class:`CertificateError`."""
    made = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _authority(made.authority, folder / "ca.key", now)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server_certificate(authority, key.public_key(), hosts, now)
        _write_key(made.key, key)
        _write(made.certificate, _pem(certificate) + _pem(authority.certificate), 0o644)
    except (OSError, ValueError, TypeError) as error:
        raise CertificateError(str(error)) from error
    return made


def _authority(path: Path, key_path: Path, now: datetime) -> _Signer:
    if path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_path} is not an elliptic-curve key")
        return _Signer(x509.load_pem_x509_certificate(path.read_bytes()), key)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _authority_certificate(key, now)
    _write_key(key_path, key)
    _write(path, _pem(certificate), 0o644)
    return _Signer(certificate, key)


def _authority_certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    # A name of its own each: kiosks that know two authorities must not mix them up.
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"Kiosk office {identifier.digest.hex()[:8]}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(name, name, key.public_key(), now, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    authority: _Signer, key: ec.EllipticCurvePublicKey, hosts: Sequence[str], now: datetime
) -> x509.Certificate:
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    life = min(_SERVER_LIFE, authority.certificate.not_valid_after_utc - now)
    return (
        _builder(_name(hosts[0][:64]), authority.certificate.subject, key, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(names, critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replaces the file whole: a server that starts meanwhile reads the old one or the new."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
