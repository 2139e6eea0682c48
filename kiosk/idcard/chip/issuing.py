"""The virtual issuer: a signing authority and a document signer that nobody trusts.

For the virtual card: what a country's authority does, with keys that are made on the spot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.passive import LDS_SECURITY_OBJECT, SecurityObject

_YEAR = timedelta(days=365)


class VirtualIssuer:
    """One authority and one document signer, good from a year before ``now`` (aware) on."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._authority_key = ec.generate_private_key(ec.SECP256R1())
        self._signer_key = ec.generate_private_key(ec.SECP256R1())
        self.authority = self._certificate("Virtual CSCA", 1, ca=True)
        self.signer = self._certificate("Virtual document signer", 2, ca=False)

    def security_object(self, groups: Mapping[int, bytes]) -> bytes:
        """The signed hashes of ``groups``, as the file of a chip (ICAO 9303-10, 4.6.2)."""
        content = SecurityObject(
            {
                "version": 0,
                "algorithm": {"algorithm": "sha256"},
                "hashes": [
                    {"number": number, "value": hashlib.sha256(group).digest()}
                    for number, group in sorted(groups.items())
                ],
            }
        ).dump()
        certificate = asn1_x509.Certificate.load(self.signer.public_bytes(Encoding.DER))
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": [LDS_SECURITY_OBJECT]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number},
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self._signer_key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": LDS_SECURITY_OBJECT,
                    "content": cms.ParsableOctetString(content),
                },
                "certificates": [certificate],
                "signer_infos": [signer],
            }
        )
        whole = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tlv.encode(0x77, whole.dump())

    def revocations(self, *revoked: x509.Certificate) -> x509.CertificateRevocationList:
        """The authority's list of what it takes back."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.authority.subject)
            .last_update(self._now)
            .next_update(self._now + _YEAR)
        )
        for certificate in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number)
                .revocation_date(self._now)
                .build()
            )
        return builder.sign(self._authority_key, hashes.SHA256())

    def _certificate(self, name: str, serial: int, *, ca: bool) -> x509.Certificate:
        key = self._authority_key if ca else self._signer_key
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Virtual CSCA"))
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(self._now - _YEAR)
            .not_valid_after(self._now + 10 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), True)
        )
        return builder.sign(self._authority_key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "XX")  # user-assigned: no country
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, common)])
