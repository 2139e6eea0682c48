"""Passive authentication: whether what the chip says is what its issuer signed.

ICAO 9303-11, section 5.1, and 9303-12. The document security object carries hashes of the data
groups and the signature of a document signer, whose certificate the country's signing authority
(CSCA) issued. No root of Viet Nam's was found published; an office puts in those it was given.
Without one the result says so and nothing more is claimed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kiosk.errors import CardError, ConfigError
from kiosk.idcard.chip import tlv

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""SHA-1 and SHA-224 are no longer believed (ICAO 9303-12, section 7)."""


class Authenticity(StrEnum):
    """What is known of a chip's data. Nothing in between is ever called verified."""

    VERIFIED = "verified"
    """Signed by an issuer of the trust store, and nothing was changed."""
    ISSUER_UNKNOWN = "issuer_unknown"
    """Consistent, but the trust store knows nobody who vouches for the signer."""
    FAILED = "failed"
    """Changed, forged or signed by somebody who was revoked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result, and the key of why it is not better; empty when verified."""

    authenticity: Authenticity
    reason: str = ""


class _Hash(core.Sequence):
    _fields = [("number", core.Integer), ("value", core.OctetString)]  # noqa: RUF012


class _Hashes(core.SequenceOf):
    _child_spec = _Hash


class SecurityObject(core.Sequence):
    """LDSSecurityObject (ICAO 9303-10, section 4.6.2.3)."""

    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("algorithm", algos.DigestAlgorithm),
        ("hashes", _Hashes),
        ("lds", core.Any, {"optional": True}),
    ]


class TrustStore:
    """The authorities an office trusts, and what they revoked."""

    def __init__(
        self,
        authorities: Sequence[x509.Certificate] = (),
        revoked: Sequence[x509.CertificateRevocationList] = (),
    ) -> None:
        self._authorities = tuple(authorities)
        self._lists = tuple(revoked)

    @classmethod
    def load(cls, folder: Path) -> TrustStore:
        """Every ``*.pem``, ``*.cer`` and ``*.crl`` in ``folder``.

        Raises :class:`ConfigError` (``trust_file``) for one that cannot be read.
        """
        authorities: list[x509.Certificate] = []
        revoked: list[x509.CertificateRevocationList] = []
        for path in sorted(folder.iterdir()):
            try:
                if path.suffix in (".pem", ".cer", ".crt"):
                    authorities += _certificates(path.read_bytes())
                elif path.suffix == ".crl":
                    revoked.append(_revocations(path.read_bytes()))
            except ValueError as error:
                raise ConfigError("trust_file", file=path) from error
        return cls(authorities, revoked)

    def judged(self, signer: x509.Certificate, at: datetime) -> Verdict:
        """What is known of a document signer, ``at`` a moment (aware)."""
        issuers = [each for each in self._authorities if _issued(each, signer)]
        if not issuers:
            return Verdict(Authenticity.ISSUER_UNKNOWN, "issuer_unknown")
        if any(self._revokes(issuer, signer) for issuer in issuers):
            return Verdict(Authenticity.FAILED, "signer_revoked")
        if not signer.not_valid_before_utc <= at <= signer.not_valid_after_utc:
            return Verdict(Authenticity.FAILED, "signer_expired")
        return Verdict(Authenticity.VERIFIED)

    def _revokes(self, issuer: x509.Certificate, signer: x509.Certificate) -> bool:
        return any(
            each.issuer == issuer.subject
            and each.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
            and each.get_revoked_certificate_by_serial_number(signer.serial_number) is not None
            for each in self._lists
        )


def authenticated(
    security_object: bytes, groups: Mapping[int, bytes], trust: TrustStore, at: datetime
) -> Verdict:
    """Whether ``groups`` (number → the whole file as read) are what was signed.

    Raises :class:`CardError` (``chip_garbled``) when the security object cannot be understood.
    """
    try:
        signed = _signed_data(security_object)
        content, certificate = _content(signed), _certificate(signed)
        stated = SecurityObject.load(content, strict=True).native
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise CardError("chip_garbled") from error
    if not _hashes_hold(stated, groups):
        return Verdict(Authenticity.FAILED, "data_changed")
    try:
        if not _signature_holds(signed, content, certificate):
            return Verdict(Authenticity.FAILED, "signature")
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return Verdict(Authenticity.FAILED, "signature")
    return trust.judged(certificate, at)


def _signed_data(security_object: bytes) -> Any:
    """As asn1crypto reads it, which says nothing of its types."""
    wrapped: Any = cms.ContentInfo.load(tlv.only(security_object, 0x77), strict=True)
    if wrapped["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    return wrapped["content"]


def _content(signed: Any) -> bytes:
    inner = signed["encap_content_info"]
    if inner["content_type"].dotted != LDS_SECURITY_OBJECT:
        raise ValueError("another content")
    return bytes(inner["content"].contents)


def _certificate(signed: Any) -> x509.Certificate:
    """The document signer's: the one the signature names."""
    (signer,) = signed["signer_infos"]
    certificates = [
        x509.load_der_x509_certificate(each.chosen.dump()) for each in signed["certificates"]
    ]
    name = signer["sid"].chosen
    if signer["sid"].name == "subject_key_identifier":
        named = [each for each in certificates if _key_id(each) == name.native]
    else:
        serial, issuer = name["serial_number"].native, name["issuer"].dump()
        named = [
            each
            for each in certificates
            if each.serial_number == serial and each.issuer.public_bytes() == issuer
        ]
    if not named:
        raise ValueError("the signer's certificate is not there")
    return named[0]


def _key_id(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest


def _hashes_hold(stated: Mapping[str, Any], groups: Mapping[int, bytes]) -> bool:
    algorithm = stated["algorithm"]["algorithm"]
    if algorithm not in _HASHES:
        return False
    expected = {each["number"]: each["value"] for each in stated["hashes"]}
    return all(
        hashlib.new(algorithm, content).digest() == expected.get(number)
        for number, content in groups.items()
    )


def _signature_holds(signed: Any, content: bytes, certificate: x509.Certificate) -> bool:
    (signer,) = signed["signer_infos"]
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest not in _HASHES:
        return False
    attributes = {each["type"].native: each["values"][0].native for each in signer["signed_attrs"]}
    if attributes.get("message_digest") != hashlib.new(digest, content).digest():
        return False
    # Signed is the set itself, not the context-specific form it travels in (RFC 5652, 5.4).
    message = signer["signed_attrs"].untag().dump(force=True)
    return _verifies(certificate, signer, message, _HASHES[digest])


def _verifies(
    certificate: x509.Certificate,
    signer: Any,
    message: bytes,
    digest: hashes.HashAlgorithm,
) -> bool:
    key, signature = certificate.public_key(), signer["signature"].native
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, _rsa_padding(signer, digest), digest)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _rsa_padding(signer: Any, digest: hashes.HashAlgorithm) -> padding.PKCS1v15 | padding.PSS:
    if signer["signature_algorithm"]["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.value.ca


def _certificates(data: bytes) -> list[x509.Certificate]:
    if data.lstrip().startswith(b"-----"):
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def _revocations(data: bytes) -> x509.CertificateRevocationList:
    if data.lstrip().startswith(b"-----"):
        return x509.load_pem_x509_crl(data)
    return x509.load_der_x509_crl(data)
